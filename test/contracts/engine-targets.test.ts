import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';
const outside = (value: bigint, minimum: bigint, maximum: bigint) => `OutOfBounds(${value}, ${minimum}, ${maximum})`;
const cent = one / 100n;

const cases: readonly SetterCase[] = [
  {
    call: 'setRoiTargets',
    args: [3n * one, cent, 2n * cent],
    becomes: [
      ['targetRoi', 3n * one],
      ['lowerMargin', cent],
      ['upperMargin', 2n * cent],
    ],
    emits: ['RoiTargetsUpdated'],
    accepts: [
      [cent, 0n, 0n],
      [1000n * one, 99n * cent, 10n * one],
    ],
    refuses: [
      [[cent - 1n, 0n, 0n], outside(cent - 1n, cent, 1000n * one)],
      [[1000n * one + 1n, 0n, 0n], outside(1000n * one + 1n, cent, 1000n * one)],
      [[one, 99n * cent + 1n, 0n], outside(99n * cent + 1n, 0n, 99n * cent)],
      [[one, 0n, 10n * one + 1n], outside(10n * one + 1n, 0n, 10n * one)],
    ],
  },
  {
    call: 'setWideningAlpha',
    args: [one],
    becomes: [['wideningAlpha', one]],
    emits: ['WideningAlphaUpdated'],
    accepts: [[cent], [10n * one]],
    refuses: [
      [[cent - 1n], outside(cent - 1n, cent, 10n * one)],
      [[10n * one + 1n], outside(10n * one + 1n, cent, 10n * one)],
    ],
  },
  {
    call: 'setMinVisitations',
    args: [2n * one],
    becomes: [['minVisitations', 2n * one]],
    emits: ['MinVisitationsUpdated'],
    accepts: [[one], [1_000_000n * one]],
    refuses: [
      [[one - 1n], outside(one - 1n, one, 1_000_000n * one)],
      [[1_000_000n * one + 1n], outside(1_000_000n * one + 1n, one, 1_000_000n * one)],
    ],
  },
  {
    call: 'setThompsonPrior',
    args: [2n * one],
    becomes: [['thompsonPrior', 2n * one]],
    emits: ['ThompsonPriorUpdated'],
    accepts: [[cent], [1000n * one]],
    refuses: [
      [[cent - 1n], outside(cent - 1n, cent, 1000n * one)],
      [[1000n * one + 1n], outside(1000n * one + 1n, cent, 1000n * one)],
    ],
  },
  { call: 'setPauser', args: [addressA], becomes: [['pauser', addressA]], emits: ['PauserUpdated'], accepts: [[zero]] },
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

describeSetters({ world: () => world, on: 'engineTargets', denied: (who) => `OwnableUnauthorizedAccount(${who})`, cases });

describe('EngineTargets', () => {
  const as = (from: Address, call: string, ...args: unknown[]) => ({ from, on: 'engineTargets' as const, call, args });

  test('starts as the engine does', async () => {
    const getters = ['targetRoi', 'lowerMargin', 'upperMargin', 'wideningAlpha', 'minVisitations', 'thompsonPrior'];
    const values = await Promise.all(getters.map((getter) => world.read('engineTargets', getter)));
    expect(values).toEqual([2n * one, 10n * cent, 15n * cent, 50n * cent, one, one]);
    expect(await world.read('engineTargets', 'expansionsPaused')).toBe(false);
  });

  test('events carry old and new values', async () => {
    const { owner } = world.accounts;
    const [roi] = await world.send(as(owner.address, 'setRoiTargets', 3n * one, cent, cent));
    expect(Object.values(roi?.args ?? {})).toEqual([2n * one, 10n * cent, 15n * cent, 3n * one, cent, cent]);
    const [alpha] = await world.send(as(owner.address, 'setWideningAlpha', one));
    expect(alpha?.args).toEqual({ previous: 50n * cent, current: one });
    const [visits] = await world.send(as(owner.address, 'setMinVisitations', 2n * one));
    expect(visits?.args).toEqual({ previous: one, current: 2n * one });
    const [prior] = await world.send(as(owner.address, 'setThompsonPrior', 2n * one));
    expect(prior?.args).toEqual({ previous: one, current: 2n * one });
    const [pauser] = await world.send(as(owner.address, 'setPauser', addressA));
    expect(pauser?.args).toEqual({ previous: world.addresses.pauseGuard, current: addressA });
  });

  test('the pauser pauses expansions and can’t let them go on; the owner does both', async () => {
    const { owner, stranger } = world.accounts;
    const { pauseGuard } = world.addresses;
    const denied = (who: Address) => `OwnableUnauthorizedAccount(${who})`;
    expect(await world.refusal(as(stranger.address, 'pause'))).toBe(denied(stranger.address));
    expect(await namesOf(world, as(pauseGuard, 'pause'))).toEqual(['Paused']);
    expect([await world.read('engineTargets', 'expansionsPaused'), await world.read('engineTargets', 'paused')]).toEqual([true, true]);
    expect(await world.refusal(as(owner.address, 'pause'))).toBe('EnforcedPause()');
    expect(await world.refusal(as(pauseGuard, 'unpause'))).toBe(denied(pauseGuard));
    expect(await namesOf(world, as(owner.address, 'unpause'))).toEqual(['Unpaused']);
    expect(await world.refusal(as(owner.address, 'unpause'))).toBe('ExpectedPause()');
    expect(await world.refusal(as(owner.address, 'pause'))).toBeNull();
  });
});
