import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type CallWanted, type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { namesOf } from './setter-cases.ts';

const zero = '0x0000000000000000000000000000000000000000';
const recipient = '0x00000000000000000000000000000000000000AA';

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  const { owner, validator } = world.accounts;
  const { stakeManager } = world.addresses;
  await world.send({ from: owner.address, on: 'token', call: 'transfer', args: [validator.address, 2_000_000n * one] });
  await world.send({ from: validator.address, on: 'token', call: 'approve', args: [stakeManager, 2_000_000n * one] });
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

const as = (from: Address, call: string, ...args: unknown[]): CallWanted => ({ from, on: 'stakeManager', call, args });
const byValidator = (call: string, ...args: unknown[]) => as(world.accounts.validator.address, call, ...args);
const byOwner = (call: string, ...args: unknown[]) => as(world.accounts.owner.address, call, ...args);
const byLockManager = (call: string, ...args: unknown[]) => as(world.accounts.lockManager.address, call, ...args);
const stakeOf = (role: bigint) => world.read('stakeManager', 'stakes', world.accounts.validator.address, role);
const balance = (of: Address) => world.read('token', 'balanceOf', of) as Promise<bigint>;

describe('staking', () => {
  // The validator minimum is 25, the others' is minStake, 10; the maximum is 1,000,000.
  test.each([
    [[3n, 100n * one], 'InvalidRole()'],
    [[1n, 0n], 'InvalidAmount()'],
    [[1n, 25n * one - 1n], 'BelowMinimumStake()'],
    [[0n, 10n * one - 1n], 'BelowMinimumStake()'],
    [[1n, 1_000_000n * one + 1n], 'MaxStakeExceeded()'],
    [[1n, 25n * one], null],
    [[0n, 10n * one], null],
    [[1n, 1_000_000n * one], null],
  ])('depositStake(%s) gives %s', async (args, expected) => {
    expect(await world.refusal(byValidator('depositStake', ...args))).toBe(expected);
  });

  test('a deposit moves the tokens and counts in its role; the maximum counts over all roles', async () => {
    expect(await namesOf(world, byValidator('depositStake', 1n, 30n * one))).toEqual(['StakeDeposited', 'Transfer']);
    await world.send(byValidator('depositStake', 0n, 10n * one));
    expect([await stakeOf(0n), await stakeOf(1n), await stakeOf(2n)]).toEqual([10n * one, 30n * one, 0n]);
    expect(await world.read('stakeManager', 'totalStakes', 1n)).toBe(30n * one);
    expect(await balance(world.addresses.stakeManager)).toBe(40n * one);
    expect(await world.refusal(byValidator('depositStake', 0n, 999_961n * one))).toBe('MaxStakeExceeded()');
  });

  test('stake comes back after the unbonding period, not before', async () => {
    await world.send(byValidator('depositStake', 1n, 30n * one));
    expect(await world.refusal(byValidator('requestWithdraw', 1n, 0n))).toBe('InvalidAmount()');
    expect(await world.refusal(byValidator('requestWithdraw', 1n, 31n * one))).toBe('InsufficientStake()');
    expect(await world.refusal(byValidator('requestWithdraw', 1n, 6n * one))).toBe('BelowMinimumStake()');
    expect(await world.refusal(byValidator('finalizeWithdraw', 1n))).toBe('NoUnbond()');
    expect(await namesOf(world, byValidator('requestWithdraw', 1n, 30n * one))).toEqual(['WithdrawRequested']);
    expect(await world.refusal(byValidator('requestWithdraw', 1n, 30n * one))).toBe('UnbondPending()');
    expect(await world.refusal(byValidator('finalizeWithdraw', 1n))).toBe('UnbondLocked()');
    await world.wait(7 * 86_400);
    expect(await namesOf(world, byValidator('finalizeWithdraw', 1n))).toEqual(['StakeWithdrawn', 'Transfer']);
    expect(await balance(world.accounts.validator.address)).toBe(2_000_000n * one);
  });

  test('nothing moves in or out while paused', async () => {
    await world.send(byOwner('pause'));
    for (const call of [byValidator('depositStake', 1n, 30n * one), byValidator('requestWithdraw', 1n, 1n), byValidator('finalizeWithdraw', 1n)]) {
      expect(await world.refusal(call)).toBe('EnforcedPause()');
    }
  });

  test('locked stake stays in', async () => {
    const { stranger, validator } = world.accounts;
    await world.send(byValidator('depositStake', 1n, 30n * one));
    expect(await world.refusal(as(stranger.address, 'lockValidatorStake', 1n, validator.address, one))).toBe('Unauthorized()');
    expect(await world.refusal(as(stranger.address, 'unlockValidatorStake', 1n, validator.address, one))).toBe('Unauthorized()');
    expect(await world.refusal(byLockManager('lockValidatorStake', 1n, validator.address, 31n * one))).toBe('InsufficientStake()');
    expect(await namesOf(world, byLockManager('lockValidatorStake', 1n, validator.address, one))).toEqual(['ValidatorStakeLocked']);
    await world.send(byValidator('requestWithdraw', 1n, 30n * one));
    await world.wait(7 * 86_400);
    expect(await world.refusal(byValidator('finalizeWithdraw', 1n))).toBe('InsufficientStake()');
    expect(await world.refusal(byLockManager('unlockValidatorStake', 1n, validator.address, 2n * one))).toBe('InsufficientLocked()');
    expect(await namesOf(world, byLockManager('unlockValidatorStake', 1n, validator.address, one))).toEqual(['ValidatorStakeUnlocked']);
    expect(await world.refusal(byValidator('finalizeWithdraw', 1n))).toBeNull();
  });
});

describe('slashing', () => {
  const slash = (from: Address, to: Address = recipient) => as(from, 'slash', world.accounts.validator.address, 10n * one, to);
  const shares = async (to: Address = recipient) => {
    const events = await world.send(slash(world.accounts.lockManager.address, to));
    const { recipientShare, treasuryShare, operatorShare, burnShare } = events.find(({ name }) => name === 'StakeSlashed')?.args ?? {};
    return [recipientShare, treasuryShare, operatorShare, burnShare];
  };
  beforeEach(() => world.send(byValidator('depositStake', 1n, 30n * one)));

  test('lock managers and the three modules may, nobody else, not even the governance', async () => {
    const { owner, stranger, validator, lockManager } = world.accounts;
    const { arena, jobRegistry, disputeModule, validationModule, feePool } = world.addresses;
    for (const accepted of [lockManager.address, arena, jobRegistry, disputeModule, validationModule]) {
      expect(await world.refusal(slash(accepted)), accepted).toBeNull();
    }
    for (const refused of [owner.address, stranger.address, validator.address, feePool]) {
      expect(await world.refusal(slash(refused)), refused).toBe('Unauthorized()');
    }
    await world.send(byOwner('setValidatorLockManager', arena, false));
    expect(await world.refusal(slash(arena))).toBe('Unauthorized()');
  });

  test('the shares go where the percentages say, what is left over is burned', async () => {
    const { treasury } = world.accounts;
    const supply = (await world.read('token', 'totalSupply')) as bigint;
    // Employer 10 % and validators 20 % for the recipient, treasury 50 %, operators 10 %, burn 10 %.
    expect(await shares()).toEqual([3n * one, 5n * one, one, one]);
    expect(await balance(recipient)).toBe(3n * one);
    expect(await balance(treasury.address)).toBe(5n * one);
    expect(await world.read('stakeManager', 'operatorRewardPool')).toBe(one);
    expect(await world.read('token', 'totalSupply')).toBe(supply - one);
    expect(await stakeOf(1n)).toBe(20n * one);
    expect(await world.read('stakeManager', 'totalStakes', 1n)).toBe(20n * one);
  });

  test('percent and bps mean the same share', async () => {
    await world.send(byOwner('setSlashPercents', 1000n, 5000n, 20n, 1000n, 10n));
    expect(await shares()).toEqual([3n * one, 5n * one, one, one]);
  });

  test('without recipient or treasury their shares are burned', async () => {
    expect(await shares(zero)).toEqual([0n, 5n * one, one, 4n * one]);
    await world.send(byOwner('setTreasury', zero));
    expect(await shares()).toEqual([3n * one, 0n, one, 6n * one]);
  });

  test('it breaks when the treasury leaves the allowlist, unless its share is 0', async () => {
    await world.send(byOwner('setTreasuryAllowlist', world.accounts.treasury.address, false));
    expect(await world.refusal(slash(world.accounts.lockManager.address))).toBe('InvalidTreasury()');
    await world.send(byOwner('setSlashPercents', 10n, 0n, 20n, 10n, 10n));
    expect(await shares()).toEqual([3n * one, 0n, one, 6n * one]);
  });

  test('percentages pushed past 100 by the copied validator share never pay out more than was slashed', async () => {
    await world.send(byOwner('setFeePct', 0n));
    await world.send(byOwner('setValidatorRewardPct', 90n));
    expect(await shares()).toEqual([10n * one, 0n, 0n, 0n]);
  });

  test('at most the stake, at least something, and locked stake goes with it', async () => {
    const { validator, lockManager } = world.accounts;
    const by = (amount: bigint) => as(lockManager.address, 'slash', validator.address, amount, recipient);
    expect(await world.refusal(by(0n))).toBe('InvalidAmount()');
    expect(await world.refusal(by(30n * one + 1n))).toBe('InsufficientStake()');
    await world.send(byLockManager('lockValidatorStake', 1n, validator.address, 25n * one));
    await world.send(by(10n * one));
    expect(await world.read('stakeManager', 'lockedStakes', validator.address)).toBe(20n * one);
  });

  test('a withdrawal asked for before a slash takes out what is left', async () => {
    const { validator } = world.accounts;
    await world.send(byValidator('requestWithdraw', 1n, 30n * one));
    await world.send(slash(world.accounts.lockManager.address));
    await world.wait(7 * 86_400);
    await world.send(byValidator('finalizeWithdraw', 1n));
    expect(await balance(validator.address)).toBe(1_999_990n * one);
    expect(await stakeOf(1n)).toBe(0n);
  });

  test('it works while paused', async () => {
    await world.send(byOwner('pause'));
    expect(await shares()).toEqual([3n * one, 5n * one, one, one]);
  });
});
