import { expect } from 'vitest';
import { type Scenario, set } from '../scenario.ts';

// Field failure 8: a changed validatorRewardPct also sets validatorSlashRewardPct.
export const scenario: Scenario = {
  says: 'shows the side effect and puts the declared value back',
  variants: ['governed'],
  change: { 'stake-manager': [set('validatorRewardPct', '12%')] },
  exit: 0,
  calls: ['stake-manager.setValidatorRewardPct', 'stake-manager.setSlashPercents'],
  also: ({ sideEffects }) => expect(sideEffects).toMatchObject([{ field: 'validatorSlashRewardPct', managed: true, corrected: true }]),
};
