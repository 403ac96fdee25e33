import { renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchRef, type Git, openMirror } from '../../src/scm/git.ts';
import { compareAndSwap } from '../../src/scm/swap.ts';
import { type Child, startChild } from './child.ts';
import { commitOf, makeRemote, type Remote, runIn } from './remote.ts';

const rounds = process.env['MOORING_FULL'] === '1' ? 200 : 20;
const racers = 8;
const ref = 'refs/mooring/test/one';
let remote: Remote;
let git: Git;
let children: Child[];

beforeEach(async () => {
  remote = makeRemote();
  git = await remote.mirror();
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.end()));
  remote.remove();
});

describe('compare and swap', () => {
  test('makes, moves and removes a ref from where it is said to be', async () => {
    const [first, second] = [await commitOf(git, '1'), await commitOf(git, '2')];
    expect(await compareAndSwap(git, [{ ref, old: null, next: first }])).toEqual({ outcome: 'won' });
    expect(await compareAndSwap(git, [{ ref, old: first, next: second }])).toEqual({ outcome: 'won' });
    expect(remote.git('rev-parse', ref)).toBe(second);
    expect(await compareAndSwap(git, [{ ref, old: second, next: null }])).toEqual({ outcome: 'won' });
    expect(remote.git('for-each-ref')).toBe('');
  });

  test('is lost, not thrown, where the ref is elsewhere, there already, or gone', async () => {
    const [first, second] = [await commitOf(git, '1'), await commitOf(git, '2')];
    expect(await compareAndSwap(git, [{ ref, old: first, next: second }])).toEqual({ outcome: 'lost', moved: [ref] });
    await compareAndSwap(git, [{ ref, old: null, next: first }]);
    expect(await compareAndSwap(git, [{ ref, old: null, next: second }])).toEqual({ outcome: 'lost', moved: [ref] });
    expect(await compareAndSwap(git, [{ ref, old: second, next: null }])).toEqual({ outcome: 'lost', moved: [ref] });
    expect(remote.git('rev-parse', ref)).toBe(first);
  });

  test('of several refs moves all or none, and says which had moved', async () => {
    const other = 'refs/heads/mooring/journal';
    const commits = await Promise.all(['1', '2', '3'].map((text) => commitOf(git, text)));
    const [first = '', second = '', third = ''] = commits;
    const both = [
      { ref, old: null, next: first },
      { ref: other, old: null, next: second },
    ];
    expect(await compareAndSwap(git, both)).toEqual({ outcome: 'won' });
    const stale = [
      { ref, old: first, next: third },
      { ref: other, old: first, next: third },
    ];
    expect(await compareAndSwap(git, stale)).toEqual({ outcome: 'lost', moved: [other] });
    expect(remote.git('rev-parse', ref)).toBe(first);
  });

  test('is won once by two who push the very same commit', async () => {
    const shared = await commitOf(git, 'same');
    expect(await compareAndSwap(git, [{ ref, old: null, next: shared }])).toEqual({ outcome: 'won' });
    const other = await remote.mirror('b');
    await fetchRef(other, ref);
    expect(await compareAndSwap(other, [{ ref, old: null, next: shared }])).toMatchObject({ outcome: 'lost' });
  });

  test('makes no two commits the same', async () => {
    expect(await commitOf(git, 'same')).not.toBe(await commitOf(git, 'same'));
  });

  test('is refused with what the remote said', async () => {
    remote.hook('pre-receive', 'echo "only the bot may push here" >&2; exit 1');
    expect(await compareAndSwap(git, [{ ref, old: null, next: await commitOf(git, '1') }])).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('only the bot may push here'),
    });
  });

  test('is won where the push took place and its answer was lost', async () => {
    remote.hook('post-receive', 'kill -9 $PPID');
    const first = await commitOf(git, '1');
    expect(await compareAndSwap(git, [{ ref, old: null, next: first }])).toEqual({ outcome: 'won' });
    expect(remote.git('rev-parse', ref)).toBe(first);
  });

  test('is neither where the remote died before it', async () => {
    remote.hook('pre-receive', 'kill -9 $PPID');
    await expect(compareAndSwap(git, [{ ref, old: null, next: await commitOf(git, '1') }])).rejects.toMatchObject({ code: 'GIT_REMOTE' });
  });

  test('is neither where the remote is not there', async () => {
    const next = await commitOf(git, '1');
    renameSync(remote.url, `${remote.url}.away`);
    await expect(compareAndSwap(git, [{ ref, old: null, next }])).rejects.toMatchObject({ code: 'GIT_REMOTE' });
  });

  test.each(['refs/tags/v1', 'main', 'refs/heads/../x', 'refs/heads/-x', 'refs/heads/x.lock', 'refs/heads/a b', '--all'])('does not write %s', async (bad) => {
    await expect(compareAndSwap(git, [{ ref: bad, old: null, next: await commitOf(git, '1') }])).rejects.toMatchObject({ code: 'GIT_NAME' });
  });
});

test(`of ${racers} processes exactly one wins each of ${rounds} rounds`, { timeout: rounds * 5_000 }, async () => {
  children = Array.from({ length: racers }, (_item, i) => startChild('racer.ts', `${remote.folder}/racer-${i}`, remote.url));
  for (const child of children) expect(await child.line()).toBe('ready');
  let old = '';
  for (let round = 0; round < rounds; round++) {
    // Every fourth round is about a new ref.
    if (round % 4 === 0) old = '';
    const raced = `refs/mooring/race/${Math.floor(round / 4)}`;
    for (const child of children) child.say(`${raced} ${old}`);
    const said = await Promise.all(children.map((child) => child.line()));
    const won = said.filter((line) => line.startsWith('won '));
    expect(said.filter((line) => line.startsWith('lost '))).toHaveLength(racers - 1);
    expect(won).toHaveLength(1);
    old = won[0]?.slice('won '.length) ?? '';
    expect(remote.git('rev-parse', raced)).toBe(old);
  }
});

describe('credentials in the remote', () => {
  const secrets = ['canary-user', 'canary%2Fpass', 'canary/pass', 'canary-query'];

  test.each([
    'http://canary-user:canary%2Fpass@127.0.0.1:1/x.git',
    'http://canary-user@127.0.0.1:1/x.git?token=canary-query',
    'https://canary-user:canary%2Fpass@',
  ])('are in no error: %s', async (url) => {
    const place = await openMirror({ folder: `${remote.folder}/canary`, url });
    const next = await commitOf(place, '1');
    const failures = [
      await fetchRef(place, ref).catch((error: unknown) => error),
      await compareAndSwap(place, [{ ref, old: null, next }]).catch((error: unknown) => error),
      place.label,
    ];
    expect(failures[0]).toMatchObject({ code: 'GIT_REMOTE' });
    for (const failure of failures) {
      const shown = failure instanceof Error ? [failure.message, failure.stack, JSON.stringify(failure), String(failure.cause)].join() : String(failure);
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });

  test('are not written to disk', async () => {
    const place = await openMirror({ folder: `${remote.folder}/canary`, url: 'http://canary-user:pass@127.0.0.1:1/x.git' });
    expect(runIn(place.folder, 'config', '--list', '--local')).not.toContain('canary');
  });

  test.each(['--upload-pack=touch /tmp/x', 'ext::sh -c true', ''])('a remote that would be an option or a program is not passed on: %s', async (url) => {
    await expect(openMirror({ folder: `${remote.folder}/bad`, url })).rejects.toMatchObject({ code: 'GIT_NAME' });
  });
});
