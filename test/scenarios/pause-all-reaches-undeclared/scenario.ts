import { drop, type Scenario, set } from '../scenario.ts';

// pauseAll() goes to one contract and changes eight: those that git reads but does not declare are shown.
export const scenario: Scenario = {
  says: 'shows what pauseAll() does in contracts that no step addresses',
  variants: ['governed'],
  change: {
    'system-pause': [set('paused', 'true')],
    'stake-manager': drop('paused'),
    'fee-pool': drop('paused'),
    arena: [set('paused', 'true')],
    'engine-targets': [set('paused', 'true')],
  },
  exit: 0,
  calls: ['system-pause.pauseAll', 'arena.pause', 'engine-targets.pause'],
};
