// What is read of git's objects without git is what git reads, and only that.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Git, hasCommit, openClone } from '../../src/scm/git.ts';
import { listTree, readObjects, writeBlob } from '../../src/scm/git-objects.ts';
import { findLoose, listLoose, looseParents, readLoose } from '../../src/scm/loose-objects.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

let remote: Remote;
let folder: string;

beforeEach(() => {
  remote = makeRemote();
  folder = join(remote.folder, 'clone');
  runIn(remote.folder, 'clone', '-q', remote.url, folder);
});
afterEach(() => remote.remove());

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    runIn(folder, 'update-index', '--add', '--cacheinfo', `100644,${hashOf(text)},${path}`);
  }
  runIn(folder, 'commit', '-q', '-m', 'x');
  return runIn(folder, 'rev-parse', 'HEAD');
}

function hashOf(text: string): string {
  writeFileSync(join(remote.folder, 'text'), text);
  return runIn(folder, 'hash-object', '-w', join(remote.folder, 'text'));
}

/** A tree past the checks of `git mktree`. */
function treeOf(entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
  return writeAsIs(Buffer.concat(entries.map(([mode, name, id]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]))));
}

function writeAsIs(tree: Buffer): string {
  writeFileSync(join(remote.folder, 'tree'), tree);
  return runIn(folder, 'hash-object', '--literally', '-t', 'tree', '-w', join(remote.folder, 'tree'));
}

function fileOf(git: Git, id: string): string {
  return join(git.objects, id.slice(0, 2), id.slice(2));
}

/** Puts other bytes where an object lies. */
function replace(git: Git, id: string, bytes: Uint8Array): void {
  chmodSync(fileOf(git, id), 0o644);
  writeFileSync(fileOf(git, id), bytes);
}

describe('loose objects', () => {
  const files = { 'a.yaml': 'a\n', 'folder/below/b "c".yaml': 'bb\n', 'folder/empty': '', 'folder.txt': 'x', 'größe/d': 'x'.repeat(5_000) };

  test('are listed and read as git does it of packed ones', async () => {
    const parent = commit({ 'first.yaml': '1' });
    const head = commit(files);
    runIn(folder, 'update-index', '--cacheinfo', `100755,${hashOf('x')},folder.txt`);
    runIn(folder, 'update-index', '--add', '--cacheinfo', `160000,${head},module`);
    runIn(folder, 'commit', '-q', '-m', 'modes');
    const last = runIn(folder, 'rev-parse', 'HEAD');
    const git = await openClone({ folder });
    const names = [last, `${last}^{tree}`, `${last}:a.yaml`, `${last}:folder/below/b "c".yaml`, `${last}:folder`, `${last}:nothing`, `${last}:a.yaml/b`];
    const paths = ['', 'folder', 'folder/below', 'a.yaml', 'nothing', 'größe'];
    const told = async (): Promise<unknown> => [await readObjects(git, names), await Promise.all(paths.map((path) => listTree(git, last, path)))];
    expect(listLoose(git, last, '')).not.toBeNull();
    expect(names.map((name) => findLoose(git, name) === null)).toEqual([false, false, false, false, false, true, true]);
    expect([looseParents(git, head), looseParents(git, parent)]).toEqual([[parent], []]);
    const loose = await told();
    runIn(folder, 'repack', '-adq');
    runIn(folder, 'prune-packed');
    expect(existsSync(fileOf(git, last))).toBe(false);
    expect([findLoose(git, last), listLoose(git, last, ''), looseParents(git, last)]).toEqual([null, null, null]);
    expect(loose).toEqual(await told());
    expect([await hasCommit(git, last), await hasCommit(git, 'a'.repeat(40))]).toEqual([true, false]);
  });

  test('are half loose and half packed: all is there, in order', async () => {
    const head = commit(files);
    const git = await openClone({ folder });
    runIn(folder, 'repack', '-adq');
    const blob = await writeBlob(git, Buffer.from('new'));
    const found = await readObjects(git, [blob, `${head}:a.yaml`, 'b'.repeat(40), blob, `${head}:folder.txt`]);
    expect(found.map((object) => object?.content.toString() ?? null)).toEqual(['new', 'a\n', null, 'new', 'x']);
  });

  test('that are not what their name says are nothing', async () => {
    const head = commit(files);
    const git = await openClone({ folder });
    const [blob = '', other = ''] = [runIn(folder, 'rev-parse', `${head}:a.yaml`), hashOf('other')];
    replace(git, blob, readFileSync(fileOf(git, other)));
    expect([readLoose(git, blob), findLoose(git, `${head}:a.yaml`)]).toEqual([null, null]);
    replace(git, other, Buffer.from('nothing that was ever packed'));
    expect(readLoose(git, other)).toBeNull();
    for (const text of ['blob 1\0long', 'blob 999\0short']) {
      replace(git, other, deflateSync(Buffer.from(text)));
      expect(readLoose(git, other)).toBeNull();
    }
  });

  test('are left to git where a tree has what git does not write, or more entries than are read', async () => {
    const git = await openClone({ folder });
    const blob = await writeBlob(git, Buffer.from('x'));
    const odd = treeOf([['100664', 'a.yaml', blob]]);
    expect(listLoose(git, odd, '')).toBeNull();
    expect(await listTree(git, odd)).toMatchObject([{ path: 'a.yaml', id: blob, size: 1 }]);
    const cut = writeAsIs(Buffer.from('100644 a.yaml\0short'));
    expect(listLoose(git, cut, '')).toBeNull();
    const names = Array.from({ length: 30 }, (_item, i) => `n${i + 10}`);
    let many = treeOf(names.map((name) => ['100644', name, blob]));
    for (let level = 0; level < 2; level++) many = treeOf(names.map((name) => ['40000', name, many]));
    expect(listLoose(git, many, '')).toBeNull();
    expect(await listTree(git, many)).toHaveLength(30 + 900 + 27_000);
  });

  test('that are larger than what is read are left to git, which refuses', async () => {
    const git = await openClone({ folder });
    const blob = await writeBlob(git, Buffer.alloc(100_000));
    expect([readLoose(git, blob, 99_999), readLoose(git, blob, 100_000)?.content.length]).toEqual([null, 100_000]);
    await expect(readObjects(git, [blob], 50_000)).rejects.toMatchObject({ code: 'GIT_OUTPUT' });
    await expect(readObjects(git, [blob, blob], 150_000)).rejects.toMatchObject({ code: 'GIT_OUTPUT' });
  });
});
