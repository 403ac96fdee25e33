// Break-glass that is cut off, started twice, or stuck: never a second transaction for the same pause.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NextJournal } from '../../src/apply/pause/session.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import type { JournalStore } from '../../src/types.ts';
import { type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';
import { type Operator, operator, said, targets } from './pause-world.ts';

let world: FieldWorld;
let guardian: Operator;
let nonceBefore: number;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world.stop());
beforeEach(async () => {
  guardian = operator(world, world.deployment.accounts.guardian);
  nonceBefore = await nonce();
});
afterEach(async () => {
  guardian.close();
  await world.node.ask('anvil_setAutomine', [true]);
  await world.node.ask('anvil_dropAllTransactions');
  await world.reset();
});

async function nonce(): Promise<number> {
  return Number(await world.node.ask<string>('eth_getTransactionCount', [guardian.address, 'latest']));
}

const isPaused = async (): Promise<unknown> => world.read({ on: 'arena', call: 'paused' });

/** Ends, as a process would that is killed, right after what `when` names has been recorded. */
function killedAfter(when: 'signed'): JournalStore {
  const store = openFileStore(guardian.folder);
  return {
    ...store,
    async append(events) {
      await store.append(events);
      if (events.some(({ type }) => type === when)) throw new Error('killed');
    },
  };
}

test('killed between journal and broadcast: the next start sends the same bytes', async () => {
  await expect(guardian.pause(targets(world, 'arena'), { journal: killedAfter('signed') })).rejects.toThrow('killed');
  expect([await nonce(), await isPaused()]).toEqual([nonceBefore, false]);
  const [signed] = reduceJournal(await openFileStore(guardian.folder).read()).runs.flatMap((run) => run.nonces);
  const report = await guardian.pause(targets(world, 'arena'));
  expect(report.rows).toMatchObject([{ state: 'already' }]);
  expect(await world.node.ask('eth_getTransactionReceipt', [signed?.transactions[0]?.hash])).toMatchObject({ status: '0x1' });
  expect([await nonce(), await isPaused()]).toEqual([nonceBefore + 1, true]);
});

test('killed, and then asked for more: both are paused, each once', async () => {
  await expect(guardian.pause(targets(world, 'arena'), { journal: killedAfter('signed') })).rejects.toThrow('killed');
  await world.node.ask('anvil_setAutomine', [false]);
  const pausing = guardian.pause(targets(world, 'arena', 'stake-manager'));
  await waiting(2);
  await world.node.mine();
  expect(said(await pausing)).toEqual(['arena paused', 'stake-manager paused']);
  expect(await nonce()).toBe(nonceBefore + 2);
});

test('killed, and then asked for another: what goes out besides has a row that says since when; once it is through, no more', async () => {
  const signedAt = Date.now() - 86_400_000;
  await expect(guardian.pause(targets(world, 'arena'), { journal: killedAfter('signed'), now: () => signedAt })).rejects.toThrow('killed');
  const { rows } = await guardian.pause(targets(world, 'stake-manager'));
  expect(rows).toMatchObject([
    { contract: 'stake-manager', state: 'paused', since: null },
    { contract: 'arena', state: 'already', since: signedAt },
  ]);
  expect([await nonce(), await isPaused()]).toEqual([nonceBefore + 2, true]);
  expect(said(await guardian.pause(targets(world, 'stake-manager')))).toEqual(['stake-manager already']);
});

describe('a lock on the record', () => {
  let clock: number;
  beforeEach(() => {
    clock = Date.now();
  });
  const hurried = { now: () => (clock += 4_000), waitMs: 1_000_000 };

  test('of a process that lives here is waited for, however long', async () => {
    const lock = await openFileStore(guardian.folder).lock();
    let waits = 0;
    const report = await guardian.pause(targets(world, 'arena'), {
      ...hurried,
      beside: () => Promise.reject(new Error('not to be asked for')),
      async sleep() {
        waits += 1;
        if (waits === 5) await lock.release();
      },
    });
    expect([said(report), waits >= 5]).toEqual([['arena paused'], true]);
  });

  test('of a process elsewhere is so only for a moment: another record is begun, as often as it takes', async () => {
    const folders = ['', '-2', '-3'].map((more) => join(guardian.folder, `journal${more}`));
    for (const folder of folders.slice(0, 2)) holdElsewhere(folder);
    const [first, second, third] = folders.map(openFileStore) as [JournalStore, JournalStore, JournalStore];
    const none: NextJournal = async () => null;
    const beside: NextJournal = async () => ({ journal: second, beside: async () => ({ journal: third, beside: none }) });
    const report = await guardian.pause(targets(world, 'arena'), { ...hurried, journal: first, beside });
    expect([said(report), (await third.read()).length > 0]).toEqual([['arena paused'], true]);
    // Whoever holds it may still come back to what is its own.
    expect([await first.read(), await second.read()]).toEqual([[], []]);
    expect(folders.slice(0, 2).map((folder) => readdirSync(join(folder, 'lock')))).toEqual([['other.holder'], ['other.holder']]);
  });
});

function holdElsewhere(folder: string): void {
  mkdirSync(join(folder, 'lock'), { recursive: true });
  writeFileSync(join(folder, 'lock', 'other.holder'), JSON.stringify({ pid: 1, started: '1', machine: 'elsewhere pid:[1] boot', since: 'then' }));
}

test('twice at once: one transaction', async () => {
  const reports = await Promise.all([guardian.pause(targets(world, 'arena')), guardian.pause(targets(world, 'arena'))]);
  expect(reports.flatMap(said).sort()).toEqual(['arena already', 'arena paused']);
  expect(await nonce()).toBe(nonceBefore + 1);
});

test('with every node gone right after the broadcast, what was sent is told; the next start sees it through', async () => {
  world.proxy.hooks = {
    before: ({ calls, number }) => {
      const sending = world.proxy.exchanges.find((one) => one.calls.some(({ method }) => method === 'eth_sendRawTransaction'))?.number;
      return sending !== undefined && number > sending && calls.length > 0 ? 'drop' : undefined;
    },
  };
  const report = await guardian.pause(targets(world, 'arena', 'stake-manager'), { patience: { faults: 0 } });
  expect(said(report)).toEqual(['arena sent', 'stake-manager sent']);
  world.proxy.hooks = {};
  expect(said(await guardian.pause(targets(world, 'arena', 'stake-manager')))).toEqual(['arena already', 'stake-manager already']);
  expect(await nonce()).toBe(nonceBefore + 1);
});

test('a node that can not say what became of an earlier one does not keep a new one back', async () => {
  await expect(guardian.pause(targets(world, 'arena'), { journal: killedAfter('signed') })).rejects.toThrow('killed');
  let refusals = 1;
  world.proxy.hooks = {
    rewrite: ({ method }, { id, ...answer }) => {
      if (method !== 'eth_getTransactionReceipt' || refusals === 0) return { id, ...answer };
      refusals -= 1;
      return { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } };
    },
  };
  expect(said(await guardian.pause(targets(world, 'arena', 'stake-manager')))).toEqual(['arena paused', 'stake-manager paused']);
  expect([await nonce(), refusals]).toEqual([nonceBefore + 2, 0]);
});

test('one of two nodes that is of a chain begun elsewhere does not make the journal be forgotten', async () => {
  const lying = await startRpcProxy(world.url, {
    rewrite: ({ method, params }, answer) => {
      if (method === 'eth_blockNumber') return { ...answer, result: '0xffffffff' };
      const isFirst = method === 'eth_getBlockByNumber' && params[0] === '0x0';
      return isFirst ? { ...answer, result: { ...(answer.result as object), hash: `0x${'11'.repeat(32)}` } } : answer;
    },
  });
  const two = operator(world, world.deployment.accounts.guardian, [lying.url, world.proxy.url]);
  await expect(guardian.pause(targets(world, 'arena'), { journal: killedAfter('signed') })).rejects.toThrow('killed');
  const report = await two.pause(targets(world, 'arena'), { journal: openFileStore(guardian.folder) });
  two.close();
  await lying.stop();
  expect([report.run, await isPaused(), await nonce()]).toEqual([null, true, nonceBefore + 1]);
});

test('it ends with the first block, and the next start sees it confirmed', async () => {
  const environment = { name: 'field', chainId: 31337n, confirmations: 3, maxFeePerGas: null };
  const confirmed = async (): Promise<number> => (await openFileStore(guardian.folder).read()).filter(({ type }) => type === 'confirmed').length;
  expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
  expect(await confirmed()).toBe(0);
  await world.node.mine(3);
  expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena already']);
  expect(await confirmed()).toBe(1);
});

describe('a pause that is mined, and not confirmed yet', () => {
  const environment = { name: 'field', chainId: 31337n, confirmations: 12, maxFeePerGas: null };

  test('and undone: the next one pauses again', async () => {
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
    await world.byHand({ on: 'arena', call: 'unpause', args: [] });
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
    expect([await nonce(), await isPaused()]).toEqual([nonceBefore + 2, true]);
  });

  test('and reverted: the next one pauses again', async () => {
    await expect(guardian.pause(targets(world, 'arena'), { environment, journal: killedAfter('signed') })).rejects.toThrow('killed');
    await world.byHand({ on: 'arena', call: 'setPauser', args: ['stranger'] });
    await guardian.pause(targets(world, 'arena'), { environment });
    await world.byHand({ on: 'arena', call: 'setPauser', args: [world.deployment.addresses.pauseGuard] });
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
  });

  test('is no earlier command’s that has to be told of', async () => {
    await guardian.pause(targets(world, 'arena'), { environment });
    expect(said(await guardian.pause(targets(world, 'stake-manager'), { environment }))).toEqual(['stake-manager paused']);
  });
});

describe('a node whose count of pending transactions is stale', () => {
  test.each([
    ['not confirmed', 12],
    ['confirmed and closed', 1],
  ])('does not get a nonce signed again that the journal knows to be mined (%s)', async (_name, confirmations) => {
    const environment = { name: 'field', chainId: 31337n, confirmations, maxFeePerGas: null };
    const stale = `0x${nonceBefore.toString(16)}`;
    await guardian.pause(targets(world, 'arena'), { environment });
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena already']);
    await world.byHand({ on: 'arena', call: 'unpause', args: [] });
    world.proxy.hooks = {
      rewrite: ({ method, params }, answer) => (method === 'eth_getTransactionCount' && params[1] === 'pending' ? { ...answer, result: stale } : answer),
    };
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
    expect([await nonce(), await isPaused()]).toEqual([nonceBefore + 2, true]);
  });
});

test('a nonce that a reorg has given back is signed again, closed or not', async () => {
  await guardian.pause(targets(world, 'arena'));
  expect(said(await guardian.pause(targets(world, 'arena')))).toEqual(['arena already']);
  await world.node.ask('anvil_reorg', [1, []]);
  await world.node.ask('anvil_dropAllTransactions');
  expect([await nonce(), await isPaused()]).toEqual([nonceBefore, false]);
  expect(said(await guardian.pause(targets(world, 'arena')))).toEqual(['arena paused']);
  expect(await nonce()).toBe(nonceBefore + 1);
});

test('a reorg that takes a pause back is seen: the same bytes go out again', async () => {
  const environment = { name: 'field', chainId: 31337n, confirmations: 3, maxFeePerGas: null };
  const first = await guardian.pause(targets(world, 'arena'), { environment });
  await world.node.ask('anvil_reorg', [1, []]);
  await world.node.ask('anvil_dropAllTransactions');
  expect(await isPaused()).toBe(false);
  const again = await guardian.pause(targets(world, 'arena'), { environment });
  expect([again.run, await isPaused(), await nonce()]).toEqual([null, true, nonceBefore + 1]);
  expect(await world.node.ask('eth_getTransactionReceipt', [(first.rows[0] as { transaction: string }).transaction])).toMatchObject({ status: '0x1' });
});

describe('on a chain that makes no block', () => {
  beforeEach(async () => {
    await world.node.ask('anvil_setAutomine', [false]);
  });

  test('it is sent and not yet seen; another start signs nothing new', async () => {
    const patient = { waitMs: 0 };
    expect(await guardian.pause(targets(world, 'arena'), patient)).toMatchObject({ rows: [{ state: 'sent', note: expect.stringMatching(/not mined/) }] });
    expect(await guardian.pause(targets(world, 'arena'), patient)).toMatchObject({ run: null, rows: [{ state: 'sent' }] });
    await world.node.mine();
    expect(said(await guardian.pause(targets(world, 'arena'), patient))).toEqual(['arena already']);
    expect(await nonce()).toBe(nonceBefore + 1);
  });

  test('two at once: the second waits for the first, and signs nothing', async () => {
    const first = guardian.pause(targets(world, 'arena'));
    await waiting(1);
    const told = Promise.withResolvers<void>();
    const second = guardian.pause(targets(world, 'arena'), { log: () => told.resolve() });
    await told.promise;
    await world.node.mine();
    expect([await first, await second].map(said)).toEqual([['arena paused'], ['arena already']]);
    expect(await nonce()).toBe(nonceBefore + 1);
  });

  test('a stuck one is sent again with a higher fee, on the same nonce', async () => {
    const first = await guardian.pause(targets(world, 'arena'), { waitMs: 0 });
    const later = await guardian.pause(targets(world, 'arena'), { waitMs: 0, now: () => Date.now() + 60_000 });
    const [before, after] = [first, later].map(({ rows }) => (rows[0] as { transaction: string }).transaction);
    expect([later.run, after === before]).toEqual([null, false]);
    await world.node.mine();
    expect(await world.node.ask('eth_getTransactionReceipt', [after])).toMatchObject({ status: '0x1' });
    expect([await nonce(), await isPaused()]).toEqual([nonceBefore + 1, true]);
  });

  test('a nonce that something else has used holds nothing back', async () => {
    await guardian.pause(targets(world, 'arena'), { waitMs: 0 });
    await world.node.ask('anvil_dropAllTransactions');
    await world.node.ask('anvil_setAutomine', [true]);
    await world.node.send(guardian.address, '0x', guardian.address);
    expect(said(await guardian.pause(targets(world, 'arena')))).toEqual(['arena paused']);
  });
});

/** The guardian has so many transactions in the pool. */
async function waiting(count: number): Promise<void> {
  for (;;) {
    const pending = Number(await world.node.ask<string>('eth_getTransactionCount', [guardian.address, 'pending']));
    if (pending >= nonceBefore + count) return;
  }
}
