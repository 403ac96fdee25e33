// The emergency runbook as written: pause everything, rotate keys, adjust parameters, slash, resume.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractName, moduleNames, one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type CallWanted, type ContractWorld, encodeOn, startContractWorld } from '../support/contract-world.ts';
import { namesOf } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';

describe.each(['key', 'governed'] as const)('the runbook, %s', (variant) => {
  let world: ContractWorld;
  let goBack: () => Promise<void>;
  beforeAll(async () => {
    world = await startContractWorld({ variant });
    await openRound(world);
    goBack = await world.snapshot();
  });
  beforeEach(() => goBack());
  afterAll(() => world?.stop());

  const as = (from: Address, on: ContractName, call: string, ...args: unknown[]): CallWanted => ({ from, on, call, args });
  const owner = () => world.accounts.owner.address;
  /** As the owner, through SystemPause where that owns the contract. */
  function set(on: ContractName, call: string, ...args: unknown[]): CallWanted {
    const governed = variant === 'governed' && (moduleNames as readonly ContractName[]).includes(on);
    if (!governed) return as(owner(), on, call, ...args);
    return as(owner(), 'systemPause', 'executeGovernanceCall', world.addresses[on], encodeOn(world, { on, call, args }));
  }
  async function pauseEverything(): Promise<void> {
    const targets = (['arena', ...moduleNames] as const).map((name) => world.addresses[name]);
    await world.send(as(world.accounts.guardian.address, 'pauseGuard', 'pause', targets));
  }

  test('a slash works while everything is paused, and before', async () => {
    const { validator, orchestratorA } = world.accounts;
    const report = as(orchestratorA.address, 'arena', 'reportValidatorMisconduct', 1n, validator.address, 10n * one, addressA, 'moderation:block');
    expect(await world.refusal(report)).toBeNull();
    await pauseEverything();
    expect((await namesOf(world, report)).slice(0, 2)).toEqual(['ValidatorMisconduct', 'StakeSlashed']);
    expect(await world.read('stakeManager', 'stakes', validator.address, 1n)).toBe(90n * one);
  });

  test('while everything is paused, nothing moves: no round, no payment, no stake in or out', async () => {
    const { orchestratorA, validator, student } = world.accounts;
    await pauseEverything();
    for (const call of [
      as(orchestratorA.address, 'arena', 'startRound', 1n, 1n, student.address, '', []),
      as(orchestratorA.address, 'arena', 'finaliseRound', 1n, [], 0n),
      as(world.addresses.arena, 'feePool', 'reward', student.address, 1n),
      as(validator.address, 'stakeManager', 'requestWithdraw', 1n, 100n * one),
    ]) {
      expect(await world.refusal(call), call.call).toBe('EnforcedPause()');
    }
  });

  test('orchestrators and lock managers are rotated while everything is paused', async () => {
    const { orchestratorA, lockManager } = world.accounts;
    await pauseEverything();
    await world.send(set('arena', 'setOrchestrator', addressA, true));
    await world.send(set('arena', 'setOrchestrator', orchestratorA.address, false));
    await world.send(set('stakeManager', 'setValidatorLockManager', lockManager.address, false));
    expect(await world.read('arena', 'orchestrators', orchestratorA.address)).toBe(false);
    expect(await world.read('stakeManager', 'validatorLockManagers', lockManager.address)).toBe(false);
  });

  test('every parameter change of the runbook is followed by ParametersUpdated', async () => {
    await pauseEverything();
    for (const call of [
      set('arena', 'setRewards', 150n * one, 50n * one, 20n * one),
      set('arena', 'setCommitteeParameters', 3n, 6n * one),
      set('arena', 'setRewardSplits', 6000n, 2000n, 2000n),
      set('stakeManager', 'setFeePct', 4n),
    ]) {
      expect(await namesOf(world, call)).toContain('ParametersUpdated');
    }
  });

  test('afterwards everything is resumed and rounds close again', async () => {
    await pauseEverything();
    await world.send(as(owner(), 'arena', 'unpause'));
    if (variant === 'governed') await world.send(as(owner(), 'systemPause', 'unpauseAll'));
    else for (const name of moduleNames) await world.send(as(owner(), name, 'unpause'));
    await world.send(as(world.accounts.orchestratorB.address, 'arena', 'closeRound', 1n));
    expect(await namesOf(world, as(owner(), 'arena', 'finaliseRound', 1n, [], 0n))).toContain('RoundFinalised');
  });
});

/** Round 1, with the validator in it who has a stake of 100. */
async function openRound(world: ContractWorld): Promise<void> {
  const { owner, stranger, teacher, validator, orchestratorA } = world.accounts;
  await world.send({ from: stranger.address, on: 'jobRegistry', call: 'createJob', args: [`0x${'33'.repeat(32)}`] });
  await world.send({ from: owner.address, on: 'token', call: 'transfer', args: [validator.address, 100n * one] });
  await world.send({ from: validator.address, on: 'token', call: 'approve', args: [world.addresses.stakeManager, 100n * one] });
  await world.send({ from: validator.address, on: 'stakeManager', call: 'depositStake', args: [1n, 100n * one] });
  await world.send({ from: orchestratorA.address, on: 'arena', call: 'startRound', args: [1n, 1n, teacher.address, 'teacher', []] });
  await world.send({ from: orchestratorA.address, on: 'arena', call: 'registerValidatorJob', args: [1n, 1n, validator.address, 'validator', []] });
}
