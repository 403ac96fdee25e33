import { drop, type Scenario, set } from '../scenario.ts';

// Field failure 5: InvalidPercentage(). One of three is declared; the other two are only live.
export const scenario: Scenario = {
  says: 'breaks the rule that the declared value and the live ones make together',
  change: { 'stake-manager': [set('feePct', '95%'), ...drop('burnPct', 'validatorRewardPct')] },
  exit: 1,
  findings: ['error RULE_BROKEN'],
  calls: [],
};
