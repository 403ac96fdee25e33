// From wants to ordered drafts: choose calls, order them, and put back what they move by the way. Pure.
import type { SideEffect } from '../types.ts';
import type { Judge } from './attempt.ts';
import { correctionsFor, observedWrites } from './corrections.ts';
import { type Call, type Cluster, clustersOf } from './cover.ts';
import { type Draft, draftsOf, idOf } from './drafts.ts';
import { perform, type Write } from './model.ts';
import { type Failure, orderDrafts } from './order.ts';
import type { Want, Wants } from './wants.ts';
import type { World } from './world.ts';

export type SettleInput = { judge: Judge; world: World; wants: Wants; observed: readonly SideEffect[]; acts: readonly Draft[] };

export type Settled = {
  drafts: readonly Draft[];
  failures: readonly Failure[];
  /** Wants that no setter can bring about. */
  unwritable: readonly Want[];
  /** `contract.path` of declared fields that stay moved by a side effect. */
  stays: readonly string[];
};

const mostRounds = 4;
const mostTrials = 12;

/** `world` is the live state, and is so again afterwards. */
export function settle(input: SettleInput): Settled {
  let wants = input.wants;
  for (let round = 0; ; round += 1) {
    const clusters = clustersFor(input.world, wants);
    const settled = withAlternatives(input, clusters);
    const moved = settled.failures.length > 0 ? [] : correctionsFor(input.judge, input.world, settled.drafts);
    const corrections = moved.filter(
      (want) =>
        !wants.fields.some((known) => known.target === want.target && known.path === want.path && known.member?.toLowerCase() === want.member?.toLowerCase()),
    );
    const unwritable = clusters.filter((cluster) => cluster.ways.length === 0).flatMap((cluster) => cluster.wants);
    if (corrections.length === 0 || round === mostRounds) return { ...settled, unwritable, stays: moved.map((want) => `${want.target.name}.${want.path}`) };
    wants = { ...wants, fields: [...wants.fields, ...corrections] };
  }
}

/** An aggregate moves at once, or part by part where that can't be done. */
function clustersFor(world: World, wants: Wants): Cluster[] {
  const aggregates = wants.aggregates.map(({ whole, parts }) => {
    const together = whole === null ? [] : (clustersOf(world, [whole])[0]?.ways ?? []);
    const apart = clustersOf(world, parts);
    const single = apart.every((cluster) => cluster.ways.length > 0) ? [apart.flatMap((cluster) => cluster.ways[0] ?? [])] : [];
    const own = whole === null ? parts : [whole, ...parts];
    return { key: `aggregate ${own.map((want) => `${want.target.name}.${want.path}`).join(' ')}`, wants: own, ways: [...together, ...single] };
  });
  return [...aggregates, ...clustersOf(world, wants.fields)];
}

type Trial = { drafts: readonly Draft[]; failures: readonly Failure[] };

/** The best way for each cluster; where no order is found with it, the next best. */
function withAlternatives(input: SettleInput, clusters: readonly Cluster[]): Trial {
  const chosen = new Map<string, number>();
  let best = tryWays(input, clusters, chosen);
  let trials = mostTrials;
  for (const cluster of clusters) {
    const failing = (): boolean =>
      best.failures.some((failure) => failure.drafts.some((draft) => draft.call.wants.some((want) => cluster.wants.includes(want))));
    for (let way = 1; way < cluster.ways.length && trials > 0 && failing(); way += 1) {
      trials -= 1;
      const trial = tryWays(input, clusters, new Map(chosen).set(cluster.key, way));
      if (weightOf(trial) >= weightOf(best)) continue;
      best = trial;
      chosen.set(cluster.key, way);
    }
  }
  return best;
}

function weightOf(trial: Trial): number {
  return trial.failures.reduce((sum, failure) => sum + failure.drafts.length, 0);
}

function tryWays(input: SettleInput, clusters: readonly Cluster[], chosen: ReadonlyMap<string, number>): Trial {
  const { judge, world } = input;
  const calls = mergeCalls(clusters.flatMap((cluster) => cluster.ways[chosen.get(cluster.key) ?? 0] ?? []));
  const drafts = draftsOf({ scope: judge.scope, callers: judge.callers, world, calls, observed: observedWrites(judge.scope, input.observed) });
  return orderDrafts(judge, world, [...absorb(world, drafts), ...input.acts]);
}

/** One call where two clusters ask for the same one. */
function mergeCalls(calls: readonly Call[]): Call[] {
  const byId = new Map<string, Call>();
  for (const call of calls) {
    const known = byId.get(idOf(call));
    byId.set(idOf(call), known === undefined ? call : { ...known, wants: [...known.wants, ...call.wants] });
  }
  return [...byId.values()];
}

type Provider = { draft: Draft; write: Write };

/** Drops drafts whose every move another one makes by the way: `pauseAll` pauses the module that is to be paused as well. */
function absorb(world: World, drafts: readonly Draft[]): Draft[] {
  const providers = providersOf(world, drafts);
  if (providers.size === 0) return [...drafts];
  const gained = new Map<Draft, Draft[]>();
  const gone = new Set<Draft>();
  for (const draft of drafts) {
    const by = gained.has(draft) ? null : madeBy(world, providers, draft);
    if (by === null || by.some((provider) => gone.has(provider))) continue;
    gone.add(draft);
    for (const provider of by) gained.set(provider, [...(gained.get(provider) ?? []), draft]);
  }
  return drafts
    .filter((draft) => !gone.has(draft))
    .map((draft) => ({ ...draft, changes: [...new Set([draft, ...(gained.get(draft) ?? [])].flatMap((other) => other.changes))] }));
}

function providersOf(world: World, drafts: readonly Draft[]): ReadonlyMap<string, Provider> {
  const providers = new Map<string, Provider>();
  for (const draft of drafts) {
    if (draft.deed.setter.effects.length === 0) continue;
    const mark = world.mark();
    for (const write of perform(world, draft.deed)) providers.set(write.cell, { draft, write });
    world.rollback(mark);
  }
  return providers;
}

/** The other drafts that make all of a draft's moves; null where some move is only its own. */
function madeBy(world: World, providers: ReadonlyMap<string, Provider>, draft: Draft): Draft[] | null {
  if (draft.changes.length === 0) return null;
  const moves = draft.deed.writes.filter((write) => world.read(write.cell) !== write.value);
  const by = moves.flatMap((move) => {
    const provider = providers.get(move.cell);
    return provider === undefined || provider.draft === draft || provider.write.value !== move.value ? [] : [provider.draft];
  });
  return moves.length > 0 && by.length === moves.length ? by : null;
}
