import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diskSource, type FileSource } from '../../src/desired/file-source.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { fetchRef, type Git, openClone } from '../../src/scm/git.ts';
import { gitFileSource } from '../../src/scm/git-file-source.ts';
import { listTree, readFileAt, writeBlob, writeCommit, writeTree } from '../../src/scm/git-objects.ts';
import { canonicalJson } from '../../src/values.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

const project = join(import.meta.dirname, '..', '..');
let remote: Remote;
let clone: string;

beforeEach(() => {
  remote = makeRemote();
  clone = join(remote.folder, 'clone');
  runIn(remote.folder, 'clone', '-q', remote.url, clone);
});
afterEach(() => remote.remove());

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), content);
}

/** Commits and pushes the work tree; the commit as another machine has it. */
async function published(): Promise<{ git: Git; commit: string }> {
  runIn(clone, 'add', '-A');
  runIn(clone, 'commit', '-q', '-m', 'state');
  runIn(clone, 'push', '-q', 'origin', 'HEAD:refs/heads/main');
  const git = await remote.mirror();
  return { git, commit: (await fetchRef(git, 'refs/heads/main')) ?? '' };
}

/** Everything that a source says about some paths. */
function told(source: FileSource, paths: readonly string[]): unknown[] {
  return paths.map((path) => {
    const read = attempt(() => [...source.read(path, 5)]);
    return { path, kind: source.kindOf(path), list: source.list(path), read };
  });
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('desired state in a commit', () => {
  test('reads as on disk: files, folders, links, what is missing, and where a file is cut', async () => {
    write('desired-state/local/environment.yaml', 'a: 1\n');
    write('desired-state/local/contracts/b.yaml', Uint8Array.from([0, 255, 10, 13, 200, 1]));
    write('desired-state/local/contracts/Ä b"c.yaml', 'x');
    write('desired-state/local/empty.yaml', '');
    write('outside.txt', 'outside');
    symlinkSync('../../outside.txt', join(clone, 'desired-state/local/link.yaml'));
    symlinkSync('local', join(clone, 'desired-state/linked'));
    const { git, commit } = await published();
    const paths = ['environment.yaml', 'contracts', 'contracts/b.yaml', 'contracts/Ä b"c.yaml', 'empty.yaml', 'link.yaml', 'missing', 'environment.yaml/x']
      .map((name) => `desired-state/local/${name}`)
      .concat(['desired-state', 'desired-state/linked', 'desired-state/linked/environment.yaml', 'desired-state/nobody/x']);
    const source: FileSource = await gitFileSource(git, commit, { under: 'desired-state' });
    expect(told(source, paths)).toEqual(told(diskSource(clone), paths));
    expect(source.kindOf('outside.txt')).toBe('missing');
  });

  test('loads to the same state as the checkout that it was committed from', async () => {
    cpSync(join(project, 'desired-state'), join(clone, 'desired-state'), { recursive: true });
    const { git, commit } = await published();
    const source = await gitFileSource(git, commit, { under: 'desired-state' });
    const load = (from: FileSource) => canonicalJson(loadDesired({ source: from, environment: 'local' }).desired);
    expect(load(source)).toBe(load(diskSource(clone)));
  });

  test('a submodule is nothing that is read, and an executable file is a file', async () => {
    write('desired-state/run.yaml', 'x');
    runIn(clone, 'add', '-A');
    runIn(clone, 'update-index', '--chmod=+x', 'desired-state/run.yaml');
    runIn(clone, 'commit', '-q', '-m', 'first');
    runIn(clone, 'update-index', '--add', '--cacheinfo', `160000,${runIn(clone, 'rev-parse', 'HEAD')},desired-state/module`);
    runIn(clone, 'commit', '-q', '-m', 'state');
    const git = await openClone({ folder: clone });
    const source = await gitFileSource(git, runIn(clone, 'rev-parse', 'HEAD'));
    expect([source.kindOf('desired-state/module'), source.kindOf('desired-state/run.yaml')]).toEqual(['other', 'file']);
    expect(attempt(() => source.read('desired-state/module', 9))).toBe('FILE_NOT_REGULAR');
  });

  test('refuses what is too large or too much, before it is read', async () => {
    write('desired-state/big.yaml', 'x'.repeat(2_000));
    write('desired-state/small.yaml', 'x');
    const { git, commit } = await published();
    const source = await gitFileSource(git, commit, { maxFile: 1_000 });
    expect(attempt(() => source.read('desired-state/big.yaml', 10))).toBe('FILE_TOO_LARGE');
    expect([...source.read('desired-state/small.yaml', 10)]).toEqual([120]);
    await expect(gitFileSource(git, commit, { maxTotal: 1_000 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(gitFileSource(git, commit, { maxEntries: 2 })).rejects.toMatchObject({ code: 'FILE_TOO_MANY' });
  });

  test('refuses a tree that has one name twice, or a path that no checkout has', async () => {
    const git = await remote.mirror();
    const blob = await writeBlob(git, Buffer.from('x'));
    const entry = { mode: '100644', type: 'blob' as const, id: blob, path: 'a.yaml' };
    const twice = await treeAsIs(git, [entry, entry]);
    const escaping = await treeAsIs(git, [{ ...entry, path: '..' }]);
    for (const tree of [twice, escaping]) {
      const commit = await writeCommit(git, { tree, parents: [], message: 'x', at: 0 });
      await expect(gitFileSource(git, commit)).rejects.toMatchObject({ code: 'GIT_TREE' });
    }
  });

  test('is that of the commit, whatever stands in for it locally', async () => {
    const git = await remote.mirror();
    const [real, fake] = [await writeBlob(git, Buffer.from('real')), await writeBlob(git, Buffer.from('fake'))];
    const tree = await writeTree(git, [{ mode: '100644', type: 'blob', id: real, path: 'a.yaml' }]);
    const commit = await writeCommit(git, { tree, parents: [], message: 'x', at: 0 });
    runIn(git.folder, 'replace', real, fake);
    expect((await readFileAt(git, commit, 'a.yaml'))?.toString()).toBe('real');
  });

  test('of a commit that is not here is an error, not nothing', async () => {
    const git = await remote.mirror();
    await expect(listTree(git, 'a'.repeat(40))).rejects.toMatchObject({ code: 'GIT_OBJECT_MISSING' });
    await expect(listTree(git, 'HEAD')).rejects.toMatchObject({ code: 'GIT_NAME' });
    expect(await fetchRef(git, 'refs/heads/main')).toBeNull();
  });
});

/** A tree as a hostile client may make it, past the checks of `git mktree`. */
async function treeAsIs(git: Git, entries: readonly { mode: string; id: string; path: string }[]): Promise<string> {
  const parts = entries.map(({ mode, id, path }) => Buffer.concat([Buffer.from(`${mode} ${path}\0`), Buffer.from(id, 'hex')]));
  const input = Buffer.concat(parts);
  return execFileSync('git', ['hash-object', '--literally', '-t', 'tree', '-w', '--stdin'], { cwd: git.folder, input, encoding: 'utf8' }).trim();
}
