// What GitHub does to a repository when it merges a pull request: a merge commit, one squashed commit, or a rebase; and what
// it tells of one beforehand. All in the bare repository, without a working tree.
import { type Bare, commitTree, type Identity, type Signature } from './bare-repository.ts';

export type Method = 'merge' | 'squash' | 'rebase';

export type Merging = { method: Method; base: string; head: string; message: string; author: Identity; merger: Identity; at: number };

/** Who commits what somebody does on GitHub's pages. */
const webFlow: Identity = { name: 'GitHub', email: 'noreply@github.com' };

/** The commit that the base branch shall point to; null where there are conflicts. */
export function mergeCommit(bare: Bare, merging: Merging): string | null {
  if (merging.method === 'rebase') return rebase(bare, merging);
  const { method, base, head, message, at } = merging;
  const tree = mergedTree(bare, base, head);
  const parents = method === 'merge' ? [base, head] : [base];
  return tree && commitTree(bare.url, { tree, parents, message, author: { ...merging.author, at }, committer: { ...webFlow, at } });
}

/** The tree of a merge; null where there are conflicts. */
function mergedTree(bare: Bare, ours: string, theirs: string): string | null {
  try {
    return bare.git('merge-tree', '--write-tree', ours, theirs);
  } catch (error) {
    // 1 says: conflicts.
    if ((error as { status?: unknown }).status === 1) return null;
    throw error;
  }
}

function rebase(bare: Bare, { base, head, merger, at }: Merging): string | null {
  const commits = bare.git('rev-list', '--reverse', '--no-merges', `${base}..${head}`).split('\n');
  let tip: string | null = base;
  for (const commit of commits) tip = tip && pick(bare, tip, commit, { ...merger, at });
  return tip;
}

/** The commit again on top of `onto`: its author and message, a new committer. */
function pick(bare: Bare, onto: string, commit: string, committer: Signature): string | null {
  const parent = bare.git('rev-parse', `${commit}^`);
  // A stand-in for `onto` with the commit's own parent makes that parent the merge base.
  const ours = bare.git('commit-tree', `${onto}^{tree}`, '-p', parent, '-m', 'stand-in');
  const tree = mergedTree(bare, ours, commit);
  if (tree === null) return null;
  const [name = '', email = '', at, ...message] = bare.git('log', '-1', '--format=%an%n%ae%n%at%n%B', commit).split('\n');
  const author = { name, email, at: Number(at) * 1000 };
  return commitTree(bare.url, { tree, parents: [onto], message: message.join('\n'), author, committer });
}

export type Facts = {
  mergeable: boolean;
  /** The merge that GitHub tries beforehand. */
  testMerge: string | null;
  commits: number;
  additions: number;
  deletions: number;
  changed_files: number;
};

/** What a pull request's page tells of its commits. */
export function factsOf(bare: Bare, base: string, head: string): Facts {
  const lines = changedFiles(bare, base, head);
  const merging = { base, head, message: `Merge ${head} into ${base}`, author: webFlow, merger: webFlow, at: 0 };
  const testMerge = mergeCommit(bare, { method: 'merge', ...merging });
  return {
    mergeable: testMerge !== null,
    testMerge,
    commits: Number(bare.git('rev-list', '--count', `${base}..${head}`)),
    additions: lines.reduce((sum, file) => sum + file.additions, 0),
    deletions: lines.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: lines.length,
  };
}

export type ChangedFile = {
  filename: string;
  previous_filename?: string;
  sha: string;
  status: string;
  additions: number;
  deletions: number;
  changes: number;
};

const states: Readonly<Record<string, string>> = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', T: 'changed' };

/** What the head changed since it left the base: GitHub's three-dot comparison. */
export function changedFiles(bare: Bare, base: string, head: string): ChangedFile[] {
  const tokens = bare.git('diff', '--raw', '--numstat', '--no-abbrev', '-M', '-z', `${base}...${head}`).split('\0');
  const files = new Map<string, ChangedFile>();
  while (tokens.length > 1) readChange(tokens, files);
  return [...files.values()];
}

/** One entry of either list, with its one path, or both of a renamed file. */
function readChange(tokens: string[], files: Map<string, ChangedFile>): void {
  const token = tokens.shift() ?? '';
  if (token.startsWith(':')) {
    const [, , before = '', after = '', letter = ''] = token.split(' ');
    const [old = '', filename = old] = tokens.splice(0, letter.startsWith('R') ? 2 : 1);
    const renamed = filename === old ? {} : { previous_filename: old };
    const sha = letter === 'D' ? before : after;
    files.set(filename, { sha, filename, status: states[letter.charAt(0)] ?? 'modified', additions: 0, deletions: 0, changes: 0, ...renamed });
    return;
  }
  const [added, deleted, path = ''] = token.split('\t');
  const file = files.get(path === '' ? (tokens.splice(0, 2)[1] ?? '') : path);
  // A binary file has a dash there.
  const [additions, deletions] = [Number(added) || 0, Number(deleted) || 0];
  if (file) Object.assign(file, { additions, deletions, changes: additions + deletions });
}
