import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { editTree } from '../../src/scm/edit-tree.ts';
import type { Git } from '../../src/scm/git.ts';
import { readFileAt, writeBlob, writeTree } from '../../src/scm/git-objects.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

let remote: Remote;
let git: Git;
let tree: string;

beforeEach(async () => {
  remote = makeRemote();
  git = await remote.mirror();
  tree = await treeWithEverything();
});
afterEach(() => remote.remove());

/** A file, a program, a link, a submodule, and folders two deep. */
async function treeWithEverything(): Promise<string> {
  const blob = await writeBlob(git, Buffer.from('old\n'));
  const target = await writeBlob(git, Buffer.from('README.md'));
  const inner = await writeTree(git, [{ mode: '100644', type: 'blob', id: blob, path: 'arena.yaml' }]);
  const folder = await writeTree(git, [
    { mode: '100644', type: 'blob', id: blob, path: 'policy.yaml' },
    { mode: '040000', type: 'tree', id: inner, path: 'contracts' },
  ]);
  return writeTree(git, [
    { mode: '100644', type: 'blob', id: blob, path: 'README.md' },
    { mode: '100755', type: 'blob', id: blob, path: 'run.sh' },
    { mode: '120000', type: 'blob', id: target, path: 'link' },
    { mode: '160000', type: 'commit', id: 'a'.repeat(40), path: 'module' },
    { mode: '040000', type: 'tree', id: folder, path: 'field' },
  ]);
}

/** `mode path`, of everything that is no folder. */
function paths(of: string): string[] {
  const lines = runIn(git.folder, 'ls-tree', '-r', of).split('\n').filter(Boolean);
  return lines.map((line) => `${line.slice(0, 6)} ${line.slice(line.indexOf('\t') + 1)}`);
}

const edited = async (...edits: [string, string | null][]): Promise<string> => editTree(git, tree, new Map(edits));

const everything = ['100644 README.md', '100644 field/contracts/arena.yaml', '100644 field/policy.yaml', '120000 link', '160000 module', '100755 run.sh'];

describe('a tree with edits', () => {
  test('has the edited content, and all else as it was: programs, links and submodules too', async () => {
    const made = await edited(['field/contracts/arena.yaml', 'new\n'], ['field/policy.yaml', 'other\n']);
    expect(paths(made)).toEqual(everything);
    expect((await readFileAt(git, made, 'field/contracts/arena.yaml'))?.toString()).toBe('new\n');
    expect((await readFileAt(git, made, 'field/policy.yaml'))?.toString()).toBe('other\n');
    expect(runIn(git.folder, 'diff-tree', '-r', '--name-only', tree, made)).toBe('field/contracts/arena.yaml\nfield/policy.yaml');
  });

  test('has new files in folders that were not there, beside those that were', async () => {
    const made = await edited(['field/contracts/deep/er/new.yaml', 'x'], ['other/new.yaml', 'y'], ['top', 'z']);
    const added = ['100644 field/contracts/deep/er/new.yaml', '100644 other/new.yaml', '100644 top'];
    expect(paths(made)).toEqual([...everything, ...added].sort((a, b) => (a.slice(7) < b.slice(7) ? -1 : 1)));
  });

  test('is the very same tree where the content is what it was', async () => {
    expect(await edited(['field/policy.yaml', 'old\n'])).toBe(tree);
    expect(await edited()).toBe(tree);
  });

  test('leaves a program that it writes a program', async () => {
    expect(paths(await edited(['run.sh', 'echo new\n']))).toEqual(everything);
  });

  test('writes a file where a link was, not what it leads to', async () => {
    const made = await edited(['link', 'text']);
    expect(paths(made)).toContain('100644 link');
    expect((await readFileAt(git, made, 'README.md'))?.toString()).toBe('old\n');
  });

  test('takes files out, and with the last of a folder the folder', async () => {
    const made = await edited(['field/contracts/arena.yaml', null]);
    expect(paths(made)).toEqual(everything.filter((line) => !line.endsWith('arena.yaml')));
    expect(runIn(git.folder, 'ls-tree', '-d', '-r', '--name-only', made).split('\n')).toEqual(['field', 'module']);
    expect(paths(await edited(['field/contracts/arena.yaml', null], ['field/policy.yaml', null]))).toEqual(
      everything.filter((line) => !line.includes('field/')),
    );
  });

  test('takes out what is not there without a word', async () => {
    expect(await edited(['field/none.yaml', null], ['nowhere/none.yaml', null], ['README.md/none', null])).toBe(tree);
  });

  test('is empty where nothing is left', async () => {
    const all = everything.map((line): [string, null] => [line.slice(7), null]);
    expect(paths(await edited(...all))).toEqual([]);
  });

  test('keeps names that git writes with care', async () => {
    const made = await edited(['földer/a "b"\t|c.yaml', 'x']);
    expect((await readFileAt(git, made, 'földer/a "b"\t|c.yaml'))?.toString()).toBe('x');
    expect(await editTree(git, made, new Map([['földer/a "b"\t|c.yaml', null]]))).toBe(tree);
  });
});

test.each(['', '/x', '../x', 'a/../x', './x', 'a//b', 'a/', '.git/config', 'a/.git/hooks/x', '.GIT/x', 'a\nb', 'a\0b'])('%j is refused', async (path) => {
  const before = runIn(git.folder, 'count-objects');
  await expect(edited(['field/policy.yaml', 'x'], [path, 'x'])).rejects.toMatchObject({ code: 'GIT_NAME' });
  expect(runIn(git.folder, 'count-objects')).toBe(before);
});

test('a file and a folder of the same name is refused', async () => {
  await expect(edited(['a', 'x'], ['a/b', 'y'])).rejects.toMatchObject({ code: 'GIT_NAME' });
});
