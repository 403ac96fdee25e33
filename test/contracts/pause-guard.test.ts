import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractName, moduleNames } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';
const pausedNow = 0n;
const skipped = 1n;
const failed = 2n;

const cases: readonly SetterCase[] = [
  {
    call: 'setGuardian',
    args: [addressA, true],
    becomes: [['guardians', true, addressA]],
    emits: ['GuardianUpdated'],
    refuses: [[[zero, true], 'ZeroAddress()']],
  },
  { call: 'transferOwnership', args: [addressA], becomes: [['owner', addressA]], emits: ['OwnershipTransferred'], again: 'loses power' },
];

const everything: readonly ContractName[] = ['arena', 'engineTargets', ...moduleNames];

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

describeSetters({ world: () => world, on: 'pauseGuard', denied: (who) => `OwnableUnauthorizedAccount(${who})`, cases, pausable: false });

describe('PauseGuard', () => {
  const pauseAs = (from: Address, targets: readonly Address[]) => ({ from, on: 'pauseGuard' as const, call: 'pause', args: [targets] });
  const pause = (targets: readonly Address[]) => pauseAs(world.accounts.guardian.address, targets);

  test('a guardian pauses everything at once', async () => {
    const targets = everything.map((name) => world.addresses[name]);
    expect(await world.result(pause(targets))).toEqual(targets.map(() => pausedNow));
    const names = await namesOf(world, pause(targets));
    expect(names).toEqual(targets.flatMap(() => ['Paused', 'TargetPaused']));
    for (const name of everything) expect(await world.read(name, 'paused'), name).toBe(true);
  });

  test('what is paused already is skipped, also when it is named twice', async () => {
    const { arena, feePool } = world.addresses;
    await world.send(pause([arena]));
    expect(await world.result(pause([arena, feePool, feePool]))).toEqual([skipped, pausedNow, skipped]);
    expect(await namesOf(world, pause([arena, feePool, feePool]))).toEqual(['TargetSkipped', 'Paused', 'TargetPaused', 'TargetSkipped']);
  });

  test('what can’t be paused is reported and keeps nothing else from being paused', async () => {
    const { owner, guardian } = world.accounts;
    const { arena, feePool, token } = world.addresses;
    await world.send({ from: owner.address, on: 'arena', call: 'setPauser', args: [zero] });
    const targets = [arena, addressA, token, feePool];
    expect(await world.result(pause(targets))).toEqual([failed, failed, failed, pausedNow]);
    const events = await world.send(pause(targets));
    expect(events.map(({ name }) => name)).toEqual(['TargetFailed', 'TargetFailed', 'TargetFailed', 'Paused', 'TargetPaused']);
    expect(events[0]?.args).toEqual({
      target: arena,
      guardian: guardian.address,
      reason: `0x118cdaa7${world.addresses.pauseGuard.slice(2).toLowerCase().padStart(64, '0')}`,
    });
    expect(events[1]?.args).toEqual({ target: addressA, guardian: guardian.address, reason: '0x' });
  });

  test('nobody else pauses: not the owner, not a former guardian', async () => {
    const { owner, guardian, stranger } = world.accounts;
    const { arena } = world.addresses;
    for (const who of [owner, stranger]) expect(await world.refusal(pauseAs(who.address, [arena]))).toBe('NotGuardian()');
    await world.send({ from: owner.address, on: 'pauseGuard', call: 'setGuardian', args: [guardian.address, false] });
    expect(await world.refusal(pause([arena]))).toBe('NotGuardian()');
  });

  test('no targets is nothing to do', async () => {
    expect(await world.send(pause([]))).toEqual([]);
  });
});
