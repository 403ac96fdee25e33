import { drop, type Scenario, set } from '../scenario.ts';

// Field failure 2: a script that pauses contract by contract stops at the second one, whose owner is not the signer.
export const scenario: Scenario = {
  says: 'says who may pause the second contract, before it pauses the first',
  before: [{ on: 'stakeManager', call: 'setGovernance', args: ['stranger'] }],
  change: {
    'system-pause': drop('paused'),
    arena: [set('paused', 'true')],
    'stake-manager': [set('governance', 'stranger'), set('paused', 'true')],
  },
  exit: 1,
  findings: ['error ROUTE_UNREACHABLE'],
  calls: ['arena.pause'],
};
