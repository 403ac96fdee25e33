import { expect } from 'vitest';
import { add, remove, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'names the new guardian before the old one goes',
  change: { 'pause-guard': [add('guardians', 'validator'), remove('guardians', 'guardian')] },
  exit: 0,
  calls: ['pause-guard.setGuardian', 'pause-guard.setGuardian'],
  also: ({ steps }) => expect(steps.map((step) => step.call.args.at(-1)?.value)).toEqual([true, false]),
};
