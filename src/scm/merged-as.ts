// How a pull request came onto the line of its base branch: as a merge, squashed, or commit by commit. Read from git alone.
import type { LineCommit } from './first-parents.ts';
import { checkId, type Git, local, type ObjectId } from './git.ts';

export type Merged = {
  way: 'merge' | 'squash' | 'rebase';
  /** Its commits on the line, oldest first: one, but for a rebase. */
  commits: readonly LineCommit[];
  /** The base branch just before it: whose policy judges it. Null where it is the branch's beginning. */
  before: ObjectId;
  /** Whether the tree afterwards is what merging `head` into `before` gives: nothing was slipped in while merging. */
  exact: boolean;
};

/**
 * How `head`, the final head of a pull request, came to be at `mergeCommit` (the one that the host names) on `line`.
 * Null where it can't be told: such commits are nobody's pull request, like direct pushes. A squash of one commit and its
 * rebase are the same, and called squash. Both commits must be here. SIDE EFFECTS: writes the merge's tree, moves no ref.
 */
export async function mergedAs(
  git: Git,
  { line, mergeCommit, head }: { line: readonly LineCommit[]; mergeCommit: ObjectId; head: ObjectId },
): Promise<Merged | null> {
  checkId(head);
  const at = line.findIndex((commit) => commit.id === mergeCommit);
  const commit = line[at];
  if (commit === undefined || commit.before === null) return null;
  if (commit.merged.length > 0) {
    if (commit.merged.length > 1 || commit.merged[0] !== head) return null;
    return { way: 'merge', commits: [commit], before: commit.before, exact: await isExact(git, commit.before, head, commit.tree) };
  }
  const rebased = await rebasedCommits(git, { line: line.slice(0, at + 1), head });
  const first = rebased?.[0];
  if (rebased !== null && first?.before) {
    return { way: 'rebase', commits: rebased, before: first.before, exact: await isExact(git, first.before, head, commit.tree) };
  }
  const exact = await isExact(git, commit.before, head, commit.tree);
  return exact ? { way: 'squash', commits: [commit], before: commit.before, exact } : null;
}

/** The last commits of `line`, where they make the same changes as the two or more of `head`, in order; else null. */
async function rebasedCommits(git: Git, { line, head }: { line: readonly LineCommit[]; head: ObjectId }): Promise<LineCommit[] | null> {
  const last = line.at(-1);
  if (last?.before === undefined || last.before === null) return null;
  const { output } = await local(git, ['rev-list', '--reverse', '--topo-order', '--no-merges', head, `^${last.before}`]);
  const own = output.toString('utf8').split('\n').filter(Boolean);
  const theirs = line.slice(-own.length);
  if (own.length < 2 || theirs.length < own.length || theirs.some((commit) => commit.merged.length > 0)) return null;
  const [left, right] = [
    await patchIds(git, own),
    await patchIds(
      git,
      theirs.map(({ id }) => id),
    ),
  ];
  return own.every((id, i) => left.get(id) === right.get(theirs[i]?.id ?? '')) ? theirs : null;
}

/** What each commit changes, whatever it stands on; '' for nothing. */
async function patchIds(git: Git, commits: readonly ObjectId[]): Promise<Map<ObjectId, string>> {
  const patches = await local(git, ['diff-tree', '--stdin', '--root', '-p', '--no-ext-diff', '--no-textconv', '--full-index'], {
    input: Buffer.from(`${commits.join('\n')}\n`),
  });
  const { output } = await local(git, ['patch-id', '--stable'], { input: patches.output });
  const found = output
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((text) => text.split(' '));
  const byCommit = new Map(found.map(([patch = '', commit = '']) => [commit, patch]));
  return new Map(commits.map((commit) => [commit, byCommit.get(commit) ?? '']));
}

async function isExact(git: Git, before: ObjectId, head: ObjectId, tree: ObjectId): Promise<boolean> {
  return (await mergeTree(git, before, head)) === tree;
}

/** The tree that merging `head` into `base` gives; null where they conflict or have no common history. SIDE EFFECTS: writes objects. */
export async function mergeTree(git: Git, base: ObjectId, head: ObjectId): Promise<ObjectId | null> {
  [base, head].forEach(checkId);
  const { code, output } = await local(git, ['merge-tree', '--write-tree', base, head], { allowed: [1, 128] });
  return code === 0 ? (output.toString('utf8').trim().split('\n', 1)[0] ?? null) : null;
}
