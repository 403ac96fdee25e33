import { remove, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'never takes the last one away who may pause',
  change: { 'pause-guard': [remove('guardians', 'guardian')] },
  exit: 3,
  findings: ['error LAST_PAUSER'],
  calls: [],
};
