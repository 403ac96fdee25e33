import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractName, moduleNames } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, encodeOn, startContractWorld } from '../support/contract-world.ts';
import { namesOf } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';

let world: ContractWorld;
let goBack: () => Promise<void>;

const byOwner = (call: string, ...args: unknown[]) => ({ from: world.accounts.owner.address, on: 'systemPause' as const, call, args });
const allPaused = () => Promise.all(moduleNames.map((name) => world.read(name, 'paused')));
const govern = (on: ContractName, call: string, ...args: unknown[]) =>
  byOwner('executeGovernanceCall', world.addresses[on], encodeOn(world, { on, call, args }));
const eight = (value: unknown) => Array.from({ length: 8 }, () => value);

describe('SystemPause owning the modules', () => {
  beforeAll(async () => {
    world = await startContractWorld({ variant: 'governed' });
    goBack = await world.snapshot();
  });
  beforeEach(() => goBack());
  afterAll(() => world?.stop());

  test('knows its modules, pauser and governance', async () => {
    for (const name of moduleNames) expect(await world.read('systemPause', name)).toBe(world.addresses[name]);
    expect(await world.read('systemPause', 'activePauser')).toBe(world.addresses.pauseGuard);
    expect(await world.read('systemPause', 'governance')).toBe(world.accounts.owner.address);
    expect(await world.read('systemPause', 'owner')).toBe(world.accounts.owner.address);
  });

  test('pauses and unpauses all eight, beside another pauser, and not the arena', async () => {
    expect(await namesOf(world, byOwner('pauseAll'))).toEqual(eight('Paused'));
    expect(await allPaused()).toEqual(eight(true));
    expect(await world.read('arena', 'paused')).toBe(false);
    expect(await world.refusal(byOwner('pauseAll'))).toBe('EnforcedPause()');
    expect(await namesOf(world, byOwner('unpauseAll'))).toEqual(eight('Unpaused'));
    expect(await allPaused()).toEqual(eight(false));
    expect(await world.refusal(byOwner('unpauseAll'))).toBe('ExpectedPause()');
  });

  test.each(moduleNames)('one module paused already keeps the other seven from being paused: %s', async (name) => {
    await world.send({ from: world.addresses.pauseGuard, on: name, call: 'pause' });
    expect(await world.refusal(byOwner('pauseAll'))).toBe('EnforcedPause()');
    expect(await world.refusal(byOwner('unpauseAll'))).toBe('ExpectedPause()');
  });

  test('forwards calls to its modules, shows their answers and their errors', async () => {
    const events = await world.send(govern('stakeManager', 'setFeePct', 4n));
    expect(events.map(({ name }) => name)).toEqual(['FeePctUpdated', 'ParametersUpdated', 'GovernanceCallExecuted']);
    expect(events[2]?.args).toEqual({
      target: world.addresses.stakeManager,
      selector: encodeOn(world, { on: 'stakeManager', call: 'setFeePct', args: [4n] }).slice(0, 10),
      result: '0x',
    });
    expect(await world.result(govern('stakeManager', 'feePct'))).toBe(`0x${'4'.padStart(64, '0')}`);
    expect(await world.refusal(govern('stakeManager', 'setFeePct', 90n))).toBe('InvalidPercentage()');
    expect(await world.refusal(govern('feePool', 'setTreasury', addressA))).toBe('InvalidTreasury()');
    for (const name of moduleNames) expect(await world.refusal(govern(name, 'pause')), name).toBeNull();
  });

  test('forwards to nobody else, and nothing without a function', async () => {
    const { arena, stakeManager } = world.addresses;
    expect(await world.refusal(govern('arena', 'pause'))).toBe(`UnknownGovernanceTarget(${arena})`);
    expect(await world.refusal(byOwner('executeGovernanceCall', addressA, '0x8456cb59'))).toBe(`UnknownGovernanceTarget(${addressA})`);
    expect(await world.refusal(byOwner('executeGovernanceCall', stakeManager, '0x8456cb'))).toBe('MissingSelector()');
  });

  test('gives all modules a pauser, and gives it again', async () => {
    const events = await namesOf(world, byOwner('setGlobalPauser', addressA));
    expect(events).toEqual([...eight('PauserUpdated'), 'PausersUpdated']);
    expect(await world.read('systemPause', 'activePauser')).toBe(addressA);
    for (const name of moduleNames) expect(await world.read(name, 'pauser')).toBe(addressA);
    await world.send(govern('feePool', 'setPauser', zero));
    expect(await namesOf(world, byOwner('refreshPausers'))).toEqual(events);
    expect(await world.read('feePool', 'pauser')).toBe(addressA);
    expect(await world.refusal(byOwner('setGlobalPauser', zero))).toBe(`InvalidPauser(${zero})`);
  });

  test('exchanges its modules, for modules of version 2 only', async () => {
    const { jobRegistry, platformRegistry, token } = world.addresses;
    const modules = moduleNames.map((name) => world.addresses[name]);
    const withFirst = (address: Address) => byOwner('setModules', address, ...modules.slice(1));
    expect(await namesOf(world, withFirst(platformRegistry))).toEqual(['ModulesUpdated']);
    expect(await world.read('systemPause', 'jobRegistry')).toBe(platformRegistry);
    expect(await world.refusal(govern('jobRegistry', 'pause'))).toBe(`UnknownGovernanceTarget(${jobRegistry})`);
    for (const wrong of [zero, addressA, token]) {
      expect(await world.refusal(withFirst(wrong))).toBe(`InvalidModule(${wrong})`);
      expect(await world.refusal(byOwner('setModules', ...modules.slice(0, 7), wrong))).toBe(`InvalidModule(${wrong})`);
    }
  });

  test('obeys its governance alone, which can be handed on', async () => {
    const stranger = world.accounts.stranger.address;
    const modules = moduleNames.map((name) => world.addresses[name]);
    const calls = [
      byOwner('pauseAll'),
      byOwner('unpauseAll'),
      govern('feePool', 'pause'),
      byOwner('setGlobalPauser', addressA),
      byOwner('refreshPausers'),
      byOwner('setModules', ...modules),
      byOwner('setGovernance', stranger),
    ];
    for (const call of calls) expect(await world.refusal({ ...call, from: stranger }), call.call).toBe('NotGovernance()');
    expect(await namesOf(world, byOwner('setGovernance', stranger))).toEqual(['GovernanceUpdated', 'OwnershipTransferred']);
    expect(await world.refusal({ ...byOwner('pauseAll'), from: stranger })).toBeNull();
    expect(await world.refusal(byOwner('pauseAll'))).toBe('NotGovernance()');
  });

  test('the key that governs it can’t call the modules directly', async () => {
    const { owner } = world.accounts;
    expect(await world.refusal({ from: owner.address, on: 'stakeManager', call: 'setFeePct', args: [4n] })).toBe('NotGovernance()');
    expect(await world.refusal({ from: owner.address, on: 'stakeManager', call: 'pause' })).toBe('Unauthorized()');
    expect(await world.refusal({ from: owner.address, on: 'feePool', call: 'setBurnPct', args: [4n] })).toBe(`OwnableUnauthorizedAccount(${owner.address})`);
  });
});

describe('SystemPause beside a key that owns the modules', () => {
  beforeAll(async () => {
    world = await startContractWorld({ variant: 'key' });
    goBack = await world.snapshot();
  });
  beforeEach(() => goBack());
  afterAll(() => world?.stop());

  test('can neither pause nor change them', async () => {
    expect(await world.refusal(byOwner('pauseAll'))).toBe('NotOwnerOrPauser()');
    expect(await world.refusal(govern('stakeManager', 'setFeePct', 4n))).toBe('NotGovernance()');
  });

  test('as pauser manager it can be made their pauser, and then pause all', async () => {
    await world.send(byOwner('setGlobalPauser', world.addresses.systemPause));
    expect(await namesOf(world, byOwner('pauseAll'))).toEqual(eight('Paused'));
    expect(await namesOf(world, byOwner('unpauseAll'))).toEqual(eight('Unpaused'));
  });
});
