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

export type ApplyState = {
  /** Everything up to this commit was looked at; null before the first time. */
  commit: string | null;
  waiting: readonly Waiting[];
};

function markName(environment: string): string {
  return `applied/${environment}`;
}

/** Throws JOURNAL_* and GIT_*. */
export async function readState(store: GitStore, environment: string): Promise<ApplyState> {
  const text = (await store.marks()).get(markName(environment));
  if (text === undefined) return { commit: null, waiting: [] };
  try {
    const { commit, waiting } = JSON.parse(text) as { commit: string; waiting: Waiting[] };
    if (/^[0-9a-f]{40,64}$/.test(commit) && waiting.every((item) => Number.isInteger(item.pull))) return { commit, waiting };
  } catch {
    // Told below: whatever else it is, it is not what was written.
  }
  throw new MooringError('JOURNAL_CORRUPT', `the journal’s mark ${markName(environment)} is not one that Mooring writes`, {
    fix: 'Say from which commit to go on with --from.',
  });
}

/** Wants the lock. SIDE EFFECTS: the journal; nothing where nothing is new. */
export async function writeState(store: GitStore, environment: string, { before, after }: { before: ApplyState; after: ApplyState }): Promise<void> {
  const text = JSON.stringify(after);
  if (text !== JSON.stringify(before)) await store.mark(markName(environment), text);
}
