import { Interface } from 'ethers/abi';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import { findAuthors } from '../../src/live/history.ts';
import type { Change, State } from '../../src/types.ts';
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

describe('authors', () => {
  async function authors(wanted: (state: State) => Change[], of: World = world): ReturnType<typeof findAuthors> {
    const state = await of.read();
    const { accounts } = of.deployment;
    const names = new Map([
      [accounts.guardian.address, 'guardian'],
      [accounts.owner.address, 'owner'],
    ]);
    return findAuthors({ chain: of.reader(), kinds: of.kinds, state, changes: wanted(state), names });
  }

  test('are who changed the value, with time, name and the call; not who repeated it', async () => {
    const { hash, block } = await world.act('feePool', 'setBurnPct', [7n]);
    await world.act('feePool', 'setBurnPct', [7n]);
    const time = (await world.reader().block(block))?.timestamp;
    const found = await authors((state) => [changeAt(state, 'feePool', 'burnPct', { to: scalar(1n) })]);
    expect(found.get('feePool.burnPct')).toEqual({
      transaction: hash,
      block,
      timestamp: time,
      sender: world.deployment.accounts.owner.address,
      senderName: 'owner',
      call: { contract: 'feePool', function: 'setBurnPct', args: [{ name: 'pct', type: 'uint256', value: 7n }] },
    });
  });

  test('of many fields take few requests', async () => {
    await world.act('arena', 'setRewards', [1n, 2n, 3n]);
    await world.act('arena', 'setCommitteeParameters', [9n, 9n]);
    await world.act('stakeManager', 'setFeePct', [9n]);
    const state = await world.read();
    const changes = ['baseTeacherReward', 'baseStudentReward', 'baseValidatorReward', 'committeeSize', 'validatorStake'].map((field) =>
      changeAt(state, 'arena', field, { to: scalar(77n) }),
    );
    const all = [...changes, changeAt(state, 'stakeManager', 'feePct', { to: scalar(1n) })];
    world.proxy.reset();
    const found = await findAuthors({ chain: world.reader(), kinds: world.kinds, state, changes: all, names: new Map() });
    expect(found.size).toBe(6);
    expect(world.proxy.exchanges.length).toBeLessThanOrEqual(5);
  });

  test('through the guard, as an aggregate, of keys, sets and entries', async () => {
    const { addresses, accounts } = world.deployment;
    const pause = await world.act('pauseGuard', 'pause', [[addresses.stakeManager]], accounts.guardian.address);
    const minimum = await world.act('stakeManager', 'setRoleMinimum', [2, 5n]);
    const warm = await world.act('thermostat', 'setRoleTemperature', [3, one]);
    const member = await world.act('arena', 'setOrchestrator', [accounts.stranger.address, true]);
    const entry = await world.act('stakeManager', 'addAGIType', [accounts.stranger.address, 101n]);
    const found = await authors((state) => [
      changeAt(state, 'stakeManager', 'paused', { to: scalar(false) }),
      changeAt(state, 'systemPause', 'paused', { to: scalar(false) }),
      changeAt(state, 'stakeManager', 'roleMinimumStake.platform', { to: scalar(1n) }),
      changeAt(state, 'thermostat', 'roleTemperature.employer', { to: { type: 'unset' } }),
      changeAt(state, 'thermostat', 'roleTemperature.agent', { to: scalar(one) }),
      changeAt(state, 'arena', 'orchestrators', { to: scalar(false), member: accounts.stranger.address, action: 'remove' }),
      changeAt(state, 'stakeManager', 'agiTypes', { to: null, member: accounts.stranger.address, action: 'remove' }),
    ]);
    expect(new Map([...found].map(([key, { transaction }]) => [key, transaction]))).toEqual(
      new Map([
        ['stakeManager.paused', pause.hash],
        ['systemPause.paused', pause.hash],
        ['stakeManager.roleMinimumStake.platform', minimum.hash],
        ['thermostat.roleTemperature.employer', warm.hash],
        [`arena.orchestrators[${accounts.stranger.address}]`, member.hash],
        [`stakeManager.agiTypes[${accounts.stranger.address}]`, entry.hash],
      ]),
    );
    expect(found.get('stakeManager.paused')).toMatchObject({
      senderName: 'guardian',
      call: { contract: 'pauseGuard', function: 'pause', args: [{ value: [addresses.stakeManager] }] },
    });
  });

  test('through a relay are shown with the call that was meant', async () => {
    const governed = await startWorld({ variant: 'governed' });
    try {
      const { addresses, abis } = governed.deployment;
      const inner = new Interface(abis.stakeManager).encodeFunctionData('setFeePct', [8n]);
      await governed.act('systemPause', 'executeGovernanceCall', [addresses.stakeManager, inner]);
      const found = await authors((state) => [changeAt(state, 'stakeManager', 'feePct', { to: scalar(5n) })], governed);
      expect(found.get('stakeManager.feePct')?.call).toEqual({
        contract: 'stakeManager',
        function: 'setFeePct',
        args: [{ name: 'pct', type: 'uint256', value: 8n }],
      });
    } finally {
      await governed.stop();
    }
  });

  test('by way of a contract that nobody manages have no decoded call', async () => {
    const { addresses, abis } = world.deployment;
    await world.act('feePool', 'transferOwnership', [addresses.multicall3]);
    const inner = new Interface(abis.feePool).encodeFunctionData('setBurnPct', [3n]);
    const { hash } = await world.act('multicall3' as ContractName, 'aggregate3', [[[addresses.feePool, false, inner]]]);
    const found = await authors((state) => [changeAt(state, 'feePool', 'burnPct', { to: scalar(1n) })]);
    expect(found.get('feePool.burnPct')).toMatchObject({ transaction: hash, call: null });
  });

  test('are not made up for a value that nothing changed, or no event tells of', async () => {
    const state = await world.read();
    const fields = new Map(contractIn(state, 'feePool').fields).set('burnPct', { path: 'burnPct', value: scalar(55n) });
    const moved = { ...state, contracts: state.contracts.map((contract) => (contract.name === 'feePool' ? { ...contract, fields } : contract)) };
    await world.act('feePool', 'setBurnPct', [4n]);
    const block = await world.reader().head('latest');
    const changes = [changeAt(state, 'arena', 'baseTeacherReward', { to: scalar(1n) }), changeAt(moved, 'feePool', 'burnPct', { to: scalar(1n) })];
    expect(await findAuthors({ chain: world.reader(), kinds: world.kinds, state: { ...moved, block }, changes, names: new Map() })).toEqual(new Map());
  });
});
