import { add, drop, remove, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'does not take the treasury in use off its allowlist',
  change: { 'stake-manager': [remove('treasuryAllowlist', 'treasury'), add('treasuryAllowlist', 'teacher'), ...drop('treasury')] },
  exit: 1,
  findings: ['error RULE_BROKEN'],
  calls: [],
};
