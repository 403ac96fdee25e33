// What is read of a contract because git's declarations make it necessary.
import { expect, test } from 'vitest';
import { contractRefs } from '../../src/cli/environment/contract-refs.ts';
import { kinds, people, planWorld } from '../support/plan-world.ts';

test('the role that lets a caller grant is read along with the role that is declared', () => {
  const { desired } = planWorld({ desired: { roles: { 'roles.MINTER_ROLE': [people.alice] } } });
  const [ref] = contractRefs(desired.state, kinds);
  expect(ref?.keys?.get('roles')).toEqual(['MINTER_ROLE', 'DEFAULT_ADMIN_ROLE']);
});
