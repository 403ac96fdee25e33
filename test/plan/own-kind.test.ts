// A kind of one's own, with traps that the built-in ones don't have: the plan works from what the kind says.
import { describe, expect, test } from 'vitest';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { type BuildInput, buildPlan } from '../../src/plan/build-plan.ts';
import type { ContractState, FieldValue, Plan, Scalar, SideEffect } from '../../src/types.ts';
import { addressOf, people, planWorld } from '../support/plan-world.ts';

const text = `
apiVersion: mooring/v1
kind: Kind
name: Valve
description: A valve whose level drags its cap along.
abi:
  - function owner() view returns (address)
  - function level() view returns (uint256)
  - function mode() view returns (uint256)
  - function cap() view returns (uint256)
  - function drain() view returns (uint256)
  - function total() view returns (uint256)
  - function setLevel(uint256 level, uint256 mode)
  - function setCap(uint256 cap)
  - function setDrain(uint256 drain)
  - function transferOwnership(address newOwner)
  - function friends(address who) view returns (bool)
  - function setFriend(address who, bool friend)
  - event FriendUpdated(address indexed who, bool friend)
  - error TooHigh()
access: [owner]
fields:
  owner: { description: Who may set it., risk: reduce, role: owner }
  level: { description: How far it is open., risk: { up: increase, down: reduce } }
  mode: { description: How it opens., risk: reduce }
  cap: { description: How far it may open., risk: { up: increase, down: reduce } }
  drain: { description: How fast it drains., risk: { up: increase, down: reduce } }
  total: { description: What went through. }
  friends: { description: Who may look., risk: reduce, members: { event: FriendUpdated, member: who, flag: friend } }
setters:
  - function: setFriend
    toggles: friends
  - function: setLevel
    sets: [level, mode]
    effects:
      - copy: { field: level, to: cap }
  - function: setCap
    sets: [cap]
  - function: setDrain
    sets: [drain]
  - function: transferOwnership
    sets: [owner]
rules:
  - order: { lower: drain, upper: cap }
    revert: TooHigh()
    message: The drain is at most the cap.
`;

const kinds = loadKinds({ names: ['Valve'], own: [{ file: 'kinds/Valve.yaml', text }] });

type Values = Readonly<Record<string, Scalar | readonly string[]>>;

function valve(values: Values): ContractState {
  const stateOf = (value: Values[string]): FieldValue => (typeof value === 'object' ? { type: 'members', members: value } : { type: 'scalar', value });
  const fields = new Map(Object.entries(values).map(([path, value]) => [path, { path, value: stateOf(value) }]));
  return { name: 'valve', kind: 'Valve', address: addressOf(1), fromBlock: 1n, fields, observe: new Set(), code: { hash: '0x01' } };
}

function plan(live: Values, desired: Values, more: Partial<BuildInput> = {}): Plan {
  const base = planWorld({ desired: {} });
  const state = {
    ...base.live,
    contracts: [valve({ owner: people.operator, level: 1n, mode: 0n, cap: 1n, drain: 0n, total: 9n, friends: [people.alice], ...live })],
  };
  return buildPlan({ ...base, live: state, kinds, desired: { ...base.desired, state: { ...base.desired.state, contracts: [valve(desired)] } }, ...more });
}

function stepIds(made: Plan): string[] {
  return made.steps.map((step) => step.id);
}

const guardian = { transaction: '0x01', block: 5n, sender: people.guardian, from: null, to: { type: 'scalar', value: 1n }, known: false } as const;

describe('an effect', () => {
  test('does not carry a cap up again that a guardian lowered', () => {
    const made = plan({}, { level: 5n, cap: 5n }, { reductions: [{ ...guardian, contract: 'valve', field: 'cap' }] });
    expect(made.steps).toEqual([]);
    expect(made.findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION', 'NO_VALID_ORDER']);
  });

  test('happens only when the field that it copies changes', () => {
    const made = plan({ cap: 3n }, { mode: 1n, cap: 3n });
    expect(stepIds(made)).toEqual(['valve.setLevel']);
    expect(made.sideEffects).toEqual([]);
  });

  test('that does what is wanted saves a step', () => {
    expect(stepIds(plan({}, { level: 4n, cap: 4n }))).toEqual(['valve.setLevel']);
  });

  test('makes room for what could not be set before', () => {
    const made = plan({}, { level: 4n, drain: 3n });
    expect(stepIds(made)).toEqual(['valve.setLevel', 'valve.setDrain']);
    expect(made.steps.map((step) => step.group)).toEqual([0, 1]);
  });

  test('that a rule can do without is put back', () => {
    expect(stepIds(plan({}, { level: 4n, cap: 1n }))).toEqual(['valve.setLevel', 'valve.setCap']);
  });

  test('that a proof saw, though no kind says so, is put back', () => {
    const seen = {
      contract: 'valve',
      field: 'drain',
      from: { type: 'scalar', value: 0n },
      to: { type: 'scalar', value: 1n },
      unit: 'none',
      step: 'valve.setCap',
      managed: true,
      corrected: false,
    } as const;
    const made = plan({}, { cap: 2n, drain: 0n }, { observed: [seen] });
    expect(stepIds(made)).toEqual(['valve.setCap', 'valve.setDrain']);
    expect(made.steps[1]?.corrects).toEqual(['valve.drain']);
    expect(made.sideEffects).toMatchObject([{ field: 'drain', corrected: true }]);
  });

  test('that a proof saw on a set is put back, member by member', () => {
    const [alice, bob] = [people.alice, people.bob].map((member): FieldValue => ({ type: 'members', members: [member] }));
    const seen = {
      contract: 'valve',
      field: 'friends',
      from: alice,
      to: bob,
      unit: 'none',
      step: 'valve.setCap',
      managed: true,
      corrected: false,
    } as SideEffect;
    const made = plan({}, { cap: 2n, friends: [people.alice] }, { observed: [seen] });
    expect(stepIds(made)).toEqual(['valve.setCap', `valve.setFriend[${people.alice}]`, `valve.setFriend[${people.bob}]`]);
    expect(made.steps.map((step) => step.corrects)).toEqual([[], ['valve.friends'], ['valve.friends']]);
    expect(made.sideEffects).toMatchObject([{ field: 'friends', managed: true, corrected: true }]);
    expect(plan({}, { cap: 2n }, { observed: [seen] }).sideEffects).toMatchObject([{ field: 'friends', managed: false, corrected: false }]);
  });

  test('that a proof saw on what nobody declared is shown', () => {
    const seen = {
      contract: 'valve',
      field: 'total',
      from: { type: 'scalar', value: 9n },
      to: { type: 'scalar', value: 8n },
      unit: 'none',
      step: 'valve.setCap',
      managed: false,
      corrected: false,
    } as const;
    expect(plan({}, { cap: 2n }, { observed: [seen] }).sideEffects).toMatchObject([{ field: 'total', managed: false }]);
  });
});

test('ownership stands alone, whatever risk its kind gives it', () => {
  const made = plan({}, { owner: people['other-owner'], drain: 0n, mode: 1n });
  expect(made.steps.map((step) => [step.call.function, step.risk, step.group])).toEqual([
    ['setLevel', 'reduce', 0],
    ['transferOwnership', 'reduce', 1],
  ]);
});

test('a removal waits for the addition that makes up for it, though neither raises risk', () => {
  const made = plan({}, { friends: [people.bob] });
  expect(made.steps.map((step) => [step.id, step.group])).toEqual([
    [`valve.setFriend[${people.bob}]`, 0],
    [`valve.setFriend[${people.alice}]`, 1],
  ]);
});

test('what no setter writes is a finding', () => {
  expect(plan({}, { total: 1n }).findings).toMatchObject([{ code: 'NO_SETTER', severity: 'error', field: 'total' }]);
});
