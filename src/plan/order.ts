// The order of steps: one in which every step leaves a valid state, phases only breaking ties. Pure.
import { attempt, type Judge, type Obstacle } from './attempt.ts';
import { componentsOf } from './components.ts';
import { type Draft, priorityOf } from './drafts.ts';
import { withEndState } from './end-state.ts';
import type { World } from './world.ts';

export type Stuck = { draft: Draft; obstacle: Obstacle };
/** A component for which no order was found. `exhausted`: all orders were tried, so there is none. */
export type Failure = { drafts: readonly Draft[]; stuck: readonly Stuck[]; exhausted: boolean };
export type Order = { drafts: readonly Draft[]; failures: readonly Failure[] };

/** Beyond so many steps in one component no search is made: each step goes as soon as it can. */
const largestSearch = 40;
const mostNodes = 4000;

/** `world` is as it was before afterwards. */
export function orderDrafts(judge: Judge, world: World, drafts: readonly Draft[]): Order {
  const sequences: Draft[][] = [];
  const failures: Failure[] = [];
  for (const component of componentsOf(drafts)) {
    const ranked = [...component].sort((a, b) => priorityOf(a) - priorityOf(b));
    const tried = orderOne(judge, world, ranked);
    const settled = tried.found !== null || !judge.heedsWarnings ? tried : orderOne({ ...judge, heedsWarnings: false }, world, ranked);
    if (settled.found !== null) sequences.push(settled.found);
    else failures.push({ drafts: component, stuck: settled.stuck, exhausted: settled.exhausted });
  }
  return { drafts: interleave(sequences), failures };
}

function orderOne(judge: Judge, world: World, ranked: readonly Draft[]): Search & { stuck: readonly Stuck[] } {
  const first = eager(judge, world, ranked);
  if (first.stuck.length === 0) return { found: first.done, exhausted: false, stuck: [] };
  // Where a value is refused or the end itself is broken, no order helps.
  const hopeless = first.stuck.some(({ obstacle }) => obstacle.type === 'value') || withEndState(judge, world, ranked, (breaches) => breaches.length > 0);
  return { ...(hopeless ? { found: null, exhausted: true } : search(judge, world, ranked)), stuck: first.stuck };
}

/** Components don't touch each other, so they may be mixed freely: by priority, but never before an own predecessor. */
function interleave(sequences: readonly (readonly Draft[])[]): Draft[] {
  const placed = sequences.flatMap((sequence) => {
    let reached = 0;
    return sequence.map((draft) => {
      reached = Math.max(reached, priorityOf(draft));
      return { draft, reached };
    });
  });
  return placed.sort((a, b) => a.reached - b.reached).map(({ draft }) => draft);
}

const mostPushes = 3;

/** Without going back; whatever is left over is pushed to the front and may try again. */
function eager(judge: Judge, world: World, ranked: readonly Draft[]): { done: Draft[]; stuck: Stuck[] } {
  const mark = world.mark();
  const first = greedy(judge, world, ranked);
  world.rollback(mark);
  let last = first;
  let pushed: readonly Draft[] = ranked;
  for (let round = 0; round < mostPushes && last.stuck.length > 0; round += 1) {
    const left = new Set(last.stuck.map(({ draft }) => draft));
    pushed = [...left, ...pushed.filter((draft) => !left.has(draft))];
    last = greedy(judge, world, pushed);
    world.rollback(mark);
  }
  return last.stuck.length === 0 ? last : first;
}

type Waiting = { draft: Draft; obstacle: Obstacle; retry: boolean };

/** Takes the first draft that can be done, and looks again at those that couldn't when something they depend on moved. */
function greedy(judge: Judge, world: World, ranked: readonly Draft[]): { done: Draft[]; stuck: Stuck[] } {
  const turns = turnsOf(ranked);
  const done: Draft[] = [];
  let waiting: Waiting[] = [];
  const tryOne = (draft: Draft): Obstacle | null => {
    const obstacle: Obstacle | null = turns.open(draft) ? attempt(judge, world, draft) : { type: 'waits' };
    if (obstacle === null) done.push(draft);
    return obstacle;
  };
  const awaken = (after: Draft): void => {
    turns.take(after);
    for (const other of waiting) other.retry ||= other.obstacle.type === 'waits' ? turns.open(other.draft) : dependsOn(other.draft, after);
  };
  const retryOne = (): boolean => {
    for (const one of waiting.filter((other) => other.retry)) {
      one.retry = false;
      const obstacle = tryOne(one.draft);
      if (obstacle === null) {
        waiting = waiting.filter((other) => other !== one);
        awaken(one.draft);
        return true;
      }
      one.obstacle = obstacle;
    }
    return false;
  };
  for (const draft of ranked) {
    while (retryOne());
    const obstacle = tryOne(draft);
    if (obstacle === null) awaken(draft);
    else waiting.push({ draft, obstacle, retry: false });
  }
  while (retryOne());
  return { done, stuck: waiting };
}

function dependsOn(draft: Draft, done: Draft): boolean {
  for (const cell of done.writes) if (draft.reads.has(cell) || draft.writes.has(cell)) return true;
  return false;
}

/** Who still has to go before a draft that waits for a turn. */
function turnsOf(drafts: readonly Draft[]): { open(draft: Draft): boolean; take(draft: Draft): void; giveBack(draft: Draft): void } {
  const pending = new Map<string, number>();
  const add = (draft: Draft, by: number): void => {
    for (const token of draft.provides) pending.set(token, (pending.get(token) ?? 0) + by);
  };
  for (const draft of drafts) add(draft, 1);
  return {
    open: (draft) => draft.awaits.every((token) => (pending.get(token) ?? 0) === 0),
    take: (draft) => add(draft, -1),
    giveBack: (draft) => add(draft, 1),
  };
}

type Search = { found: Draft[] | null; exhausted: boolean };

/** Every order, depth first, each reached state once; gives up at a bound. */
function search(judge: Judge, world: World, ranked: readonly Draft[]): Search {
  if (ranked.length > largestSearch) return { found: null, exhausted: false };
  const turns = turnsOf(ranked);
  const shared = sharedCells(ranked);
  const visited = new Set<string>();
  const taken: Draft[] = [];
  let nodes = mostNodes;
  const descend = (mask: bigint): boolean => {
    if (taken.length === ranked.length) return true;
    const state = `${mask} ${shared.map((cell) => String(world.read(cell))).join(' ')}`;
    if (nodes <= 0 || visited.has(state)) return false;
    nodes -= 1;
    visited.add(state);
    return ranked.some((draft, index) => {
      const bit = 1n << BigInt(index);
      if ((mask & bit) !== 0n || !turns.open(draft)) return false;
      const mark = world.mark();
      if (attempt(judge, world, draft) !== null) return false;
      turns.take(draft);
      taken.push(draft);
      if (descend(mask | bit)) return true;
      taken.pop();
      turns.giveBack(draft);
      world.rollback(mark);
      return false;
    });
  };
  const before = world.mark();
  const found = descend(0n);
  world.rollback(before);
  return { found: found ? taken : null, exhausted: nodes > 0 };
}

/** Cells that several drafts write: which were done alone doesn't say what is in them. */
function sharedCells(drafts: readonly Draft[]): string[] {
  const once = new Set<string>();
  const shared = new Set<string>();
  for (const cell of drafts.flatMap((draft) => [...draft.writes])) (once.has(cell) ? shared : once).add(cell);
  return [...shared];
}
