import { remove, type Scenario } from '../scenario.ts';

// Field failure 11: the arena is no validatorLockManager, in git as on the chain.
export const scenario: Scenario = {
  says: 'warns that reporting misconduct reverts, though nothing is to change',
  before: [{ on: 'stakeManager', call: 'setValidatorLockManager', args: ['arena', false] }],
  change: { 'stake-manager': [remove('validatorLockManagers', 'arena')] },
  exit: 0,
  findings: ['warning DECLARED_NOT_LINKED'],
  calls: [],
};
