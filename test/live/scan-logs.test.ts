import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import { id } from '../../src/kinds/keccak.ts';
import { type ConnectOptions, connect } from '../../src/live/rpc.ts';
import type { BlockRef, Hex, Log, LogFilter } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type NodeCalls, nodeCalls } from '../support/node-calls.ts';
import { type ProxyHooks, type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { addressOf, emitterCode } from './probe-codes.ts';

const emitters = [addressOf(1), addressOf(2)] as const;
const topics = [id('A(address)'), id('B(address)')] as const;

let anvil: Anvil;
let proxy: RpcProxy;
let node: NodeCalls;
let head: BlockRef;

function emit(emitter: string, count: number, topic: Hex): Promise<unknown> {
  return node.send(emitter, `0x${count.toString(16).padStart(64, '0')}${topic.slice(2)}${'1'.padStart(64, '0')}${'0'.repeat(64)}`);
}

/** 400 blocks: bursts of 50 logs with gaps between, one burst in one block from both contracts. */
beforeAll(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  node = await nodeCalls(anvil.url);
  for (const emitter of emitters) await node.setCode(emitter, emitterCode);
  for (let i = 0; i < 8; i += 1) {
    await emit(emitters[i % 2 === 0 ? 0 : 1], 50, topics[i % 3 === 0 ? 0 : 1]);
    await node.mine(49);
  }
  const chain = connect({ urls: [anvil.url] });
  head = await chain.head('latest');
  chain.close();
});

afterAll(async () => {
  await proxy.stop();
  await anvil.stop();
});

afterEach(() => {
  proxy.hooks = {};
  proxy.reset();
});

function everything(): LogFilter {
  return { address: emitters, topics: [topics], fromBlock: 0n, toBlock: head.number, toHash: head.hash };
}

async function scan(options: Partial<ConnectOptions> = {}, filter: LogFilter = everything()): Promise<Log[]> {
  const chain = connect({ urls: [proxy.url], backOffMs: 5, timeoutMs: 300, ...options });
  try {
    return await chain.logs(filter);
  } finally {
    chain.close();
  }
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof MooringError ? error.code : `no MooringError: ${String(error)}`;
}

test('one eth_getLogs where the chain allows it, in order, addresses checksummed', async () => {
  const logs = await scan();
  expect(proxy.count('eth_getLogs')).toBe(1);
  expect(proxy.exchanges).toHaveLength(1);
  expect(logs).toHaveLength(400);
  expect(logs.every((log) => emitters.includes(log.address as never))).toBe(true);
  const places = logs.map((log) => Number(log.blockNumber) * 1000 + log.logIndex);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

describe('gives every log in spite of', () => {
  const providers: [string, ProxyHooks][] = [
    ['a cap of 7 blocks', { logs: { maxRange: 7n, message: 'block range is too wide (maximum 7)', code: -32600 } }],
    ['a cap of one block', { logs: { maxRange: 1n, message: 'eth_getLogs is limited to a 1 block range', code: -32614 } }],
    ['a cap of 50 entries', { logs: { maxEntries: 50, message: 'query returned more than 50 results', code: -32005 } }],
    ['a cap of 120 entries', { logs: { maxEntries: 120, message: 'Log response size exceeded. Try with this block range [0x0, 0x10].', code: -32602 } }],
    ['a limit that only says "limit exceeded"', { logs: { maxRange: 20n, message: 'limit exceeded', code: -32005 } }],
    ['413 for wide ranges', { before: wide({ status: 413 }) }],
    ['400 without a word for wide ranges', { before: wide({ status: 400 }) }],
    ['500 for wide ranges', { before: wide({ status: 500 }) }],
    ['a timeout for wide ranges', { before: wide('hang') }],
    ['a dropped connection for wide ranges', { before: wide('drop') }],
    ['half an answer for wide ranges', { before: wide({ status: 200, body: '[{"jsonrpc":"2.0","id":1,"resul' }) }],
  ];
  test.each(providers)('%s', async (_, hooks) => {
    const expected = await scan();
    proxy.hooks = hooks;
    expect(await scan()).toEqual(expected);
  });

  test('a limit on requests', async () => {
    const expected = await scan();
    let turned = 0;
    proxy.hooks = { logs: { maxRange: 40n }, before: () => (turned++ % 3 === 1 ? { status: 429 } : undefined) };
    expect(await scan()).toEqual(expected);
  });

  test('silence at logLimit entries: such an answer counts as cut', async () => {
    const expected = await scan();
    proxy.hooks = { logs: { cutAt: 60 } };
    expect(await scan({ logLimit: 60 })).toEqual(expected);
    // What is cut below the limit can't be told from what is whole: only a second RPC shows it.
    expect((await scan({ logLimit: 61 })).length).toBeLessThan(expected.length);
  });

  test('a range that it was told to keep to', async () => {
    const expected = await scan();
    proxy.reset();
    expect(await scan({ logRange: 100n })).toEqual(expected);
    expect(proxy.count('eth_getLogs')).toBe(5);
  });
});

function wide(fault: NonNullable<ReturnType<NonNullable<ProxyHooks['before']>>>): NonNullable<ProxyHooks['before']> {
  return (exchange) => {
    const [call] = exchange.calls.filter(({ method }) => method === 'eth_getLogs');
    const { fromBlock, toBlock } = (call?.params[0] ?? { fromBlock: '0x0', toBlock: '0x0' }) as { fromBlock: string; toBlock: string };
    return BigInt(toBlock) - BigInt(fromBlock) >= 30n ? fault : undefined;
  };
}

describe('a block that can not be read whole', () => {
  test('is LOGS_INCOMPLETE', async () => {
    proxy.hooks = { logs: { maxEntries: 49 } };
    expect(await refusal(scan())).toBe('LOGS_INCOMPLETE');
  });

  test('is LOGS_INCOMPLETE at logLimit too', async () => {
    expect(await refusal(scan({ logLimit: 50 }))).toBe('LOGS_INCOMPLETE');
  });

  test('is split by contract and by event first', async () => {
    await node.ask('evm_setAutomine', [false]);
    const [first, second] = [emitters[0], emitters[1]];
    for (const [emitter, topic] of [
      [first, topics[0]],
      [first, topics[1]],
      [second, topics[0]],
    ] as const) {
      await node.ask('eth_sendTransaction', [
        { from: node.sender, to: emitter, data: `0x${(30).toString(16).padStart(64, '0')}${topic.slice(2)}${'0'.repeat(128)}`, gas: '0x200000' },
      ]);
    }
    await node.mine();
    await node.ask('evm_setAutomine', [true]);
    const block = BigInt(await node.ask<Hex>('eth_blockNumber'));
    const logs = await scan({ logLimit: 40 }, { address: emitters, topics: [topics], fromBlock: block, toBlock: block });
    expect(logs).toHaveLength(90);
  });
});

describe('whoever answers must have the pinned block', () => {
  test('a node that lags behind is asked again', async () => {
    let late = 2;
    proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getBlockByNumber' && late-- > 0
          ? { ...answer, result: null }
          : call.method === 'eth_getLogs' && late > 0
            ? { ...answer, result: [] }
            : answer,
    };
    expect(await scan()).toHaveLength(400);
  });

  test('else RPC_NO_BLOCK', async () => {
    proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getBlockByNumber' ? { ...answer, result: null } : answer) };
    expect(await refusal(scan({ retries: 1 }))).toBe('RPC_NO_BLOCK');
  });

  test('another fork is RPC_REORGED', async () => {
    expect(await refusal(scan({ retries: 1 }, { ...everything(), toHash: `0x${'ab'.repeat(32)}` }))).toBe('RPC_REORGED');
  });
});

describe('an answer that was not asked for is malformed', () => {
  const wrong: [string, (log: Record<string, unknown>) => Record<string, unknown>][] = [
    ["another contract's", (log) => ({ ...log, address: addressOf(77) })],
    ['of another block', (log) => ({ ...log, blockNumber: '0xffffff' })],
    ['another event', (log) => ({ ...log, topics: [id('C()')] })],
    ['without a place', (log) => ({ ...log, blockHash: null })],
    ['taken back', (log) => ({ ...log, removed: true })],
  ];
  test.each(wrong)('%s', async (_, change) => {
    proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getLogs'
          ? { ...answer, result: (answer.result as Record<string, unknown>[]).map((log, i) => (i === 7 ? change(log) : log)) }
          : answer,
    };
    expect(await refusal(scan())).toBe('RPC_MALFORMED');
  });
});
