// Files that nobody merges, on branches of our own that only grow: charts that pull requests show, what loops remember.
import { MooringError } from '../errors.ts';
import { editTree, type FileEdits } from './edit-tree.ts';
import { fetchRef, type Git, type ObjectId } from './git.ts';
import { writeCommit, writeTree } from './git-objects.ts';
import { compareAndSwap } from './swap.ts';

export const evidenceBranch = 'mooring/evidence';

const tries = 5;

export type KeptFiles = {
  /** Begins with `mooring/`. */
  branch: string;
  /** As a function: made from the commit that is there, and again where another was faster. */
  files: FileEdits | ((old: ObjectId | null) => Promise<FileEdits>);
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
};

/**
 * The commit that has these files beside those that were there; the one there is where nothing differs. Errors: BRANCH_REFUSED,
 * GIT_REMOTE. SIDE EFFECTS: the remote's branch grows by one commit.
 */
export async function keepFiles(git: Git, kept: KeptFiles): Promise<ObjectId> {
  const { branch, files, message, at } = kept;
  const ref = `refs/heads/${branch}`;
  for (let tried = 1; ; tried++) {
    const old = await fetchRef(git, ref);
    const edits = typeof files === 'function' ? await files(old) : files;
    const next = await commitOn(git, old, { edits, message, at });
    if (next === old) return next;
    const result = await compareAndSwap(git, [{ ref, old, next }]);
    if (result.outcome === 'won') return next;
    if (result.outcome === 'refused' || tried === tries)
      throw new MooringError('BRANCH_REFUSED', `${branch} was not pushed: ${result.outcome === 'refused' ? result.reason : 'it moves all the time'}`, {
        fix: 'Let these credentials push branches under mooring/.',
      });
  }
}

/** A commit with these edits; `old` itself where they change nothing. */
async function commitOn(git: Git, old: ObjectId | null, { edits, message, at }: { edits: FileEdits; message: string; at: number }): Promise<ObjectId> {
  const before = old ?? (await writeTree(git, []));
  const tree = await editTree(git, before, edits);
  if (old !== null && tree === (await editTree(git, before, new Map()))) return old;
  return writeCommit(git, { tree, parents: old === null ? [] : [old], message, at });
}

/** How a pull request's body reaches a file of a commit of its own repository, a private one too. Source: GitHub's manual on relative links. */
export function evidenceLink(commit: ObjectId, path: string): string {
  return `../blob/${commit}/${path.split('/').map(encodeURIComponent).join('/')}?raw=true`;
}
