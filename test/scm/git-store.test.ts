import { renameSync } from 'node:fs';
import { Wallet } from 'ethers/wallet';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { receiptHash, receiptMessage } from '../../src/journal/receipt.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import { unknownRaw } from '../../src/scm/without-raw.ts';
import type { Hex, JournalEvent, Receipt } from '../../src/types.ts';
import { mined, receipt, signed, started } from '../journal/events.ts';
import { type Child, startChild } from './child.ts';
import { addressOf, type Machine, type MachineOptions, openMachine, privateKey } from './open-store.ts';
import { makeRemote, type Remote, runIn } from './remote.ts';

const full = process.env['MOORING_FULL'] === '1';
const branch = 'refs/heads/mooring/journal';
const raw: Hex = `0x02f8${'c0ffee42'.repeat(24)}`;
let remote: Remote;
let children: Child[];

beforeEach(() => {
  remote = makeRemote();
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.end()));
  remote.remove();
});

function machine(name = 'a', more: Partial<MachineOptions> = {}): Promise<Machine> {
  return openMachine({ folder: remote.folder, url: remote.url, name, ...more });
}

function group(run: string, hash: Hex = '0xaa'): JournalEvent {
  return { run, at: 2, type: 'signed', group: 0, transactions: [{ ...signed('a', 4, hash), raw }] };
}

/** A machine that has the lock and has recorded these. */
async function recorded(events: readonly (readonly JournalEvent[])[], name = 'a'): Promise<Machine> {
  const opened = await machine(name);
  await opened.store.lock();
  for (const one of events) await opened.store.append(one);
  return opened;
}

describe('the shared journal', () => {
  test('gives back on any machine what was appended, a commit for each append', async () => {
    const { store } = await recorded([[started('r'), group('r')], [mined('r', 'a', '0xaa')]]);
    const expected = [started('r'), group('r'), mined('r', 'a', '0xaa')];
    expect(await store.read()).toEqual(expected);
    const other = await (await machine('b')).store.read();
    expect(other).toEqual([started('r'), { ...group('r'), transactions: [{ ...signed('a', 4, '0xaa'), raw: unknownRaw }] }, mined('r', 'a', '0xaa')]);
    expect(reduceJournal(other).open.size).toBe(1);
    expect(remote.git('rev-list', '--count', branch)).toBe('2');
  });

  test('is empty where there is no branch yet, and wants the lock for anything that is written', async () => {
    const { store } = await machine();
    expect([await store.read(), await store.receipts(), (await store.marks()).size]).toEqual([[], [], 0]);
    await expect(store.append([started('r')])).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
    await expect(store.keepReceipt(receipt('r', null), '0x')).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
    await expect(store.mark('applied/local', 'x')).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
    const lock = await store.lock();
    await expect(store.lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await lock.release();
    await expect(store.append([started('r')])).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
    expect(remote.git('for-each-ref')).toBe('');
  });

  test('never has raw bytes: not in signed, replaced and burnt transactions, and not where a node quotes them', async () => {
    const again = (type: 'replacement-signed' | 'burn-signed'): JournalEvent => ({
      run: 'r',
      at: 3,
      type,
      replaces: '0xaa',
      transaction: { ...signed('a', 4, '0xbb'), raw },
    });
    const quoted: JournalEvent = {
      run: 'r',
      at: 4,
      type: 'sent',
      hash: '0xaa',
      answer: 'unsure',
      detail: `bad transaction ${raw.toUpperCase().replace('0X', '0x')}!`,
    };
    const { git } = await recorded([[started('r'), group('r')], [again('replacement-signed')], [again('burn-signed')], [quoted]]);
    const objects = runIn(git.folder, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)').split('\n');
    const all = objects.filter((line) => !line.endsWith(' tree')).map((line) => runIn(git.folder, 'cat-file', '-p', line.split(' ')[0] ?? ''));
    expect(all.length).toBeGreaterThan(8);
    expect(all.join('\n')).toContain('0xbb');
    expect(new Set(all.join('\n').match(/"raw": ".*"/g))).toEqual(new Set(['"raw": "0x"']));
    expect(all.join('\n').toLowerCase()).not.toContain(raw.slice(2, 60));
    expect((await (await machine('b')).store.read()).at(-1)).toMatchObject({ detail: 'bad transaction …!' });
  });

  test('after a restart on the same machine has the raw bytes again, and never those of a stranger', async () => {
    const { store } = await recorded([[started('r'), group('r')]]);
    await store.lock().catch(() => {});
    expect((await (await machine('a')).store.read())[1]).toEqual(group('r'));
    expect((await (await machine('b')).store.read())[1]).toMatchObject({ transactions: [{ raw: unknownRaw }] });
  });

  test('keeps the raw bytes before the record: where they can not be kept, nothing is recorded', async () => {
    const failing = { keep: async () => Promise.reject(new Error('disk full')), find: async () => null };
    const { store } = await machine('a', { store: { raw: failing } });
    await store.lock();
    await expect(store.append([started('r'), group('r')])).rejects.toThrow('disk full');
    expect(await store.read()).toEqual([]);
  });

  test('remembers the last of each mark', async () => {
    const { store } = await recorded([]);
    await store.mark('applied/local', 'one');
    await store.mark('applied/other', 'two');
    await store.mark('applied/local', 'three');
    expect(Object.fromEntries(await (await machine('b')).store.marks())).toEqual({ 'applied/local': 'three', 'applied/other': 'two' });
  });

  test('shows each reading what was appended before it was asked for, also to readers at once', async () => {
    const writer = await recorded([[started('r')]]);
    const { store } = await machine('b');
    const first = store.read();
    await writer.store.mark('applied/local', 'one');
    const [events, marks] = await Promise.all([store.read(), store.marks()]);
    expect([(await first).length, events.length, Object.fromEntries(marks)]).toEqual([1, 1, { 'applied/local': 'one' }]);
    await writer.store.append([group('r')]);
    expect(await store.read()).toHaveLength(2);
  });

  test('is read by who has no key, and not written', async () => {
    await recorded([[started('r')]]);
    const { store } = await machine('b', { key: 2, store: { signer: null } });
    expect(await store.read()).toHaveLength(1);
    await store.lock();
    await expect(store.append([started('s')])).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
  });
});

describe('receipts in the shared journal', () => {
  async function kept(environment: string, run: string, previous: Receipt | null): Promise<{ receipt: Receipt; signature: Hex }> {
    const made = { ...receipt(run, previous === null ? null : receiptHash(previous)), environment, signer: addressOf(1) };
    return { receipt: made, signature: await new Wallet(privateKey(1)).signMessage(receiptMessage(made)) };
  }

  test('are chained for each environment, and lie in the branch as files', async () => {
    const { store } = await recorded([[started('r')]]);
    const other = await machine('b', { key: 2, environment: 'main/net' });
    await other.store.lock();
    const first = await kept('local', 'one', null);
    const second = await kept('local', 'two', first.receipt);
    const elsewhere = await kept('main/net', 'three', null);
    expect(await store.keepReceipt(first.receipt, first.signature)).toEqual({ file: 'receipts/local/000001-one.json' });
    await other.store.keepReceipt(elsewhere.receipt, elsewhere.signature);
    expect(await store.keepReceipt(second.receipt, second.signature)).toEqual({ file: 'receipts/local/000002-two.json' });
    await store.append([mined('r', 'a', '0xaa')]);
    expect(await store.receipts()).toEqual([first.receipt, second.receipt]);
    expect(await other.store.receipts()).toEqual([elsewhere.receipt]);
    expect(remote.git('ls-tree', '-r', '--name-only', branch).split('\n')).toEqual([
      'receipts/local/000001-one.json',
      'receipts/local/000002-two.json',
      'receipts/main_net/000001-three.json',
      'record.json',
    ]);
  });

  test('that do not follow the last one, or are not signed, are refused and not written', async () => {
    const { store } = await recorded([[started('r')]]);
    const first = await kept('local', 'one', null);
    await store.keepReceipt(first.receipt, first.signature);
    const [again, second] = [await kept('local', 'two', null), await kept('local', 'two', first.receipt)];
    await expect(store.keepReceipt(again.receipt, again.signature)).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
    await expect(store.keepReceipt(second.receipt, first.signature)).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
    expect(await store.receipts()).toEqual([first.receipt]);
  });
});

describe('appending beside others', () => {
  test('a record that loses is put behind the one that was faster', async () => {
    const [one, two] = [await recorded([[started('one')]]), await machine('b', { key: 2 })];
    await two.store.lock();
    await two.store.append([started('two')]);
    // Its memory ends before `two`.
    await one.store.append([started('three')]);
    expect((await two.store.read()).map(({ run }) => run)).toEqual(['one', 'two', 'three']);
  });

  test('gives up in the end, and says that nothing was written', async () => {
    const { store } = await machine('a', { store: { attempts: { lost: 1, unanswered: 1 } } });
    const other = await machine('b', { key: 2 });
    await store.lock();
    await store.append([started('one')]);
    await other.store.lock();
    await other.store.append([started('two')]);
    await expect(store.append([started('three')])).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
    expect((await store.read()).map(({ run }) => run)).toEqual(['one', 'two']);
  });

  test('is refused where a hook or a rule says so', async () => {
    const { store } = await recorded([[started('one')]]);
    remote.hook('update', `[ "$1" = ${branch} ] && echo "only the bot" >&2 && exit 1; exit 0`);
    await expect(store.append([started('two')])).rejects.toMatchObject({ code: 'JOURNAL_WRITE', message: expect.stringContaining('only the bot') });
  });

  test('with the remote lost in between fails without a record, and goes on when it is back', async () => {
    const { store } = await machine('a', { store: { attempts: { lost: 9, unanswered: 2 } } });
    await store.lock();
    await store.append([started('one')]);
    renameSync(remote.url, `${remote.url}.away`);
    await expect(store.append([started('two')])).rejects.toMatchObject({ code: 'GIT_REMOTE' });
    await expect(store.read()).rejects.toMatchObject({ code: 'GIT_REMOTE' });
    renameSync(`${remote.url}.away`, remote.url);
    await store.append([started('three')]);
    expect((await store.read()).map(({ run }) => run)).toEqual(['one', 'three']);
  });

  test('whose answer is lost records once', async () => {
    const waits: number[] = [];
    const back = async (ms: number): Promise<void> => {
      if (waits.push(ms) === 1) renameSync(`${remote.url}.away`, remote.url);
    };
    const { store } = await machine('a', { store: { sleep: back } });
    await store.lock();
    await store.append([started('one')]);
    // The remote takes the push, dies, and is away when it is asked; when the writer has waited it is back.
    remote.hook('post-receive', `mv "${remote.url}" "${remote.url}.away"; rm "${remote.url}.away/hooks/post-receive"; kill -9 $PPID`);
    await store.append([started('two')]);
    expect(waits).not.toHaveLength(0);
    expect((await store.read()).map(({ run }) => run)).toEqual(['one', 'two']);
    await store.append([started('three')]);
    expect(remote.git('rev-list', '--count', branch)).toBe('3');
  });

  test('a process that lost its lease records nothing more, though nobody has written since', async () => {
    const { store } = await recorded([[started('one')]]);
    remote
      .git('for-each-ref', '--format=delete %(refname)', 'refs/mooring/leases')
      .split('\n')
      .forEach((line) => remote.git('update-ref', '-d', line.slice('delete '.length)));
    await expect(store.append([started('two')])).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect((await (await machine('b')).store.read()).map(({ run }) => run)).toEqual(['one']);
  });

  const [writers, appends] = full ? [8, 20] : [4, 3];
  test(`${writers} processes with leases of their own append ${appends} records each, and none is lost or doubled`, { timeout: 300_000 }, async () => {
    children = Array.from({ length: writers }, (_item, i) => startChild('applier.ts', remote.folder, remote.url, `writer-${i}`, String(i + 1), '60000'));
    await Promise.all(
      children.map(async (child, i) => {
        expect(await child.line()).toBe('held');
        for (let n = 0; n < appends; n++) {
          child.say(`append ${i}${n}`);
          expect(await child.line()).toBe('done');
        }
        child.say('release');
        expect(await child.line()).toBe('done');
      }),
    );
    const runs = (await (await machine('fresh')).store.read()).filter(({ type }) => type === 'signed').map(({ run }) => run);
    expect(runs.toSorted()).toEqual(Array.from({ length: writers * appends }, (_item, i) => `${Math.floor(i / appends)}${i % appends}`).toSorted());
    expect(remote.git('for-each-ref', '--format=%(refname)')).toBe(branch);
  });

  test('processes with the same signer queue for the lease: one after another', { timeout: 300_000 }, async () => {
    children = ['x', 'y', 'z'].map((name) => startChild('applier.ts', remote.folder, remote.url, name, '1', '60000'));
    await Promise.all(
      children.map(async (child, i) => {
        expect(await child.line()).toBe('held');
        for (const line of [`append ${i}1`, `append ${i}2`, 'release']) {
          child.say(line);
          expect(await child.line()).toBe('done');
        }
      }),
    );
    const runs = (await (await machine('fresh')).store.read()).filter(({ type }) => type === 'signed').map(({ run }) => run[0]);
    expect([runs[0], runs[2], runs[4]]).toEqual([runs[1], runs[3], runs[5]]);
    expect(new Set(runs).size).toBe(3);
  });
});

test('whatever events there are, they come back', { timeout: 120_000 }, async () => {
  const { store } = await recorded([]);
  const other = await machine('b');
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const event = fc.record({
    run: text,
    at: fc.nat(),
    type: fc.constant('sent' as const),
    hash: fc.constant('0xaa'),
    answer: fc.constant('unsure' as const),
    detail: text,
  });
  const expected: JournalEvent[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), async (events) => {
      await store.append(events);
      expected.push(...events);
      expect(await other.store.read()).toEqual(expected);
    }),
    { numRuns: full ? 100 : 5, endOnFailure: true },
  );
});
