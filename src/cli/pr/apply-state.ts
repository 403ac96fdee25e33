// How far a branch has been applied, and what of it waits: kept as a mark in the shared journal. Pure but for the store.
import { MooringError } from '../../errors.ts';
import type { GitStore } from '../../scm/git-store.ts';

/** A merged pull request that isn't finished with. */
export type Waiting = {
  pull: number;
  /** The branch before it, and with it. */
  before: string;
  commit: string;
  /** False: what is on the branch isn't what merging the final head gives. */
  exact: boolean;
};

/** A commit for which GitHub named no pull request yet, and when that was first seen, in milliseconds since the epoch. */
export type Loose = { commit: string; since: number };

export type ApplyState = {
  /** Everything up to this commit was looked at; null before the first time. */
  commit: string | null;
  waiting: readonly Waiting[];
  loose: readonly Loose[];
};

export const unapplied: ApplyState = { commit: null, waiting: [], loose: [] };

export function markName(environment: string): string {
  return `applied/${environment}`;
}

/** Throws JOURNAL_* and GIT_*. */
export async function readState(store: GitStore, environment: string): Promise<ApplyState> {
  const text = (await store.marks()).get(markName(environment));
  if (text === undefined) return unapplied;
  try {
    const { commit, waiting, loose = [] } = JSON.parse(text) as { commit: string; waiting: Waiting[]; loose?: Loose[] };
    if (isId(commit) && waiting.every(isWaiting) && loose.every((one) => isId(one.commit) && Number.isInteger(one.since))) return { commit, waiting, loose };
  } catch {
    // Told below: whatever else it is, it is not what was written.
  }
  throw new MooringError('JOURNAL_CORRUPT', `the journal’s mark ${markName(environment)} is not one that Mooring writes`, {
    fix: 'Say from which commit to go on with --from.',
  });
}

/** The commit that a mark names; null where it is not one that Mooring writes. */
export function commitIn(text: string): string | null {
  try {
    const { commit } = JSON.parse(text) as { commit?: unknown };
    return typeof commit === 'string' && isId(commit) ? commit : null;
  } catch {
    return null;
  }
}

function isId(text: unknown): boolean {
  return typeof text === 'string' && /^[0-9a-f]{40,64}$/.test(text);
}

function isWaiting({ pull, before, commit }: Waiting): boolean {
  return Number.isInteger(pull) && isId(before) && isId(commit);
}

/** Wants the lock. SIDE EFFECTS: the journal; nothing where nothing is new. */
export async function writeState(store: GitStore, environment: string, { before, after }: { before: ApplyState; after: ApplyState }): Promise<void> {
  const text = textOf(after);
  if (text !== textOf(before)) await store.mark(markName(environment), text);
}

function textOf({ commit, waiting, loose }: ApplyState): string {
  return JSON.stringify({ commit, waiting, ...(loose.length === 0 ? {} : { loose }) });
}
