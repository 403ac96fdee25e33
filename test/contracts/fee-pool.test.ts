import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';

const cases: readonly SetterCase[] = [
  {
    call: 'setBurnPct',
    args: [100n],
    becomes: [['burnPct', 100n]],
    emits: ['BurnPctUpdated'],
    accepts: [[0n]],
    refuses: [[[101n], 'InvalidPercentage()']],
  },
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
  },
  {
    call: 'setRewarder',
    args: [addressA, true],
    becomes: [['rewarders', true, addressA]],
    emits: ['RewarderUpdated'],
    refuses: [[[zero, true], 'ZeroAddress()']],
  },
  { call: 'setRewardRole', args: [0n], becomes: [['rewardRole', 0n]], emits: ['RewardRoleUpdated'], refuses: [[[3n], 'InvalidRole()']] },
  {
    call: 'setStakeManager',
    args: ['@jobRegistry'],
    becomes: [['stakeManager', '@jobRegistry']],
    emits: ['StakeManagerUpdated'],
    refuses: [
      [[zero], 'InvalidStakeManagerVersion()'],
      [[addressA], 'InvalidStakeManagerVersion()'],
      [['@token'], 'InvalidStakeManagerVersion()'],
    ],
  },
  { call: 'setGovernance', args: [addressA], becomes: [['governance', addressA]], emits: ['GovernanceUpdated'], refuses: [[[zero], 'ZeroAddress()']] },
  { call: 'setTaxPolicy', args: [addressA], becomes: [['taxPolicy', addressA]], emits: ['TaxPolicyUpdated'], accepts: [[zero]] },
  { call: 'setPauserManager', args: [addressA], becomes: [['pauserManager', addressA]], emits: ['PauserManagerUpdated'], accepts: [[zero]] },
  { call: 'transferOwnership', args: [addressA], becomes: [['owner', addressA]], emits: ['OwnershipTransferred'], again: 'loses power' },
];

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

describeSetters({ world: () => world, on: 'feePool', denied: (who) => `OwnableUnauthorizedAccount(${who})`, cases });

describe('FeePool', () => {
  const as = (from: Address, call: string, ...args: unknown[]) => ({ from, on: 'feePool' as const, call, args });
  const balance = (of: Address) => world.read('token', 'balanceOf', of);
  const million = 1_000_000n * one;

  test('the owner can’t be the treasury, allowlisted or not', async () => {
    const { owner } = world.accounts;
    await world.send(as(owner.address, 'setTreasuryAllowlist', owner.address, true));
    expect(await world.refusal(as(owner.address, 'setTreasury', owner.address))).toBe('InvalidTreasury()');
  });

  test('only rewarders pay out, at most what is there, and not while paused', async () => {
    const { owner, stranger } = world.accounts;
    const { arena } = world.addresses;
    expect(await world.refusal(as(owner.address, 'reward', stranger.address, 1n))).toBe('NotRewarder()');
    expect(await world.refusal(as(arena, 'reward', zero, 1n))).toBe('InvalidRecipient()');
    expect(await world.refusal(as(arena, 'reward', addressA, 0n))).toBe('ZeroAmount()');
    expect(await world.refusal(as(arena, 'reward', addressA, million + 1n))).toBe('InsufficientRewardBalance()');
    expect(await namesOf(world, as(arena, 'reward', addressA, million))).toEqual(['RewardPaid', 'Transfer']);
    expect(await balance(addressA)).toBe(million);
    await world.send(as(owner.address, 'pause'));
    expect(await world.refusal(as(arena, 'reward', addressA, 1n))).toBe('EnforcedPause()');
  });

  test('of a fee its share is burned, of a contribution nothing', async () => {
    const { owner } = world.accounts;
    const { feePool } = world.addresses;
    await world.send({ from: owner.address, on: 'token', call: 'approve', args: [feePool, 300n * one] });
    expect(await world.refusal(as(owner.address, 'depositFee', 0n))).toBe('ZeroAmount()');
    expect(await world.refusal(as(owner.address, 'contribute', 0n))).toBe('ZeroAmount()');
    const [deposited] = await world.send(as(owner.address, 'depositFee', 100n * one));
    expect(deposited?.args).toEqual({ from: owner.address, amount: 100n * one, burned: one });
    expect(await namesOf(world, as(owner.address, 'contribute', 100n * one))).toEqual(['RewardPoolContribution', 'Transfer']);
    expect(await balance(feePool)).toBe(million + 199n * one);
    await world.send(as(owner.address, 'pause'));
    expect(await world.refusal(as(owner.address, 'depositFee', one))).toBe('EnforcedPause()');
    expect(await world.refusal(as(owner.address, 'contribute', one))).toBe('EnforcedPause()');
  });

  test('the governance withdraws to the treasury and nowhere else, also while paused', async () => {
    const { owner, treasury, stranger } = world.accounts;
    await world.send(as(owner.address, 'setGovernance', addressA));
    expect(await world.refusal(as(owner.address, 'governanceWithdraw', treasury.address, 1n))).toBe('NotGovernance()');
    expect(await world.refusal(as(addressA, 'governanceWithdraw', stranger.address, 1n))).toBe('InvalidRecipient()');
    expect(await world.refusal(as(addressA, 'governanceWithdraw', treasury.address, million + 1n))).toBe('InsufficientRewardBalance()');
    await world.send(as(owner.address, 'pause'));
    expect(await namesOf(world, as(addressA, 'governanceWithdraw', treasury.address, one))).toEqual(['GovernanceWithdrawal', 'Transfer']);
    await world.send(as(owner.address, 'setTreasury', zero));
    expect(await world.refusal(as(addressA, 'governanceWithdraw', zero, 1n))).toBe('InvalidRecipient()');
  });
});
