import { type Scenario, set } from '../scenario.ts';

// setGlobalPauser() goes to one contract and changes eight: two of them are declared otherwise.
export const scenario: Scenario = {
  says: 'puts back the pausers that are declared otherwise',
  variants: ['key', 'governed'],
  change: { 'system-pause': [set('activePauser', 'validator')] },
  exit: 0,
  findings: ['warning PROOF_SIDE_EFFECT'],
  calls: ['system-pause.setGlobalPauser', 'stake-manager.setPauser', 'fee-pool.setPauser'],
};
