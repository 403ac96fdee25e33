import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import { faultOf } from '../../src/live/faults.ts';
import { type ConnectOptions, connect } from '../../src/live/rpc.ts';
import type { ChainReader } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { nodeCalls } from '../support/node-calls.ts';
import { type Fault, type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { addressOf, counterCode, reasonCode } from './probe-codes.ts';

let anvil: Anvil;
let proxy: RpcProxy;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  ends.push(
    () => proxy.stop(),
    () => anvil.stop(),
  );
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function open(options: Partial<ConnectOptions> = {}): ChainReader {
  const chain = connect({ urls: [proxy.url], backOffMs: 5, timeoutMs: 2000, ...options });
  ends.unshift(() => chain.close());
  return chain;
}

async function codeFrom(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MooringError) return error.code;
  throw new Error(`not a MooringError: ${String(error)}`);
}

async function errorFrom(promise: Promise<unknown>): Promise<MooringError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MooringError) return error;
  throw new Error(`not a MooringError: ${String(error)}`);
}

describe('requests', () => {
  test('head, chain id and Multicall3 share the first HTTP request, and the chain id is asked once', async () => {
    const chain = open();
    const head = await chain.head('latest');
    expect(head.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await chain.chainId()).toBe(31337n);
    await chain.head('latest');
    expect(proxy.exchanges).toHaveLength(2);
    expect(proxy.count('eth_chainId')).toBe(1);
  });

  test('readings asked for together are one HTTP request', async () => {
    const node = await nodeCalls(anvil.url);
    await node.setCode(addressOf(1), counterCode);
    const chain = open();
    const block = await chain.head('latest');
    proxy.reset();
    const [code, slots, balances, past] = await Promise.all([
      chain.code([addressOf(1), addressOf(2)], block),
      chain.storage([{ address: addressOf(1), slot: '0x0' }], block),
      chain.balances([node.sender], block),
      chain.block(block.number),
    ]);
    expect(proxy.exchanges).toHaveLength(1);
    expect(code).toEqual([counterCode, '0x']);
    expect(slots).toEqual([`0x${'0'.repeat(64)}`]);
    expect(balances[0]).toBe(10_000n * 10n ** 18n);
    expect(past).toEqual(block);
    expect(await chain.block(999n)).toBeNull();
  });

  test('no more are in flight than allowed', async () => {
    proxy.hooks = { delayMs: 20 };
    const chain = open({ concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => chain.request('eth_blockNumber', [])));
    expect(proxy.mostInFlight()).toBe(3);
  });

  test('a limit of 100 requests a second is never met', async () => {
    proxy.hooks = { perSecond: 100 };
    const chain = open();
    await Promise.all(Array.from({ length: 250 }, () => chain.request('eth_blockNumber', [])));
    expect(proxy.refused()).toBe(0);
    expect(proxy.exchanges).toHaveLength(250);
  });

  test('answers are matched by id, whatever their order', async () => {
    proxy.hooks = { rewriteText: (text) => JSON.stringify([JSON.parse(text) as unknown].flat().reverse()) };
    const chain = open();
    const answers = await chain.batch([
      { method: 'eth_chainId', params: [] },
      { method: 'eth_blockNumber', params: [] },
      { method: 'eth_accounts', params: [] },
    ]);
    expect(answers[0]).toEqual({ result: '0x7a69' });
    expect(answers[1]).toEqual({ result: '0x0' });
  });

  test("a node's error keeps its code, message and data", async () => {
    const node = await nodeCalls(anvil.url);
    await node.setCode(addressOf(1), reasonCode);
    const error = await errorFrom(open().request('eth_call', [{ to: addressOf(1), data: '0x' }, 'latest']));
    expect(error.code).toBe('RPC_ERROR');
    expect(faultOf(error)?.code).toBe(3);
    expect(String(faultOf(error)?.data).slice(0, 10)).toBe('0x08c379a0');
  });
});

describe('a node that takes no batches', () => {
  const refusals: [string, Fault][] = [
    ['an error in their place', { status: 200, body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch requests are not supported"}}' }],
    ['400', { status: 400 }],
    ['405', { status: 405, body: 'Method Not Allowed' }],
  ];
  test.each(refusals)('%s: it is asked singly', async (_, fault) => {
    proxy.hooks = { before: (exchange) => (exchange.batch ? fault : undefined) };
    const chain = open();
    const answers = await chain.batch(Array.from({ length: 30 }, () => ({ method: 'eth_chainId', params: [] })));
    expect(answers).toEqual(Array.from({ length: 30 }, () => ({ result: '0x7a69' })));
    expect(proxy.exchanges.filter((exchange) => exchange.batch)).toHaveLength(1);
  });

  test('a batch limit is found by halving', async () => {
    const fault: Fault = { status: 200, body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"batch too large"}}' };
    proxy.hooks = { before: (exchange) => (exchange.calls.length > 10 ? fault : undefined) };
    const answers = await open().batch(Array.from({ length: 64 }, () => ({ method: 'eth_chainId', params: [] })));
    expect(answers.every((answer) => 'result' in answer)).toBe(true);
    expect(Math.max(...proxy.exchanges.slice(-8).map((exchange) => exchange.calls.length))).toBe(8);
  });
});

describe('a node in trouble', () => {
  const passing: [string, Fault][] = [
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['503 that says when', { status: 503, headers: { 'retry-after': '0' } }],
    ['a dropped connection', 'drop'],
    ['an answer that is not JSON', { status: 200, body: '<html>' }],
    ['half an answer', { status: 200, body: '{"jsonrpc":"2.0","id":1,"resu' }],
  ];
  test.each(passing)('%s passes: the request is repeated', async (_, fault) => {
    proxy.hooks = { before: (exchange) => (exchange.number <= 3 ? fault : undefined) };
    expect(await open().chainId()).toBe(31337n);
    expect(proxy.exchanges).toHaveLength(4);
  });

  test('a hanging node counts as gone after the timeout', async () => {
    proxy.hooks = { before: (exchange) => (exchange.number === 1 ? 'hang' : undefined) };
    expect(await open({ timeoutMs: 100 }).chainId()).toBe(31337n);
  });

  const lasting: [string, Fault, string][] = [
    ['429', { status: 429 }, 'RPC_UNAVAILABLE'],
    ['502', { status: 502 }, 'RPC_UNAVAILABLE'],
    ['403', { status: 403 }, 'RPC_UNAVAILABLE'],
    ['dropped connections', 'drop', 'RPC_UNAVAILABLE'],
    ['never answering', 'hang', 'RPC_UNAVAILABLE'],
    ['no JSON', { status: 200, body: 'ok' }, 'RPC_MALFORMED'],
    ['no answer in it', { status: 200, body: '{"jsonrpc":"2.0","id":1}' }, 'RPC_MALFORMED'],
    ["another's id", { status: 200, body: '{"jsonrpc":"2.0","id":777,"result":"0x1"}' }, 'RPC_MALFORMED'],
    ['a waiting time beyond all patience', { status: 429, headers: { 'retry-after': '86400' } }, 'RPC_UNAVAILABLE'],
  ];
  test.each(lasting)('%s for good ends with exit 5', async (_, fault, code) => {
    proxy.hooks = { before: () => fault };
    const error = await errorFrom(open({ retries: 2, timeoutMs: 100 }).head('latest'));
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(5);
    expect(proxy.exchanges.length).toBeLessThanOrEqual(3);
  });

  test('Retry-After is honoured', async () => {
    proxy.hooks = { before: (exchange) => (exchange.number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined) };
    await open().chainId();
    const [first, second] = proxy.exchanges;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('only the entries of a batch that were turned away are asked again', async () => {
    let turned = false;
    proxy.hooks = {
      rewrite: (call, answer) => {
        if (turned || call.method !== 'eth_blockNumber') return answer;
        turned = true;
        return { id: call.id, error: { code: 429, message: 'Your app has exceeded its compute units per second capacity' } };
      },
    };
    const answers = await open().batch(['eth_chainId', 'eth_blockNumber', 'eth_accounts'].map((method) => ({ method, params: [] })));
    expect(answers[1]).toEqual({ result: '0x0' });
    expect(proxy.exchanges.map((exchange) => exchange.calls.length)).toEqual([3, 1]);
  });

  test('an answer left out of a batch is noticed', async () => {
    proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_blockNumber' ? null : answer) };
    expect(await codeFrom(open({ retries: 1 }).batch(['eth_chainId', 'eth_blockNumber'].map((method) => ({ method, params: [] }))))).toBe('RPC_MALFORMED');
  });

  const shapes: [string, unknown][] = [
    ['no object', 'latest'],
    ['no hash', { number: '0x1', timestamp: '0x1' }],
    ['a short hash', { number: '0x1', timestamp: '0x1', hash: '0x12' }],
    ['a number that is none', { number: 'one', timestamp: '0x1', hash: `0x${'0'.repeat(64)}` }],
  ];
  test.each(shapes)('a block with %s is malformed', async (_, result) => {
    proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getBlockByNumber' ? { ...answer, result } : answer) };
    expect(await codeFrom(open().head('latest'))).toBe('RPC_MALFORMED');
  });
});

describe('several URLs', () => {
  test('the next takes over when one is gone, and stays', async () => {
    const chain = open({ urls: ['http://127.0.0.1:9', proxy.url], retries: 1 });
    expect(await chain.chainId()).toBe(31337n);
    await chain.head('latest');
    expect(proxy.exchanges.length).toBeGreaterThanOrEqual(2);
  });

  test('one that takes over in the middle must serve the same chain', async () => {
    const other = await startAnvil({ args: ['--chain-id', '4242'] });
    ends.push(() => other.stop());
    const chain = open({ urls: [proxy.url, other.url], retries: 1 });
    await chain.chainId();
    proxy.hooks = { before: () => ({ status: 502 }) };
    expect(await codeFrom(chain.head('latest'))).toBe('RPC_UNAVAILABLE');
  });

  test('none left is RPC_UNAVAILABLE', async () => {
    expect(await codeFrom(open({ urls: ['http://127.0.0.1:9', 'http://127.0.0.1:10'], retries: 1 }).chainId())).toBe('RPC_UNAVAILABLE');
  });
});

describe('the pinned block', () => {
  test('that left the chain is RPC_REORGED', async () => {
    const node = await nodeCalls(anvil.url);
    await node.mine(3);
    const chain = open({ retries: 1 });
    const block = await chain.head('latest');
    proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_call' ? { id: call.id, error: { code: -32000, message: `hash ${block.hash} is not currently canonical` } } : answer,
    };
    expect(await codeFrom(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_REORGED');
  });

  test('that the node does not know is RPC_NO_BLOCK, after asking again', async () => {
    const chain = open({ retries: 2 });
    const block = { ...(await chain.head('latest')), hash: `0x${'ab'.repeat(32)}` };
    proxy.reset();
    expect(await codeFrom(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_NO_BLOCK');
    expect(proxy.exchanges).toHaveLength(3);
  });

  test('that one node behind a load balancer does not have yet is asked for again', async () => {
    const chain = open();
    const block = await chain.head('latest');
    for (const message of [
      'header not found',
      'Unknown block',
      'block with hash 0x12 not found',
      'Received invalid block tag 0x12. Latest block number is 3',
    ]) {
      let late = 2;
      proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_call' && late-- > 0 ? { id: call.id, error: { code: -32000, message } } : answer) };
      expect(await chain.calls([{ to: addressOf(1), data: '0x12345678' }], block)).toEqual([{ ok: true, data: '0x' }]);
    }
  });

  test('that can not be named by its hash is RPC_NO_BLOCK_HASH', async () => {
    const chain = open();
    const block = await chain.head('latest');
    proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_call' || call.method === 'eth_getCode'
          ? { id: call.id, error: { code: -32602, message: 'invalid argument 1: hex string expected' } }
          : answer,
    };
    expect(await codeFrom(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_NO_BLOCK_HASH');
    expect(await codeFrom(chain.code([addressOf(1)], block))).toBe('RPC_NO_BLOCK_HASH');
  });
});

describe('secrets', () => {
  const canary = 'c4n4ry9f3ac17be5d2';

  test('of a URL are in no error, whatever the node repeats', async () => {
    const port = new URL(proxy.url).port;
    const urls = [`http://user-${canary}:pass-${canary}@127.0.0.1:${port}/v3/${canary}?apikey=${canary}`];
    const echo = (exchange: { path: string }) => ({
      status: 200,
      body: JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: `no access for ${exchange.path} (${canary.toUpperCase()})` } }),
    });
    const broken: ((exchange: { path: string }) => Fault)[] = [
      () => 'drop',
      () => ({ status: 500 }),
      () => ({ status: 404 }),
      () => ({ status: 200, body: canary }),
      echo,
    ];
    for (const before of broken) {
      proxy.hooks = { before };
      const chain = open({ urls, retries: 1 });
      const attempts = [
        () => chain.head('latest'),
        () => chain.request('eth_chainId', []),
        () => chain.batch(['eth_chainId', 'eth_accounts'].map((method) => ({ method, params: [] }))),
      ];
      for (const attempt of attempts) {
        const outcome: unknown = await attempt().catch((error: unknown) => error);
        const shown = outcome instanceof MooringError ? [outcome.message, outcome.fix, outcome.stack, outcome.cause, outcome.findings] : outcome;
        expect(JSON.stringify(shown).toLowerCase()).not.toContain(canary);
      }
    }
    expect(proxy.exchanges[0]?.path).toBe(`/v3/${canary}?apikey=${canary}`);
  });

  test('of a malformed URL neither', async () => {
    for (const url of [`ftp://${canary}@host/`, `https:/\\${canary} x`, canary]) {
      const error = await errorFrom(Promise.resolve().then(() => connect({ urls: [url] })));
      expect(error.code).toBe('RPC_URL');
      expect(`${error.message}${error.fix}`).not.toContain(canary);
    }
  });

  test('a key in the host name is blotted, the host stays readable', async () => {
    const error = await errorFrom(open({ urls: [`http://${canary}.rpc.invalid/`], retries: 0 }).chainId());
    expect(error.message).not.toContain(canary);
    expect(error.message).toContain('rpc.invalid');
  });
});
