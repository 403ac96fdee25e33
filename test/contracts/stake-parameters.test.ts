import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const parameters = 'ParametersUpdated';
const huge = 2n ** 256n - 1n;
const slashEvents = ['SlashPercentsUpdated', 'SlashingPercentagesUpdated', 'OperatorSlashPctUpdated', 'ValidatorSlashRewardPctUpdated', parameters];

// Deployed with feePct 5, burnPct 1, validatorRewardPct 10.
const cases: readonly SetterCase[] = [
  {
    call: 'setFeePct',
    args: [89n],
    becomes: [['feePct', 89n]],
    emits: ['FeePctUpdated', parameters],
    again: 'emits nothing',
    accepts: [[0n], [5n]],
    refuses: [
      [[90n], 'InvalidPercentage()'],
      [[huge], 'InvalidPercentage()'],
    ],
  },
  {
    call: 'setBurnPct',
    args: [85n],
    becomes: [['burnPct', 85n]],
    emits: ['BurnPctUpdated', parameters],
    again: 'emits nothing',
    refuses: [
      [[86n], 'InvalidPercentage()'],
      [[huge], 'InvalidPercentage()'],
    ],
  },
  {
    call: 'setValidatorRewardPct',
    args: [94n],
    becomes: [
      ['validatorRewardPct', 94n],
      ['validatorSlashRewardPct', 94n],
    ],
    emits: ['ValidatorRewardPctUpdated', 'ValidatorSlashRewardPctUpdated', parameters],
    again: 'emits nothing',
    refuses: [
      [[95n], 'InvalidPercentage()'],
      [[huge], 'InvalidPercentage()'],
    ],
  },
  { call: 'setMinStake', args: [7n], becomes: [['minStake', 7n]], emits: ['MinStakeUpdated', parameters], refuses: [[[0n], 'InvalidMinStake()']] },
  { call: 'setMaxStakePerAddress', args: [1n], becomes: [['maxStakePerAddress', 1n]], emits: ['MaxStakePerAddressUpdated'], accepts: [[0n]] },
  {
    call: 'setStakeRecommendations',
    args: [8n, 9n],
    becomes: [
      ['minStake', 8n],
      ['maxStakePerAddress', 9n],
    ],
    emits: ['MinStakeUpdated', 'MaxStakePerAddressUpdated'],
    accepts: [
      [8n, 0n],
      [8n, 8n],
    ],
    refuses: [
      [[8n, 7n], 'InvalidParams()'],
      [[0n, 0n], 'InvalidMinStake()'],
    ],
  },
  {
    call: 'setRoleMinimum',
    args: [2n, 30n],
    becomes: [
      ['roleMinimumStake', 30n, 2n],
      ['effectiveMinimum', 30n, 2n],
    ],
    emits: ['RoleMinimumUpdated', parameters],
    accepts: [[0n, 0n]],
    refuses: [[[3n, 1n], 'InvalidRole()']],
  },
  {
    call: 'setRoleMinimums',
    args: [1n, 2n, 0n],
    becomes: [
      ['roleMinimumStake', 1n, 0n],
      ['roleMinimumStake', 2n, 1n],
      ['roleMinimumStake', 0n, 2n],
      ['effectiveMinimum', 10n * one, 2n],
    ],
    emits: ['RoleMinimumUpdated', 'RoleMinimumUpdated', 'RoleMinimumUpdated', parameters],
  },
  {
    call: 'setSlashPercents',
    args: [1n, 2n, 3n, 4n, 90n],
    becomes: [
      ['employerSlashPct', 1n],
      ['treasurySlashPct', 2n],
      ['validatorSlashRewardPct', 3n],
      ['operatorSlashPct', 4n],
      ['burnSlashPct', 90n],
    ],
    emits: slashEvents,
    accepts: [
      [0n, 0n, 0n, 0n, 0n],
      [100n, 0n, 0n, 0n, 0n],
      [10_000n, 0n, 0n, 0n, 0n],
      [6000n, 30n, 10n, 0n, 0n],
    ],
    refuses: [
      [[50n, 50n, 1n, 0n, 0n], 'InvalidPercentage()'],
      [[6000n, 4100n, 0n, 0n, 0n], 'InvalidPercentage()'],
      [[6000n, 41n, 0n, 0n, 0n], 'InvalidPercentage()'],
      [[101n, 0n, 0n, 0n, 0n], 'InvalidPercentage()'],
      [[0n, 250n, 0n, 0n, 0n], 'InvalidPercentage()'],
      [[0n, 0n, 199n, 0n, 0n], 'InvalidPercentage()'],
      [[0n, 0n, 0n, 9999n, 0n], 'InvalidPercentage()'],
      [[0n, 0n, 0n, 0n, 10_100n], 'InvalidPercentage()'],
    ],
  },
  {
    call: 'setUnbondingPeriod',
    args: [1n],
    becomes: [['unbondingPeriod', 1n]],
    emits: ['UnbondingPeriodUpdated'],
    refuses: [[[0n], 'InvalidUnbondingPeriod()']],
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

describe('StakeManager percentages', () => {
  const set = (call: string, ...args: unknown[]) => ({ from: world.accounts.owner.address, on: 'stakeManager' as const, call, args });

  test('ParametersUpdated carries all nine parameters as they are after the change', async () => {
    const events = await world.send(set('setFeePct', 7n));
    expect(Object.values(events[1]?.args ?? {})).toEqual([10n * one, 10n, 50n, 10n, 20n, 10n, 7n, 1n, 10n]);
  });

  test('two swapped in the wrong order are refused, in the right order not', async () => {
    await world.send(set('setBurnPct', 0n));
    await world.send(set('setValidatorRewardPct', 90n));
    expect(await world.refusal(set('setFeePct', 90n))).toBe('InvalidPercentage()');
    await world.send(set('setValidatorRewardPct', 5n));
    expect(await namesOf(world, set('setFeePct', 90n))).toEqual(['FeePctUpdated', parameters]);
  });

  test('an unchanged validator share leaves the slash share alone', async () => {
    expect(await namesOf(world, set('setValidatorRewardPct', 10n))).toEqual([]);
    expect(await world.read('stakeManager', 'validatorSlashRewardPct')).toBe(20n);
  });

  test('a share already past the rule is refused before anything else, also when unchanged', async () => {
    expect(await world.refusal(set('setFeePct', 5n))).toBeNull();
    expect(await world.refusal({ ...set('setFeePct', 101n), from: world.accounts.stranger.address })).toBe('NotGovernance()');
  });

  test('a release is shared out by the three percentages', async () => {
    expect(await world.read('stakeManager', 'quoteRelease', 1000n)).toEqual([50n, 10n, 100n, 840n]);
  });
});
