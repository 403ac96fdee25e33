import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractWorld, encodeOn, startContractWorld } from '../support/contract-world.ts';
import { createdWith, describeSetters, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';
const parameters = 'ParametersUpdated';

const cases: readonly SetterCase[] = [
  {
    call: 'setRewards',
    args: [11n, 12n, 13n],
    becomes: [
      ['baseTeacherReward', 11n],
      ['baseStudentReward', 12n],
      ['baseValidatorReward', 13n],
    ],
    emits: ['RewardsUpdated', parameters],
    refuses: [
      [[0n, 1n, 1n], 'ZeroValue()'],
      [[1n, 0n, 1n], 'ZeroValue()'],
      [[1n, 1n, 0n], 'ZeroValue()'],
    ],
  },
  {
    call: 'setCommitteeParameters',
    args: [7n, 8n],
    becomes: [
      ['committeeSize', 7n],
      ['validatorStake', 8n],
    ],
    emits: ['CommitteeParametersUpdated', parameters],
    refuses: [
      [[0n, 1n], 'ZeroValue()'],
      [[1n, 0n], 'ZeroValue()'],
    ],
  },
  {
    call: 'setTargetSuccessRateBps',
    args: [10_000n],
    becomes: [['targetSuccessRateBps', 10_000n]],
    emits: ['TargetSuccessRateUpdated', parameters],
    accepts: [[1n]],
    refuses: [
      [[0n], 'ZeroValue()'],
      [[10_001n], 'ZeroValue()'],
    ],
  },
  {
    call: 'setRewardSplits',
    args: [6000n, 2000n, 2000n],
    becomes: [
      ['teacherRewardSplitBps', 6000n],
      ['studentRewardSplitBps', 2000n],
      ['validatorRewardSplitBps', 2000n],
    ],
    emits: ['RewardSplitsUpdated', parameters],
    accepts: [
      [0n, 0n, 1n],
      [10_000n, 0n, 0n],
    ],
    refuses: [
      [[0n, 0n, 0n], 'InvalidSplit()'],
      [[6000n, 2000n, 2001n], 'InvalidSplit()'],
      [[10_000n, 10_000n, 10_000n], 'InvalidSplit()'],
      [[65_535n, 1n, 0n], 'InvalidSplit()'],
    ],
  },
  { call: 'setFeePool', args: [addressA], becomes: [['feePool', addressA]], emits: ['FeePoolUpdated', parameters], accepts: [[zero]] },
  { call: 'setStakeManager', args: [addressA], becomes: [['stakeManager', addressA]], emits: ['StakeManagerUpdated'], accepts: [[zero]] },
  {
    call: 'setIdentityRegistry',
    args: [addressA],
    becomes: [['identityRegistry', addressA]],
    emits: ['IdentityRegistryUpdated'],
    refuses: [[[zero], 'ZeroAddress()']],
  },
  { call: 'setJobRegistry', args: [addressA], becomes: [['jobRegistry', addressA]], emits: ['JobRegistryUpdated'], refuses: [[[zero], 'ZeroAddress()']] },
  {
    call: 'setOrchestrator',
    args: [addressA, true],
    becomes: [['orchestrators', true, addressA]],
    emits: ['OrchestratorUpdated'],
    refuses: [[[zero, true], 'ZeroAddress()']],
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

describeSetters({ world: () => world, on: 'arena', denied: (who) => `OwnableUnauthorizedAccount(${who})`, cases });

describe('SelfPlayArena', () => {
  const owner = () => world.accounts.owner.address;

  test('ParametersUpdated carries all ten parameters as they are after the change', async () => {
    const events = await world.send({ from: owner(), on: 'arena', call: 'setRewardSplits', args: [6000n, 2000n, 2000n] });
    expect(Object.values(events[1]?.args ?? {})).toEqual([
      100n * 10n ** 18n,
      50n * 10n ** 18n,
      20n * 10n ** 18n,
      3n,
      5n * 10n ** 18n,
      6000n,
      6000n,
      2000n,
      2000n,
      world.addresses.feePool,
    ]);
  });

  test('references say what they were before', async () => {
    const [event] = await world.send({ from: owner(), on: 'arena', call: 'setStakeManager', args: [addressA] });
    expect(event?.args).toEqual({ previousManager: world.addresses.stakeManager, newManager: addressA });
  });

  test('the pauser may pause and not unpause; a stranger neither', async () => {
    const { stranger } = world.accounts;
    const pauser = addressA;
    await world.send({ from: owner(), on: 'arena', call: 'setPauser', args: [pauser] });
    const refused = (who: string) => `OwnableUnauthorizedAccount(${who})`;
    expect(await world.refusal({ from: stranger.address, on: 'arena', call: 'pause' })).toBe(refused(stranger.address));
    expect((await world.send({ from: pauser, on: 'arena', call: 'pause' })).map(({ name }) => name)).toEqual(['Paused']);
    expect(await world.read('arena', 'paused')).toBe(true);
    expect(await world.refusal({ from: pauser, on: 'arena', call: 'unpause' })).toBe(refused(pauser));
    expect((await world.send({ from: owner(), on: 'arena', call: 'unpause' })).map(({ name }) => name)).toEqual(['Unpaused']);
  });

  test('with no pauser, only the owner can pause', async () => {
    await world.send({ from: owner(), on: 'arena', call: 'setPauser', args: [zero] });
    expect(await world.refusal({ from: zero, on: 'arena', call: 'unpause' })).toBe(`OwnableUnauthorizedAccount(${zero})`);
    expect(await world.refusal({ from: world.addresses.pauseGuard, on: 'arena', call: 'pause' })).toMatch(/^OwnableUnauthorizedAccount/);
  });

  const wiring = () => [world.addresses.identityRegistry, world.addresses.jobRegistry, zero, zero];
  const numbers = [1n, 1n, 1n, 1n, 1n, 1n];

  test('isn’t created with what its setters refuse', async () => {
    const [identity, jobs] = wiring();
    for (const wrong of [
      [zero, jobs, zero, zero],
      [identity, zero, zero, zero],
    ]) {
      expect(await world.create('SelfPlayArena', [owner(), wrong, numbers])).toEqual({ error: 'ZeroAddress()' });
    }
    for (const position of numbers.keys()) {
      expect(await world.create('SelfPlayArena', [owner(), wiring(), numbers.with(position, 0n)])).toEqual({ error: 'ZeroValue()' });
    }
  });

  test('starts with splits that its setter can never restore', async () => {
    const created = await world.create('SelfPlayArena', [owner(), wiring(), numbers]);
    const address = 'address' in created ? created.address : '';
    const splits = ['teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps'].map(async (getter) => {
      const data = encodeOn(world, { on: 'arena', call: getter });
      return BigInt(await world.request<string>('eth_call', [{ to: address, data }, 'latest']));
    });
    expect(await Promise.all(splits)).toEqual([10_000n, 10_000n, 10_000n]);
  });

  test('says with which parameters it is created', async () => {
    const events = await createdWith(world, 'arena');
    expect(events).toEqual(['OwnershipTransferred', 'RewardsUpdated', 'CommitteeParametersUpdated', 'TargetSuccessRateUpdated', parameters]);
  });
});
