// Several nodes as one: the dead, the slow, the lagging and the wrong among them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { manyNodes, withSlow } from '../../src/live/many-nodes.ts';
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

describe('a node that is late', () => {
  const slow = (): { chain: ChainReader; answer(): void; asked: () => number } => {
    const waiting: (() => void)[] = [];
    const batch = () => new Promise((resolve) => waiting.push(() => resolve([{ result: '0x7a69' }, { result: '0x1' }, { result: '0x3' }])));
    return { chain: { batch } as unknown as ChainReader, answer: () => waiting.at(-1)?.(), asked: () => waiting.length };
  };
  const quick = { batch: async () => [{ result: '0x7a69' }, { result: '0x1' }, { result: '0x2' }] } as unknown as ChainReader;
  const price = [{ method: 'eth_gasPrice', params: [] }];
  const [two, three] = [{ result: '0x2' }, { result: '0x3' }];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is forgiven its first request, which connects, and not waited for after the next', async () => {
    const many = manyNodes({ chains: [slow().chain, quick], chainId: 31337n, graceMs: 250 });
    for (let i = 0; i < 2; i++) {
      const asking = many.request('eth_gasPrice', []);
      const ended = vi.fn();
      void asking.then(ended);
      await vi.advanceTimersByTimeAsync(249);
      expect(ended).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(await asking).toBe('0x2');
    }
    // No clock ticks any more: only an answer ends this.
    expect(await many.request('eth_gasPrice', [])).toBe('0x2');
    expect(many.heardAll()).toBe(false);
  });

  test('is waited for where it might know better, however long it takes', async () => {
    const other = slow();
    const many = manyNodes({ chains: [other.chain, quick], chainId: 31337n, graceMs: 250 });
    const asking = many.opinions(price, { for: 'all' });
    await vi.advanceTimersByTimeAsync(10_000);
    other.answer();
    expect(await asking).toEqual([expect.arrayContaining([two, three])]);
    // It has answered: what is doubtful waits for it again.
    const again = withSlow(many).opinions(price);
    await vi.advanceTimersByTimeAsync(10_000);
    other.answer();
    expect(await again).toEqual([expect.arrayContaining([two, three])]);
  });

  test('again and again is so, too', async () => {
    const other = slow();
    const many = manyNodes({ chains: [other.chain, quick], chainId: 31337n, graceMs: 250 });
    for (let i = 0; i < 3; i++) {
      const asking = many.opinions(price);
      await vi.advanceTimersByTimeAsync(250);
      expect(await asking).toEqual([[two]]);
    }
    const asking = many.opinions(price, { for: 'all' });
    await vi.advanceTimersByTimeAsync(10_000);
    other.answer();
    expect(await asking).toEqual([expect.arrayContaining([two, three])]);
  });

  test('and not once what was heard is enough', async () => {
    const many = manyNodes({ chains: [slow().chain, quick], chainId: 31337n, graceMs: 250 });
    expect(await many.opinions(price, { for: 'all', until: ([said]) => said?.length === 1 })).toEqual([[two]]);
  });

  test('and never has answered, is not waited for by what is doubtful either', async () => {
    const many = manyNodes({ chains: [slow().chain, quick], chainId: 31337n, graceMs: 250 });
    for (let i = 0; i < 2; i++) {
      const asking = many.opinions(price);
      await vi.advanceTimersByTimeAsync(250);
      await asking;
    }
    expect(await withSlow(many).opinions(price)).toEqual([[two]]);
  });
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

test.each(['0x0', '0xffffffffffff'])('a tip is not what one node alone names (%s)', async (named) => {
  const own = await (await nodeCalls(anvil.url)).ask<string>('eth_maxPriorityFeePerGas', []);
  answer(0, (method, answered) => (method === 'eth_chainId' ? answered : { ...answered, result: method === 'eth_blockNumber' ? '0xffff' : named }));
  expect(BigInt(await nodes.request<string>('eth_maxPriorityFeePerGas', []))).toBe(BigInt(own));
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
