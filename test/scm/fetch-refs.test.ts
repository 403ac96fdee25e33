// Several refs of the remote at one moment.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchRefs, hasCommit } from '../../src/scm/git.ts';
import { compareAndSwap } from '../../src/scm/swap.ts';
import { commitOf, makeRemote, type Remote } from './remote.ts';

let remote: Remote;

beforeEach(() => {
  remote = makeRemote();
});
afterEach(() => remote.remove());

test('come in the order in which they were asked for, are here afterwards, and null where there is none', async () => {
  const writer = await remote.mirror('writer');
  const [first, second] = [await commitOf(writer, 'first'), await commitOf(writer, 'second')];
  const [one, two, none] = ['refs/heads/one', 'refs/heads/two', 'refs/heads/none'];
  await compareAndSwap(writer, [
    { ref: one, old: null, next: first },
    { ref: two, old: null, next: second },
  ]);
  const reader = await remote.mirror('reader');
  expect(await fetchRefs(reader, [two, none, one])).toEqual([second, null, first]);
  expect(await Promise.all([first, second].map((id) => hasCommit(reader, id)))).toEqual([true, true]);
  const third = await commitOf(writer, 'third', [second]);
  await compareAndSwap(writer, [{ ref: two, old: second, next: third }]);
  expect(await fetchRefs(reader, [one, two])).toEqual([first, third]);
  expect(await hasCommit(reader, third)).toBe(true);
});

test('are asked of the remote again each time', async () => {
  const writer = await remote.mirror('writer');
  const first = await commitOf(writer, 'first');
  await compareAndSwap(writer, [{ ref: 'refs/heads/one', old: null, next: first }]);
  expect(await fetchRefs(writer, ['refs/heads/one'])).toEqual([first]);
  await compareAndSwap(writer, [{ ref: 'refs/heads/one', old: first, next: null }]);
  expect(await fetchRefs(writer, ['refs/heads/one'])).toEqual([null]);
});
