import { type Scenario, set } from '../scenario.ts';

// Field failure 1: SystemPause has no pause(); a script that calls it stops with half the set paused.
export const scenario: Scenario = {
  says: 'pauses everything with the functions that are there: one pauseAll(), and what it does not cover',
  variants: ['key', 'governed'],
  change: {
    'system-pause': [set('paused', 'true')],
    'stake-manager': [set('paused', 'true')],
    'fee-pool': [set('paused', 'true')],
    arena: [set('paused', 'true')],
    'engine-targets': [set('paused', 'true')],
  },
  exit: 0,
  calls: {
    governed: ['system-pause.pauseAll', 'arena.pause', 'engine-targets.pause'],
    // SystemPause may not pause what it neither owns nor is the pauser of.
    key: [
      ...['system-pause.jobRegistry', 'stake-manager', 'system-pause.validationModule', 'system-pause.disputeModule', 'system-pause.platformRegistry'],
      ...['fee-pool', 'system-pause.reputationEngine', 'system-pause.arbitratorCommittee', 'arena', 'engine-targets'],
    ].map((contract) => `${contract}.pause`),
  },
};
