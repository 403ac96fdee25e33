// Drafts that have to do with each other, through a cell that one of them writes or a turn that one must wait for. Pure.
import type { Draft } from './drafts.ts';

/** Connected components, each in the order of the drafts. Drafts of different components can't get in each other's way. */
export function componentsOf(drafts: readonly Draft[]): Draft[][] {
  const sets = createSets(drafts.length);
  const writers = joinWriters(drafts, sets);
  drafts.forEach((draft, index) => {
    for (const cell of draft.reads) for (const writer of writers.get(cell) ?? []) sets.join(index, writer);
  });
  joinTurns(drafts, sets);
  return [...Map.groupBy(drafts.keys(), (index) => sets.find(index)).values()].map((members) => members.flatMap((index) => drafts[index] ?? []));
}

/** The writers of a cell; but of a counter only those that somebody reads depend on each other. */
function joinWriters(drafts: readonly Draft[], sets: Sets): ReadonlyMap<string, readonly number[]> {
  const writers = new Map<string, number[]>();
  drafts.forEach((draft, index) => {
    for (const cell of draft.writes) {
      const known = writers.get(cell);
      if (known === undefined) writers.set(cell, [index]);
      else if (isCounter(cell)) known.push(index);
      else sets.join(index, known[0] ?? index);
    }
  });
  return writers;
}

function joinTurns(drafts: readonly Draft[], sets: Sets): void {
  const providers = new Map<string, number>();
  drafts.forEach((draft, index) => {
    for (const token of draft.provides) {
      const other = providers.get(token);
      if (other === undefined) providers.set(token, index);
    }
  });
  const waited = new Set(drafts.flatMap((draft) => draft.awaits));
  drafts.forEach((draft, index) => {
    for (const token of [...draft.awaits, ...draft.provides.filter((provided) => waited.has(provided))]) sets.join(index, providers.get(token) ?? index);
  });
}

/** Whether a later draft relies on an earlier one: it reads or writes what that one writes, or waits its turn for it. */
export function reliesOn(later: Draft, earlier: Draft): boolean {
  for (const cell of earlier.writes) if (later.reads.has(cell) || (later.writes.has(cell) && !isCounter(cell))) return true;
  return later.awaits.some((token) => earlier.provides.includes(token));
}

function isCounter(cell: string): boolean {
  return cell.endsWith('#');
}

type Sets = { find(index: number): number; join(a: number, b: number): void };

function createSets(size: number): Sets {
  const parents = Int32Array.from({ length: size }, (_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while ((parents[root] ?? root) !== root) root = parents[root] ?? root;
    for (let at = index; at !== root; ) {
      const next = parents[at] ?? root;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  const join = (a: number, b: number): void => {
    const [low, high] = [find(a), find(b)].sort((left, right) => left - right);
    if (low !== undefined && high !== undefined) parents[high] = low;
  };
  return { find, join };
}
