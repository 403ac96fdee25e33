import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { findReductions, type ReductionQuery } from '../../src/live/history.ts';
import { connect } from '../../src/live/rpc.ts';
import type { Change, Hex, Reduction, State } from '../../src/types.ts';
import type { ProxyCall } from '../support/rpc-proxy.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';
import { changeOf, contractIn, scalar, startWorld, type Wanted, type World } from './world.ts';

const one = 10n ** 18n;

let world: World;
let revert: string;

beforeAll(async () => {
  world = await startWorld();
  revert = await world.node.ask<string>('evm_snapshot');
});

beforeEach(() => world.proxy.reset());

afterEach(async () => {
  world.proxy.hooks = {};
  await world.node.ask('evm_revert', [revert]);
  revert = await world.node.ask<string>('evm_snapshot');
});

afterAll(() => world.stop());

const changeAt = (state: State, contract: string, field: string, wanted: Wanted): Change => changeOf(world.kinds, state, `${contract}.${field}`, wanted);

async function reductions(wanted: (state: State) => Change[], more: Partial<ReductionQuery> = {}): Promise<{ reductions: Reduction[]; unknown: string[] }> {
  const state = more.state ?? (await world.read());
  const changes = wanted(state);
  expect(changes.every((change) => change.risk === 'increase')).toBe(true);
  return findReductions({ chain: world.reader(), kinds: world.kinds, state, changes, knownTransactions: new Set(), ...more });
}

describe('reductions of risk', () => {
  const unpause = (state: State): Change[] => [changeAt(state, 'stakeManager', 'paused', { to: scalar(false) })];

  test("a guardian's pause stands, with who sent it", async () => {
    const { addresses, accounts } = world.deployment;
    const { hash, block } = await world.act('pauseGuard', 'pause', [[addresses.stakeManager]], accounts.guardian.address);
    expect(await reductions(unpause)).toEqual({
      reductions: [
        {
          contract: 'stakeManager',
          field: 'paused',
          transaction: hash,
          block,
          sender: accounts.guardian.address,
          from: scalar(false),
          to: scalar(true),
          known: false,
        },
      ],
      unknown: [],
    });
  });

  test('it is known by a receipt, or by having been adopted', async () => {
    const { addresses, accounts } = world.deployment;
    const { hash, block } = await world.act('pauseGuard', 'pause', [[addresses.stakeManager]], accounts.guardian.address);
    const byReceipt = await reductions(unpause, { knownTransactions: new Set([hash]) });
    expect(byReceipt.reductions.map(({ known }) => known)).toEqual([true]);
    for (const [adoptedAt, known] of [
      [block, true],
      [block - 1n, false],
    ] as const) {
      const state = await world.read({ contracts: [world.ref('stakeManager', { adoptedAt })] });
      expect((await reductions(unpause, { state })).reductions.map((reduction) => reduction.known)).toEqual([known]);
    }
  });

  test('the second pause after a lifted one is another', async () => {
    await world.act('stakeManager', 'pause');
    await world.act('stakeManager', 'unpause');
    const { hash } = await world.act('stakeManager', 'pause');
    expect((await reductions(unpause)).reductions.map(({ transaction }) => transaction)).toEqual([hash]);
  });

  test('of an aggregate are those of its parts', async () => {
    const { addresses, accounts } = world.deployment;
    const first = await world.act('pauseGuard', 'pause', [[addresses.stakeManager, addresses.feePool]], accounts.guardian.address);
    const second = await world.act('reputationEngine', 'pause');
    const state = await world.read({ contracts: [world.ref('systemPause'), world.ref('stakeManager')] });
    const found = await reductions(
      (live) => [changeAt(live, 'systemPause', 'paused', { to: scalar(false) })].map((change) => ({ ...change, risk: 'increase' })),
      { state },
    );
    expect(found.unknown).toEqual([]);
    expect(new Map(found.reductions.map(({ member, transaction }) => [member, transaction]))).toEqual(
      new Map([
        [addresses.stakeManager, first.hash],
        [addresses.feePool, first.hash],
        [addresses.reputationEngine, second.hash],
      ]),
    );
  });

  test('a revoked member and a revoked role', async () => {
    const { orchestratorA, stranger, owner } = world.deployment.accounts;
    await world.act('roleBook', 'grantRole', [id('WRITER_ROLE'), orchestratorA.address]);
    const revoked = await world.act('arena', 'setOrchestrator', [orchestratorA.address, false]);
    const role = await world.act('roleBook', 'revokeRole', [id('WRITER_ROLE'), orchestratorA.address]);
    const keys = new Map([['roles', ['WRITER_ROLE']]]);
    const state = await world.read({ contracts: [world.ref('arena'), world.ref('roleBook', { keys })] });
    const add = { to: scalar(true), action: 'add' as const };
    const found = await reductions(
      (live) => [
        changeAt(live, 'arena', 'orchestrators', { ...add, member: orchestratorA.address }),
        changeAt(live, 'arena', 'orchestrators', { ...add, member: stranger.address }),
        changeAt(live, 'roleBook', 'roles.WRITER_ROLE', { ...add, member: orchestratorA.address }),
      ],
      { state },
    );
    expect(found.unknown).toEqual([]);
    expect(found.reductions).toMatchObject([
      { field: 'orchestrators', member: orchestratorA.address, transaction: revoked.hash, from: scalar(true), to: scalar(false), sender: owner.address },
      { field: 'roles.WRITER_ROLE', member: orchestratorA.address, transaction: role.hash },
    ]);
  });

  describe('of a number', () => {
    const raise =
      (to: bigint) =>
      (state: State): Change[] => [changeAt(state, 'feePool', 'burnPct', { to: scalar(to) })];

    test('stands, also when later events repeat it', async () => {
      await world.act('feePool', 'setBurnPct', [5n]);
      const { hash } = await world.act('feePool', 'setBurnPct', [2n]);
      for (let i = 0; i < 3; i += 1) await world.act('feePool', 'setBurnPct', [2n]);
      expect((await reductions(raise(5n))).reductions).toMatchObject([{ transaction: hash, from: scalar(5n), to: scalar(2n) }]);
    });

    test('repeated by a setter that carries it along', async () => {
      const { hash } = await world.act('arena', 'setRewards', [50n * one, 50n * one, 20n * one]);
      await world.act('arena', 'setRewards', [50n * one, 50n * one, 10n * one]);
      const found = await reductions((state) => [changeAt(state, 'arena', 'baseTeacherReward', { to: scalar(100n * one) })]);
      // The event has no earlier value, and there is none before it: read from the state before.
      expect(found.reductions).toMatchObject([{ transaction: hash, from: scalar(100n * one), to: scalar(50n * one) }]);
    });

    test('does not stand once it was raised again', async () => {
      await world.act('feePool', 'setBurnPct', [0n]);
      await world.act('feePool', 'setBurnPct', [3n]);
      expect(await reductions(raise(5n))).toEqual({ reductions: [], unknown: [] });
    });

    test('in several steps stands as far as the change goes back', async () => {
      await world.act('feePool', 'setBurnPct', [10n]);
      const first = await world.act('feePool', 'setBurnPct', [6n]);
      const second = await world.act('feePool', 'setBurnPct', [3n]);
      const standing = async (to: bigint): Promise<Hex[]> => (await reductions(raise(to))).reductions.map(({ transaction }) => transaction);
      expect(await standing(5n)).toEqual([second.hash]);
      expect(await standing(6n)).toEqual([second.hash]);
      expect(await standing(7n)).toEqual([second.hash, first.hash]);
      const lifted = await reductions(raise(7n), { knownTransactions: new Set([first.hash]) });
      expect(lifted.reductions.map(({ transaction, known }) => [transaction, known])).toEqual([[second.hash, false]]);
    });

    test('never changed is no reduction', async () => {
      expect(await reductions((state) => [changeAt(state, 'arena', 'baseTeacherReward', { to: scalar(200n * one) })])).toEqual({ reductions: [], unknown: [] });
    });
  });

  test('a contract that was created paused was not paused by anyone', async () => {
    await world.act('stakeManager', 'pause');
    world.proxy.hooks = {
      rewrite: (call, answer) => (call.method === 'eth_getTransactionByHash' ? { ...answer, result: { ...(answer.result as object), to: null } } : answer),
    };
    expect(await reductions(unpause)).toEqual({ reductions: [], unknown: [] });
  });

  test('an entry that was taken out, and one that was lowered', async () => {
    const { addresses } = world.deployment;
    const removed = await world.act('stakeManager', 'removeAGIType', [addresses.agentNft]);
    const lowered = await world.act('stakeManager', 'addAGIType', [addresses.scholarNft, 110n]);
    const state = await world.read();
    const found = await findReductions({
      chain: world.reader(),
      kinds: world.kinds,
      state,
      knownTransactions: new Set(),
      changes: [
        { ...changeAt(state, 'stakeManager', 'agiTypes', { to: scalar(150n), member: addresses.agentNft, action: 'add' }), risk: 'increase' },
        { ...changeAt(state, 'stakeManager', 'agiTypes', { to: scalar(120n), member: addresses.scholarNft }), risk: 'increase' },
      ],
    });
    expect(found.unknown).toEqual([]);
    expect(found.reductions).toMatchObject([
      { member: addresses.agentNft, transaction: removed.hash, from: scalar(150n), to: { type: 'unset' } },
      { member: addresses.scholarNft, transaction: lowered.hash, from: scalar(120n), to: scalar(110n) },
    ]);
  });
});

describe('a history that can not be told is unknown, so that the change is refused', () => {
  const raise = (state: State): Change[] => [changeAt(state, 'feePool', 'burnPct', { to: scalar(9n) })];
  const refuse =
    (matches: (call: ProxyCall) => boolean) =>
    (call: ProxyCall, answer: object): object =>
      matches(call) ? { id: call.id, error: { code: -32000, message: 'missing trie node' } } : answer;

  test('when events can not be read', async () => {
    const state = await world.read();
    world.proxy.hooks = { rewrite: refuse(({ method }) => method === 'eth_getLogs') };
    expect(await reductions(raise, { state })).toEqual({ reductions: [], unknown: ['feePool.burnPct'] });
  });

  test('when the value was changed without an event', async () => {
    const state = await world.read();
    const fields = new Map(contractIn(state, 'feePool').fields).set('burnPct', { path: 'burnPct', value: scalar(0n) });
    await world.act('feePool', 'setBurnPct', [4n]);
    const block = await world.reader().head('latest');
    const moved = { ...state, block, contracts: state.contracts.map((contract) => (contract.name === 'feePool' ? { ...contract, fields } : contract)) };
    expect((await reductions(raise, { state: moved })).unknown).toEqual(['feePool.burnPct']);
  });

  test('when the state before the first event is gone', async () => {
    await world.act('feePool', 'setBurnPct', [0n]);
    const state = await world.read();
    world.proxy.hooks = { rewrite: refuse(({ method }) => method === 'eth_call') };
    expect((await reductions(raise, { state })).unknown).toEqual(['feePool.burnPct']);
  });

  test('when the kind names no event', async () => {
    const text =
      'apiVersion: mooring/v1\nkind: Kind\nname: Mute\ndescription: Test.\nabi:\n  - function burnPct() view returns (uint256)\n  - function setBurnPct(uint256 pct)\nfields:\n  burnPct: { description: Test., risk: { up: increase, down: reduce } }\nsetters:\n  - { function: setBurnPct, sets: [burnPct], access: [anyone] }\n';
    const kinds = loadKinds({ names: ['Mute'], own: [{ file: 'Mute.yaml', text }] });
    const state = await world.read({ kinds, contracts: [world.ref('feePool', { kind: 'Mute' })] });
    const change = { ...changeAt(await world.read(), 'feePool', 'burnPct', { to: scalar(9n) }), kind: 'Mute' };
    const found = await findReductions({ chain: world.reader(), kinds, state, changes: [change], knownTransactions: new Set() });
    expect(found).toEqual({ reductions: [], unknown: ['feePool.burnPct'] });
  });

  test('when a contract is paused and no event says so', async () => {
    await world.act('stakeManager', 'pause');
    const state = await world.read();
    const paused = id('Paused(address)');
    world.proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_getLogs' ? { ...answer, result: (answer.result as { topics: Hex[] }[]).filter(({ topics }) => topics[0] !== paused) } : answer,
    };
    const unpause = (live: State): Change[] => [changeAt(live, 'stakeManager', 'paused', { to: scalar(false) })];
    expect((await reductions(unpause, { state })).unknown).toEqual(['stakeManager.paused']);
  });

  test('when the transaction is not to be had', async () => {
    await world.act('stakeManager', 'pause');
    const state = await world.read();
    world.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getTransactionByHash' ? { ...answer, result: null } : answer) };
    expect((await reductions((live) => [changeAt(live, 'stakeManager', 'paused', { to: scalar(false) })], { state })).unknown).toEqual(['stakeManager.paused']);
  });

  test('two RPCs must tell the same', async () => {
    const { orchestratorA } = world.deployment.accounts;
    await world.act('arena', 'setOrchestrator', [orchestratorA.address, false]);
    const other = await startRpcProxy(world.url);
    const second = connect({ urls: [other.url], backOffMs: 5 });
    try {
      const wanted = (live: State): Change[] => [changeAt(live, 'arena', 'orchestrators', { to: scalar(true), member: orchestratorA.address, action: 'add' })];
      expect((await reductions(wanted, { second })).reductions).toHaveLength(1);
      const state = await world.read();
      // Without the second, a first RPC that leaves the whole history out would have the member let in again.
      world.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getLogs' ? { ...answer, result: [] } : answer) };
      expect(await reductions(wanted, { state })).toEqual({ reductions: [], unknown: [] });
      await expect(reductions(wanted, { state, second })).rejects.toMatchObject({ code: 'PROVIDERS_DISAGREE' });
    } finally {
      second.close();
      await other.stop();
    }
  });
});
