// What a chain and its node can do to transactions under way. Blocks are made only when an apply waits.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyOptions } from '../../src/apply/execute.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import type { JournalEvent, SignedTransaction } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { boxCall } from './box.ts';
import { makeWorld, type World } from './world.ts';

let anvil: Anvil;
let proxy: RpcProxy;
let world: World;

beforeAll(async () => {
  anvil = await startAnvil({ args: ['--no-mining'] });
  proxy = await startRpcProxy(anvil.url);
});
afterAll(async () => {
  await proxy.stop();
  await anvil.stop();
});
beforeEach(async () => {
  world = await makeWorld(proxy.url, anvil.url);
  proxy.hooks = {};
  proxy.reset();
});
afterEach(() => world.close());

const wishes = [0, 1, 2].map((number) => ({ number, to: 5n, group: 0 }));
const later = { number: 3, to: 5n, group: 1 };

async function mine(blocks = 1): Promise<void> {
  await world.rpc('anvil_mine', `0x${blocks.toString(16)}`);
}

/** An apply that makes blocks while it waits; `first` happens in its first wait, before the first block. */
function waiting(first: () => Promise<unknown> = async () => {}): Partial<ApplyOptions> {
  let waits = 0;
  return {
    async sleep() {
      waits += 1;
      if (waits === 1) await first();
      await mine();
    },
  };
}

async function signed(): Promise<SignedTransaction[]> {
  return (await world.journal.read()).flatMap((event) => (event.type === 'signed' ? event.transactions : []));
}

async function types(type: JournalEvent['type']): Promise<number> {
  return (await world.journal.read()).filter((event) => event.type === type).length;
}

async function writes(count: number): Promise<unknown[]> {
  return (await world.read()).writes.slice(0, count) as unknown[];
}

function nonceCount(): Promise<string> {
  return world.rpc('eth_getTransactionCount', world.signer.address, 'latest');
}

describe('sending', () => {
  test('a group goes out in one request and into one block', async () => {
    const twenty = Array.from({ length: 20 }, (_, number) => ({ number, to: 5n, group: 0 }));
    const plan = await world.plan(twenty);
    proxy.reset();
    const { outcome, receipt } = await world.apply(twenty, {
      ...waiting(),
      digest: plan.digest,
      environment: { name: 'test', chainId: 31337n, confirmations: 3, finality: 'latest', maxFeePerGas: null },
    });
    expect(outcome).toBe('done');
    expect(new Set(receipt?.transactions.map(({ block }) => block)).size).toBe(1);
    expect(proxy.exchanges.filter(({ calls }) => calls.some(({ method }) => method === 'eth_sendRawTransaction'))).toHaveLength(1);
    expect(proxy.exchanges.length).toBeLessThanOrEqual(6 * 20);
    // Measured: 25 requests for the whole apply, its two readings of the plan included.
    expect(proxy.exchanges.length).toBeLessThanOrEqual(40);
  });

  test.each(['drop', 'error'] as const)('the node takes it, and the answer is lost (%s)', async (how) => {
    let lost = 0;
    proxy.hooks = {
      async before(exchange) {
        if (lost >= 2 || exchange.calls[0]?.method !== 'eth_sendRawTransaction') return undefined;
        lost += 1;
        const body = JSON.stringify(exchange.calls.map((call) => ({ jsonrpc: '2.0', ...call })));
        await (await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
        return how === 'drop'
          ? 'drop'
          : { status: 200, body: JSON.stringify(exchange.calls.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: 'timed out' } }))) };
      },
    };
    expect(await world.apply(wishes, waiting())).toMatchObject({ outcome: 'done', findings: [] });
    expect(lost).toBeGreaterThan(0);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
    expect(await nonceCount()).toBe('0x3');
  });

  test('dropped transactions are sent again, byte for byte', async () => {
    const drop = async () => {
      for (const { hash } of await signed()) await world.rpc('anvil_dropTransaction', hash);
    };
    const { outcome, receipt } = await world.apply(wishes, waiting(drop));
    expect(outcome).toBe('done');
    expect(receipt?.transactions.map(({ hash }) => hash)).toEqual((await signed()).map(({ hash }) => hash));
    expect(proxy.count('eth_sendRawTransaction')).toBe(6);
  });

  test('what the node refuses again and again ends the run, and the next one takes it up', async () => {
    proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_sendRawTransaction'
          ? { id: answer.id, error: { code: -32000, message: 'txpool is closed, see https://node.example/key-canary' } }
          : answer,
      before: async (exchange) =>
        exchange.calls[0]?.method === 'eth_sendRawTransaction'
          ? {
              status: 200,
              body: JSON.stringify(
                exchange.calls.map(({ id }) => ({
                  jsonrpc: '2.0',
                  id,
                  error: { code: -32000, message: 'txpool is closed, see https://node.example/key-canary' },
                })),
              ),
            }
          : undefined,
    };
    const { digest } = await world.plan(wishes);
    await expect(world.apply(wishes, { ...waiting(), digest })).rejects.toMatchObject({
      code: 'TRANSACTION_REFUSED',
      message: expect.not.stringContaining('canary'),
    });
    expect(await types('run-finished')).toBe(0);
    proxy.hooks = {};
    const { outcome, findings } = await world.apply(wishes, { ...waiting(), digest });
    expect({ outcome, codes: findings.map(({ code }) => code) }).toEqual({ outcome: 'done', codes: ['RUN_CONTINUED'] });
    expect(await signed()).toHaveLength(3);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('a disk that is full at the signing sends nothing', async () => {
    const { journal } = world;
    const full = {
      ...journal,
      append: async (events: readonly JournalEvent[]) => {
        if (events.some((event) => event.type === 'signed')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        await journal.append(events);
      },
    };
    await expect(world.apply(wishes, { ...waiting(), journal: full })).rejects.toThrow('no space');
    expect(proxy.count('eth_sendRawTransaction')).toBe(0);
  });
});

describe('waiting', () => {
  test('a node that is away for a while is waited for', async () => {
    let faults = 0;
    const away = async () => {
      proxy.hooks = { before: () => (faults++ < 6 ? 'drop' : undefined) };
    };
    expect(await world.apply(wishes, waiting(away))).toMatchObject({ outcome: 'done' });
    expect(faults).toBeGreaterThan(6);
  });

  test('a node that stays away ends the run, and the next one finishes it', async () => {
    const { digest } = await world.plan(wishes);
    const gone = async () => {
      proxy.hooks = { before: () => 'drop' };
    };
    await expect(world.apply(wishes, { ...waiting(gone), digest })).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE', exitCode: 5 });
    proxy.hooks = {};
    expect(await world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done', receipt: { outcome: 'done' } });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('without a block for too long ends the run, and the next one finishes it', async () => {
    const { digest } = await world.plan(wishes);
    let clock = 0;
    const options = { digest, now: () => clock, sleep: async () => void (clock += 60_000) };
    await expect(world.apply(wishes, options)).rejects.toMatchObject({ code: 'TRANSACTION_UNSETTLED', exitCode: 5 });
    expect(await world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await signed()).toHaveLength(3);
  });

  test.each([
    [1, 'latest'],
    [3, 'latest'],
    [1, 'safe'],
    [2, 'finalized'],
  ] as const)('to a depth of %i and finality %s', async (confirmations, finality) => {
    const { outcome } = await world.apply(wishes, {
      ...waiting(),
      environment: { name: 'test', chainId: 31337n, confirmations, finality, maxFeePerGas: null },
    });
    expect(outcome).toBe('done');
    const events = await world.journal.read();
    const depth = events.flatMap((event) => (event.type === 'confirmed' ? [event.confirmations] : []));
    expect(depth.every((reached) => reached >= confirmations)).toBe(true);
    const mined = events.flatMap((event) => (event.type === 'mined' ? [event.block.number] : []));
    const final = BigInt((await world.rpc<{ number: string }>('eth_getBlockByNumber', finality, false)).number);
    expect(mined.every((number) => number <= final)).toBe(true);
  });

  test('a reorg after the first confirmation goes back to waiting', async () => {
    let reorgs = 0;
    const sleep = async () => {
      await mine();
      if (reorgs === 0 && (await types('mined')) > 0) {
        reorgs += 1;
        await world.rpc('anvil_reorg', 2, []);
      }
    };
    const environment = { name: 'test', chainId: 31337n, confirmations: 3, finality: 'latest' as const, maxFeePerGas: null };
    const { outcome, receipt } = await world.apply(wishes, { sleep, environment });
    expect(outcome).toBe('done');
    expect(await types('reorged')).toBe(3);
    expect(await signed()).toHaveLength(3);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
    const block = await world.rpc<{ hash: string; transactions: string[] }>('eth_getBlockByNumber', `0x${receipt?.transactions[0]?.block.toString(16)}`, false);
    expect(block.transactions).toEqual(expect.arrayContaining((await signed()).map(({ hash }) => hash)));
  });
});

describe('a stuck transaction', () => {
  const patience = { firstPollMs: 1, longestPollMs: 1, stuckBlocks: 2n };

  /** The chain becomes dear for `blocks` blocks, beginning with the first wait. */
  function dear(blocks: number, fee = '0x174876e800'): Partial<ApplyOptions> {
    let left = blocks;
    return {
      patience,
      async sleep() {
        if (left-- > 0) await world.rpc('anvil_setNextBlockBaseFeePerGas', fee);
        await mine();
      },
    };
  }

  afterEach(async () => {
    await world.rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
    await mine();
  });

  test('is replaced with at least 10 % more, journaled before it is sent', async () => {
    const sends: string[] = [];
    proxy.hooks = {
      async before(exchange) {
        const file = join(world.folder, 'journal.jsonl');
        const journal = existsSync(file) ? readFileSync(file, 'utf8') : '';
        for (const call of exchange.calls)
          if (call.method === 'eth_sendRawTransaction') sends.push(journal.includes(String(call.params[0])) ? 'journaled' : 'unknown');
        return undefined;
      },
    };
    const { outcome, receipt } = await world.apply(wishes.slice(0, 1), dear(4));
    expect(outcome).toBe('done');
    const replacements = (await world.journal.read()).flatMap((event) => (event.type === 'replacement-signed' ? [event.transaction] : []));
    expect(replacements.length).toBeGreaterThan(0);
    const chain = [...(await signed()), ...replacements];
    for (const [i, { unsigned }] of replacements.entries()) {
      const before = chain[i] as SignedTransaction;
      expect(unsigned.maxFeePerGas * 10n).toBeGreaterThanOrEqual(before.unsigned.maxFeePerGas * 11n);
      expect(unsigned.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(before.unsigned.maxPriorityFeePerGas * 11n);
      expect({ ...unsigned, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }).toEqual({ ...before.unsigned, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    }
    expect(receipt?.transactions.map(({ hash }) => hash)).toEqual([chain.at(-1)?.hash]);
    expect(new Set(sends)).toEqual(new Set(['journaled']));
    expect(await writes(2)).toEqual([1n, 0n]);
  });

  test('is replaced no oftener than allowed, and never above the cap', async () => {
    const environment = { name: 'test', chainId: 31337n, confirmations: 1, finality: 'latest' as const, maxFeePerGas: 5_000_000_000n };
    const { outcome } = await world.apply(wishes.slice(0, 1), { ...dear(30), environment });
    expect(outcome).toBe('done');
    const replacements = (await world.journal.read()).flatMap((event) => (event.type === 'replacement-signed' ? [event.transaction.unsigned] : []));
    expect(replacements.length).toBeGreaterThan(0);
    expect(replacements.every(({ maxFeePerGas }) => maxFeePerGas <= 5_000_000_000n)).toBe(true);
    const few = await world.apply([later], { ...dear(30), patience: { ...patience, replacements: 1 } });
    expect(few.outcome).toBe('done');
    const all = await types('replacement-signed');
    expect(all - replacements.length).toBeLessThanOrEqual(1);
  });
});

describe('a revert in the middle', () => {
  test('leaves the rest of its group as it is, and later groups untried; the next apply does what remains', async () => {
    const plan = await world.plan([...wishes, later]);
    // Into the same block, before ours.
    const breakOne = () =>
      world.rpc('eth_sendTransaction', {
        from: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        to: world.box,
        data: boxCall('setBroken', 1n, true),
        gas: '0x30000',
        maxPriorityFeePerGas: '0x4a817c800',
        maxFeePerGas: '0x4a817c8000',
      });
    const { outcome, receipt, findings } = await world.apply([...wishes, later], { ...waiting(breakOne), digest: plan.digest });
    expect(outcome).toBe('partial');
    expect(findings).toMatchObject([
      { code: 'STEP_REVERTED', message: expect.stringContaining('Broken(1)'), changes: ['box.value.k1'] },
      { code: 'STEP_NOT_TRIED', changes: ['box.value.k3'] },
    ]);
    expect(receipt?.transactions.map(({ step, success }) => [step, success])).toEqual([
      ['step-0', true],
      ['step-1', false],
      ['step-2', true],
    ]);
    expect(await writes(4)).toEqual([1n, 0n, 1n, 0n]);
    await world.poke('setBroken', 1n, false);
    await mine();
    expect(await world.apply([...wishes, later], { ...waiting(), digest: plan.digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 1n]);
    expect(await nonceCount()).toBe('0x5');
  });
});

describe('a foreign transaction on a journaled nonce', () => {
  async function useNonce(nonce: number): Promise<void> {
    const signer = signerFromEnv({ variable: 'KEY', address: world.signer.address, env: { KEY: world.key } });
    const { raw } = await signer.sign({
      chainId: 31337n,
      nonce,
      to: world.box,
      data: boxCall('freeze', 60n),
      value: 0n,
      gasLimit: 200_000n,
      maxFeePerGas: 9_000_000_000n,
      maxPriorityFeePerGas: 2_000_000_000n,
    });
    const mine = (await signed()).find(({ unsigned }) => unsigned.nonce === nonce);
    await world.rpc('anvil_dropTransaction', mine?.hash);
    await world.rpc('eth_sendRawTransaction', raw);
  }

  test('stops the run; what is under way with it is waited for; the next apply goes on', async () => {
    const { digest } = await world.plan([...wishes, later]);
    const { outcome, findings } = await world.apply([...wishes, later], { ...waiting(() => useNonce(1)), digest });
    expect(outcome).toBe('partial');
    expect(findings.map(({ code }) => code)).toEqual(['FOREIGN_TRANSACTION', 'STEP_NOT_TRIED']);
    expect(findings[0]?.message).toMatch(/nonce 1 of 0x\w+ was used by 0x[0-9a-f]{64}/);
    expect(await writes(4)).toEqual([1n, 0n, 1n, 0n]);
    expect(await world.apply([...wishes, later], { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 1n]);
  });

  test('stops an apply that finds it among what a crashed run left', async () => {
    const { digest } = await world.plan(wishes);
    let clock = 0;
    await expect(world.apply(wishes, { digest, now: () => clock, sleep: async () => void (clock += 600_000) })).rejects.toMatchObject({
      code: 'TRANSACTION_UNSETTLED',
    });
    await useNonce(0);
    await expect(world.apply(wishes, { ...waiting(), digest })).rejects.toMatchObject({ code: 'FOREIGN_TRANSACTION' });
    expect(await world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });
});

describe('a development chain that went back', () => {
  test('is noticed by the count of transactions', async () => {
    const before = await world.rpc<string>('evm_snapshot');
    await world.apply(wishes, waiting());
    await world.rpc('evm_revert', before);
    const again = await world.apply([later], waiting());
    expect(again).toMatchObject({ outcome: 'stopped', findings: [{ code: 'NONCE_BEHIND' }, { code: 'STEP_NOT_TRIED' }] });
  });

  test('is noticed by the gap before what is open', async () => {
    const before = await world.rpc<string>('evm_snapshot');
    await world.apply(wishes, waiting());
    let clock = 0;
    await expect(world.apply([later], { now: () => clock, sleep: async () => void (clock += 600_000) })).rejects.toMatchObject({
      code: 'TRANSACTION_UNSETTLED',
    });
    await world.rpc('evm_revert', before);
    await expect(world.apply([later], waiting())).rejects.toMatchObject({ code: 'NONCE_GAP' });
  });

  test('is another chain when its first block is another: its journal is left alone', async () => {
    await expect(world.apply(wishes, { now: () => 0, sleep: async () => Promise.reject(new Error('crash')) })).rejects.toThrow('crash');
    const other = await startAnvil({ args: ['--timestamp', '1600000000'] });
    const elsewhere = await makeWorld(other.url);
    try {
      const result = await elsewhere.apply(wishes, { journal: world.journal });
      expect(result).toMatchObject({ outcome: 'done', findings: [] });
    } finally {
      elsewhere.close();
      await other.stop();
    }
  });
});

test('two checkouts that apply with one key at once: no transaction twice', async () => {
  const other = await makeWorld(proxy.url, anvil.url);
  const plan = await world.plan(wishes);
  const sleep = async () => void (await mine());
  const run = (journal: World['journal']) =>
    world.apply(wishes, { digest: plan.digest, journal, sleep }).then(
      ({ outcome }) => outcome,
      (error: { code: string }) => error.code,
    );
  const outcomes = await Promise.all([run(world.journal), run(other.journal)]);
  other.close();
  expect(outcomes).toContain('done');
  expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
});

test('the key is in no log, error, receipt or journal', async () => {
  const said: unknown[] = [];
  const log: ApplyOptions['log'] = (message, data) => said.push(message, data);
  await world.apply(wishes, { ...waiting(), log });
  said.push(
    await world.apply([later], { ...waiting(), log, environment: { name: 'test', chainId: 31337n, confirmations: 1, finality: 'latest', maxFeePerGas: 1n } }),
  );
  const files = readdirSync(world.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(texts.length).toBeGreaterThan(1);
  const all = [...texts, JSON.stringify(said, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))].join('\n').toLowerCase();
  expect(all).not.toContain(world.key.slice(2).toLowerCase());
});
