// Break-glass by every route, on our contracts as SystemPause governs them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { PauseReport, PauseTarget } from '../../src/apply/pause/types.ts';
import { type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { type ProxyAnswer, type ProxyCall, type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { type Operator, operator, said, targets } from './pause-world.ts';

const modules = [
  'job-registry',
  'stake-manager',
  'validation-module',
  'dispute-module',
  'platform-registry',
  'fee-pool',
  'reputation-engine',
  'arbitrator-committee',
];
const everything = ['arena', 'system-pause', 'stake-manager', 'engine-targets.expansionsPaused'];

let world: FieldWorld;
let guardian: Operator;
let owner: Operator;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world.stop());
beforeEach(() => {
  guardian = operator(world, world.deployment.accounts.guardian);
  owner = operator(world, world.deployment.accounts.owner);
});
afterEach(async () => {
  guardian.close();
  owner.close();
  await world.reset();
});

async function paused(...names: ContractName[]): Promise<boolean[]> {
  return Promise.all(names.map(async (on) => (await world.read({ on, call: 'paused' })) === true));
}

function transactions({ rows }: PauseReport): string[] {
  return [...new Set(rows.flatMap((row) => ('transaction' in row ? [row.transaction] : [])))];
}

describe('the routes', () => {
  test('a guardian pauses everything with one transaction', async () => {
    const report = await guardian.pause(targets(world, ...everything));
    expect(said(report)).toEqual(['arena paused', ...modules.map((name) => `${name} paused`), 'stake-manager paused', 'engine-targets paused']);
    expect(transactions(report)).toHaveLength(1);
    expect(await paused('arena', 'stakeManager', 'jobRegistry', 'feePool', 'engineTargets')).toEqual([true, true, true, true, true]);
  });

  test('the owner pauses what it owns directly, and the modules through SystemPause', async () => {
    const report = await owner.pause(targets(world, 'arena', 'system-pause'));
    expect(said(report)).toEqual(['arena paused', ...modules.map((name) => `${name} paused`)]);
    expect(transactions(report)).toHaveLength(9);
  });

  test('a module that is paused already does not make the rest fail', async () => {
    await guardian.pause(targets(world, 'stake-manager'));
    for (const who of [owner, guardian]) {
      const report = await who.pause(targets(world, 'arena', 'system-pause'));
      expect(said(report)).toContain('stake-manager already');
      expect(said(report).filter((row) => row.endsWith('impossible'))).toEqual([]);
    }
    expect(await paused('arena', 'jobRegistry')).toEqual([true, true]);
  });

  test('what is paused is left alone: nothing is signed', async () => {
    await guardian.pause(targets(world, ...everything));
    world.proxy.reset();
    const again = await guardian.pause(targets(world, ...everything));
    expect([again.run, new Set(said(again).map((row) => row.split(' ')[1]))]).toEqual([null, new Set(['already'])]);
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(0);
  });

  test('a key without the right sends nothing, and is told who can', async () => {
    const stranger = operator(world, world.deployment.accounts.orchestratorA);
    const { rows, run } = await stranger.pause(targets(world, 'arena', 'stake-manager'));
    stranger.close();
    const { accounts, addresses } = world.deployment;
    const byGuard = { address: accounts.guardian.address, as: 'guardians', through: addresses.pauseGuard };
    expect(run).toBeNull();
    expect(rows).toMatchObject([
      { state: 'impossible', whoCan: [{ address: accounts.owner.address, as: 'owner', through: null }, byGuard] },
      { state: 'impossible', whoCan: [{ address: accounts.owner.address, as: 'governance', through: addresses.systemPause }, byGuard] },
    ]);
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(0);
  });

  test('what can not be paused does not keep the rest from it', async () => {
    await world.byHand({ on: 'arena', call: 'setPauser', args: ['0x0000000000000000000000000000000000000000'] });
    const report = await guardian.pause([
      ...targets(world, 'arena', 'stake-manager'),
      { contract: 'gone', kind: 'SelfPlayArena', address: world.addresses['treasury'] ?? '', field: 'paused', value: true },
      { contract: 'odd', kind: 'NoSuchKind', address: world.addresses['arena'] ?? '', field: 'paused', value: true },
    ]);
    expect(said(report)).toEqual(['arena impossible', 'stake-manager paused', 'gone impossible', 'odd impossible']);
    // Where no contract is, a call would succeed, and mean nothing.
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(1);
  });

  test('one flag is set once, by whichever of its names, and however often it is asked for', async () => {
    const report = await owner.pause(targets(world, 'engine-targets.expansionsPaused', 'engine-targets.paused', 'stake-manager', 'system-pause'));
    expect(new Set(said(report).map((row) => row.split(' ')[1]))).toEqual(new Set(['paused']));
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(1 + modules.length);
  });

  test('what is no pause is not built, whoever asks', async () => {
    await guardian.pause(targets(world, 'arena'));
    const [arena] = targets(world, 'arena');
    const { rows, run } = await owner.pause([
      { ...(arena as PauseTarget), value: false },
      { ...(arena as PauseTarget), field: 'owner' },
    ]);
    expect([run, rows.map(({ state }) => state)]).toEqual([null, ['impossible', 'impossible']]);
    expect(await paused('arena')).toEqual([true]);
  });

  test('a node that is behind is asked again, not believed', async () => {
    let lies = 1;
    world.proxy.hooks = {
      rewrite: ({ method, params }, answer) => {
        const isFlag = method === 'eth_call' && (params[0] as { data: string }).data === '0x5c975abb';
        if (!isFlag || world.proxy.count('eth_sendRawTransaction') === 0 || lies === 0) return answer;
        lies -= 1;
        return { ...answer, result: `0x${'0'.repeat(64)}` };
      },
    };
    expect(said(await guardian.pause(targets(world, 'arena')))).toEqual(['arena paused']);
    expect(lies).toBe(0);
  });

  test('a guard has gas for each of its pauses, whatever a node says of them together', async () => {
    world.proxy.hooks = {
      rewrite: ({ method, params }, answer) =>
        method === 'eth_estimateGas' && (params[0] as { from: string }).from === guardian.address ? { ...answer, result: '0x5208' } : answer,
    };
    expect(said(await guardian.pause(targets(world, ...everything))).filter((row) => !row.endsWith(' paused'))).toEqual([]);
  });

  test('what a guard would fail to pause is told, and not sent', async () => {
    const word = (value: number): string => value.toString(16).padStart(64, '0');
    world.proxy.hooks = {
      rewrite: ({ method, params }, answer) => {
        const { to = '', from = '' } = (params[0] ?? {}) as { to?: string; from?: string };
        const isTry = method === 'eth_call' && to === world.deployment.addresses.pauseGuard && from === guardian.address;
        return isTry ? { ...answer, result: `0x${word(32)}${word(1)}${word(2)}` } : answer;
      },
    };
    expect(said(await guardian.pause(targets(world, 'arena')))).toEqual(['arena impossible']);
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(0);
  });

  test('a cap on fees below what the chain asks for does not hold it back', async () => {
    const environment = { name: 'field', chainId: 31337n, confirmations: 1, maxFeePerGas: 1n };
    expect(said(await guardian.pause(targets(world, 'arena'), { environment }))).toEqual(['arena paused']);
  });

  describe('a purse that covers only some of it', () => {
    const gwei = 10n ** 9n;

    test('pays for the first, and the rest is told', async () => {
      await world.node.ask('anvil_setNextBlockBaseFeePerGas', ['0x3b9aca00']);
      await world.node.mine();
      await world.node.ask('anvil_setBalance', [owner.address, `0x${(250_000n * gwei).toString(16)}`]);
      const report = await owner.pause(targets(world, 'arena', 'engine-targets.expansionsPaused', 'stake-manager'));
      expect(said(report)).toEqual(['arena paused', 'engine-targets impossible', 'stake-manager impossible']);
      expect(report.rows[1]).toMatchObject({ why: expect.stringMatching(/too little for the gas/) });
    });

    test('pays for as many of a guard’s as it can', async () => {
      await world.node.ask('anvil_setNextBlockBaseFeePerGas', ['0x3b9aca00']);
      await world.node.mine();
      await world.node.ask('anvil_setBalance', [guardian.address, `0x${(350_000n * gwei).toString(16)}`]);
      const report = await guardian.pause(targets(world, ...everything));
      expect(said(report)[0]).toBe('arena paused');
      expect(new Set(said(report).map((row) => row.split(' ')[1]))).toEqual(new Set(['paused', 'impossible']));
    });
  });

  test('an empty purse is told before anything is signed', async () => {
    await world.node.ask('anvil_setBalance', [guardian.address, '0x1']);
    const { rows, run } = await guardian.pause(targets(world, 'arena'));
    expect([run, rows[0]?.state]).toEqual([null, 'impossible']);
  });
});

describe('rehearsed', () => {
  test('with an address alone: says what would work, and sends nothing', async () => {
    const report = await guardian.rehearse(targets(world, ...everything));
    expect(new Set(said(report).map((row) => row.split(' ')[1]))).toEqual(new Set(['ready']));
    expect(report.rows[0]).toMatchObject({ state: 'ready', through: world.deployment.addresses.pauseGuard });
    expect(world.proxy.count('eth_sendRawTransaction')).toBe(0);
  });

  test('finds a pauser that was changed, also of what is paused now', async () => {
    await guardian.pause(targets(world, 'arena'));
    await world.byHand({ on: 'arena', call: 'setPauser', args: ['orchestrator-a'] });
    expect(said(await guardian.rehearse(targets(world, 'arena', 'stake-manager')))).toEqual(['arena impossible', 'stake-manager ready']);
  });
});

describe('with one node that lies, and says that it is furthest', () => {
  const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`;
  const isFlag = ({ method, params }: ProxyCall): boolean => method === 'eth_call' && (params[0] as { data: string }).data === '0x5c975abb';

  /** Pauses the arena by an honest node and this one. */
  async function beside(lie: (call: ProxyCall, answer: ProxyAnswer) => ProxyAnswer, ...names: string[]): Promise<PauseReport> {
    const [honest, lying] = [await startRpcProxy(world.url), await startRpcProxy(world.url)];
    lying.hooks = { rewrite: (call, answer) => (call.method === 'eth_blockNumber' ? { ...answer, result: '0xffffffff' } : lie(call, answer)) };
    const who = operator(world, world.deployment.accounts.guardian, [lying.url, honest.url]);
    const report = await who.pause(targets(world, ...(names.length === 0 ? ['arena'] : names)));
    who.close();
    await Promise.all([honest, lying].map((proxy) => proxy.stop()));
    return report;
  }

  /** Of these methods. */
  const saying =
    (results: Readonly<Record<string, string>>) =>
    ({ method }: ProxyCall, answer: ProxyAnswer): ProxyAnswer =>
      results[method] === undefined ? answer : { ...answer, result: results[method] };
  const sayingOfBlocks =
    (more: object) =>
    ({ method, params }: ProxyCall, answer: ProxyAnswer): ProxyAnswer =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? { ...answer, result: { ...(answer.result as object), ...more } } : answer;
  const refuse = ({ id }: ProxyAnswer): ProxyAnswer => ({ jsonrpc: '2.0', id, error: { code: 3, message: 'execution reverted', data: '0x' } });
  const isAddress = ({ result }: ProxyAnswer): boolean => /^0x0{24}[0-9a-f]{40}$/.test(String(result));

  test.each<[string, (call: ProxyCall, answer: ProxyAnswer) => ProxyAnswer]>([
    ['it is paused', (call, answer) => (isFlag(call) ? { ...answer, result: word(1) } : answer)],
    ['somebody else may', ({ method }, answer) => (method === 'eth_call' && isAddress(answer) ? { ...answer, result: word(7) } : answer)],
    ['it would fail', ({ method }, answer) => (method === 'eth_call' ? refuse(answer) : answer)],
    ['nonsense', saying({ eth_getBalance: 'x', eth_maxPriorityFeePerGas: 'x', eth_estimateGas: 'x', eth_getTransactionCount: 'x' })],
    ['there is no money', saying({ eth_getBalance: '0x0' })],
    ['the base fee is beyond all money', sayingOfBlocks({ baseFeePerGas: '0xffffffffffffffffffffff' })],
    ['a pause takes all gas', saying({ eth_estimateGas: '0xffffffffff' })],
    [
      'much was sent before',
      ({ method, params }, answer) => (method === 'eth_getTransactionCount' && params[1] === 'pending' ? { ...answer, result: '0xffff' } : answer),
    ],
  ])('(%s) it is paused all the same', async (_name, lie) => {
    expect([said(await beside(lie)), await paused('arena')]).toEqual([['arena paused'], [true]]);
  });

  test.each([
    ['the base fee is nothing', sayingOfBlocks({ baseFeePerGas: '0x0' })],
    ['the tip is beyond all money', saying({ eth_maxPriorityFeePerGas: '0xffffffffffffffffffffff' })],
  ])('(%s) what is offered pays for the block, and costs no more than that', async (_name, lie) => {
    const { baseFeePerGas: usual } = await world.node.ask<{ baseFeePerGas: string }>('eth_getBlockByNumber', ['latest', false]);
    await world.node.ask('anvil_setNextBlockBaseFeePerGas', ['0x2540be400']);
    await world.node.mine();
    const [hash] = transactions(await beside(lie));
    // Going back to a snapshot leaves the fee of the next block as it is.
    await world.node.ask('anvil_setNextBlockBaseFeePerGas', [usual]);
    const sent = await world.node.ask<{ maxFeePerGas: string; maxPriorityFeePerGas: string }>('eth_getTransactionByHash', [hash]);
    expect(Number(sent.maxFeePerGas)).toBeGreaterThan(10e9);
    expect(Number(sent.maxPriorityFeePerGas)).toBeLessThan(2e9);
  });

  test('(the parts of an aggregate are others) those that they are by the honest one are paused', async () => {
    const nobody = `0x${'0'.repeat(24)}${'77'.repeat(20)}`;
    const flags = ['0x5c975abb'];
    const isModule = ({ method, params }: ProxyCall): boolean => {
      const { to = '', data = '' } = (params[0] ?? {}) as { to?: string; data?: string };
      return method === 'eth_call' && to === world.deployment.addresses.systemPause && data.length === 10 && !flags.includes(data);
    };
    const report = await beside((call, answer) => (isModule(call) && isAddress(answer) ? { ...answer, result: nobody } : answer), 'system-pause');
    expect(await paused('jobRegistry', 'feePool', 'stakeManager')).toEqual([true, true, true]);
    expect(said(report).filter((row) => row.endsWith(' paused'))).toHaveLength(modules.length);
  });

  test('(it is not paused) that is told, and settled by nobody', async () => {
    const report = await beside((call, answer) => (isFlag(call) ? { ...answer, result: word(0) } : answer));
    expect([said(report), await paused('arena')]).toEqual([['arena impossible'], [true]]);
  });
});

describe('a newest block that is old', () => {
  const aged = ({ method, params }: ProxyCall, answer: ProxyAnswer): ProxyAnswer => {
    if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return answer;
    const timestamp = `0x${Math.floor(Date.now() / 1000 - 700).toString(16)}`;
    return { ...answer, result: { ...(answer.result as object), timestamp } };
  };
  const young: typeof aged = (call, answer) => {
    const { result } = aged(call, answer);
    return result === answer.result ? answer : { ...answer, result: { ...(result as object), timestamp: `0x${Math.floor(Date.now() / 1000).toString(16)}` } };
  };

  async function warnings(...rewrites: (typeof aged)[]): Promise<string[]> {
    const proxies = await Promise.all(rewrites.map((rewrite) => startRpcProxy(world.url, { rewrite })));
    const log: string[] = [];
    const who = operator(
      world,
      world.deployment.accounts.guardian,
      proxies.map(({ url }) => url),
    );
    const report = await who.pause(targets(world, 'arena'), { log: (message) => log.push(message) });
    who.close();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    expect(said(report)).toEqual(['arena paused']);
    return log.filter((message) => /newest block/.test(message));
  }

  test('of every node is told, and stops nothing: a development chain mines when it is sent something', async () => {
    expect(await warnings(aged, aged)).toEqual([expect.stringMatching(/is 11 minutes old/)]);
  });

  test('of one of them is none of it', async () => {
    expect(await warnings(aged, young)).toEqual([]);
  });
});

describe('with half of the nodes down', () => {
  test.each(['drop', 'hang', { status: 503 }] as const)('(%j) it pauses all the same', async (fault) => {
    const [alive, dead, deadToo] = [await startRpcProxy(world.url), await startRpcProxy(world.url), await startRpcProxy(world.url)];
    for (const proxy of [dead, deadToo]) proxy.hooks = { before: () => fault };
    const who = operator(world, world.deployment.accounts.guardian, [dead.url, alive.url, deadToo.url, 'http://127.0.0.1:1']);
    const report = await who.pause(targets(world, ...everything));
    who.close();
    await Promise.all([alive, dead, deadToo].map((proxy) => proxy.stop()));
    expect(new Set(said(report).map((row) => row.split(' ')[1]))).toEqual(new Set(['paused']));
  });

  test('with all of them down nothing is signed, and it says so', async () => {
    const who = operator(world, world.deployment.accounts.guardian, ['http://127.0.0.1:1', 'http://127.0.0.1:2']);
    await expect(who.pause(targets(world, 'arena'))).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE' });
    who.close();
  });
});

describe('with a quick node that is stuck in the past', () => {
  const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`;
  const enforcedPause = '0xd93c0665';
  let stuck: RpcProxy;
  let slow: RpcProxy;

  beforeEach(async () => {
    [stuck, slow] = [await startRpcProxy(world.url), await startRpcProxy(world.url)];
  });
  afterEach(async () => {
    await Promise.all([stuck, slow].map((proxy) => proxy.stop()));
  });

  /** To the stuck one, everything (or these addresses) was paused, and a pause of it would revert or be skipped. */
  function stick(...only: string[]): void {
    const isStuckAt = (to: string): boolean => only.length === 0 || only.some((address) => address.toLowerCase() === to.toLowerCase());
    stuck.hooks = {
      rewrite({ method, params }, answer) {
        const { to = '', data = '' } = (params[0] ?? {}) as { to?: string; data?: string };
        if (method !== 'eth_call' || !isStuckAt(to)) return answer;
        if (data === '0x5c975abb') return { ...answer, result: word(1) };
        if (data === '0x8456cb59') return { jsonrpc: '2.0', id: answer.id, error: { code: 3, message: 'execution reverted', data: enforcedPause } };
        return answer;
      },
    };
  }

  /** Above the grace: whatever it says is late. */
  function lag(delayMs: number): void {
    slow.hooks = { delayMs };
  }

  test.each([400, 1_000])('and an honest one that answers after %i ms: nothing is taken for paused that is not', async (delayMs) => {
    stick();
    lag(delayMs);
    for (const [account, what] of [
      [world.deployment.accounts.guardian, ['arena', 'stake-manager']],
      [world.deployment.accounts.owner, ['engine-targets.expansionsPaused']],
    ] as const) {
      const who = operator(world, account, [stuck.url, slow.url]);
      const report = await who.pause(targets(world, ...what));
      who.close();
      expect(report.run).not.toBeNull();
    }
    expect(await paused('arena', 'stakeManager', 'engineTargets')).toEqual([true, true, true]);
  });

  test('what surely is to go out does not wait; the rest follows', async () => {
    stick(world.deployment.addresses.arena);
    const released = Promise.withResolvers<undefined>();
    slow.hooks = { before: () => released.promise };
    const sending = Promise.withResolvers<void>();
    const before = stuck.hooks;
    stuck.hooks = {
      ...before,
      before: ({ calls }) => {
        if (calls.some(({ method }) => method === 'eth_sendRawTransaction')) sending.resolve();
        return undefined;
      },
    };
    const who = operator(world, world.deployment.accounts.owner, [stuck.url, slow.url]);
    const pausing = who.pause(targets(world, 'arena', 'engine-targets.expansionsPaused'));
    // The slow one has answered nothing yet.
    await sending.promise;
    released.resolve(undefined);
    await pausing;
    who.close();
    expect(await paused('arena', 'engineTargets')).toEqual([true, true]);
  });

  test('what all that answer know to be paused is not paused again, with a node that never answers', async () => {
    await guardian.pause(targets(world, 'arena'));
    slow.hooks = { before: () => 'hang' };
    const who = operator(world, world.deployment.accounts.guardian, [stuck.url, slow.url]);
    const report = await who.pause(targets(world, 'arena'));
    who.close();
    expect([report.run, said(report)]).toEqual([null, ['arena already']]);
  });

  test('what it alone takes for paused, and nobody could pause, is told as not paused', async () => {
    stick();
    lag(400);
    const stranger = operator(world, world.deployment.accounts.orchestratorA, [stuck.url, slow.url]);
    expect(said(await stranger.pause(targets(world, 'arena')))).toEqual(['arena impossible']);
    stranger.close();
  });

  test('and no node left once something was sent: that is told all the same', async () => {
    await guardian.pause(targets(world, 'stake-manager'));
    let sent = false;
    stuck.hooks = {
      before: ({ calls }) => {
        if (sent) return 'drop';
        sent = calls.some(({ method }) => method === 'eth_sendRawTransaction');
        return undefined;
      },
    };
    const who = operator(world, world.deployment.accounts.guardian, [stuck.url, 'http://127.0.0.1:1']);
    const report = await who.pause(targets(world, 'arena', 'stake-manager'), { patience: { faults: 0 } });
    who.close();
    expect(said(report)).toEqual(['arena sent', 'stake-manager already']);
  });

  test('a node that never answers does not keep the one that knows better waiting', async () => {
    stick();
    lag(400);
    const silent = await startRpcProxy(world.url, { before: () => 'hang' });
    const who = operator(world, world.deployment.accounts.guardian, [stuck.url, silent.url, slow.url]);
    await who.pause(targets(world, 'arena'));
    // Whatever it was asked is still unanswered.
    expect([await paused('arena'), silent.mostInFlight()]).toEqual([[true], silent.exchanges.length]);
    who.close();
    await silent.stop();
  });
});
