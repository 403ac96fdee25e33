import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BranchText, dropBranch, putBranch } from '../../src/scm/bot-branch.ts';
import { editTree } from '../../src/scm/edit-tree.ts';
import { fetchRef, type Git } from '../../src/scm/git.ts';
import { writeBlob, writeCommit, writeTree } from '../../src/scm/git-objects.ts';
import { compareAndSwap } from '../../src/scm/swap.ts';
import { makeRemote, type Remote } from './remote.ts';

const branch = 'mooring/set/field/arena.committeeSize';
const ref = `refs/heads/${branch}`;
const file = 'desired-state/field/contracts/arena.yaml';
const lines = (size: number, fee = 5): string => `committeeSize: ${size}\n# kept\n# kept\n# kept\n# kept\nfee: ${fee}\n`;
let remote: Remote;
let git: Git;
let main: string;

beforeEach(async () => {
  remote = makeRemote();
  git = await remote.mirror();
  const readme = await writeBlob(git, Buffer.from('read me'));
  const tree = await editTree(git, await writeTree(git, [{ mode: '100644', type: 'blob', id: readme, path: 'README.md' }]), new Map([[file, lines(3)]]));
  main = await writeCommit(git, { tree, parents: [], message: 'first', at: 0 });
  await compareAndSwap(git, [{ ref: 'refs/heads/main', old: null, next: main }]);
});
afterEach(() => remote.remove());

const put = (content: string, more: Partial<BranchText> = {}): Promise<string> =>
  putBranch(git, { branch, base: main, files: new Map([[file, content]]), message: 'Set it\n\nwhy', at: 1_700_000_000_000, ...more });

/** A commit of ours on main. */
async function ourCommit(content: string, path = file): Promise<string> {
  const tree = await editTree(git, main, new Map([[path, content]]));
  const next = await writeCommit(git, { tree, parents: [main], message: 'ours', at: 0 });
  await compareAndSwap(git, [{ ref: 'refs/heads/main', old: remote.git('rev-parse', 'main'), next }]);
  return next;
}

/** A person's commit on our branch. */
async function theirCommit(message = 'mine'): Promise<string> {
  const old = remote.git('rev-parse', ref);
  const tree = await editTree(git, old, new Map([['NOTE.md', 'mine']]));
  // Brings the objects to the remote.
  const carrier = await writeCommit(git, { tree, parents: [], message: 'carrier', at: 0 });
  await compareAndSwap(git, [{ ref: `refs/mooring/carrier/${carrier}`, old: null, next: carrier }]);
  const next = remote.git('commit-tree', tree, '-p', old, '-m', message);
  remote.git('update-ref', ref, next);
  return next;
}

const head = (): string => remote.git('rev-parse', ref);
const content = (commit = head()): string => `${remote.git('show', `${commit}:${file}`)}\n`;

describe('a branch of ours', () => {
  test('is made by one commit on its base, with everything else as it was', async () => {
    const made = await put(lines(4));
    expect(head()).toBe(made);
    expect(remote.git('rev-parse', `${made}^`)).toBe(main);
    expect(remote.git('diff', '--name-only', main, made)).toBe(file);
    expect(remote.git('log', '-1', '--format=%cn <%ce> %s', made)).toBe('Mooring <mooring@localhost> Set it');
  });

  test('stays where it is when it has the files, also from another machine', async () => {
    const made = await put(lines(4));
    expect(await put(lines(4))).toBe(made);
    git = await remote.mirror('b');
    await fetchRef(git, 'refs/heads/main');
    expect(await put(lines(4))).toBe(made);
  });

  test('is built anew with other content, still one commit on its base', async () => {
    await put(lines(4));
    const made = await put(lines(5));
    expect(content()).toBe(lines(5));
    expect(remote.git('rev-parse', `${made}^`)).toBe(main);
  });

  test('has no file that an earlier proposal had and this one has not', async () => {
    await put(lines(4), {
      files: new Map([
        [file, lines(4)],
        ['desired-state/field/lifts.yaml', 'x'],
      ]),
    });
    const made = await put(lines(4));
    expect(remote.git('diff', '--name-only', main, made)).toBe(file);
  });

  test('stays when its base went on and merging it gives just what is meant', async () => {
    const made = await put(lines(4));
    main = await ourCommit('x', 'OTHER.md');
    expect(await put(lines(4))).toBe(made);
    main = await ourCommit(lines(3, 6));
    expect(await put(lines(4, 6))).toBe(made);
  });

  test('is built anew when it no longer merges', async () => {
    await put(lines(4));
    main = await ourCommit(lines(7));
    const made = await put(lines(4));
    expect(remote.git('rev-parse', `${made}^`)).toBe(main);
    expect(content()).toBe(lines(4));
  });

  test('that was merged, and then undone on its base, is built anew: merging the old one would give nothing', async () => {
    const made = await put(lines(4));
    remote.git('update-ref', 'refs/heads/main', made);
    main = made;
    main = await ourCommit(lines(3));
    const again = await put(lines(4));
    expect(remote.git('rev-parse', `${again}^`)).toBe(main);
    expect(remote.git('diff', '--name-only', main, again)).toBe(file);
  });
});

describe('a branch that somebody else has committed to', () => {
  test('is not pushed over, whatever it has', async () => {
    await put(lines(4));
    const theirs = await theirCommit();
    for (const content of [lines(4), lines(5)]) await expect(put(content)).rejects.toMatchObject({ code: 'BRANCH_TAKEN' });
    expect(head()).toBe(theirs);
  });

  test('stays when it is to be removed', async () => {
    await put(lines(4));
    const theirs = await theirCommit();
    expect(await dropBranch(git, branch, main)).toBe(false);
    expect(head()).toBe(theirs);
  });

  test('is told by the committer, not by what the message says', async () => {
    await put(lines(4));
    const forged = await theirCommit('x\n\nMooring-Write: 1');
    await expect(put(lines(5))).rejects.toMatchObject({ code: 'BRANCH_TAKEN' });
    expect(head()).toBe(forged);
  });

  test('is ours again once that commit has been merged', async () => {
    await put(lines(4));
    const theirs = await theirCommit();
    remote.git('update-ref', 'refs/heads/main', theirs);
    main = (await fetchRef(git, 'refs/heads/main')) ?? '';
    expect(remote.git('rev-parse', `${await put(lines(5))}^`)).toBe(theirs);
  });
});

describe('a race', () => {
  /** Lets somebody else push in the moment of our push, `times` often. */
  function rival(times: number, other: string): void {
    const count = `${remote.folder}/count`;
    remote.hook(
      'update',
      `[ "$1" = "${ref}" ] || exit 0\nn=$(cat ${count} 2>/dev/null || echo 0)\n[ $n -lt ${times} ] || exit 0\necho $((n + 1)) > ${count}\n${other}\nexit 1`,
    );
  }

  test('that was lost against another run of ours is run again', async () => {
    await put(lines(5));
    const rivals = await put(lines(6));
    remote.git('update-ref', '-d', ref);
    rival(1, `unset GIT_QUARANTINE_PATH\ngit update-ref ${ref} ${rivals}`);
    const made = await put(lines(4));
    expect(head()).toBe(made);
    expect(content()).toBe(lines(4));
  });

  test('that was lost against a person ends: their commit stays', async () => {
    await put(lines(5));
    const theirs = await theirCommit();
    remote.git('update-ref', '-d', ref);
    rival(1, `unset GIT_QUARANTINE_PATH\ngit update-ref ${ref} ${theirs}`);
    await expect(put(lines(4))).rejects.toMatchObject({ code: 'BRANCH_TAKEN' });
    expect(head()).toBe(theirs);
  });
});

test('a remote that does not take the branch is told of', async () => {
  remote.hook('pre-receive', 'echo "only the release team" >&2; exit 1');
  await expect(put(lines(4))).rejects.toMatchObject({ code: 'BRANCH_REFUSED', message: expect.stringContaining('only the release team') });
});

test.each(['main', 'feature/x', 'mooring/../main', 'mooring/', 'refs/heads/mooring/x'])('the branch %s is not written', async (name) => {
  await expect(put(lines(4), { branch: name })).rejects.toMatchObject({ code: 'GIT_NAME' });
  expect(remote.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
});

describe('removal', () => {
  test('of a branch of ours, and of one that is not there', async () => {
    await put(lines(4));
    expect(await dropBranch(git, branch, main)).toBe(true);
    expect(await dropBranch(git, branch, main)).toBe(true);
    expect(remote.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
  });

  test.each(['main', 'feature/x'])('is not done of %s', async (name) => {
    await expect(dropBranch(git, name, main)).rejects.toMatchObject({ code: 'GIT_NAME' });
    expect(remote.git('rev-parse', 'refs/heads/main')).toBe(main);
  });
});
