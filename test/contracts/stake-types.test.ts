import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';

// Deployed with two types: agentNft 150 %, scholarNft 120 %.
const cases: readonly SetterCase[] = [
  {
    call: 'setMaxAGITypes',
    args: [2n],
    becomes: [['maxAGITypes', 2n]],
    emits: ['MaxAGITypesUpdated'],
    accepts: [[50n]],
    refuses: [
      [[51n], 'MaxAGITypesExceeded()'],
      [[1n], 'MaxAGITypesBelowCurrent()'],
    ],
  },
  {
    call: 'setMaxTotalPayoutPct',
    args: [100n],
    becomes: [['maxTotalPayoutPct', 100n]],
    emits: ['MaxTotalPayoutPctUpdated'],
    accepts: [[200n]],
    refuses: [
      [[99n], 'InvalidPercentage()'],
      [[201n], 'InvalidPercentage()'],
    ],
  },
  {
    call: 'addAGIType',
    args: [addressA, 1n],
    becomes: [],
    emits: ['AGITypeUpdated'],
    accepts: [[addressA, 200n]],
    refuses: [
      [[zero, 100n], 'InvalidParams()'],
      [[addressA, 0n], 'InvalidPercentage()'],
      [[addressA, 201n], 'InvalidPercentage()'],
    ],
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

describe('AGI types', () => {
  const set = (call: string, ...args: unknown[]) => ({ from: world.accounts.owner.address, on: 'stakeManager' as const, call, args });
  const types = () => world.read('stakeManager', 'getAGITypes');

  test('adding one that is there changes its payout, also when there is no room', async () => {
    const { agentNft, scholarNft } = world.addresses;
    await world.send(set('setMaxAGITypes', 2n));
    expect(await namesOf(world, set('addAGIType', agentNft, 175n))).toEqual(['AGITypeUpdated']);
    expect(await types()).toEqual([
      [agentNft, 175n],
      [scholarNft, 120n],
    ]);
    expect(await world.refusal(set('addAGIType', addressA, 100n))).toBe('MaxAGITypesReached()');
  });

  test('removal makes room, once', async () => {
    const { agentNft, scholarNft } = world.addresses;
    expect(await namesOf(world, set('removeAGIType', agentNft))).toEqual(['AGITypeRemoved']);
    expect(await types()).toEqual([[scholarNft, 120n]]);
    expect(await world.refusal(set('removeAGIType', agentNft))).toBe('AGITypeNotFound()');
    expect(await world.refusal({ ...set('removeAGIType', scholarNft), from: addressA })).toBe('NotGovernance()');
    await world.send(set('removeAGIType', scholarNft));
    expect(await types()).toEqual([]);
  });

  test('limits say what they were before', async () => {
    const [event] = await world.send(set('setMaxAGITypes', 10n));
    expect(event?.args).toEqual({ oldMax: 50n, newMax: 10n });
  });
});
