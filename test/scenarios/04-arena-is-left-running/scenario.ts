import { type Scenario, set } from '../scenario.ts';

// Field failure 4: "pause everything" through SystemPause leaves the arena running.
export const scenario: Scenario = {
  says: 'says what pauseAll() does not cover',
  variants: ['governed'],
  change: {
    'system-pause': [set('paused', 'true')],
    'stake-manager': [set('paused', 'true')],
    'fee-pool': [set('paused', 'true')],
  },
  exit: 0,
  findings: ['warning PAUSE_NOT_COVERED'],
  calls: ['system-pause.pauseAll'],
};
