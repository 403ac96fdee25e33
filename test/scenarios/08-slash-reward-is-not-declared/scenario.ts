import { expect } from 'vitest';
import { drop, type Scenario, set } from '../scenario.ts';

// Field failure 8: nobody declared validatorSlashRewardPct, so it is shown and not corrected.
export const scenario: Scenario = {
  says: 'shows the side effect on a field that git does not manage',
  change: {
    'stake-manager': [
      set('validatorRewardPct', '12%'),
      ...drop('employerSlashPct', 'treasurySlashPct', 'operatorSlashPct', 'validatorSlashRewardPct', 'burnSlashPct'),
    ],
  },
  exit: 0,
  calls: ['stake-manager.setValidatorRewardPct'],
  also: ({ sideEffects }) => expect(sideEffects).toMatchObject([{ field: 'validatorSlashRewardPct', managed: false, corrected: false }]),
};
