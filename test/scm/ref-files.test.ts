// A ref that is read and written as a file is the one that git sees.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Git, openClone } from '../../src/scm/git.ts';
import { checkMemory, remember } from '../../src/scm/journal-memory.ts';
import { readRefFile, writeRefFile } from '../../src/scm/ref-files.ts';
import { commitOf, makeRemote, type Remote, runIn } from './remote.ts';

const branch = 'mooring/journal';
const ref = `refs/mooring/checked/${branch}`;
let remote: Remote;
let git: Git;

beforeEach(async () => {
  remote = makeRemote();
  const folder = join(remote.folder, 'clone');
  runIn(remote.folder, 'clone', '-q', remote.url, folder);
  git = await openClone({ folder });
});
afterEach(() => remote.remove());

function asGitHasIt(): string {
  return runIn(git.folder, 'for-each-ref', '--format=%(objectname)', ref);
}

test('what is written is what git reads, and what git writes or packs is read', async () => {
  const [first, second] = [await commitOf(git, 'first'), await commitOf(git, 'second')];
  expect(readRefFile(git, ref)).toEqual({ id: null });
  expect([writeRefFile(git, ref, first), asGitHasIt(), readRefFile(git, ref)]).toEqual([true, first, { id: first }]);
  runIn(git.folder, 'update-ref', ref, second);
  expect(readRefFile(git, ref)).toEqual({ id: second });
  runIn(git.folder, 'pack-refs', '--all', '--prune');
  // In the file of packed refs, which is git's to read.
  expect(readRefFile(git, ref)).toBeNull();
  expect(await checkMemory(git, branch, second)).toBe(second);
  expect([writeRefFile(git, ref, first), asGitHasIt(), readRefFile(git, ref)]).toEqual([true, first, { id: first }]);
});

test('a ref that another process is writing is left as it is, and no lock stays behind', async () => {
  const [first, second] = [await commitOf(git, 'first'), await commitOf(git, 'second')];
  await remember(git, branch, first);
  const lock = join(git.folder, '.git', `${ref}.lock`);
  expect(existsSync(lock)).toBe(false);
  writeFileSync(lock, '');
  expect(writeRefFile(git, ref, second)).toBe(false);
  await remember(git, branch, second);
  expect([asGitHasIt(), existsSync(lock)]).toEqual([first, true]);
});

test('a clone that keeps its refs otherwise is git’s to read and write', async () => {
  const commit = await commitOf(git, 'first');
  const elsewhere = { ...git, refs: null };
  expect([readRefFile(elsewhere, ref), writeRefFile(elsewhere, ref, commit)]).toEqual([null, false]);
  await remember(elsewhere, branch, commit);
  expect([asGitHasIt(), await checkMemory(elsewhere, branch, commit)]).toEqual([commit, commit]);
});

test('what is no id is for git to complain about', async () => {
  await remember(git, branch, await commitOf(git, 'first'));
  writeFileSync(join(git.folder, '.git', ref), 'ref: refs/heads/main\n');
  expect(readRefFile(git, ref)).toBeNull();
});
