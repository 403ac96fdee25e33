// Which steps share a broadcast: any single one of a group may revert, and the rest is still safe.
import { expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Plan } from '../../src/types.ts';
import { addressOf, people, planWorld, token, type WorldOptions } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

function groups(made: Plan): number[] {
  return made.steps.map((step) => step.group);
}

const crowd = Array.from({ length: 20 }, (_, index) => addressOf(500 + index));

test('twenty reductions are one group', () => {
  const made = plan({ live: { arena: { orchestrators: crowd } }, desired: { arena: { orchestrators: [] } } });
  expect(groups(made)).toEqual(Array(20).fill(0));
});

test('twenty grants are twenty groups', () => {
  const made = plan({ live: { arena: { orchestrators: [] } }, desired: { arena: { orchestrators: crowd } } });
  expect(groups(made)).toEqual(crowd.map((_, index) => index));
});

test('reductions come before what raises risk, which stands alone', () => {
  const made = plan({
    desired: { stake: { burnPct: 4n, unbondingPeriod: 864_000n }, arena: { baseTeacherReward: 200n * token, validatorStake: 20n * token } },
  });
  expect(made.steps.map((step) => [step.call.function, step.risk, step.group])).toEqual([
    ['setCommitteeParameters', 'reduce', 0],
    ['setBurnPct', 'reduce', 0],
    ['setUnbondingPeriod', 'reduce', 0],
    ['setRewards', 'increase', 1],
  ]);
});

test('numbers without a direction may share a group', () => {
  const made = plan({ desired: { thermostat: { kp: 2n, integralMin: -5n * token }, arena: { targetSuccessRateBps: 5000n } } });
  expect(made.steps.map((step) => step.risk)).toEqual(['ambiguous', 'ambiguous', 'ambiguous']);
  expect(groups(made)).toEqual([0, 0, 0]);
});

test('what relies on an earlier step waits for it', () => {
  const made = plan({ desired: { thermostat: { minTemp: 4n * token, maxTemp: 8n * token, systemTemperature: 5n * token } } });
  expect(groups(made)).toEqual([0, 1]);
});

test('two that share a rule wait for each other, whichever way they lean', () => {
  const made = plan({ desired: { stake: { feePct: 4n, burnPct: 4n } } });
  expect(groups(made)).toEqual([0, 1]);
});

test('where a contract is pointed to, and who owns it, stands alone', () => {
  const made = plan({ desired: { arena: { identityRegistry: addressOf(601), jobRegistry: addressOf(602), owner: people['other-owner'], committeeSize: 5n } } });
  expect(made.steps.map((step) => [step.call.function, step.group])).toEqual([
    ['setCommitteeParameters', 0],
    ['setIdentityRegistry', 1],
    ['setJobRegistry', 2],
    ['transferOwnership', 3],
  ]);
});

test('a change of owner does not keep the reductions before it apart', () => {
  const made = plan({ live: { arena: { orchestrators: crowd } }, desired: { arena: { orchestrators: [], owner: people['other-owner'] } } });
  expect(groups(made)).toEqual([...Array(20).fill(0), 1]);
});

test('two signers never share a group', () => {
  const made = plan({
    signers: [people.operator, people.alice],
    live: { arena: { owner: people.alice } },
    desired: { arena: { validatorStake: 20n * token }, stake: { burnPct: 4n } },
  });
  expect(made.steps.map((step) => [step.route.signer, step.group])).toEqual([
    [people.alice, 0],
    [people.operator, 1],
  ]);
});

test('a group has a largest size', () => {
  const many = Array.from({ length: 120 }, (_, index) => addressOf(700 + index));
  const made = plan({ live: { arena: { orchestrators: many } }, desired: { arena: { orchestrators: [] } } });
  expect(Math.max(...groups(made))).toBe(2);
});
