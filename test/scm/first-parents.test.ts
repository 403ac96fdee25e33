import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstParents } from '../../src/scm/first-parents.ts';
import { type Git, openClone } from '../../src/scm/git.ts';
import { mergedAs, mergeTree } from '../../src/scm/merged-as.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

let remote: Remote;
let clone: string;
let git: Git;

beforeEach(async () => {
  remote = makeRemote();
  clone = join(remote.folder, 'clone');
  runIn(remote.folder, 'clone', '-q', remote.url, clone);
  change('start', 'base.txt');
  git = await openClone({ folder: clone });
});
afterEach(() => remote.remove());

function run(...args: string[]): string {
  return runIn(clone, ...args);
}

/** One commit that writes one file. */
function change(text: string, file = `${text}.txt`): string {
  mkdirSync(clone, { recursive: true });
  writeFileSync(join(clone, file), `${text}\n`);
  run('add', '-A');
  run('commit', '-q', '-m', text);
  return run('rev-parse', 'HEAD');
}

/** A branch `name` off main's head with these commits; its head. Main is checked out again. */
function branch(name: string, texts: readonly string[]): string {
  run('checkout', '-q', '-b', name, 'main');
  for (const text of texts) change(text);
  const head = run('rev-parse', 'HEAD');
  run('checkout', '-q', 'main');
  return head;
}

function head(): string {
  return run('rev-parse', 'HEAD');
}

describe('the line of a branch', () => {
  test('has what was put on it, oldest first, with trees; what lies behind a merge is not on it', async () => {
    const start = head();
    const side = branch('side', ['one', 'two']);
    const direct = change('direct');
    run('merge', '-q', '--no-ff', '-m', 'Merge pull request #7', side);
    const line = await firstParents(git, { after: start, to: head() });
    expect(line.map(({ id, before, merged, subject }) => ({ id, before, merged, subject }))).toEqual([
      { id: direct, before: start, merged: [], subject: 'direct' },
      { id: head(), before: direct, merged: [side], subject: 'Merge pull request #7' },
    ]);
    expect(line.map(({ tree }) => tree)).toEqual([run('rev-parse', `${direct}^{tree}`), run('rev-parse', 'HEAD^{tree}')]);
    expect(line[0]).toMatchObject({ author: 'Test <test@example.org>', at: Number(run('log', '-1', '--format=%ct', direct)) * 1000 });
  });

  test('is empty from its head on, and complete from the beginning', async () => {
    const start = head();
    expect(await firstParents(git, { after: start, to: start })).toEqual([]);
    expect(await firstParents(git, { after: null, to: start })).toMatchObject([{ id: start, before: null }]);
  });

  test('that was force-pushed, or never had that head, is an error', async () => {
    const start = head();
    const side = branch('side', ['one']);
    change('direct');
    run('merge', '-q', '--no-ff', '-m', 'merge', side);
    const merged = head();
    await expect(firstParents(git, { after: side, to: merged })).rejects.toMatchObject({ code: 'HISTORY_REWRITTEN' });
    run('reset', '-q', '--hard', start);
    change('another');
    await expect(firstParents(git, { after: merged, to: head() })).rejects.toMatchObject({ code: 'HISTORY_REWRITTEN' });
    await expect(firstParents(git, { after: 'b'.repeat(40), to: head() })).rejects.toMatchObject({ code: 'GIT_OBJECT_MISSING' });
    await expect(firstParents(git, { after: null, to: merged, limit: 1 })).rejects.toMatchObject({ code: 'GIT_OUTPUT' });
  });
});

describe('a merged pull request', () => {
  /** Merges a branch of these commits behind a direct push, and asks how it came onto the line. */
  async function merge(texts: readonly string[], how: (side: string) => void) {
    const start = head();
    const side = branch('side', texts);
    const before = change('direct');
    how(side);
    const line = await firstParents(git, { after: start, to: head() });
    return { before, side, line, result: await mergedAs(git, { line, mergeCommit: head(), head: side }) };
  }
  const squash = (side: string): void => {
    run('merge', '-q', '--squash', side);
    run('commit', '-q', '-m', 'All of it (#7)');
  };
  const rebase = (side: string): void => {
    run('cherry-pick', `main..${side}`);
  };

  test('as a merge commit', async () => {
    const { before, result } = await merge(['one', 'two'], (side) => run('merge', '-q', '--no-ff', '-m', 'merge', side));
    expect(result).toMatchObject({ way: 'merge', before, exact: true, commits: [{ id: head() }] });
  });

  test('squashed', async () => {
    const { before, result } = await merge(['one', 'two'], squash);
    expect(result).toMatchObject({ way: 'squash', before, exact: true, commits: [{ id: head() }] });
  });

  test('rebased, commit by commit', async () => {
    const { before, result } = await merge(['one', 'two', 'three'], rebase);
    expect(result).toMatchObject({ way: 'rebase', before, exact: true });
    expect(result?.commits.map(({ subject }) => subject)).toEqual(['one', 'two', 'three']);
  });

  test('of one commit, squashed or rebased, is the same', async () => {
    const { before, result } = await merge(['one'], rebase);
    expect(result).toMatchObject({ way: 'squash', before, exact: true });
  });

  test('with something slipped into the merge commit is not exact', async () => {
    const { result } = await merge(['one'], (side) => {
      run('merge', '-q', '--no-ff', '--no-commit', side);
      writeFileSync(join(clone, 'slipped.txt'), 'in\n');
      run('add', '-A');
      run('commit', '-q', '-m', 'merge');
    });
    expect(result).toMatchObject({ way: 'merge', exact: false });
  });

  test('is not told where the commit is not made of it: another head, more than it, or off the line', async () => {
    const { line, side, result } = await merge(['one', 'two'], (head_) => {
      run('merge', '-q', '--squash', head_);
      writeFileSync(join(clone, 'slipped.txt'), 'in\n');
      run('add', '-A');
      run('commit', '-q', '-m', 'squash');
    });
    expect(result).toBeNull();
    expect(await mergedAs(git, { line, mergeCommit: side, head: side })).toBeNull();
    const other = branch('other', ['three']);
    run('merge', '-q', '--no-ff', '-m', 'merge', other);
    const longer = await firstParents(git, { after: null, to: head() });
    expect(await mergedAs(git, { line: longer, mergeCommit: head(), head: side })).toBeNull();
  });

  test('the merge result is known before merging, and null where it conflicts', async () => {
    const side = branch('side', ['one']);
    const base = change('direct');
    const tree = await mergeTree(git, base, side);
    run('merge', '-q', '--no-ff', '-m', 'merge', side);
    expect(tree).toBe(run('rev-parse', 'HEAD^{tree}'));
    run('checkout', '-q', '-b', 'conflict', base);
    const clash = change('other', 'one.txt');
    expect(await mergeTree(git, head(), side)).toBeNull();
    expect(clash).toBe(head());
  });
});
