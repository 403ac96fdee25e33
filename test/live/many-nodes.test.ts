// Several nodes as one: the dead, the slow, the lagging and the wrong among them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { manyNodes } from '../../src/live/many-nodes.ts';
import { connect } from '../../src/live/rpc.ts';
import type { ChainReader } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { nodeCalls } from '../support/node-calls.ts';
import { type ProxyAnswer, type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';

let anvil: Anvil;
let proxies: RpcProxy[];
let nodes: ChainReader;

beforeAll(async () => {
  anvil = await startAnvil();
  proxies = [await startRpcProxy(anvil.url), await startRpcProxy(anvil.url), await startRpcProxy(anvil.url)];
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await anvil.stop();
});
beforeEach(() => {
  nodes = open();
});
afterEach(() => {
  nodes.close();
  for (const proxy of proxies) {
    proxy.hooks = {};
    proxy.reset();
  }
});

function open(): ChainReader {
  const chains = proxies.map(({ url }) => connect({ urls: [url], retries: 0, timeoutMs: 4_000 }));
  return manyNodes({ chains, chainId: 31337n, graceMs: 50 });
}

function hang(...which: number[]): void {
  for (const i of which) (proxies[i] as RpcProxy).hooks = { before: () => 'hang' };
}

function answer(i: number, change: (method: string, answered: ProxyAnswer) => ProxyAnswer): void {
  (proxies[i] as RpcProxy).hooks = { rewrite: (call, answered) => change(call.method, answered) };
}

const balance = (): Promise<string> => nodes.request('eth_getBalance', ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', 'latest']);

test('one that answers is enough, however the others fail', async () => {
  hang(0);
  (proxies[1] as RpcProxy).hooks = { before: () => 'drop' };
  expect(BigInt(await balance())).toBeGreaterThan(0n);
});

test('whoever was late once is not waited for again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const answering = { batch: async () => [{ result: '0x7a69' }, { result: '0x1' }, { result: '0x2' }] } as unknown as ChainReader;
  const silent = { batch: () => new Promise<never>(() => {}) } as unknown as ChainReader;
  const two = manyNodes({ chains: [silent, answering], chainId: 31337n, graceMs: 250 });
  const first = two.request('eth_gasPrice', []);
  await vi.advanceTimersByTimeAsync(250);
  expect(await first).toBe('0x2');
  // No clock ticks any more: only an answer ends this.
  expect(await two.request('eth_gasPrice', [])).toBe('0x2');
  vi.useRealTimers();
});

describe('when none answers', () => {
  test('all are asked again', async () => {
    for (const proxy of proxies) proxy.hooks = { before: ({ number }) => (proxy.exchanges[0]?.number === number ? { status: 429 } : undefined) };
    expect(BigInt(await balance())).toBeGreaterThan(0n);
  });

  test('it says so', async () => {
    for (const proxy of proxies) proxy.hooks = { before: () => 'drop' };
    await expect(balance()).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE' });
  });

  test('and when those that do are of another chain, it says that', async () => {
    (proxies[0] as RpcProxy).hooks = { before: () => 'drop' };
    for (const i of [1, 2]) answer(i, (method, answered) => (method === 'eth_chainId' ? { ...answered, result: '0x1' } : answered));
    await expect(balance()).rejects.toMatchObject({ code: 'CHAIN_ID_MISMATCH' });
    await expect(nodes.head('latest')).rejects.toMatchObject({ code: 'CHAIN_ID_MISMATCH' });
  });
});

test('a node of another chain is not believed, however quick', async () => {
  answer(0, (method, answered) => ({ ...answered, result: method === 'eth_chainId' ? '0x1' : '0xbad' }));
  expect(await balance()).not.toBe('0xbad');
});

test('the node with the highest head is believed', async () => {
  for (const i of [0, 1]) answer(i, (method, answered) => ({ ...answered, result: method === 'eth_chainId' ? answered.result : '0x0' }));
  await (await nodeCalls(anvil.url)).mine(2);
  expect(BigInt(await balance())).toBeGreaterThan(0n);
});

test('a transaction is known when one node knows it, and counted by the one that knows most', async () => {
  const { send, sender } = await nodeCalls(anvil.url);
  const { hash } = await send(sender, '0x');
  // Those that know nothing seem to be furthest.
  const blank = (method: string): unknown => (/Receipt|ByHash/.test(method) ? null : method.endsWith('Count') ? '0x0' : '0xffff');
  for (const i of [0, 1]) answer(i, (method, answered) => (method === 'eth_chainId' ? answered : { ...answered, result: blank(method) }));
  expect(await nodes.request('eth_getTransactionReceipt', [hash])).toMatchObject({ status: '0x1' });
  expect(BigInt(await nodes.request<string>('eth_getTransactionCount', [sender, 'latest']))).toBeGreaterThan(0n);
});

test('a node that refuses to answer gives way to one that does; a revert is an answer', async () => {
  answer(0, (method, { id, ...answered }) =>
    method === 'eth_getBalance' ? { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } } : { id, ...answered },
  );
  expect(BigInt(await balance())).toBeGreaterThan(0n);
});

test('what is sent goes to every node', async () => {
  await nodes.batch([{ method: 'eth_sendRawTransaction', params: ['0x02'] }]);
  expect(proxies.map((proxy) => proxy.count('eth_sendRawTransaction'))).toEqual([1, 1, 1]);
});
