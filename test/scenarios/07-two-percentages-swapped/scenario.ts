import { type Scenario, set } from '../scenario.ts';

// Field failure 7: feePct 5 to 90 before validatorRewardPct 90 to 5 reverts with InvalidPercentage(); the other order works.
export const scenario: Scenario = {
  says: 'lowers the one before it raises the other',
  before: [
    { on: 'stakeManager', call: 'setValidatorRewardPct', args: [90n] },
    { on: 'stakeManager', call: 'setSlashPercents', args: [10n, 50n, 20n, 10n, 10n] },
  ],
  change: { 'stake-manager': [set('feePct', '90%'), set('validatorRewardPct', '5%')] },
  exit: 0,
  calls: ['stake-manager.setValidatorRewardPct', 'stake-manager.setSlashPercents', 'stake-manager.setFeePct'],
};
