import { type Scenario, set } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'puts another pauser in the place of the only one, with one call',
  variants: ['key', 'governed'],
  change: { 'engine-targets': [set('pauser', 'guardian')], 'stake-manager': [set('pauser', 'guardian')] },
  exit: 0,
  calls: ['engine-targets.setPauser', 'stake-manager.setPauser'],
};
