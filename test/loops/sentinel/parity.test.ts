// The reducer decides as the reference does on the same events, and whatever comes in, nothing it decides raises a risk.
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { riskOf } from '../../../src/kinds/fields.ts';
import { loadKinds } from '../../../src/kinds/load-kinds.ts';
import type { FieldAction } from '../../../src/loop-types.ts';
import { applySettings } from '../../../src/loops/sentinel/apply-settings.ts';
import { reduce } from '../../../src/loops/sentinel/reduce.ts';
import { snapshotOf } from '../../../src/loops/sentinel/snapshot.ts';
import { initialState, type Measure } from '../../../src/loops/sentinel/state.ts';
import { seeded } from '../seeded.ts';
import { Reference } from './reference.ts';
import { arena, engine, randomEvent, randomSettings, told } from './world.ts';

const full = process.env['MOORING_FULL'] === '1';
const seed = Number(process.env['MOORING_SEED'] ?? 20_260_731);

/** Where the two differ first on one random trace; null where they don't. */
function firstDifference(next: () => number, seen: Set<string>): unknown {
  // The reference knows one gate, so every reason holds the same flag here.
  const settings = { ...randomSettings(next), actions: { roi_floor: [engine], budget_soft: [engine], budget_stop: [engine], failure_streak: [] } };
  const reference = new Reference(settings);
  let state = initialState;
  for (let step = 0; step < 40; step++) {
    const event = randomEvent(next);
    const turn = reduce(settings, state, event);
    state = turn.state;
    const [ours, theirs] = [told(turn).map((word) => word.replace('proposeClear', 'open')), reference.observe(event)];
    for (const word of theirs) seen.add(word);
    const isSame = ours.sort().join() === theirs.sort().join() && isDeepStrictEqual(snapshotOf(state), reference.snapshot());
    if (!isSame) return { step, event, ours: { ours, ...snapshotOf(state) }, theirs: { theirs, ...reference.snapshot() } };
  }
  return null;
}

test('on random traces every decision and every number of the snapshot is the reference’s', () => {
  const next = seeded(seed);
  const seen = new Set<string>();
  for (let trace = 0; trace < (full ? 50_000 : 3_000); trace++) {
    const difference = firstDifference(next, seen);
    if (difference !== null) expect.fail(`seed ${seed}, trace ${trace}: ${JSON.stringify(difference)}`);
  }
  // Every kind of decision occurred, so none was equal for want of it.
  const kinds = ['pause roi_floor', 'pause budget_soft', 'pause budget_stop', 'requestStop budget_cap', 'open roi_floor', 'prune __proto__', 'prune a'];
  expect(kinds.filter((word) => !seen.has(word))).toEqual([]);
});

/** Flags that reduce risk when they are set, by the kinds of the contracts. */
const reductions = [
  { kind: 'EngineTargets', action: engine },
  { kind: 'SelfPlayArena', action: arena },
].filter(({ kind, action }) => {
  const field = loadKinds({ names: [kind] })
    .get(kind)
    ?.fields.get(action.field);
  return field !== undefined && riskOf(field, 'set', null, { type: 'scalar', value: action.value }) === 'reduce';
});

function nameOf({ contract, field, value }: FieldAction): string {
  return `${contract}.${field}=${value}`;
}

const known = reductions.map(({ action }) => nameOf(action));

/** What is wrong with a measure; `asked` are the flags that were asked for before it, and is kept up. */
function faultsOf(measure: Measure, asked: Set<string>): string[] {
  if (measure.kind === 'prune' || measure.kind === 'requestStop') return [];
  const names = measure.actions.map(nameOf);
  if (measure.kind === 'proposeClear') return names.length === 0 ? ['proposes nothing'] : names.filter((name) => !asked.delete(name));
  for (const name of names) asked.add(name);
  return measure.kind === 'pause' ? names.filter((name) => !known.includes(name)) : [`a measure of another kind: ${JSON.stringify(measure)}`];
}

/** What is wrong with the decisions on one random trace, in which the settings change too. */
function faultsOnTrace(next: () => number, found: Set<string>): string[] {
  let settings = randomSettings(next);
  let state = initialState;
  const asked = new Set<string>();
  for (let step = 0; step < 12; step++) {
    const isChange = next() < 0.03;
    if (isChange) settings = randomSettings(next);
    const turn = isChange ? applySettings(settings, state) : reduce(settings, state, randomEvent(next));
    state = turn.state;
    for (const { kind } of turn.decision.measures) found.add(kind);
    const faults = turn.decision.measures.flatMap((measure) => faultsOf(measure, asked));
    if (faults.length > 0) return [`event ${step}`, ...faults];
  }
  return [];
}

test('over 100,000 random traces no decision is an unpause, a grant or a raise; clearing is only proposed, and only of what was asked for', () => {
  const next = seeded(seed);
  const found = new Set<string>();
  expect(known).toHaveLength(2);
  for (let trace = 0; trace < 100_000; trace++) {
    const faults = faultsOnTrace(next, found);
    if (faults.length > 0) expect.fail(`seed ${seed}, trace ${trace}: ${faults.join(', ')}`);
  }
  expect([...found].sort()).toEqual(['pause', 'proposeClear', 'prune', 'requestStop']);
});
