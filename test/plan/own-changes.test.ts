// What a change of the files does by itself, apart from what was pending or drifted before it.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { type OwnInput, ownChanges } from '../../src/plan/own-changes.ts';
import type { Desired, Reduction } from '../../src/types.ts';
import { people, places, planWorld, token, type Values, type WorldOptions } from '../support/plan-world.ts';

type Case = { before: WorldOptions['desired'] | null; after: WorldOptions['desired']; options?: WorldOptions; named?: string[]; leftOut?: string[] };

function inputOf({ before, after, options = {}, named = [], leftOut = [] }: Case): OwnInput {
  const world = planWorld({ ...options, desired: { ...after } });
  return {
    after: world.desired,
    before: before === null ? null : planWorld({ ...options, lifts: [], resumes: [], desired: { ...before } }).desired,
    live: world.live,
    kinds: world.kinds,
    reductions: options.reductions ?? [],
    unknownReductions: [],
    incidents: options.incidents ?? { open: [], unreadable: [] },
    now: 1_700_000_000n,
    named: new Set(named),
    leftOut: new Set(leftOut),
  };
}

function own(given: Case): { own: string[]; standing: string[] } {
  const found = ownChanges(inputOf(given));
  return { own: found.own.map(({ id }) => id), standing: found.standing.map(({ id }) => id) };
}

/** Ids of what a plan for nothing but the own changes would change. */
function planned(given: Case): string[] {
  const input = inputOf(given);
  const { scoped } = ownChanges(input);
  return buildPlan({ desired: scoped, live: input.live, kinds: input.kinds, reductions: input.reductions, now: input.now }).changes.map(({ id }) => id);
}

const stake = (values: Values): WorldOptions['desired'] => ({ stake: values });

describe('own', () => {
  test('is what was not declared before; what stood before is not, and is not planned', () => {
    const given: Case = { before: stake({ feePct: 9n, minStake: 100n * token }), after: stake({ feePct: 9n, minStake: 101n * token }) };
    expect(own(given)).toEqual({ own: ['stake.minStake'], standing: ['stake.feePct'] });
    expect(planned(given)).toEqual(['stake.minStake']);
  });

  test('is another value for what stood before', () => {
    const given: Case = { before: stake({ feePct: 9n }), after: stake({ feePct: 8n }) };
    expect(own(given)).toEqual({ own: ['stake.feePct'], standing: [] });
  });

  test('is nothing where a difference is taken back', () => {
    expect(own({ before: stake({ feePct: 9n }), after: stake({ feePct: 5n }) })).toEqual({ own: [], standing: [] });
  });

  test('is everything of a contract that is new, or has moved', () => {
    expect(own({ before: null, after: stake({ feePct: 9n }) })).toEqual({ own: ['stake.feePct'], standing: [] });
    const input = inputOf({ before: stake({ feePct: 9n }), after: stake({ feePct: 9n }) });
    const moved = (input.before as Desired).state.contracts.map((contract) => ({ ...contract, address: places.arena }));
    const before = { ...(input.before as Desired), state: { ...(input.before as Desired).state, contracts: moved } };
    expect(ownChanges({ ...input, before }).own.map(({ id }) => id)).toEqual(['stake.feePct']);
  });

  test('is one member of a set, whatever else of it stands', () => {
    const given: Case = {
      before: { arena: { orchestrators: [people.alice] } },
      after: { arena: { orchestrators: [people.alice, people['new-treasury']] } },
      options: { live: { arena: { orchestrators: [people.bob] } } },
    };
    const added = `arena.orchestrators[${people['new-treasury']}]`;
    expect(own(given).own).toEqual([added]);
    expect(own(given).standing.sort()).toEqual([`arena.orchestrators[${people.alice}]`, `arena.orchestrators[${people.bob}]`].sort());
    expect(planned(given)).toEqual([added]);
  });

  test('is what is named, though it stood before', () => {
    const given: Case = { before: stake({ feePct: 9n, burnPct: 4n }), after: stake({ feePct: 9n, burnPct: 4n }), named: ['stake.feePct'] };
    expect(own(given)).toEqual({ own: ['stake.feePct'], standing: ['stake.burnPct'] });
    expect(planned(given)).toEqual(['stake.feePct']);
  });

  test('is not what is left out', () => {
    const given: Case = { before: stake({}), after: stake({ feePct: 9n, burnPct: 4n }), leftOut: ['stake.burnPct'] };
    expect(own(given).own).toEqual(['stake.feePct']);
    expect(planned(given)).toEqual(['stake.feePct']);
  });
});

describe('an emergency reduction', () => {
  const paused: WorldOptions['live'] = { arena: { paused: true } };
  const pausedBy: Reduction = {
    contract: 'arena',
    field: 'paused',
    transaction: `0x${'77'.repeat(32)}`,
    block: 50n,
    sender: people.guardian,
    from: { type: 'scalar', value: false },
    to: { type: 'scalar', value: true },
    known: false,
  };
  const lift = { contract: 'arena', field: 'paused', transaction: pausedBy.transaction, reason: 'settled', by: 'alice' };

  test('stands against what was declared all the time', () => {
    const declared = { arena: { paused: false } };
    expect(own({ before: declared, after: declared, options: { live: paused, reductions: [pausedBy] } })).toEqual({ own: [], standing: ['arena.paused'] });
  });

  test('is reversed by the change that lifts it', () => {
    const declared = { arena: { paused: false } };
    const given: Case = { before: declared, after: declared, options: { live: paused, reductions: [pausedBy], lifts: [lift] } };
    expect(own(given)).toEqual({ own: ['arena.paused'], standing: [] });
  });
});

test('an unreadable field stays declared, and blocks', () => {
  const given: Case = { before: stake({}), after: stake({ feePct: 9n }), options: { live: { stake: { minStake: { type: 'unknown', reason: 'timeout' } } } } };
  const input = inputOf({ ...given, after: stake({ feePct: 9n, minStake: 100n * token }) });
  const { scoped } = ownChanges(input);
  const plan = buildPlan({ desired: scoped, live: input.live, kinds: input.kinds, reductions: [], now: input.now });
  expect(plan.findings.map(({ code }) => code)).toContain('LIVE_UNKNOWN');
  expect(plan.steps).toEqual([]);
});
