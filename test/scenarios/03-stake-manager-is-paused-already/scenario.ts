import { type Scenario, set } from '../scenario.ts';

// Field failure 3: with StakeManager paused, pauseAll() reverts for the other seven modules.
export const scenario: Scenario = {
  says: 'pauses the other seven one by one, never with pauseAll()',
  variants: ['key', 'governed'],
  before: [{ on: 'pauseGuard', call: 'pause', args: [['stake-manager']], from: 'guardian' }],
  change: {
    'system-pause': [set('paused', 'true')],
    'stake-manager': [set('paused', 'true')],
    'fee-pool': [set('paused', 'true')],
    arena: [set('paused', 'true')],
    'engine-targets': [set('paused', 'true')],
  },
  exit: 0,
  calls: [
    ...['system-pause.jobRegistry', 'system-pause.validationModule', 'system-pause.disputeModule', 'system-pause.platformRegistry', 'fee-pool'],
    ...['system-pause.reputationEngine', 'system-pause.arbitratorCommittee', 'arena', 'engine-targets'],
  ].map((contract) => `${contract}.pause`),
};
