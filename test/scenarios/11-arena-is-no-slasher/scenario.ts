import { remove, type Scenario } from '../scenario.ts';

// Field failure 11: a slash by a caller whom StakeManager does not accept reverts. Acts such as a slash are not part of the
// desired state; what the plan can say is that the arena would lose, or lacks, what a slash needs.
export const scenario: Scenario = {
  says: 'warns that reporting misconduct would revert',
  change: { 'stake-manager': [remove('validatorLockManagers', 'arena')] },
  exit: 0,
  findings: ['warning DECLARED_NOT_LINKED', 'warning RULE_WARNING'],
  calls: ['stake-manager.setValidatorLockManager'],
};
