import { readFileSync, writeFileSync } from 'node:fs';
import { Wallet } from 'ethers/wallet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/types.ts';
import { mined, signed, started } from '../journal/events.ts';
import { addressOf, type Machine, type MachineOptions, openMachine, privateKey } from './open-store.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

const branch = 'refs/heads/mooring/journal';
let remote: Remote;

beforeEach(() => {
  remote = makeRemote();
});
afterEach(() => remote.remove());

function machine(name = 'a', more: Partial<MachineOptions> = {}): Promise<Machine> {
  return openMachine({ folder: remote.folder, url: remote.url, name, ...more });
}

/** A machine that has the lock and has recorded these. */
async function recorded(events: readonly (readonly JournalEvent[])[], name = 'a'): Promise<Machine> {
  const opened = await machine(name);
  await opened.store.lock();
  for (const one of events) await opened.store.append(one);
  return opened;
}

describe('a journal that is not what was written', () => {
  const three: readonly JournalEvent[][] = [
    [started('r')],
    [{ run: 'r', at: 2, type: 'signed', group: 0, transactions: [signed('a', 4, '0xaa')] }],
    [mined('r', 'a', '0xaa')],
  ];

  test.each<[string, (run: (...args: string[]) => string, clone: string) => unknown]>([
    ['a changed last record', changeRecord],
    ['a missing record', (run) => run('rebase', '-q', '--onto', 'HEAD~2', 'HEAD~1', '-X', 'theirs')],
    ['an added commit without a record', (run) => run('commit', '-q', '--allow-empty', '-m', 'x')],
    ['a record removed from the tree', (run) => run('rm', '-q', 'record.json') && run('commit', '-q', '-m', 'x')],
    ['a file that nobody recorded', addFile],
    // The tree is the last record's own: only the parents are others.
    ['a merge', (run) => run('reset', '-q', '--soft', run('commit-tree', 'HEAD^{tree}', '-p', 'HEAD~1', '-p', 'HEAD~2', '-m', 'x'))],
    ['no record at the beginning', (run) => run('checkout', '-q', '--orphan', 'x', 'HEAD') && run('commit', '-q', '-m', 'x')],
  ])('%s is found, with the commit', async (_name, work) => {
    const { store } = await recorded(three);
    const before = remote.git('rev-parse', branch);
    const clone = `${remote.folder}/tamper`;
    runIn(remote.folder, 'clone', '-q', '-b', 'mooring/journal', remote.url, clone);
    work((...args) => runIn(clone, ...args) || 'done', clone);
    runIn(clone, 'push', '-q', '--force', 'origin', 'HEAD:refs/heads/mooring/journal');
    expect(remote.git('rev-parse', branch)).not.toBe(before);
    await expect((await machine('fresh')).store.read()).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(/commit [0-9a-f]{12}:/),
    });
    await expect(store.read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    await expect(store.append([started('s')])).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });

  function changeRecord(run: (...args: string[]) => string, clone: string): void {
    const text = readFileSync(`${clone}/record.json`, 'utf8');
    writeFileSync(`${clone}/record.json`, text.replace('"success": true', '"success": false'));
    run('commit', '-q', '-a', '--amend', '-m', 'x');
  }

  function addFile(run: (...args: string[]) => string, clone: string): void {
    writeFileSync(`${clone}/receipts.json`, 'forged');
    run('add', '-A');
    run('commit', '-q', '--amend', '-m', 'x');
  }

  describe('of another environment’s signer', () => {
    const own = (key: number) => ({ store: { own: (address: string) => address === addressOf(key) } });

    test.each<[string, (forger: Machine) => Promise<unknown>]>([
      ['a run', ({ store }) => store.append([started('forged')])],
      ['the end of a run', ({ store }) => store.append([{ run: 'r', at: 9, type: 'run-finished', outcome: 'done', findings: [] }])],
      ['how far it has been applied', ({ store }) => store.mark('applied/local', 'x')],
    ])('%s of this one is found', async (_name, forge) => {
      await recorded(three);
      const forger = await machine('forger', { key: 2, environment: 'other', ...own(2) });
      await forger.store.lock();
      await forge(forger);
      await forger.store.mark('applied/other', 'mine');
      await expect((await machine('fresh', own(1))).store.read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    });

    test('its own business is none of ours', async () => {
      await recorded(three);
      const other = await machine('other', { key: 2, environment: 'other', ...own(2) });
      await other.store.lock();
      await other.store.mark('applied/other', 'mine');
      expect(await (await machine('fresh', own(1))).store.read()).toHaveLength(3);
    });
  });

  test('a record in good form by a key that may not write is found', async () => {
    await recorded(three);
    const stranger = await machine('stranger', { key: 10, store: { trusted: () => true } });
    await stranger.store.lock();
    await stranger.store.append([started('forged')]);
    await stranger.store.append([started('forged again')]);
    const first = remote.git('rev-parse', `${branch}~1`);
    await expect((await machine('fresh')).store.read()).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining(first.slice(0, 12)),
    });
  });

  test('a record signed in the name of another key is found', async () => {
    await recorded(three);
    const wallet = new Wallet(privateKey(2));
    const signer = { address: addressOf(1), signMessage: (message: string) => wallet.signMessage(message) };
    const stranger = await machine('stranger', { key: 2, store: { signer } });
    await stranger.store.lock();
    await stranger.store.append([started('forged')]);
    await expect((await machine('fresh')).store.read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });

  test('a record of another past, in good form, is found', async () => {
    await recorded(three);
    const third = remote.git('rev-parse', branch);
    remote.git('update-ref', branch, `${branch}~2`);
    remote
      .git('for-each-ref', '--format=%(refname)', 'refs/mooring/leases')
      .split('\n')
      .forEach((ref) => remote.git('update-ref', '-d', ref));
    await recorded([[started('other')]], 'b');
    const grafted = runIn(remote.url, 'commit-tree', `${third}^{tree}`, '-p', branch, '-m', 'x');
    remote.git('update-ref', branch, grafted);
    await expect((await machine('fresh')).store.read()).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining(grafted.slice(0, 12)),
    });
  });

  test('a journal that was set back, or removed, is found by who has seen it', async () => {
    await recorded(three);
    remote.git('update-ref', branch, `${branch}~1`);
    await expect((await machine('a')).store.read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    remote.git('update-ref', '-d', branch);
    await expect((await machine('a')).store.read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect(await (await machine('fresh')).store.read()).toEqual([]);
  });
});
