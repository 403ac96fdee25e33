import { type Scenario, set } from '../scenario.ts';

// setGlobalPauser() goes to one contract and changes eight.
export const scenario: Scenario = {
  says: 'moves all pausers with one call where they are declared so',
  variants: ['key', 'governed'],
  change: { 'system-pause': [set('activePauser', 'validator')], 'stake-manager': [set('pauser', 'validator')], 'fee-pool': [set('pauser', 'validator')] },
  exit: 0,
  findings: ['warning PROOF_SIDE_EFFECT'],
  calls: ['system-pause.setGlobalPauser'],
};
