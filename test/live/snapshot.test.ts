import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { multicall3Address } from '../../src/live/multicall.ts';
import { snapshot } from '../../src/live/snapshot.ts';
import type { Address, FieldValue, State } from '../../src/types.ts';
import { factKey } from '../../src/values.ts';
import { codeOf } from './error-of.ts';
import { addressOf, silentCode } from './probe-codes.ts';
import { contractIn, local, scalar, startWorld, unknownPaths, valueIn, type World } from './world.ts';

let world: World;
let revert: string;

beforeAll(async () => {
  world = await startWorld();
  revert = await world.node.ask<string>('evm_snapshot');
});

afterEach(async () => {
  world.proxy.hooks = {};
  world.proxy.reset();
  await world.node.ask('evm_revert', [revert]);
  revert = await world.node.ask<string>('evm_snapshot');
});

afterAll(() => world.stop());

describe('everything that the kinds name', () => {
  test.each(['key', 'governed'] as const)("is read where %s owns the modules, and again on Hardhat's network", async (variant) => {
    const worlds = await Promise.all([startWorld({ variant }), startWorld({ variant, flavour: 'hardhat' })]);
    try {
      const [anvil, hardhat] = (await Promise.all(worlds.map((one) => one.read()))) as [State, State];
      expect(unknownPaths(anvil)).toEqual([]);
      expect(anvil.contracts.map(({ name, fields, code }) => ({ name, fields, code }))).toEqual(
        hardhat.contracts.map(({ name, fields, code }) => ({ name, fields, code })),
      );
      expect(anvil.facts).toEqual(hardhat.facts);
      const { addresses, accounts } = worlds[0].deployment;
      expect(valueIn(anvil, 'stakeManager', 'owner')).toEqual(scalar(variant === 'key' ? accounts.owner.address : addresses.systemPause));
      expect(valueIn(anvil, 'stakeManager', 'feePct')).toEqual(scalar(5n));
      expect(valueIn(anvil, 'stakeManager', 'treasurySlashPct')).toEqual(scalar(5000n));
      expect(valueIn(anvil, 'stakeManager', 'roleMinimumStake.validator')).toEqual(scalar(25n * 10n ** 18n));
      expect(valueIn(anvil, 'stakeManager', 'agiTypes')).toEqual({
        type: 'entries',
        entries: new Map([
          [addresses.agentNft, 150n],
          [addresses.scholarNft, 120n],
        ]),
      });
      expect(valueIn(anvil, 'arena', 'orchestrators')).toEqual({
        type: 'members',
        members: [accounts.orchestratorB.address, accounts.orchestratorA.address].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
      });
      expect(valueIn(anvil, 'systemPause', 'paused')).toEqual(scalar(false));
      expect(valueIn(anvil, 'roleBook', 'roles.DEFAULT_ADMIN_ROLE')).toEqual({ type: 'members', members: [accounts.owner.address] });
    } finally {
      for (const one of worlds) await one.stop();
    }
  });

  test('takes four HTTP requests, the chain id one', async () => {
    await world.read();
    expect(world.proxy.exchanges).toHaveLength(4);
    expect(world.proxy.count('eth_chainId')).toBe(1);
    expect(world.proxy.count('eth_getLogs')).toBe(1);
  });

  test('is asked of one block by its hash, and only while that is part of the chain', async () => {
    const { block } = await world.read();
    const readings = world.proxy.exchanges.flatMap(({ calls }) => calls).filter(({ method }) => ['eth_call', 'eth_getStorageAt'].includes(method));
    const codes = world.proxy.exchanges
      .flatMap(({ calls }) => calls)
      .filter(({ method, params }) => method === 'eth_getCode' && params[0] !== multicall3Address);
    expect(readings.length).toBeGreaterThan(0);
    for (const { method, params } of [...readings, ...codes])
      expect(params[method === 'eth_getStorageAt' ? 2 : 1]).toEqual({ blockHash: block?.hash, requireCanonical: true });
  });

  test('lists fields in the order of the kind', async () => {
    const state = contractIn(await world.read(), 'arena');
    expect([...state.fields.keys()]).toEqual([...(world.kinds.get('SelfPlayArena')?.fields.keys() ?? [])]);
  });
});

describe('what can not be read is unknown', () => {
  test('at an address without code, never zero, empty or false', async () => {
    const state = await world.read({
      contracts: [world.ref('arena', { address: addressOf(500) }), world.ref('systemPause', { address: addressOf(501) }), world.ref('stakeManager')],
    });
    for (const name of ['arena', 'systemPause']) {
      const { fields, code } = contractIn(state, name);
      expect(code).toEqual({ hash: null });
      expect(new Set([...fields.values()].map(({ value }) => value.type))).toEqual(new Set(['unknown']));
      expect(fields.has(name === 'arena' ? 'orchestrators' : 'paused')).toBe(true);
    }
    expect(unknownPaths(state).some((path) => path.startsWith('stakeManager'))).toBe(false);
  });

  test('where a getter reverts, answers nothing, or something else', async () => {
    for (const code of [silentCode, '0x00', '0x60016000526001601ff3']) {
      await world.node.setCode(addressOf(7), code);
      const { fields } = contractIn(await world.read({ contracts: [world.ref('thermostat', { address: addressOf(7) })] }), 'thermostat');
      expect([...fields.values()].every(({ value }) => value.type === 'unknown')).toBe(true);
    }
  });

  test('in a set, when a candidate can not be asked about', async () => {
    await world.node.setCode(world.deployment.addresses.arena, silentCode);
    expect(valueIn(await world.read(), 'arena', 'orchestrators')?.type).toBe('unknown');
  });

  test('but a field that contracts may lack is absent', async () => {
    const kinds = loadKinds({
      names: ['Spare'],
      own: [
        {
          file: 'Spare.yaml',
          text: 'apiVersion: mooring/v1\nkind: Kind\nname: Spare\ndescription: Test.\nabi:\n  - function must() view returns (uint256)\n  - function may() view returns (uint256)\nfields:\n  must: { description: Must., risk: ambiguous }\n  may: { description: May., risk: ambiguous, optional: true }\n',
        },
      ],
    });
    for (const code of [silentCode, '0x00']) {
      await world.node.setCode(addressOf(8), code);
      const contracts = [{ name: 'spare', kind: 'Spare', address: addressOf(8), fromBlock: 0n }];
      const { fields } = contractIn(await world.read({ kinds, contracts }), 'spare');
      expect([...fields.keys()]).toEqual(['must']);
      expect(fields.get('must')?.value.type).toBe('unknown');
    }
  });

  test('in the set of a contract whose history is incomplete; the others are read', async () => {
    world.proxy.hooks = {
      rewrite: (call, answer) => {
        const { address } = (call.params[0] ?? {}) as { address?: string | string[] };
        const about = call.method === 'eth_getLogs' && JSON.stringify(address).includes(world.deployment.addresses.feePool);
        return about ? { id: call.id, error: { code: -32005, message: 'query timeout exceeded' } } : answer;
      },
    };
    const state = await world.read();
    expect(unknownPaths(state)).toEqual(['feePool.treasuryAllowlist', 'feePool.rewarders']);
    expect(valueIn(state, 'arena', 'orchestrators')?.type).toBe('members');
  });

  test('in a role that git names, and in all others, when the history of roles is', async () => {
    world.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getLogs' ? { id: call.id, error: { code: -32005, message: 'no' } } : answer) };
    const keys = new Map([['roles', ['WRITER_ROLE']]]);
    expect(unknownPaths(await world.read({ contracts: [world.ref('roleBook', { keys })] }))).toEqual(['roleBook.roles', 'roleBook.roles.WRITER_ROLE']);
  });

  test('in an aggregate while one part is', async () => {
    await world.node.setCode(world.deployment.addresses.reputationEngine, silentCode);
    expect(valueIn(await world.read(), 'systemPause', 'paused')?.type).toBe('unknown');
  });
});

describe('history decides', () => {
  test('which keys are unset, though they answer the same', async () => {
    await world.act('thermostat', 'setRoleTemperature', [0, 10n ** 18n]);
    await world.act('thermostat', 'setRoleTemperature', [1, 2n * 10n ** 18n]);
    await world.act('thermostat', 'unsetRoleTemperature', [1]);
    const state = await world.read();
    expect(valueIn(state, 'thermostat', 'systemTemperature')).toEqual(scalar(10n ** 18n));
    expect(valueIn(state, 'thermostat', 'roleTemperature.agent')).toEqual(scalar(10n ** 18n));
    expect(valueIn(state, 'thermostat', 'roleTemperature.validator')).toEqual({ type: 'unset' });
    expect(valueIn(state, 'thermostat', 'roleTemperature.operator')).toEqual({ type: 'unset' });
  });

  test('who may be a member, the getter who is', async () => {
    const { orchestratorA, stranger, guardian } = world.deployment.accounts;
    await world.act('arena', 'setOrchestrator', [orchestratorA.address, false]);
    await world.act('arena', 'setOrchestrator', [stranger.address, true]);
    await world.act('arena', 'setOrchestrator', [guardian.address, false]);
    const value = valueIn(await world.read(), 'arena', 'orchestrators');
    const members = value?.type === 'members' ? value.members : [];
    expect(members).toContain(stranger.address);
    expect(members).not.toContain(orchestratorA.address);
    expect(members).not.toContain(guardian.address);
  });

  test('which roles there are; those that git names have their names', async () => {
    const { stranger, guardian, owner } = world.deployment.accounts;
    for (const role of ['WRITER_ROLE', 'EDITOR_ROLE']) await world.act('roleBook', 'grantRole', [id(role), stranger.address]);
    await world.act('roleBook', 'grantRole', [id('WRITER_ROLE'), guardian.address]);
    await world.act('roleBook', 'revokeRole', [id('WRITER_ROLE'), stranger.address]);
    const keys = new Map([['roles', ['WRITER_ROLE', 'EMPTY_ROLE']]]);
    const { fields } = contractIn(await world.read({ contracts: [world.ref('roleBook', { keys })] }), 'roleBook');
    expect(new Map([...fields].map(([path, { value }]) => [path, value.type === 'members' ? value.members : null]))).toEqual(
      new Map<string, readonly Address[] | null>([
        ['roles.WRITER_ROLE', [guardian.address]],
        ['roles.EMPTY_ROLE', []],
        ['roles.DEFAULT_ADMIN_ROLE', [owner.address]],
        [`roles.${id('EDITOR_ROLE')}`, [stranger.address]],
      ]),
    );
  });

  test('members that git declares are asked for though no event names them', async () => {
    const { orchestratorA } = world.deployment.accounts;
    world.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getLogs' ? { ...answer, result: [] } : answer) };
    const members = new Map([['orchestrators', [orchestratorA.address]]]);
    const state = await world.read({ contracts: [world.ref('arena', { members })] });
    expect(valueIn(state, 'arena', 'orchestrators')).toEqual({ type: 'members', members: [orchestratorA.address] });
  });
});

describe('other contracts', () => {
  test('an aggregate is true, false, or mixed with its parts', async () => {
    const { addresses, accounts } = world.deployment;
    await world.act('pauseGuard', 'pause', [[addresses.stakeManager]], accounts.guardian.address);
    const mixed = valueIn(await world.read(), 'systemPause', 'paused');
    expect(mixed?.type === 'mixed' ? mixed.parts.filter(({ value }) => value) : []).toEqual([
      { field: 'stakeManager', target: addresses.stakeManager, value: true },
    ]);
    expect(mixed?.type === 'mixed' ? mixed.parts : []).toHaveLength(8);
    const rest = ['jobRegistry', 'validationModule', 'disputeModule', 'platformRegistry', 'feePool', 'reputationEngine', 'arbitratorCommittee'] as const;
    await world.act('pauseGuard', 'pause', [rest.map((name) => addresses[name])], accounts.guardian.address);
    expect(valueIn(await world.read(), 'systemPause', 'paused')).toEqual(scalar(true));
  });

  test('owner and pauser of every part are facts, and the version of live and desired registries', async () => {
    const { addresses, accounts } = world.deployment;
    const state = await world.read({
      contracts: [world.ref('systemPause'), world.ref('stakeManager', { probes: [addresses.token, addresses.disputeModule] })],
    });
    const fact = (address: Address, name: string): FieldValue | undefined => state.facts.get(factKey(address, name));
    expect(fact(addresses.reputationEngine, 'owner')).toEqual(scalar(accounts.owner.address));
    expect(fact(addresses.reputationEngine, 'pauser')).toEqual(scalar(addresses.pauseGuard));
    expect(fact(addresses.reputationEngine, 'paused')).toEqual(scalar(false));
    expect(fact(addresses.jobRegistry, 'version')).toEqual(scalar(2n));
    expect(fact(addresses.token, 'version')?.type).toBe('unknown');
  });
});

test('another chain than the declared one is refused', async () => {
  expect(await codeOf(world.read({ environment: { ...local, chainId: 1n } }))).toBe('CHAIN_ID_MISMATCH');
});

test('a given block is read, not the head', async () => {
  const chain = world.reader();
  const block = await chain.head('latest');
  await world.act('stakeManager', 'setFeePct', [7n]);
  expect(valueIn(await world.read({ block }), 'stakeManager', 'feePct')).toEqual(scalar(5n));
  expect(valueIn(await world.read(), 'stakeManager', 'feePct')).toEqual(scalar(7n));
  expect(await codeOf(world.read({ block: { ...block, hash: `0x${'12'.repeat(32)}` } }))).toBe('RPC_REORGED');
  expect(await codeOf(snapshot({ chain, kinds: world.kinds, environment: local, contracts: world.refs, block: { ...block, number: 9999n } }))).toBe(
    'RPC_NO_BLOCK',
  );
});
