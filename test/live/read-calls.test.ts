import { AbiCoder, Interface } from 'ethers/abi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileMulticall, multicallCodeModule } from '../../scripts/build-multicall-code.ts';
import { decodeAggregate3, encodeAggregate3, multicall3Address } from '../../src/live/multicall.ts';
import { multicallCode } from '../../src/live/multicall-code.ts';
import type { CallWay } from '../../src/live/read-calls.ts';
import { connect } from '../../src/live/rpc.ts';
import type { CallRequest, CallResult } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type HardhatChain, startHardhat } from '../support/hardhat.ts';
import { nodeCalls } from '../support/node-calls.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { addressOf, callerCode, counterCode, dearCode, echoCode, hogCode, reasonCode, silentCode } from './probe-codes.ts';

const codes = [counterCode, echoCode, reasonCode, silentCode, dearCode, callerCode];
const targets = {
  counter: addressOf(0),
  echo: addressOf(1),
  reason: addressOf(2),
  silent: addressOf(3),
  dear: addressOf(4),
  caller: addressOf(5),
  hog: addressOf(9),
  empty: addressOf(99),
};
const ways: readonly CallWay[] = ['multicall', 'override', 'plain'];
const requests: CallRequest[] = [
  { to: targets.counter, data: '0x12345678' },
  { to: targets.echo, data: '0xdeadbeef' },
  { to: targets.echo, data: `0x${'11223344'.repeat(30)}` },
  { to: targets.reason, data: '0x12345678' },
  { to: targets.silent, data: '0x12345678' },
  { to: targets.empty, data: '0x12345678' },
  { to: targets.dear, data: '0x12345678' },
  { to: targets.caller, data: '0x87654321', from: targets.echo },
];

let anvil: Anvil;
let hardhat: HardhatChain;
const proxies: RpcProxy[] = [];

async function place(url: string, flavour: 'anvil' | 'hardhat'): Promise<void> {
  const node = await nodeCalls(url, flavour);
  for (const [i, code] of codes.entries()) await node.setCode(addressOf(i), code);
  await node.setCode(targets.hog, hogCode);
  await node.setCode(multicall3Address, multicallCode);
  await node.send(targets.counter, '0x');
}

beforeAll(async () => {
  [anvil, hardhat] = await Promise.all([startAnvil(), startHardhat()]);
  await Promise.all([place(anvil.url, 'anvil'), place(hardhat.url, 'hardhat')]);
});

afterAll(async () => {
  for (const proxy of proxies) await proxy.stop();
  await anvil.stop();
  await hardhat.stop();
});

async function proxyOf(url: string): Promise<RpcProxy> {
  const proxy = await startRpcProxy(url);
  proxies.push(proxy);
  return proxy;
}

async function readBy(url: string, callWays: readonly CallWay[], wanted: readonly CallRequest[], concurrency = 8): Promise<CallResult[]> {
  const chain = connect({ urls: [url], callWays, backOffMs: 5, concurrency });
  try {
    return await chain.calls(wanted, await chain.head('latest'));
  } finally {
    chain.close();
  }
}

describe('aggregate3 by hand', () => {
  const codec = new Interface([
    'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) returns ((bool success, bytes returnData)[])',
  ]);
  const bytes = ['0x', '0x12', `0x${'ab'.repeat(31)}`, `0x${'cd'.repeat(32)}`, `0x${'ef'.repeat(33)}`];

  test('encodes byte for byte as ethers does', () => {
    const calls = bytes.map((data, i) => ({ to: addressOf(i), data }));
    const expected = codec.encodeFunctionData('aggregate3', [calls.map(({ to, data }) => [to, true, data])]);
    expect(encodeAggregate3(calls)).toBe(expected);
  });

  test('decodes what ethers encodes, and nothing else', () => {
    const results = bytes.map((data, i) => ({ ok: i % 2 === 0, data }));
    const data = AbiCoder.defaultAbiCoder().encode(['tuple(bool,bytes)[]'], [results.map(({ ok, data: returned }) => [ok, returned])]);
    expect(decodeAggregate3(data, results.length)).toEqual(results);
    expect(decodeAggregate3(data, results.length + 1)).toBeNull();
    expect(decodeAggregate3(data.slice(0, -64), results.length)).toBeNull();
    expect(decodeAggregate3('0x', results.length)).toBeNull();
  });
});

test('the code for state overrides is what the contract compiles to', () => {
  expect(multicallCodeModule(compileMulticall())).toBe(multicallCodeModule(multicallCode));
});

test.each(['anvil', 'hardhat'] as const)('the three ways of calling give the same on %s', async (which) => {
  const url = which === 'anvil' ? anvil.url : hardhat.url;
  const [packed, overridden, plain] = await Promise.all(ways.map((way) => readBy(url, [way], requests)));
  expect(packed).toEqual(overridden);
  expect(packed).toEqual(plain);
  expect(packed?.map(({ ok }) => ok)).toEqual([true, true, true, false, false, true, true, true]);
  expect(packed?.[0]?.data).toBe(`0x${'1'.padStart(64, '0')}`);
  expect(packed?.[2]?.data.slice(0, 242)).toBe(requests[2]?.data);
  expect(packed?.[3]?.data.slice(0, 10)).toBe('0x08c379a0');
  expect(packed?.[5]).toEqual({ ok: true, data: '0x' });
  expect(packed?.[7]?.data).toBe(`0x${targets.echo.slice(2).toLowerCase().padStart(64, '0')}`);
});

test('without Multicall3 its code is put there by state override, in one request', async () => {
  const node = await nodeCalls(anvil.url);
  await node.setCode(multicall3Address, '0x');
  const proxy = await proxyOf(anvil.url);
  expect(await readBy(proxy.url, ways, requests.slice(0, 3))).toEqual(await readBy(anvil.url, ['plain'], requests.slice(0, 3)));
  expect(proxy.count('eth_call')).toBe(1);
  await node.setCode(multicall3Address, multicallCode);
});

test("something else at Multicall3's address is noticed", async () => {
  const node = await nodeCalls(anvil.url);
  for (const code of [echoCode, silentCode, reasonCode, counterCode]) {
    await node.setCode(multicall3Address, code);
    expect(await readBy(anvil.url, ways, requests)).toEqual(await readBy(anvil.url, ['plain'], requests));
  }
  await node.setCode(multicall3Address, multicallCode);
});

test('a node without state overrides is read by plain calls', async () => {
  const node = await nodeCalls(anvil.url);
  await node.setCode(multicall3Address, '0x');
  const proxy = await proxyOf(anvil.url);
  proxy.hooks = {
    rewrite: (call, answer) =>
      call.method === 'eth_call' && call.params.length > 2 ? { id: call.id, error: { code: -32602, message: 'too many arguments, want at most 2' } } : answer,
  };
  expect(await readBy(proxy.url, ways, requests.slice(0, 4))).toEqual(await readBy(anvil.url, ['plain'], requests.slice(0, 4)));
  await node.setCode(multicall3Address, multicallCode);
});

test('a getter that uses up all gas fails alone: its neighbours are asked again', async () => {
  const dear = Array.from({ length: 4 }, () => ({ to: targets.dear, data: '0x12345678' }));
  const results = await readBy(hardhat.url, ways, [{ to: targets.hog, data: '0x12345678' }, ...dear]);
  expect(results.map(({ ok }) => ok)).toEqual([false, true, true, true, true]);
  expect(results[0]).toEqual({ ok: false, data: '0x' });
});

test('calls too dear for one request are split', async () => {
  const wanted = Array.from({ length: 200 }, () => ({ to: targets.dear, data: '0x12345678' }));
  const results = await readBy(hardhat.url, ways, wanted);
  expect(results.every(({ ok }) => ok)).toBe(true);
});

test('a call that is refused for its size is halved until it fits', async () => {
  const proxy = await proxyOf(anvil.url);
  proxy.hooks = { before: (exchange) => (exchange.bytes > 60_000 ? { status: 413 } : undefined) };
  const wanted = Array.from({ length: 1000 }, (_, i) => ({ to: targets.echo, data: `0x${(i + 0x10000000).toString(16)}` }));
  expect(await readBy(proxy.url, ways, wanted)).toEqual(await readBy(anvil.url, ['multicall'], wanted));
});

test('all values of a run are of one block, though every value flips between two requests', async () => {
  const node = await nodeCalls(anvil.url);
  const proxy = await proxyOf(anvil.url);
  let flips = 0;
  proxy.hooks = {
    before: async (exchange) => {
      // The head is settled by the first request; the chain moves before each later one.
      if (exchange.number === 1) return undefined;
      await node.send(targets.counter, '0x');
      flips += 1;
      return undefined;
    },
  };
  const wanted = Array.from({ length: 10_000 }, (_, i) => ({ to: targets.counter, data: `0x${(i + 0x10000000).toString(16)}` }));
  const results = await readBy(proxy.url, ways, wanted, 1);
  expect(flips).toBeGreaterThan(1);
  expect(new Set(results.map(({ data }) => data)).size).toBe(1);
});
