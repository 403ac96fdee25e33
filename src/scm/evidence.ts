// Files that pull requests show and nobody merges, such as charts: on a branch of their own, each for ever at its commit.
import { MooringError } from '../errors.ts';
import { editTree } from './edit-tree.ts';
import { fetchRef, type Git, type ObjectId } from './git.ts';
import { readFileAt, writeCommit, writeTree } from './git-objects.ts';
import { compareAndSwap } from './swap.ts';

export const evidenceBranch = 'mooring/evidence';

const tries = 5;

/**
 * The commit that has the file; the one there is where it has it already. Errors: BRANCH_REFUSED, GIT_REMOTE. SIDE EFFECTS: the
 * remote's branch grows by one commit.
 */
export async function putEvidence(git: Git, { path, text, at }: { path: string; text: string; at: number }): Promise<ObjectId> {
  const ref = `refs/heads/${evidenceBranch}`;
  for (let tried = 1; ; tried++) {
    const old = await fetchRef(git, ref);
    if (old !== null && (await readFileAt(git, old, path))?.toString('utf8') === text) return old;
    const tree = await editTree(git, old ?? (await writeTree(git, [])), new Map([[path, text]]));
    const next = await writeCommit(git, { tree, parents: old === null ? [] : [old], message: `Evidence: ${path}`, at });
    const result = await compareAndSwap(git, [{ ref, old, next }]);
    if (result.outcome === 'won') return next;
    if (result.outcome === 'refused' || tried === tries)
      throw new MooringError('BRANCH_REFUSED', `${evidenceBranch} was not pushed: ${result.outcome === 'refused' ? result.reason : 'it moves all the time'}`, {
        fix: 'Let these credentials push branches under mooring/.',
      });
  }
}

/** How a pull request's body reaches a file of a commit of its own repository, a private one too. Source: GitHub's manual on relative links. */
export function evidenceLink(commit: ObjectId, path: string): string {
  return `../blob/${commit}/${path.split('/').map(encodeURIComponent).join('/')}?raw=true`;
}
