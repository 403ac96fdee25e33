import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import { id, keccak256 } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { multicall3Address } from '../../src/live/multicall.ts';
import { multicallCode } from '../../src/live/multicall-code.ts';
import { type ContractRef, snapshot } from '../../src/live/snapshot.ts';
import type { Address, FieldValue, State } from '../../src/types.ts';
import { factKey } from '../../src/values.ts';
import { addressOf, counterCode, echoCode, silentCode } from './probe-codes.ts';
import { contractIn, local, startWorld, valueIn, type World } from './world.ts';

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

async function codeFrom(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof MooringError ? error.code : `no MooringError: ${String(error)}`;
}

function unknownPaths(state: State): string[] {
  return state.contracts.flatMap((contract) =>
    [...contract.fields.values()].filter(({ value }) => value.type === 'unknown').map(({ path }) => `${contract.name}.${path}`),
  );
}

const scalar = (value: bigint | boolean | string): FieldValue => ({ type: 'scalar', value });

/** A kind with `count` getters and no sets, as a user might have it. */
function wideKind(count: number): { file: string; text: string } {
  const names = Array.from({ length: count }, (_, i) => `value${i}`);
  const abi = names.map((name) => `  - function ${name}() view returns (uint256)`).join('\n');
  const fields = names.map((name) => `  ${name}: { description: Value., risk: ambiguous }`).join('\n');
  return { file: 'kinds/Wide.yaml', text: `apiVersion: mooring/v1\nkind: Kind\nname: Wide\ndescription: Many values.\nabi:\n${abi}\nfields:\n${fields}\n` };
}

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

describe("requests don't grow with fields", () => {
  async function requestsFor(fields: number, contracts: number): Promise<number> {
    const kinds = loadKinds({ names: ['Wide'], own: [wideKind(fields / contracts)] });
    const refs = Array.from({ length: contracts }, (_, i): ContractRef => ({ name: `wide${i}`, kind: 'Wide', address: addressOf(i), fromBlock: 0n }));
    for (const { address } of refs) await world.node.setCode(address, counterCode);
    await world.node.setCode(multicall3Address, multicallCode);
    world.proxy.hooks = { perSecond: 100 };
    const state = await world.read({ kinds, contracts: refs });
    expect(state.contracts.reduce((sum, contract) => sum + contract.fields.size, 0)).toBe(fields);
    expect(unknownPaths(state)).toEqual([]);
    expect(world.proxy.refused()).toBe(0);
    expect(world.proxy.count('eth_chainId')).toBe(1);
    return world.proxy.exchanges.length;
  }

  test('1,000 in at most 4', async () => {
    expect(await requestsFor(1000, 1)).toBeLessThanOrEqual(4);
  });

  test('1,000 over 20 contracts in at most 4', async () => {
    expect(await requestsFor(1000, 20)).toBeLessThanOrEqual(4);
  });

  test('10,000 in at most 12', async () => {
    expect(await requestsFor(10_000, 10)).toBeLessThanOrEqual(12);
  });
});

test('values are of one block though the chain moves before each request', async () => {
  const kinds = loadKinds({ names: ['Wide'], own: [wideKind(2000)] });
  const refs = [1, 2, 3, 4].map((i): ContractRef => ({ name: `wide${i}`, kind: 'Wide', address: addressOf(i), fromBlock: 0n }));
  for (const { address } of refs) await world.node.setCode(address, counterCode);
  world.proxy.hooks = {
    before: async (exchange) => {
      if (exchange.number === 1) return undefined;
      for (const { address } of refs) await world.node.send(address, '0x');
      return undefined;
    },
  };
  const state = await world.read({ kinds, contracts: refs });
  const values = new Set(
    state.contracts.flatMap((contract) => [...contract.fields.values()].map(({ value }) => (value.type === 'scalar' ? value.value : value.type))),
  );
  expect(values.size).toBe(1);
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

describe('code identity', () => {
  const implementation = addressOf(42);
  const word = (address: Address): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
  const slots = {
    erc1967: '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc',
    beacon: '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50',
  };
  const at = addressOf(41);

  async function codeOf(): Promise<unknown> {
    await world.node.setCode(implementation, counterCode);
    return contractIn(await world.read({ contracts: [world.ref('thermostat', { address: at })] }), 'thermostat').code;
  }

  test('is the hash of the code', async () => {
    await world.node.setCode(at, echoCode);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode) });
  });

  test('of an ERC-1967 proxy names the implementation and its hash', async () => {
    await world.node.setCode(at, echoCode);
    await world.node.ask('anvil_setStorageAt', [at, slots.erc1967, word(implementation)]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'erc1967', implementation, hash: keccak256(counterCode) } });
  });

  test('of a beacon proxy names what the beacon points to', async () => {
    const beacon = addressOf(43);
    await world.node.setCode(at, echoCode);
    await world.node.setCode(beacon, `0x73${implementation.slice(2).toLowerCase()}60005260206000f3`);
    await world.node.ask('anvil_setStorageAt', [at, slots.beacon, word(beacon)]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'beacon', implementation, hash: keccak256(counterCode) } });
  });

  test.each([
    ['ERC-1167', '363d3d373d3d3d363d73', '5af43d82803e903d91602b57fd5bf3'],
    ['ERC-7511', '365f5f375f5f365f73', '5af43d5f5f3e5f3d91602a57fd5bf3'],
  ])('of a clone (%s) names what it copies', async (_, head, tail) => {
    const code = `0x${head}${implementation.slice(2).toLowerCase()}${tail}`;
    await world.node.setCode(at, code);
    expect(await codeOf()).toEqual({ hash: keccak256(code), proxy: { type: 'clone', implementation, hash: keccak256(counterCode) } });
  });

  test('of a proxy for nothing has no hash behind it', async () => {
    await world.node.setCode(at, echoCode);
    await world.node.ask('anvil_setStorageAt', [at, slots.erc1967, word(addressOf(999))]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'erc1967', implementation: addressOf(999), hash: null } });
  });
});

test('another chain than the declared one is refused', async () => {
  expect(await codeFrom(world.read({ environment: { ...local, chainId: 1n } }))).toBe('CHAIN_ID_MISMATCH');
});

test('a given block is read, not the head', async () => {
  const chain = world.reader();
  const block = await chain.head('latest');
  await world.act('stakeManager', 'setFeePct', [7n]);
  expect(valueIn(await world.read({ block }), 'stakeManager', 'feePct')).toEqual(scalar(5n));
  expect(valueIn(await world.read(), 'stakeManager', 'feePct')).toEqual(scalar(7n));
  expect(await codeFrom(world.read({ block: { ...block, hash: `0x${'12'.repeat(32)}` } }))).toBe('RPC_REORGED');
  expect(await codeFrom(snapshot({ chain, kinds: world.kinds, environment: local, contracts: world.refs, block: { ...block, number: 9999n } }))).toBe(
    'RPC_NO_BLOCK',
  );
});
