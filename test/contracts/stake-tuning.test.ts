import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const week = 7 * 86_400;

const cases: readonly SetterCase[] = [
  { call: 'autoTuneStakes', args: [true], becomes: [['autoStakeTuning', true]], emits: ['AutoStakeTuningEnabled'] },
  {
    call: 'configureAutoStake',
    args: [1n, 2n, 3n, 4n, 5n, 6n, -7n, -8n, 9n, 10n, 11n],
    becomes: [
      ['stakeDisputeThreshold', 1n],
      ['stakeIncreasePct', 2n],
      ['stakeDecreasePct', 3n],
      ['stakeTuneWindow', 4n],
      ['minStakeFloor', 5n],
      ['maxMinStake', 6n],
      ['stakeTempThreshold', -7n],
      ['stakeHamiltonianThreshold', -8n],
      ['disputeWeight', 9n],
      ['temperatureWeight', 10n],
      ['hamiltonianWeight', 11n],
    ],
    emits: ['AutoStakeConfigUpdated'],
    accepts: [[0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]],
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

// Deployed with minStake 10, threshold 10, up 20 %, down 10 %, floor 1, ceiling 100, temperature threshold 2 with weight 1.
describe('the automatic stake floor', () => {
  const set = (call: string, ...args: unknown[]) => ({ from: world.accounts.owner.address, on: 'stakeManager' as const, call, args });
  const checkpoint = () => ({ from: world.accounts.stranger.address, on: 'stakeManager' as const, call: 'checkpointStake' });
  const minStake = () => world.read('stakeManager', 'minStake');
  const configure = (change: Record<number, bigint>) => {
    const values = [10n, 20n, 10n, 0n, 0n, 0n, 2n * one, 0n, 1n, 1n, 0n].map((value, index) => change[index] ?? value);
    return world.send(set('configureAutoStake', ...values));
  };
  async function disputes(count: number): Promise<void> {
    for (let raised = 0; raised < count; raised++) {
      await world.send({ from: world.accounts.owner.address, on: 'disputeModule', call: 'raiseDispute', args: [1n, 'late'] });
    }
  }

  test('a window or floor of 0 keeps the stored one, and the event shows what is kept', async () => {
    const [event] = await world.send(set('configureAutoStake', 1n, 1n, 1n, 0n, 0n, 0n, 0n, 0n, 1n, 0n, 0n));
    expect(event?.args).toMatchObject({ window: BigInt(week), floor: one, ceil: 0n });
    expect(await world.read('stakeManager', 'stakeTuneWindow')).toBe(BigInt(week));
    expect(await world.read('stakeManager', 'minStakeFloor')).toBe(one);
  });

  test('while it is off, nobody moves the minimum', async () => {
    expect(await namesOf(world, checkpoint())).toEqual([]);
    expect(await minStake()).toBe(10n * one);
  });

  test('while it is on, anybody moves it, at most once a window, also while paused', async () => {
    await world.send(set('autoTuneStakes', true));
    await world.send(set('pause'));
    expect(await namesOf(world, checkpoint())).toEqual(['MinStakeUpdated']);
    expect(await minStake()).toBe(9n * one);
    expect(await namesOf(world, checkpoint())).toEqual([]);
    await world.wait(week);
    expect(await namesOf(world, checkpoint())).toEqual(['MinStakeUpdated']);
    expect(await minStake()).toBe((81n * one) / 10n);
  });

  test('disputes past the threshold raise it, some below leave it', async () => {
    await world.send(set('autoTuneStakes', true));
    await disputes(10);
    await world.send(checkpoint());
    expect(await minStake()).toBe(12n * one);
    expect(await world.read('stakeManager', 'disputeCount')).toBe(0n);
    await disputes(9);
    await world.wait(week);
    expect(await namesOf(world, checkpoint())).toEqual([]);
    expect(await minStake()).toBe(12n * one);
  });

  test('temperature and energy count when they are above their thresholds', async () => {
    await world.send(set('autoTuneStakes', true));
    await configure({ 0: 1n, 6: one / 2n });
    await world.send(checkpoint());
    expect(await minStake()).toBe(12n * one);
    await world.send(set('setThermostat', '0x0000000000000000000000000000000000000000'));
    await world.wait(week);
    await world.send(checkpoint());
    expect(await minStake()).toBe((108n * one) / 10n);
  });

  test('floor and ceiling hold', async () => {
    await world.send(set('autoTuneStakes', true));
    await configure({ 2: 100n, 4: 3n * one });
    await world.send(checkpoint());
    expect(await minStake()).toBe(3n * one);
    await configure({ 0: 1n, 1: 500n, 5: 4n * one });
    await disputes(1);
    await world.wait(week);
    await world.send(checkpoint());
    expect(await minStake()).toBe(4n * one);
  });

  test('only the dispute module counts disputes', async () => {
    expect(await world.refusal(set('recordDispute'))).toBe('Unauthorized()');
  });
});
