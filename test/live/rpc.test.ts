import { describe, expect, test } from 'vitest';
import { faultOf } from '../../src/live/faults.ts';
import { startAnvil } from '../support/anvil.ts';
import { nodeCalls } from '../support/node-calls.ts';
import type { Fault } from '../support/rpc-proxy.ts';
import { anvilBehindProxy } from './anvil-behind-proxy.ts';
import { codeOf, errorOf } from './error-of.ts';
import { addressOf, counterCode, reasonCode } from './probe-codes.ts';

const here = anvilBehindProxy();

describe('requests', () => {
  test('head, chain id and Multicall3 share the first HTTP request, and the chain id is asked once', async () => {
    const chain = here.open();
    const head = await chain.head('latest');
    expect(head.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await chain.chainId()).toBe(31337n);
    await chain.head('latest');
    expect(here.proxy.exchanges).toHaveLength(2);
    expect(here.proxy.count('eth_chainId')).toBe(1);
  });

  test('readings asked for together are one HTTP request', async () => {
    const node = await nodeCalls(here.anvil.url);
    await node.setCode(addressOf(1), counterCode);
    const chain = here.open();
    const block = await chain.head('latest');
    here.proxy.reset();
    const [code, slots, balances, past] = await Promise.all([
      chain.code([addressOf(1), addressOf(2)], block),
      chain.storage([{ address: addressOf(1), slot: '0x0' }], block),
      chain.balances([node.sender], block),
      chain.block(block.number),
    ]);
    expect(here.proxy.exchanges).toHaveLength(1);
    expect(code).toEqual([counterCode, '0x']);
    expect(slots).toEqual([`0x${'0'.repeat(64)}`]);
    expect(balances[0]).toBe(10_000n * 10n ** 18n);
    expect(past).toEqual(block);
    expect(await chain.block(999n)).toBeNull();
  });

  test('no more are in flight than allowed', async () => {
    here.proxy.hooks = { delayMs: 20 };
    const chain = here.open({ concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => chain.request('eth_blockNumber', [])));
    expect(here.proxy.mostInFlight()).toBe(3);
  });

  test('a limit of 100 requests a second is never met', async () => {
    here.proxy.hooks = { perSecond: 100 };
    const chain = here.open();
    await Promise.all(Array.from({ length: 250 }, () => chain.request('eth_blockNumber', [])));
    expect(here.proxy.refused()).toBe(0);
    expect(here.proxy.exchanges).toHaveLength(250);
  });

  test('answers are matched by id, whatever their order', async () => {
    here.proxy.hooks = { rewriteText: (text) => JSON.stringify([JSON.parse(text) as unknown].flat().reverse()) };
    const chain = here.open();
    const answers = await chain.batch([
      { method: 'eth_chainId', params: [] },
      { method: 'eth_blockNumber', params: [] },
      { method: 'eth_accounts', params: [] },
    ]);
    expect(answers[0]).toEqual({ result: '0x7a69' });
    expect(answers[1]).toEqual({ result: '0x0' });
  });

  test("a node's error keeps its code, message and data", async () => {
    const node = await nodeCalls(here.anvil.url);
    await node.setCode(addressOf(1), reasonCode);
    const error = await errorOf(here.open().request('eth_call', [{ to: addressOf(1), data: '0x' }, 'latest']));
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
    here.proxy.hooks = { before: (exchange) => (exchange.batch ? fault : undefined) };
    const chain = here.open();
    const answers = await chain.batch(Array.from({ length: 30 }, () => ({ method: 'eth_chainId', params: [] })));
    expect(answers).toEqual(Array.from({ length: 30 }, () => ({ result: '0x7a69' })));
    expect(here.proxy.exchanges.filter((exchange) => exchange.batch)).toHaveLength(1);
  });

  test('a batch limit is found by halving', async () => {
    const fault: Fault = { status: 200, body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"batch too large"}}' };
    here.proxy.hooks = { before: (exchange) => (exchange.calls.length > 10 ? fault : undefined) };
    const answers = await here.open().batch(Array.from({ length: 64 }, () => ({ method: 'eth_chainId', params: [] })));
    expect(answers.every((answer) => 'result' in answer)).toBe(true);
    expect(Math.max(...here.proxy.exchanges.slice(-8).map((exchange) => exchange.calls.length))).toBe(8);
  });
});

describe('several URLs', () => {
  test('the next takes over when one is gone, and stays', async () => {
    const chain = here.open({ urls: ['http://127.0.0.1:9', here.proxy.url], retries: 1 });
    expect(await chain.chainId()).toBe(31337n);
    await chain.head('latest');
    expect(here.proxy.exchanges.length).toBeGreaterThanOrEqual(2);
  });

  test('one that takes over in the middle must serve the same chain', async () => {
    const other = await startAnvil({ args: ['--chain-id', '4242'] });
    here.atEnd(() => other.stop());
    const chain = here.open({ urls: [here.proxy.url, other.url], retries: 1 });
    await chain.chainId();
    here.proxy.hooks = { before: () => ({ status: 502 }) };
    expect(await codeOf(chain.head('latest'))).toBe('RPC_UNAVAILABLE');
  });

  test('none left is RPC_UNAVAILABLE', async () => {
    expect(await codeOf(here.open({ urls: ['http://127.0.0.1:9', 'http://127.0.0.1:10'], retries: 1 }).chainId())).toBe('RPC_UNAVAILABLE');
  });
});

describe('the pinned block', () => {
  test('that left the chain is RPC_REORGED', async () => {
    const node = await nodeCalls(here.anvil.url);
    await node.mine(3);
    const chain = here.open({ retries: 1 });
    const block = await chain.head('latest');
    here.proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_call' ? { id: call.id, error: { code: -32000, message: `hash ${block.hash} is not currently canonical` } } : answer,
    };
    expect(await codeOf(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_REORGED');
  });

  test('that the node does not know is RPC_NO_BLOCK, after asking again', async () => {
    const chain = here.open({ retries: 2 });
    const block = { ...(await chain.head('latest')), hash: `0x${'ab'.repeat(32)}` };
    here.proxy.reset();
    expect(await codeOf(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_NO_BLOCK');
    expect(here.proxy.exchanges).toHaveLength(3);
  });

  test('that one node behind a load balancer does not have yet is asked for again', async () => {
    const chain = here.open();
    const block = await chain.head('latest');
    for (const message of [
      'header not found',
      'Unknown block',
      'block with hash 0x12 not found',
      'Received invalid block tag 0x12. Latest block number is 3',
    ]) {
      let late = 2;
      here.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_call' && late-- > 0 ? { id: call.id, error: { code: -32000, message } } : answer) };
      expect(await chain.calls([{ to: addressOf(1), data: '0x12345678' }], block)).toEqual([{ ok: true, data: '0x' }]);
    }
  });

  test('that can not be named by its hash is RPC_NO_BLOCK_HASH', async () => {
    const chain = here.open();
    const block = await chain.head('latest');
    here.proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_call' || call.method === 'eth_getCode'
          ? { id: call.id, error: { code: -32602, message: 'invalid argument 1: hex string expected' } }
          : answer,
    };
    expect(await codeOf(chain.calls([{ to: addressOf(1), data: '0x12345678' }], block))).toBe('RPC_NO_BLOCK_HASH');
    expect(await codeOf(chain.code([addressOf(1)], block))).toBe('RPC_NO_BLOCK_HASH');
  });
});
