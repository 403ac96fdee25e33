import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';

/** Zero, no code, no `version()`, and code that answers something else. */
function wrongModules(error: string): SetterCase['refuses'] {
  return [
    [[zero], error],
    [[addressA], error],
    [['@token'], error],
    [['@multicall3'], error],
  ];
}

const cases: readonly SetterCase[] = [
  {
    call: 'setTreasury',
    args: ['@treasury'],
    becomes: [['treasury', '@treasury']],
    emits: ['TreasuryUpdated'],
    accepts: [[zero]],
    refuses: [
      [[addressA], 'InvalidTreasury()'],
      [['@owner'], 'InvalidTreasury()'],
    ],
  },
  {
    call: 'setTreasuryAllowlist',
    args: [addressA, true],
    becomes: [['treasuryAllowlist', true, addressA]],
    emits: ['TreasuryAllowlistUpdated'],
    accepts: [[zero, false]],
  },
  {
    call: 'setValidatorLockManager',
    args: [addressA, true],
    becomes: [['validatorLockManagers', true, addressA]],
    emits: ['ValidatorLockManagerUpdated'],
    refuses: [[[zero, true], 'InvalidUser()']],
  },
  {
    call: 'setJobRegistry',
    args: ['@feePool'],
    becomes: [['jobRegistry', '@feePool']],
    emits: ['JobRegistryUpdated'],
    refuses: wrongModules('InvalidJobRegistry()') ?? [],
  },
  {
    call: 'setDisputeModule',
    args: ['@feePool'],
    becomes: [['disputeModule', '@feePool']],
    emits: ['DisputeModuleUpdated'],
    refuses: wrongModules('InvalidDisputeModule()') ?? [],
  },
  {
    call: 'setModules',
    args: ['@feePool', '@platformRegistry'],
    becomes: [
      ['jobRegistry', '@feePool'],
      ['disputeModule', '@platformRegistry'],
    ],
    emits: ['JobRegistryUpdated', 'DisputeModuleUpdated', 'ModulesUpdated'],
    refuses: [
      [[zero, '@feePool'], 'InvalidModule()'],
      [['@feePool', zero], 'InvalidModule()'],
      [['@token', '@feePool'], 'InvalidJobRegistry()'],
      [['@feePool', '@token'], 'InvalidDisputeModule()'],
    ],
  },
  {
    call: 'setValidationModule',
    args: ['@feePool'],
    becomes: [['validationModule', '@feePool']],
    emits: ['ValidationModuleUpdated'],
    refuses: wrongModules('InvalidValidationModule()') ?? [],
  },
  {
    call: 'setFeePool',
    args: ['@jobRegistry'],
    becomes: [['feePool', '@jobRegistry']],
    emits: ['FeePoolUpdated'],
    refuses: wrongModules('InvalidFeePool()') ?? [],
  },
  { call: 'setThermostat', args: [addressA], becomes: [['thermostat', addressA]], emits: ['ThermostatUpdated'], accepts: [[zero]] },
  { call: 'setHamiltonianFeed', args: [addressA], becomes: [['hamiltonianFeed', addressA]], emits: ['HamiltonianFeedUpdated'], accepts: [[zero]] },
  { call: 'setPauserManager', args: [addressA], becomes: [['pauserManager', addressA]], emits: ['PauserManagerUpdated'], accepts: [[zero]] },
  {
    call: 'setGovernance',
    args: [addressA],
    becomes: [
      ['governance', addressA],
      ['owner', addressA],
    ],
    emits: ['GovernanceUpdated', 'OwnershipTransferred'],
    again: 'loses power',
    refuses: [[[zero], 'ZeroAddress()']],
  },
  {
    call: 'transferOwnership',
    args: [addressA],
    becomes: [
      ['governance', addressA],
      ['owner', addressA],
    ],
    emits: ['GovernanceUpdated', 'OwnershipTransferred'],
    again: 'loses power',
    refuses: [[[zero], 'ZeroAddress()']],
  },
];

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

describeSetters({ world: () => world, on: 'stakeManager', denied: () => 'NotGovernance()', cases });

describe('StakeManager', () => {
  const as = (from: string, call: string, ...args: unknown[]) => ({ from, on: 'stakeManager' as const, call, args });

  test('the owner can become the treasury neither allowlisted nor not', async () => {
    const { owner } = world.accounts;
    await world.send(as(owner.address, 'setTreasuryAllowlist', owner.address, true));
    expect(await world.refusal(as(owner.address, 'setTreasury', owner.address))).toBe('InvalidTreasury()');
  });

  test('the treasury stays set when it leaves the allowlist', async () => {
    const { owner, treasury } = world.accounts;
    await world.send(as(owner.address, 'setTreasuryAllowlist', treasury.address, false));
    expect(await world.read('stakeManager', 'treasury')).toBe(treasury.address);
    expect(await world.refusal(as(owner.address, 'setTreasury', treasury.address))).toBe('InvalidTreasury()');
  });

  test('the pauser is set by governance or pauser manager', async () => {
    const { owner, stranger } = world.accounts;
    await world.send(as(owner.address, 'setPauserManager', addressA));
    expect(await namesOf(world, as(owner.address, 'setPauser', addressA))).toEqual(['PauserUpdated']);
    expect(await namesOf(world, as(addressA, 'setPauser', stranger.address))).toEqual(['PauserUpdated']);
    expect(await world.read('stakeManager', 'pauser')).toBe(stranger.address);
    expect(await world.refusal(as(stranger.address, 'setPauser', stranger.address))).toBe('NotGovernanceOrPauserManager()');
  });

  test('governance and pauser pause and unpause, nobody else does', async () => {
    const { owner, stranger } = world.accounts;
    const { pauseGuard } = world.addresses;
    expect(await world.refusal(as(stranger.address, 'pause'))).toBe('Unauthorized()');
    expect(await namesOf(world, as(pauseGuard, 'pause'))).toEqual(['Paused']);
    expect(await world.refusal(as(owner.address, 'pause'))).toBe('EnforcedPause()');
    expect(await world.refusal(as(stranger.address, 'unpause'))).toBe('Unauthorized()');
    expect(await world.refusal(as(pauseGuard, 'unpause'))).toBeNull();
    expect(await namesOf(world, as(owner.address, 'unpause'))).toEqual(['Unpaused']);
    expect(await world.refusal(as(owner.address, 'unpause'))).toBe('ExpectedPause()');
  });

  test('its version is 2', async () => {
    expect(await world.read('stakeManager', 'version')).toBe(2n);
  });
});
