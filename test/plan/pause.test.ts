// Pauses: of one contract, of all modules at once, of what is mixed; and what such a pause doesn't reach.
import { describe, expect, test } from 'vitest';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { FieldValue, Plan } from '../../src/types.ts';
import { factKey } from '../../src/values.ts';
import { modules, people, places, planWorld, type WorldOptions, zero } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

function stepIds(made: Plan): string[] {
  return made.steps.map((step) => step.id);
}

function codes(made: Plan): string[] {
  return made.findings.map((finding) => finding.code);
}

const parts = { ...modules, stakeManager: places.stake, feePool: places['fee-pool'] };

function mixed(paused: readonly string[]): FieldValue {
  return { type: 'mixed', parts: Object.entries(parts).map(([field, target]) => ({ field, target, value: paused.includes(target) })) };
}

function facts(paused: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(Object.values(parts).map((address) => [factKey(address, 'paused'), paused.includes(address)]));
}

describe('all modules', () => {
  test('are paused by one call, which also covers what is declared of one of them', () => {
    const made = plan({ governed: true, desired: { 'system-pause': { paused: true }, stake: { paused: true } } });
    expect(stepIds(made)).toEqual(['system-pause.pauseAll']);
    expect(made.steps[0]?.covers).toEqual(['system-pause.paused', 'stake.paused']);
    expect(made.steps[0]?.risk).toBe('reduce');
    expect(made.sideEffects).toEqual([]);
  });

  test('a module whose pause is not declared shows as a side effect', () => {
    const made = plan({ governed: true, desired: { 'system-pause': { paused: true }, stake: { feePct: 4n } } });
    expect(made.sideEffects).toMatchObject([{ contract: 'stake', field: 'paused', managed: false, corrected: false }]);
  });

  test('are paused one by one where one is paused already: pauseAll would revert', () => {
    const made = plan({
      live: { 'system-pause': { paused: mixed([places.stake]) }, stake: { paused: true } },
      facts: facts([places.stake]),
      desired: { 'system-pause': { paused: true }, stake: { paused: true } },
    });
    expect(codes(made)).toEqual([]);
    expect(made.steps).toHaveLength(7);
    expect(stepIds(made)).not.toContain('stake.pause');
    expect(made.steps.every((step) => step.call.function === 'pause' && step.covers.includes('system-pause.paused'))).toBe(true);
  });

  test('are paused one by one where SystemPause may not pause them: pauseAll would revert', () => {
    const made = plan({ desired: { 'system-pause': { paused: true }, stake: { paused: true } } });
    expect(codes(made)).toEqual([]);
    expect(made.steps).toHaveLength(8);
    expect(made.steps.every((step) => step.call.function === 'pause' && step.route.via === 'direct')).toBe(true);
    expect(made.steps.find((step) => step.id === 'stake.pause')?.covers).toEqual(['system-pause.paused', 'stake.paused']);
  });

  test('that nobody declared are paused one by one by their owner, too', () => {
    const made = plan({ desired: { 'system-pause': { paused: true } } });
    expect(codes(made)).toEqual([]);
    expect(made.steps.map((step) => [step.call.function, step.route.via])).toEqual(Array(8).fill(['pause', 'direct']));
  });

  test('are paused by one call where it was not read who may pause them: the proof decides', () => {
    const unread = Object.fromEntries(Object.values(parts).map((address) => [factKey(address, 'pauser'), { type: 'unknown', reason: 'not asked' } as const]));
    expect(stepIds(plan({ facts: unread, desired: { 'system-pause': { paused: true } } }))).toEqual(['system-pause.pauseAll']);
  });

  test('take no common pauser from a SystemPause that is not their pauser manager', () => {
    const made = plan({ live: { stake: { pauserManager: zero } }, desired: { 'system-pause': { activePauser: people.bob }, stake: {} } });
    expect(codes(made)).toEqual(['ROUTE_UNREACHABLE']);
    expect(made.findings[0]?.message).toContain('stake');
  });

  test('take one also where nobody declared them: who is their pauser manager was not read, and the kinds of others don’t say', () => {
    const world = planWorld({ desired: { 'system-pause': { activePauser: people.bob }, arena: {} } });
    const made = buildPlan({ ...world, kinds: loadKinds({ names: ['SystemPause', 'SelfPlayArena'] }) });
    expect(codes(made)).toEqual([]);
    expect(stepIds(made)).toEqual(['system-pause.setGlobalPauser']);
  });

  test('of a governed system go through their relay, whoever could not be asked', () => {
    const unread = Object.fromEntries(Object.values(modules).map((address) => [factKey(address, 'owner'), { type: 'unknown', reason: 'not asked' } as const]));
    const made = plan({
      governed: true,
      live: { 'system-pause': { paused: mixed([places.stake]) } },
      facts: { ...facts([places.stake]), ...unread },
      desired: { 'system-pause': { paused: true } },
    });
    expect(codes(made)).toEqual([]);
    expect(made.steps.map((step) => step.route.via)).toEqual(Array(7).fill('relay'));
    expect(made.steps.every((step) => step.to === places['system-pause'])).toBe(true);
  });

  test('leave the arena running, and the plan says so', () => {
    const made = plan({ desired: { 'system-pause': { paused: true }, arena: { committeeSize: 3n } } });
    expect(codes(made)).toEqual(['PAUSE_NOT_COVERED']);
    expect(made.findings[0]?.message).toContain('arena');
    expect(codes(plan({ desired: { 'system-pause': { paused: true }, arena: { paused: true } } }))).toEqual([]);
  });

  test('are not declared paused while one of them is declared live', () => {
    const made = plan({ desired: { 'system-pause': { paused: true }, stake: { paused: false } } });
    expect(codes(made)).toEqual(['PAUSE_CONTRADICTION']);
    expect(made.steps).toEqual([]);
  });

  test('get a new pauser by one call', () => {
    const made = plan({ desired: { 'system-pause': { activePauser: people.bob }, stake: { pauser: people.bob } } });
    expect(stepIds(made)).toEqual(['system-pause.setGlobalPauser']);
    expect(made.steps[0]?.covers).toEqual(['system-pause.activePauser', 'stake.pauser']);
  });

  test('are paused once where two contracts could do it: the second pauseAll would revert', () => {
    const other = places['other-pause'];
    const pausers = Object.fromEntries(Object.values(modules).map((address) => [factKey(address, 'pauser'), other]));
    const live = { stake: { pauser: other }, 'fee-pool': { pauser: other } };
    const made = plan({
      governed: true,
      live,
      facts: pausers,
      desired: { 'system-pause': { paused: true }, 'other-pause': { paused: true }, stake: {}, 'fee-pool': {} },
    });
    expect(codes(made)).toEqual([]);
    expect(stepIds(made)).toEqual(['system-pause.pauseAll']);
    expect(made.steps[0]?.covers.toSorted()).toEqual(['other-pause.paused', 'system-pause.paused']);
  });

  test('a module that keeps a pauser of its own gets it back', () => {
    const made = plan({ desired: { 'system-pause': { activePauser: people.bob }, stake: { pauser: people.guardian } } });
    expect(stepIds(made)).toEqual(['system-pause.setGlobalPauser', 'stake.setPauser']);
    expect(made.steps[1]?.corrects).toEqual(['stake.pauser']);
  });
});

describe('a pause', () => {
  test('goes first, an unpause last', () => {
    const made = plan({ live: { arena: { paused: true } }, desired: { arena: { paused: false, committeeSize: 5n }, stake: { paused: true, feePct: 4n } } });
    expect(stepIds(made)).toEqual(['stake.pause', 'stake.setFeePct', 'arena.setCommitteeParameters', 'arena.unpause']);
  });

  test('of a field under another name', () => {
    expect(stepIds(plan({ desired: { targets: { expansionsPaused: true } } }))).toEqual(['targets.pause']);
  });
});
