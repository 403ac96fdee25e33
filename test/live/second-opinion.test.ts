import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import { fileCursorStore } from '../../src/live/cursor-store.ts';
import { connect } from '../../src/live/rpc.ts';
import type { SnapshotInput } from '../../src/live/snapshot.ts';
import type { ChainReader, State } from '../../src/types.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { local, startWorld, valueIn, type World } from './world.ts';

const production = { ...local, production: true } as const;

let world: World;
let other: RpcProxy;
let second: ChainReader;

beforeAll(async () => {
  world = await startWorld();
  other = await startRpcProxy(world.url);
});

afterEach(() => {
  world.proxy.hooks = {};
  other.hooks = {};
  second?.close();
});

afterAll(async () => {
  await other.stop();
  await world.stop();
});

function read(more: Partial<SnapshotInput> = {}): Promise<State> {
  second = connect({ urls: [other.url], backOffMs: 5, retries: 1 });
  return world.read({ environment: production, second, ...more });
}

async function disagreement(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MooringError && error.code === 'PROVIDERS_DISAGREE') return error.message;
  throw new Error(`no PROVIDERS_DISAGREE: ${String(error)}`);
}

test('a production environment must have a second RPC', async () => {
  await expect(world.read({ environment: production })).rejects.toMatchObject({ code: 'SECOND_RPC_MISSING', exitCode: 65 });
});

test('two that agree give what one gives', async () => {
  const [both, one] = [await read(), await world.read()];
  expect(both.contracts).toEqual(one.contracts);
  expect(both.facts).toEqual(one.facts);
});

describe('a silent cut of the event history, below every limit', () => {
  const cut = { logs: { cutAt: 3 } };

  test('by the first is caught', async () => {
    world.proxy.hooks = cut;
    // One RPC alone is deceived: this is what the second is for.
    const deceived = await world.read();
    expect(valueIn(deceived, 'stakeManager', 'validatorLockManagers')).toEqual({ type: 'members', members: [] });
    expect(await disagreement(read())).toContain('stakeManager.validatorLockManagers');
  });

  test('by the second is caught', async () => {
    other.hooks = cut;
    await disagreement(read());
  });

  test('is caught also where the lost member is out again', async () => {
    const { stranger } = world.deployment.accounts;
    await world.act('arena', 'setOrchestrator', [stranger.address, true]);
    await world.act('arena', 'setOrchestrator', [stranger.address, false]);
    world.proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getLogs'
          ? {
              ...answer,
              result: (answer.result as { data: string; topics: string[] }[]).filter(
                (log) => !log.topics.some((topic) => topic.endsWith(stranger.address.slice(2).toLowerCase())),
              ),
            }
          : answer,
    };
    expect(await disagreement(read())).toContain('arena.orchestrators');
  });

  test('is not remembered for the next run', async () => {
    const cursors = fileCursorStore(temporaryFolder());
    world.proxy.hooks = cut;
    await disagreement(read({ cursors }));
    world.proxy.hooks = {};
    expect((await read({ cursors })).contracts).toEqual((await world.read()).contracts);
  });

  test('remembered from a run with one RPC is caught by the scan of the second', async () => {
    const cursors = fileCursorStore(temporaryFolder());
    world.proxy.hooks = cut;
    await world.read({ cursors });
    world.proxy.hooks = {};
    await disagreement(read({ cursors }));
  });
});

test('a value that differs is named', async () => {
  other.hooks = {
    rewrite: (call, answer) =>
      call.method === 'eth_call' && typeof answer.result === 'string'
        ? { ...answer, result: answer.result.replace((5000).toString(16).padStart(64, '0'), (6000).toString(16).padStart(64, '0')) }
        : answer,
  };
  expect(await disagreement(read())).toMatch(/stakeManager\.treasurySlashPct|arena\.teacherRewardSplitBps/);
});

test('code that differs is named', async () => {
  const code = (answer: unknown): unknown => (typeof answer === 'string' && answer.length > 2 ? `${answer}00` : answer);
  other.hooks = { rewrite: (call, answer) => (call.method === 'eth_getCode' ? { ...answer, result: code(answer.result) } : answer) };
  expect(await disagreement(read())).toContain('the code of');
});

test('what only one of them can read is unknown', async () => {
  other.hooks = { rewrite: (call, answer) => (call.method === 'eth_getLogs' ? { id: call.id, error: { code: -32000, message: 'no logs here' } } : answer) };
  const state = await read();
  expect(valueIn(state, 'arena', 'orchestrators')?.type).toBe('unknown');
  expect(valueIn(state, 'roleBook', 'roles')?.type).toBe('unknown');
  expect(valueIn(state, 'arena', 'committeeSize')?.type).toBe('scalar');
});

describe('the heads', () => {
  test('may be some blocks apart: the older one is read', async () => {
    const before = await world.reader().head('latest');
    await world.node.mine();
    other.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getBlockByNumber' && call.params[0] === 'latest'
          ? {
              ...answer,
              result: {
                ...(answer.result as object),
                number: `0x${before.number.toString(16)}`,
                hash: before.hash,
                timestamp: `0x${before.timestamp.toString(16)}`,
              },
            }
          : answer,
    };
    expect((await read()).block).toEqual(before);
  });

  test('must be of one chain', async () => {
    other.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getBlockByNumber' ? { ...answer, result: { ...(answer.result as object), hash: `0x${'ab'.repeat(32)}` } } : answer,
    };
    await disagreement(read());
  });

  test("must be of one chain at the older one's number too", async () => {
    const head = await world.reader().head('latest');
    other.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getBlockByNumber'
          ? { ...answer, result: { ...(answer.result as object), number: `0x${(head.number - 1n).toString(16)}`, hash: `0x${'ab'.repeat(32)}` } }
          : answer,
    };
    await disagreement(read());
  });

  test('must not be far apart', async () => {
    other.hooks = {
      rewrite: (call, answer) => (call.method === 'eth_getBlockByNumber' ? { ...answer, result: { ...(answer.result as object), timestamp: '0x1' } } : answer),
    };
    await disagreement(read());
  });

  test('must be of the declared chain, both', async () => {
    other.hooks = { rewrite: (call, answer) => (call.method === 'eth_chainId' ? { ...answer, result: '0x1' } : answer) };
    await expect(read()).rejects.toMatchObject({ code: 'CHAIN_ID_MISMATCH' });
  });

  test('of both must be the given block', async () => {
    const block = await world.reader().head('latest');
    other.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getBlockByNumber' ? { ...answer, result: { ...(answer.result as object), hash: `0x${'ab'.repeat(32)}` } } : answer,
    };
    await expect(read({ block })).rejects.toMatchObject({ exitCode: 5 });
  });
});
