import { describe, expect, test } from 'vitest';
import type { Fault } from '../support/rpc-proxy.ts';

import { anvilBehindProxy } from './anvil-behind-proxy.ts';
import { codeOf, errorOf } from './error-of.ts';

const here = anvilBehindProxy();

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
    here.proxy.hooks = { before: (exchange) => (exchange.number <= 3 ? fault : undefined) };
    expect(await here.open().chainId()).toBe(31337n);
    expect(here.proxy.exchanges).toHaveLength(4);
  });

  test('a hanging node counts as gone after the timeout', async () => {
    here.proxy.hooks = { before: (exchange) => (exchange.number === 1 ? 'hang' : undefined) };
    expect(await here.open({ timeoutMs: 100 }).chainId()).toBe(31337n);
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
    here.proxy.hooks = { before: () => fault };
    const error = await errorOf(here.open({ retries: 2, timeoutMs: 100 }).head('latest'));
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(5);
    expect(here.proxy.exchanges.length).toBeLessThanOrEqual(3);
  });

  test('Retry-After is honoured', async () => {
    here.proxy.hooks = { before: (exchange) => (exchange.number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined) };
    await here.open().chainId();
    const [first, second] = here.proxy.exchanges;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('only the entries of a batch that were turned away are asked again', async () => {
    let turned = false;
    here.proxy.hooks = {
      rewrite: (call, answer) => {
        if (turned || call.method !== 'eth_blockNumber') return answer;
        turned = true;
        return { id: call.id, error: { code: 429, message: 'Your app has exceeded its compute units per second capacity' } };
      },
    };
    const answers = await here.open().batch(['eth_chainId', 'eth_blockNumber', 'eth_accounts'].map((method) => ({ method, params: [] })));
    expect(answers[1]).toEqual({ result: '0x0' });
    expect(here.proxy.exchanges.map((exchange) => exchange.calls.length)).toEqual([3, 1]);
  });

  test('an answer left out of a batch is noticed', async () => {
    here.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_blockNumber' ? null : answer) };
    expect(await codeOf(here.open({ retries: 1 }).batch(['eth_chainId', 'eth_blockNumber'].map((method) => ({ method, params: [] }))))).toBe('RPC_MALFORMED');
  });

  const shapes: [string, unknown][] = [
    ['no object', 'latest'],
    ['no hash', { number: '0x1', timestamp: '0x1' }],
    ['a short hash', { number: '0x1', timestamp: '0x1', hash: '0x12' }],
    ['a number that is none', { number: 'one', timestamp: '0x1', hash: `0x${'0'.repeat(64)}` }],
  ];
  test.each(shapes)('a block with %s is malformed', async (_, result) => {
    here.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getBlockByNumber' ? { ...answer, result } : answer) };
    expect(await codeOf(here.open().head('latest'))).toBe('RPC_MALFORMED');
  });
});
