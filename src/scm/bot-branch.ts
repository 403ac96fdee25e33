// Branches that Mooring writes itself, known by their name. Another's commit on one of them is never pushed over.
import { MooringError } from '../errors.ts';
import { editTree, type FileEdits } from './edit-tree.ts';
import { fetchRef, type Git, local, type ObjectId } from './git.ts';
import { writeCommit } from './git-objects.ts';
import { mergeTree } from './merged-as.ts';
import { compareAndSwap } from './swap.ts';

/** Under which all of them lie. */
export const botPrefix = 'mooring/';

export type BranchText = {
  /** Without `refs/heads/`; begins with `mooring/`. */
  branch: string;
  /** The commit that the files are changed on. */
  base: ObjectId;
  files: FileEdits;
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
};

const tries = 5;

/**
 * Makes the branch have these files, by one commit on `base`; it stays as it is where merging it gives exactly that already.
 * Returns its head. Throws BRANCH_TAKEN where somebody else has committed to it, GIT_REMOTE. SIDE EFFECTS: the remote.
 */
export async function putBranch(git: Git, text: BranchText): Promise<ObjectId> {
  const { branch, base, files, message, at } = text;
  const ref = refOf(branch);
  const tree = await editTree(git, base, files);
  for (let tried = 1; ; tried++) {
    const old = await fetchRef(git, ref);
    if (old !== null) await demandOurs(git, { branch, head: old, base });
    if (old !== null && (await mergeTree(git, base, old)) === tree) return old;
    const next = await writeCommit(git, { tree, parents: [base], message, at });
    const result = await compareAndSwap(git, [{ ref, old, next }]);
    if (result.outcome === 'won') return next;
    const why = result.outcome === 'refused' ? result.reason : 'it moves all the time';
    if (result.outcome === 'refused' || tried === tries)
      throw new MooringError('BRANCH_REFUSED', `${branch} was not pushed: ${why}`, { fix: 'Let these credentials push branches under mooring/.' });
  }
}

/** False where it stays: somebody else has committed to it, or it has moved meanwhile. Throws GIT_REMOTE. SIDE EFFECTS: the remote. */
export async function dropBranch(git: Git, branch: string, base: ObjectId): Promise<boolean> {
  const ref = refOf(branch);
  const old = await fetchRef(git, ref);
  if (old === null) return true;
  if (await hasForeign(git, old, base)) return false;
  return (await compareAndSwap(git, [{ ref, old, next: null }])).outcome === 'won';
}

function refOf(branch: string): string {
  if (branch.startsWith(botPrefix)) return `refs/heads/${branch}`;
  throw new MooringError('GIT_NAME', `"${branch}" is not a branch that Mooring writes`);
}

async function demandOurs(git: Git, { branch, head, base }: { branch: string; head: ObjectId; base: ObjectId }): Promise<void> {
  if (await hasForeign(git, head, base))
    throw new MooringError('BRANCH_TAKEN', `somebody else has committed to ${branch}`, {
      fix: 'Merge or close its pull request and delete the branch; Mooring pushes over its own commits only.',
    });
}

/** Whether `head` has commits beyond `base` that Mooring has not written. */
async function hasForeign(git: Git, head: ObjectId, base: ObjectId): Promise<boolean> {
  const { output } = await local(git, ['log', '--format=%cn <%ce>%x00%B%x00%x00', head, `^${base}`]);
  const commits = output
    .toString('utf8')
    .split('\0\0')
    .map((commit) => commit.trim())
    .filter(Boolean);
  return commits.some((commit) => !commit.startsWith('Mooring <mooring@localhost>') || !/^Mooring-Write: /m.test(commit));
}
