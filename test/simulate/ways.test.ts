import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeRevert, encodeCall, parseError } from '../../src/kinds/abi.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';
import { connect } from '../../src/live/rpc.ts';
import { forkWay } from '../../src/simulate/fork.ts';
import { runnerWay } from '../../src/simulate/runner.ts';
import { copyOf, runnerAddress } from '../../src/simulate/runner-codec.ts';
import { simulateV1 } from '../../src/simulate/simulate-v1.ts';
import type { RunRequest, RunResult, SentStep, Way } from '../../src/simulate/way.ts';
import type { ChainReader } from '../../src/types.ts';
import { startAnvil } from '../support/anvil.ts';
import { startHardhat } from '../support/hardhat.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';
import { deployLedgers, functions, type LedgerWorld, sendNow, valueReads } from './support.ts';

const ways = { simulateV1, runner: runnerWay, fork: forkWay };
const denied = [parseError('error Denied(address caller)')];

/** Steps of three senders, a contract among them, with every way to fail. */
function mixedSteps(world: LedgerWorld): SentStep[] {
  const { owner, other, ledger, wallet, walletLedger } = world;
  const set = (key: bigint, value: bigint) => encodeCall(functions.set, [key, value]);
  return [
    { from: owner, to: ledger, data: set(1n, 100n), value: 0n },
    { from: other, to: ledger, data: set(1n, 5n), value: 0n },
    { from: wallet, to: walletLedger, data: set(2n, 9n), value: 0n },
    { from: owner, to: ledger, data: encodeCall(functions.words, []), value: 0n },
    { from: owner, to: ledger, data: encodeCall(functions.burn, []), value: 0n },
    { from: owner, to: ledger, data: encodeCall(functions.missing, []), value: 0n },
    // Calls back into a sender that is a contract, and pays one.
    { from: owner, to: ledger, data: encodeCall(functions.askBack, [wallet]), value: 0n },
    { from: owner, to: ledger, data: encodeCall(functions.pay, [wallet]), value: 5n },
    { from: owner, to: ledger, data: encodeCall(functions.pay, [other]), value: 5n },
    { from: owner, to: wallet, data: encodeCall(functions.retag, [8n]), value: 0n },
    { from: owner, to: ledger, data: set(1n, 0n), value: 0n },
    { from: owner, to: ledger, data: set(1n, 7n), value: 0n },
  ];
}

const outcomes = [true, false, true, false, false, false, true, true, true, true, true, true];

function requestFor(world: LedgerWorld, more: Partial<RunRequest> = {}): RunRequest {
  const { block, ledger, wallet, walletLedger } = world;
  const reads = [
    ...valueReads(ledger, 3),
    ...valueReads(walletLedger, 3),
    { to: ledger, data: encodeCall(functions.total, []) },
    { to: wallet, data: encodeCall(functions.tag, []) },
    { to: ledger, data: encodeCall(functions.burn, []) },
    { to: ledger, data: encodeCall(functions.words, []) },
  ];
  return {
    block,
    steps: mixedSteps(world),
    reads,
    slots: [{ address: wallet, slot: `0x${'0'.repeat(64)}` }],
    codes: [ledger, wallet, `0x${'77'.repeat(20)}`],
    ...more,
  };
}

async function runIn(way: Way, request: RunRequest): Promise<RunResult> {
  const result = await way.run(request);
  await way.close();
  if ('unavailable' in result) throw new Error(result.unavailable);
  return result;
}

const number = (data: string | undefined) => Number(BigInt(data ?? '0x'));

describe.each([
  ['Anvil', startAnvil, ['simulateV1', 'runner', 'fork']],
  ['Hardhat', startHardhat, ['runner', 'fork']],
] as const)('on %s', (_name, start, methods) => {
  let world: LedgerWorld;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const node = await start();
    stop = () => node.stop();
    world = await deployLedgers(node.url);
  });
  afterAll(async () => {
    world.chain.close();
    await stop();
  });

  test.each(methods)('%s: each step comes from its sender, after those before it, whether they failed or not', async (method) => {
    const result = await runIn(ways[method](world.chain), requestFor(world));
    expect(result.steps.map((step) => step.ok)).toEqual(outcomes);
    expect(decodeRevert(denied, result.steps[1]?.data ?? '0x')).toBe(`Denied(${toChecksum(world.other)})`);
    expect(decodeRevert([], result.steps[3]?.data ?? '0x')).toBe('Error("temp")');
    expect(result.steps[5]?.data).toBe('0x');
    expect(result.reads.map((read) => read.ok)).toEqual([true, true, true, true, true, true, true, true, false, false]);
    expect(result.reads.slice(0, 8).map((read) => number(read.data))).toEqual([0, 7, 0, 0, 0, 9, 14, 8]);
    expect(number(result.slots[0])).toBe(8);
    const [ledger, wallet, nothing] = result.codes;
    expect(ledger).not.toBe(wallet);
    expect(number(nothing)).toBe(0);
  });

  test.each(methods)('%s: the pinned block is read, not the newest, and nothing is left behind', async (method) => {
    const before = await world.chain.head('latest');
    await sendNow(world.chain, { from: world.owner, to: world.ledger, data: encodeCall(functions.set, [0n, 55n]) });
    const result = await runIn(ways[method](world.chain), requestFor(world, { block: before }));
    expect(number(result.reads[0]?.data)).toBe(number((await world.chain.calls(valueReads(world.ledger, 1), before))[0]?.data));
    const [code] = await world.chain.code([runnerAddress], await world.chain.head('latest'));
    expect(code).toBe('0x');
  });

  test.each(methods)('%s: the same result twice, and with no steps', async (method) => {
    const way = ways[method](world.chain);
    const first = await way.run(requestFor(world));
    expect(await way.run(requestFor(world))).toEqual(first);
    const idle = await runIn(way, requestFor(world, { steps: [], slots: [] }));
    expect(number(idle.reads[7]?.data)).toBe(7);
  });

  test.each(methods)('%s: a gas figure that the real transaction never exceeds', async (method) => {
    const block = await world.chain.head('latest');
    const { owner, other, ledger } = world;
    const by = (from: string, data: string) => ({ from, to: ledger, data, value: 0n });
    const steps = [
      ...mixedSteps(world).filter((step) => step.from !== world.wallet && step.data.slice(0, 10) !== functions.burn.selector),
      // These fail on their own, so what they cost with everything cold can't be measured beforehand.
      by(owner, encodeCall(functions.handOver, [other])),
      by(other, encodeCall(functions.set, [1n, 9n])),
      by(other, encodeCall(functions.handOver, [owner])),
    ];
    const result = await runIn(ways[method](world.chain), requestFor(world, { steps, block, reads: [] }));
    const snapshot = await world.chain.request('evm_snapshot', []);
    for (const [i, step] of steps.entries()) {
      const proof = result.steps[i];
      if (proof?.ok !== true) continue;
      const real = await sendNow(world.chain, step);
      expect(real.ok).toBe(true);
      if (method === 'runner') expect(proof.gas).toBeGreaterThanOrEqual(real.gas);
      else expect(proof.gas).toBe(real.gas);
    }
    await world.chain.request('evm_revert', [snapshot]);
  });
});

describe.each(['simulateV1', 'fork'] as const)('%s', (method) => {
  test('the steps run in the block after the pinned one', async () => {
    const anvil = await startAnvil();
    const world = await deployLedgers(anvil.url);
    const steps = [{ from: world.owner, to: world.ledger, data: encodeCall(functions.stamp, []), value: 0n }];
    const reads = [functions.height, functions.time].map((fn) => ({ to: world.ledger, data: encodeCall(fn, []) }));
    const result = await runIn(ways[method](world.chain), requestFor(world, { steps, reads }));
    expect(result.reads.map((read) => BigInt(read.data))).toEqual([world.block.number + 1n, world.block.timestamp + 12n]);
    world.chain.close();
    await anvil.stop();
  });

  test('steps that together use more than a block holds, of senders without money', async () => {
    const anvil = await startAnvil();
    const world = await deployLedgers(anvil.url);
    const burning = { from: `0x${'6'.repeat(40)}`, to: world.ledger, data: encodeCall(functions.burn, []), value: 0n };
    const harmless = { ...burning, data: encodeCall(functions.stamp, []) };
    const requests: unknown[] = [];
    const chain: ChainReader = {
      ...world.chain,
      request: (name, params) => {
        if (name === 'eth_simulateV1') requests.push(params[0]);
        return world.chain.request(name, params);
      },
    };
    const result = await runIn(ways[method](chain), requestFor(world, { steps: [...Array(8).fill(burning), harmless], slots: [] }));
    expect(result.steps.map((step) => step.ok)).toEqual([...Array(8).fill(false), true]);
    for (const request of requests) expect(request).toMatchObject({ validation: false, blockStateCalls: [{ blockOverrides: { gasLimit: '0x3b9aca00' } }] });
    world.chain.close();
    await anvil.stop();
  });
});

describe('large readings', () => {
  const count = 6_000;
  test('the runner repeats the steps with each part that fits into what a node gives one call', async () => {
    const node = await startHardhat();
    const world = await deployLedgers(node.url);
    const reads = [...valueReads(world.ledger, count), { to: world.ledger, data: encodeCall(functions.total, []) }];
    const result = await runIn(runnerWay(world.chain), requestFor(world, { reads, steps: mixedSteps(world).slice(0, 1) }));
    expect(result.reads).toHaveLength(count + 1);
    expect(number(result.reads[1]?.data)).toBe(100);
    expect(number(result.reads[count]?.data)).toBe(100);
    world.chain.close();
    await node.stop();
  });

  test('eth_simulateV1 reads 1,000 values in the request of the steps, and more in further ones', async () => {
    const anvil = await startAnvil();
    const proxy = await startRpcProxy(anvil.url);
    const world = await deployLedgers(anvil.url);
    const chain = connect({ urls: [proxy.url] });
    for (const [reads, requests] of [
      [1_000, 1],
      [count, 2],
    ] as const) {
      proxy.reset();
      const result = await runIn(simulateV1(chain), requestFor(world, { reads: valueReads(world.ledger, reads), slots: [] }));
      expect(result.reads).toHaveLength(reads);
      expect(proxy.exchanges).toHaveLength(requests);
    }
    chain.close();
    world.chain.close();
    await proxy.stop();
    await anvil.stop();
  });
});

test('an answer of more than a megabyte counts as failed and takes nothing from the others', async () => {
  const node = await startHardhat();
  const world = await deployLedgers(node.url);
  const flood = { to: world.ledger, data: encodeCall(functions.flood, []) };
  const result = await runIn(
    runnerWay(world.chain),
    requestFor(world, { reads: [flood, ...valueReads(world.ledger, 2), flood, ...valueReads(world.ledger, 2)] }),
  );
  expect(result.reads.map((read) => read.ok)).toEqual([false, true, true, false, true, true]);
  world.chain.close();
  await node.stop();
});

describe('what a node or machine lacks', () => {
  let world: LedgerWorld;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const node = await startHardhat();
    stop = () => node.stop();
    world = await deployLedgers(node.url);
  });
  afterAll(async () => {
    world.chain.close();
    await stop();
  });

  test('a node without eth_simulateV1', async () => {
    expect(await simulateV1(world.chain).run(requestFor(world))).toHaveProperty('unavailable');
  });

  test('a node that ignores state overrides', async () => {
    const deaf: ChainReader = { ...world.chain, request: (method, params) => world.chain.request(method, params.slice(0, 2)) };
    expect(await runnerWay(deaf).run(requestFor(world))).toHaveProperty('unavailable');
  });

  test('a node that gives a call too little gas for a step is no proof that the step fails', async () => {
    const mean: ChainReader = {
      ...world.chain,
      request: (method, [message, ...rest]) =>
        world.chain.request(method, method === 'eth_call' ? [{ ...(message as object), gas: '0x150000' }, ...rest] : [message, ...rest]),
    };
    const burning = mixedSteps(world).slice(4, 5);
    expect(await runnerWay(mean).run(requestFor(world, { steps: burning, reads: [], slots: [], codes: [] }))).toHaveProperty('unavailable');
  });

  test('a node that gives a call too little gas for a single reading', async () => {
    const mean: ChainReader = {
      ...world.chain,
      request: (method, [message, ...rest]) =>
        world.chain.request(method, [method === 'eth_call' ? { ...(message as object), gas: '0x50000' } : message, ...rest]),
    };
    expect(await runnerWay(mean).run(requestFor(world, { steps: [] }))).toHaveProperty('unavailable');
  });

  test('no Hardhat', async () => {
    const way = forkWay(world.chain, () => Promise.reject(new Error('not found')));
    expect(await way.run(requestFor(world))).toHaveProperty('unavailable');
    await way.close();
  });

  test('a fork of a block that is another by now, and nothing left of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fork-test-'));
    vi.stubEnv('TMPDIR', folder);
    const way = forkWay(world.chain);
    expect(await way.run(requestFor(world, { block: { ...world.block, hash: `0x${'ab'.repeat(32)}` } }))).toHaveProperty('unavailable');
    await way.close();
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});

test('a copy of a sender lies elsewhere, and where it is can be told from there', () => {
  const address = `0x${'12'.repeat(20)}`;
  expect(copyOf(address)).not.toBe(address);
  expect(copyOf(copyOf(address))).toBe(address);
});
