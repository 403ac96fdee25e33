// Random values for the fields of the managed contracts, and which fields are declared together. For the plan's properties.
import fc from 'fast-check';
import type { Address, FieldValue, Scalar } from '../../src/types.ts';
import { addressOf, type PlaceName, people, places, type Shorthand, token, type Values, zero } from '../support/plan-world.ts';

type FieldArbitraries = Readonly<Record<string, fc.Arbitrary<Shorthand>>>;
export type Place = { name: ManagedName; path: string };
export type ManagedName = 'arena' | 'stake' | 'system-pause' | 'thermostat' | 'fee-pool' | 'new-fee-pool';

export const managed = ['arena', 'stake', 'system-pause', 'thermostat', 'fee-pool', 'new-fee-pool'] as const satisfies readonly PlaceName[];
const somebody = [people.operator, people.guardian, people['other-owner'], people.alice, people.bob];
const types = [addressOf(401), addressOf(402), addressOf(403), addressOf(404)];

const person = fc.constantFrom(...somebody, zero);
const treasuries = fc.constantFrom(people.treasury, people['new-treasury'], people.operator, zero);
const amount = fc.integer({ min: 0, max: 5 }).map((n) => BigInt(n) * token);
const percent = fc.constantFrom(0n, 5n, 10n, 30n, 50n, 90n, 100n);
const slash = fc.constantFrom(0n, 1000n, 2000n, 5000n, 10_000n);
const temperature = fc.integer({ min: 1, max: 6 }).map((n) => BigInt(n) * token);
const flag = fc.boolean();
const owner = fc.constantFrom(...Array<Address>(9).fill(people.operator), people['other-owner']);
const allowlist = fc.subarray([people.treasury, people['new-treasury'], people.operator]);
const roleTemperature = fc.oneof(temperature, fc.constant<FieldValue>({ type: 'unset' }));
const agiTypes = fc.subarray(types).chain((keys) => fc.constantFrom(100n, 150n).map((value) => new Map<string, Scalar>(keys.map((key) => [key, value]))));

const pool: FieldArbitraries = {
  owner,
  pauser: person,
  pauserManager: fc.constantFrom(zero, places['system-pause'], people.alice),
  paused: flag,
  burnPct: percent,
  treasury: treasuries,
  treasuryAllowlist: allowlist,
  rewarders: fc.subarray([places.arena, people.alice]),
};

export const arbitraries: Readonly<Record<ManagedName, FieldArbitraries>> = {
  arena: {
    owner,
    pauser: person,
    paused: flag,
    baseTeacherReward: amount,
    baseStudentReward: amount,
    baseValidatorReward: amount,
    committeeSize: fc.constantFrom(1n, 3n, 5n),
    validatorStake: fc.constantFrom(token, 2n * token),
    targetSuccessRateBps: fc.constantFrom(1n, 5000n, 10_000n),
    teacherRewardSplitBps: slash,
    studentRewardSplitBps: slash,
    validatorRewardSplitBps: slash,
    feePool: fc.constantFrom(places['fee-pool'], places['new-fee-pool'], people.bob),
    orchestrators: fc.subarray([people.alice, people.bob, people.guardian]),
  },
  stake: {
    governance: owner,
    pauser: person,
    pauserManager: fc.constantFrom(zero, places['system-pause'], people.alice),
    paused: flag,
    feePct: percent,
    burnPct: percent,
    validatorRewardPct: percent,
    minStake: fc.constantFrom(token, 2n * token, 3n * token),
    maxStakePerAddress: fc.constantFrom(0n, token, 2n * token, 3n * token),
    'roleMinimumStake.agent': amount,
    'roleMinimumStake.validator': amount,
    'roleMinimumStake.platform': amount,
    employerSlashPct: slash,
    treasurySlashPct: slash,
    validatorSlashRewardPct: slash,
    operatorSlashPct: slash,
    burnSlashPct: slash,
    treasury: treasuries,
    treasuryAllowlist: allowlist,
    maxAGITypes: fc.constantFrom(0n, 1n, 2n, 3n, 4n),
    agiTypes,
  },
  'system-pause': { governance: owner, activePauser: fc.constantFrom(...somebody), paused: flag },
  thermostat: {
    governance: owner,
    systemTemperature: fc.oneof(
      temperature,
      fc.uniqueArray(temperature, { minLength: 2, maxLength: 2 }).map((ends): FieldValue => rangeOf(ends)),
    ),
    minTemp: temperature,
    maxTemp: temperature,
    integralMin: fc.constantFrom(-token, 0n, token),
    integralMax: fc.constantFrom(0n, token, 2n * token),
    'roleTemperature.agent': roleTemperature,
    'roleTemperature.validator': roleTemperature,
  },
  'fee-pool': pool,
  'new-fee-pool': pool,
};

/** Fields that belong together, so that a declaration of them has a chance to be right. */
const groups: readonly (readonly [ManagedName, readonly string[]])[] = [
  ['stake', ['feePct', 'burnPct', 'validatorRewardPct']],
  ['stake', ['validatorRewardPct', 'validatorSlashRewardPct']],
  ['stake', ['employerSlashPct', 'treasurySlashPct', 'validatorSlashRewardPct', 'operatorSlashPct', 'burnSlashPct']],
  ['stake', ['treasury', 'treasuryAllowlist']],
  ['stake', ['minStake', 'maxStakePerAddress']],
  ['stake', ['roleMinimumStake.agent', 'roleMinimumStake.validator', 'roleMinimumStake.platform']],
  ['stake', ['maxAGITypes', 'agiTypes']],
  ['stake', ['pauser', 'paused']],
  ['fee-pool', ['treasury', 'treasuryAllowlist']],
  ['fee-pool', ['rewarders']],
  ['new-fee-pool', ['rewarders', 'owner']],
  ['arena', ['teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps']],
  ['arena', ['baseTeacherReward', 'baseStudentReward', 'baseValidatorReward']],
  ['arena', ['feePool', 'orchestrators']],
  ['arena', ['owner', 'pauser', 'paused']],
  ['thermostat', ['systemTemperature', 'minTemp', 'maxTemp']],
  ['thermostat', ['roleTemperature.agent', 'roleTemperature.validator', 'minTemp', 'maxTemp']],
  ['thermostat', ['integralMin', 'integralMax']],
  ['system-pause', ['paused']],
  ['system-pause', ['activePauser']],
];

const pathsOf = (group: (typeof groups)[number]): Place[] => group[1].map((path) => ({ name: group[0], path }));
const everyPath = managed.flatMap((name) => Object.keys(arbitraries[name]).map((path) => ({ name, path })));
/** Mostly groups, and now and then a field on its own. */
export const changedPlaces = fc
  .tuple(fc.subarray([...groups], { minLength: 1, maxLength: 5 }), fc.subarray(everyPath, { maxLength: 1 }))
  .map(([several, single]) => [...several.flatMap(pathsOf), ...single]);

/** All fields of all contracts. */
export const everything = fc.record(Object.fromEntries(managed.map((name) => [name, fc.record(arbitraries[name])]))) as fc.Arbitrary<
  Record<ManagedName, Values>
>;

function rangeOf(ends: readonly bigint[]): FieldValue {
  const [min = 0n, max = 0n] = [...ends].sort((a, b) => (a < b ? -1 : 1));
  return { type: 'range', min, max };
}
