// The line of a default branch: which commits were put on it, one after another, and what each brought.
import { MooringError } from '../errors.ts';
import { checkId, type Git, isAncestor, local, type ObjectId } from './git.ts';
import { missing } from './git-objects.ts';

export type LineCommit = {
  id: ObjectId;
  tree: ObjectId;
  /** First parent: the branch before this commit; null for the very first. Whose configuration judges this commit. */
  before: ObjectId | null;
  /** Other parents: heads of what was merged. */
  merged: readonly ObjectId[];
  subject: string;
  /** Author and committer as they say of themselves: for people, proof of nothing. */
  author: string;
  committer: string;
  /** When it was committed, by its own word, in milliseconds since the epoch. */
  at: number;
};

const format = ['%H', '%T', '%P', '%an <%ae>', '%cn <%ce>', '%ct', '%s'].join('%x00');

/**
 * The first-parent commits after `after` (null: from the beginning) up to `to`, oldest first.
 * Errors: GIT_OBJECT_MISSING; HISTORY_REWRITTEN where `after` isn't on the line of `to`: the branch was force-pushed, or
 * `after` was never its head; GIT_OUTPUT above `limit` commits.
 */
export async function firstParents(git: Git, { after, to, limit = 10_000 }: { after: ObjectId | null; to: ObjectId; limit?: number }): Promise<LineCommit[]> {
  for (const id of [after, to]) if (id !== null) checkId(id);
  const args = ['log', '--first-parent', '--reverse', '-z', `--format=${format}`, to, ...(after === null ? [] : [`^${after}`])];
  const { code, output } = await local(git, args, { allowed: [128] });
  if (code !== 0) throw missing(git, after === null ? to : `${to} or ${after}`);
  const fields = output.toString('utf8').split('\0');
  const line = Array.from({ length: Math.floor(fields.length / 7) }, (_item, i) => readCommit(fields.slice(i * 7, i * 7 + 7)));
  if (line.length > limit) throw new MooringError('GIT_OUTPUT', `more than ${limit} commits up to ${to.slice(0, 12)}`);
  const reaches = after === null || after === to || line[0]?.before === after;
  if (!reaches) throw rewritten(after, to, await isAncestor(git, after, to));
  return line;
}

function readCommit([id = '', tree = '', parents = '', author = '', committer = '', at = '0', subject = '']: string[]): LineCommit {
  const [before = null, ...merged] = parents.split(' ').filter(Boolean);
  return { id, tree, before, merged, subject, author, committer, at: Number(at) * 1000 };
}

function rewritten(after: ObjectId, to: ObjectId, behind: boolean): MooringError {
  const how = behind ? 'was merged into it but never its head' : 'is not behind it';
  return new MooringError('HISTORY_REWRITTEN', `${to.slice(0, 12)} does not go on from ${after.slice(0, 12)}, which ${how}`, {
    fix: 'The branch was force-pushed. Compare both commits, and say from which one to go on.',
  });
}
