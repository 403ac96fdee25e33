import { expect } from 'vitest';
import { add, type Scenario, set } from '../scenario.ts';

// Field failure 9: a script waits for ParametersUpdated where the setter does not emit it.
export const scenario: Scenario = {
  says: 'expects of each call the events that it emits, and no others',
  change: {
    arena: [add('orchestrators', 'orchestrator-c'), set('identityRegistry', 'platform-registry')],
    'stake-manager': [set('maxStakePerAddress', '900000 AGIALPHA'), set('unbondingPeriod', '8 days')],
  },
  exit: 0,
  calls: ['stake-manager.setMaxStakePerAddress', 'stake-manager.setUnbondingPeriod', 'arena.setIdentityRegistry', 'arena.setOrchestrator'],
  also: ({ steps }) => expect(steps.flatMap((step) => step.emits)).not.toContain('ParametersUpdated'),
};
