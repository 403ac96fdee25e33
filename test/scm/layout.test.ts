// Where a clone keeps its objects, and whether its history was cut: as git says it, asked or not.
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completeHistory } from '../../src/scm/changed-files.ts';
import { type Git, hasCommit, openClone } from '../../src/scm/git.ts';
import { writeBlob } from '../../src/scm/git-objects.ts';
import { plainLayout } from '../../src/scm/layout.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

let remote: Remote;
let clone: string;

beforeEach(() => {
  remote = makeRemote();
  clone = join(realpathSync(remote.folder), 'clone');
  runIn(remote.folder, 'clone', '-q', remote.url, clone);
  for (const message of ['first', 'second', 'third']) runIn(clone, 'commit', '-q', '--allow-empty', '-m', message);
  runIn(clone, 'push', '-q', 'origin', 'HEAD:refs/heads/main');
});
afterEach(() => remote.remove());

/** What git itself says of the same folder. */
function askedOf(folder: string): unknown {
  const [format = '', objects = '', shallow = ''] = runIn(
    folder,
    'rev-parse',
    '--path-format=absolute',
    '--show-object-format',
    '--git-path',
    'objects',
    '--git-path',
    'shallow',
  ).split('\n');
  return { idLength: format === 'sha256' ? 64 : 40, objects, shallow };
}

function shown({ idLength, objects, shallow }: Git): unknown {
  return { idLength, objects, shallow };
}

describe('where things are', () => {
  const places: readonly [name: string, seen: boolean, make: () => string][] = [
    ['a clone', true, () => clone],
    ['a folder in it', false, () => made(join(clone, 'below'))],
    ['a linked work tree', false, () => linked()],
    ['a clone with extensions', false, () => withExtension()],
    ['a clone with names of 64 digits', false, () => longNamed()],
  ];
  test.each(places)('in %s, seen at once: %s', async (_name, seen, make) => {
    const folder = make();
    expect(plainLayout(folder, {}) !== null).toBe(seen);
    const git = await openClone({ folder });
    expect(shown(git)).toEqual(askedOf(folder));
    const blob = await writeBlob(git, Buffer.from('anything'));
    expect(runIn(folder, 'cat-file', 'blob', blob)).toBe('anything');
  });

  test('is asked of git where a variable leads elsewhere', () => {
    for (const name of ['GIT_DIR', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_SHALLOW_FILE']) expect(plainLayout(clone, { [name]: 'x' })).toBeNull();
    expect(plainLayout(clone, { GIT_TERMINAL_PROMPT: '0' })).not.toBeNull();
  });

  test('is nowhere outside a repository, and in one without the remote', async () => {
    await expect(openClone({ folder: remote.folder })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(openClone({ folder: clone, remote: 'upstream' })).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});

describe('a history that was cut', () => {
  test.each(['a clone', 'a linked work tree'])('is completed in %s', async (place) => {
    const short = join(remote.folder, 'short');
    runIn(remote.folder, 'clone', '-q', '--depth', '1', `file://${remote.url}`, short);
    if (place !== 'a clone') runIn(short, 'worktree', 'add', '-q', '--detach', join(remote.folder, 'linked'));
    const git = await openClone({ folder: place === 'a clone' ? short : join(remote.folder, 'linked') });
    const first = remote.git('rev-list', '--max-parents=0', 'main');
    expect(await hasCommit(git, first)).toBe(false);
    await completeHistory(git);
    expect(await hasCommit(git, first)).toBe(true);
    await completeHistory(git);
  });
});

function made(folder: string): string {
  mkdirSync(folder);
  return folder;
}

function linked(): string {
  const folder = join(remote.folder, 'linked');
  runIn(clone, 'worktree', 'add', '-q', '--detach', folder);
  return realpathSync(folder);
}

function withExtension(): string {
  runIn(clone, 'config', 'core.repositoryFormatVersion', '1');
  runIn(clone, 'config', 'extensions.preciousObjects', 'true');
  return clone;
}

function longNamed(): string {
  const folder = made(join(realpathSync(remote.folder), 'long'));
  runIn(folder, 'init', '-q', '--object-format=sha256');
  runIn(folder, 'remote', 'add', 'origin', remote.url);
  return folder;
}
