import { type Scenario, set } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'never leaves a contract without a pauser',
  change: { 'engine-targets': [set('pauser', '0x0000000000000000000000000000000000000000')] },
  exit: 3,
  findings: ['error LAST_PAUSER'],
  calls: [],
};
