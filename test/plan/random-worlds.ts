// Random live and declared states over the kinds' rules, as a world for the plan and as simulated contracts for the oracle.
import fc from 'fast-check';
import type { BuildInput } from '../../src/plan/build-plan.ts';
import type { Address, FieldValue, Scalar } from '../../src/types.ts';
import { compareAddresses, factKey, nearestBound } from '../../src/values.ts';
import { addressOf, modules, type PlaceName, people, places, planWorld, type Shorthand, token, type Values, zero } from '../support/plan-world.ts';
import type { Chain, Simulated } from './contract-simulators.ts';

type FieldArbitraries = Readonly<Record<string, fc.Arbitrary<Shorthand>>>;
type Place = { name: ManagedName; path: string };
type ManagedName = 'arena' | 'stake' | 'system-pause' | 'thermostat' | 'fee-pool' | 'new-fee-pool';

const managed = ['arena', 'stake', 'system-pause', 'thermostat', 'fee-pool', 'new-fee-pool'] as const satisfies readonly PlaceName[];
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

const arbitraries: Readonly<Record<ManagedName, FieldArbitraries>> = {
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
const changedPlaces = fc
  .tuple(fc.subarray([...groups], { minLength: 1, maxLength: 5 }), fc.subarray(everyPath, { maxLength: 1 }))
  .map(([several, single]) => [...several.flatMap(pathsOf), ...single]);

/** All fields of all contracts. */
const everything = fc.record(Object.fromEntries(managed.map((name) => [name, fc.record(arbitraries[name])]))) as fc.Arbitrary<Record<ManagedName, Values>>;

function rangeOf(ends: readonly bigint[]): FieldValue {
  const [min = 0n, max = 0n] = [...ends].sort((a, b) => (a < b ? -1 : 1));
  return { type: 'range', min, max };
}

export type RandomWorld = {
  [fc.toStringMethod]: () => string;
  input: BuildInput;
  chain: Chain;
  live: Record<ManagedName, Values>;
  declared: Record<ManagedName, Values>;
};

export const randomWorlds: fc.Arbitrary<RandomWorld> = fc
  .record({
    live: everything,
    desired: everything,
    changed: changedPlaces,
    sane: fc.constantFrom(true, true, true, false),
    complete: fc.boolean(),
    governed: fc.boolean(),
    pausedModules: fc.subarray(Object.values(modules)),
    allModules: fc.constantFrom<boolean | null>(true, false, null, false),
    signers: fc.constantFrom([people.operator], [people.operator, people.guardian], [people.guardian, people.operator, people['other-owner']]),
  })
  .map(worldOf);

type Picked = {
  live: Record<ManagedName, Values>;
  desired: Record<ManagedName, Values>;
  changed: readonly Place[];
  /** Whether what is declared obeys the rules by itself. */
  sane: boolean;
  complete: boolean;
  governed: boolean;
  pausedModules: readonly Address[];
  allModules: boolean | null;
  signers: readonly Address[];
};

function worldOf(picked: Picked): RandomWorld {
  const systemPause = places['system-pause'];
  const live = reachable(picked.live, picked.governed ? systemPause : null);
  const moduleOwner = picked.governed ? systemPause : people.operator;
  const pausedModules = picked.allModules === null ? picked.pausedModules : picked.allModules ? Object.values(modules) : [];
  if (picked.allModules !== null) for (const name of ['stake', 'fee-pool'] as const) live[name] = { ...live[name], paused: picked.allModules };
  const chain = chainOf(live, { owner: moduleOwner, paused: new Set(pausedModules) });
  const all = Object.values(partsOf()).map((target) => pausedAt(chain, target));
  live['system-pause'] = {
    ...live['system-pause'],
    paused: all.every((paused) => paused === all[0])
      ? (all[0] ?? false)
      : { type: 'mixed', parts: Object.entries(partsOf()).map(([field, target]) => ({ field, target, value: pausedAt(chain, target) })) },
  };
  const declared = declaredOf(picked, live);
  const facts = Object.fromEntries([...chain].flatMap(([address, contract]) => factsOf(address, contract)));
  return {
    [fc.toStringMethod]: () =>
      `${JSON.stringify({ ...picked, live: undefined, desired: undefined })} declared ${fc.stringify(picked.changed.map(({ name, path }) => [name, path, picked.desired[name][path], 'was', live[name][path]]))}`,
    input: planWorld({ live, desired: declared, facts, signers: picked.signers }),
    chain,
    live,
    declared,
  };
}

export function partsOf(): Record<string, Address> {
  return { ...modules, stakeManager: places.stake, feePool: places['fee-pool'] };
}

function factsOf(address: Address, contract: Simulated): [string, Scalar][] {
  if (contract.type === 'stake')
    return [
      [factKey(address, 'paused'), contract.paused],
      [factKey(address, 'owner'), contract.governance],
      [factKey(address, 'pauser'), contract.pauser],
    ];
  if (contract.type !== 'module' && contract.type !== 'pool') return [];
  return [
    [factKey(address, 'paused'), contract.paused],
    [factKey(address, 'owner'), contract.owner],
    [factKey(address, 'pauser'), contract.pauser],
  ];
}

/** Bends what is declared so that it obeys the contracts' rules, as far as they are about declared values only. */
function saneOf(drawn: Record<ManagedName, Values>): Record<ManagedName, Values> {
  const { stake, arena, thermostat } = drawn as Record<ManagedName, Record<string, Shorthand>>;
  const sane = structuredClone(reachable(drawn, null)) as Record<ManagedName, Record<string, Shorthand>>;
  const slashes = ['employerSlashPct', 'treasurySlashPct', 'validatorSlashRewardPct', 'operatorSlashPct', 'burnSlashPct'];
  fitSum(sane.stake, slashes, 10_000n);
  fitSum(sane.arena, ['teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps'], 10_000n);
  if (arena['teacherRewardSplitBps'] === 0n) sane.arena['teacherRewardSplitBps'] = 1n;
  for (const path of ['baseTeacherReward', 'baseStudentReward', 'baseValidatorReward']) if (sane.arena[path] === 0n) sane.arena[path] = token;
  for (const name of ['stake', 'fee-pool', 'new-fee-pool'] as const) {
    const { treasury, treasuryAllowlist } = sane[name];
    if (treasury === people.operator) sane[name]['treasury'] = people.treasury;
    if (treasury !== zero) sane[name]['treasuryAllowlist'] = [...new Set([...(treasuryAllowlist as Address[]), String(sane[name]['treasury'])])];
  }
  const bounds = { min: sane.thermostat['minTemp'] as bigint, max: sane.thermostat['maxTemp'] as bigint };
  for (const path of ['roleTemperature.agent', 'roleTemperature.validator'])
    if (typeof sane.thermostat[path] === 'bigint') sane.thermostat[path] = nearestBound(sane.thermostat[path], bounds);
  if (typeof thermostat['systemTemperature'] === 'object') sane.thermostat['systemTemperature'] = { type: 'range', ...bounds };
  if (stake['minStake'] === token) sane.stake['maxStakePerAddress'] = 3n * token;
  return sane;
}

function fitSum(values: Record<string, Shorthand>, paths: readonly string[], most: bigint): void {
  let left = most;
  for (const path of paths) {
    const value = values[path] as bigint;
    const fitting = nearestBound(value, { min: 0n, max: left });
    values[path] = fitting;
    left -= fitting;
  }
}

/** Only what git says differently, or everything. A live value that is no valid declaration (mixed) is never declared. */
function declaredOf(picked: Picked, live: Record<ManagedName, Values>): Record<ManagedName, Values> {
  const desired = picked.sane ? saneOf(picked.desired) : picked.desired;
  const chosen = (name: ManagedName): Values =>
    Object.fromEntries(picked.changed.filter((place) => place.name === name).map(({ path }) => [path, desired[name][path] ?? 0n]));
  const rest = (name: ManagedName): Values => {
    const fields = Object.entries(live[name]).filter(
      ([path, value]) => path in arbitraries[name] && !(typeof value === 'object' && 'type' in value && value.type === 'mixed'),
    );
    return picked.complete ? Object.fromEntries(fields) : {};
  };
  return Object.fromEntries(managed.map((name) => [name, { ...rest(name), ...chosen(name) }])) as Record<ManagedName, Values>;
}

/** Bends arbitrary values into a state that the contracts can be in. */
function reachable(drawn: Record<ManagedName, Values>, governor: Address | null): Record<ManagedName, Values> {
  const live = structuredClone(drawn) as Record<ManagedName, Record<string, Shorthand>>;
  const { stake, thermostat } = live;
  let left = 100n;
  for (const path of ['feePct', 'burnPct', 'validatorRewardPct']) {
    stake[path] = (stake[path] as bigint) <= left ? (stake[path] as bigint) : left;
    left -= stake[path];
  }
  const [a, b] = [thermostat['minTemp'] as bigint, thermostat['maxTemp'] as bigint];
  const [low, high] = a < b ? [a, b] : [b, a + token];
  const { systemTemperature } = thermostat;
  const wanted = typeof systemTemperature === 'bigint' ? systemTemperature : low;
  Object.assign(thermostat, { minTemp: low, maxTemp: high, systemTemperature: nearestBound(wanted, { min: low, max: high }) });
  if ((thermostat['integralMin'] as bigint) >= (thermostat['integralMax'] as bigint)) Object.assign(thermostat, { integralMin: 0n, integralMax: token });
  const kept = [...(stake['agiTypes'] as Map<string, Scalar>)].slice(0, Number(stake['maxAGITypes']));
  stake['agiTypes'] = new Map(kept);
  if (governor !== null) {
    stake['governance'] = governor;
    live['fee-pool']['owner'] = governor;
  }
  return live;
}

function chainOf(live: Record<ManagedName, Values>, module: { owner: Address; paused: ReadonlySet<Address> }): Chain {
  const numbers = (name: ManagedName, ...paths: string[]): bigint[] => paths.map((path) => live[name][path] as bigint);
  const members = (name: ManagedName, path: string): Set<Address> => new Set(live[name][path] as Address[]);
  const at = (name: ManagedName, path: string): Address => String(live[name][path]);
  const poolOf = (name: 'fee-pool' | 'new-fee-pool'): Simulated => ({
    type: 'pool',
    owner: at(name, 'owner'),
    pauser: at(name, 'pauser'),
    pauserManager: at(name, 'pauserManager'),
    paused: live[name]['paused'] === true,
    burnPct: numbers(name, 'burnPct')[0] ?? 0n,
    treasury: at(name, 'treasury'),
    allowlist: members(name, 'treasuryAllowlist'),
    rewarders: members(name, 'rewarders'),
  });
  const arena: Simulated = {
    type: 'arena',
    owner: at('arena', 'owner'),
    pauser: at('arena', 'pauser'),
    paused: live.arena['paused'] === true,
    rewards: numbers('arena', 'baseTeacherReward', 'baseStudentReward', 'baseValidatorReward'),
    committee: numbers('arena', 'committeeSize', 'validatorStake'),
    successRate: numbers('arena', 'targetSuccessRateBps')[0] ?? 0n,
    splits: numbers('arena', 'teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps'),
    feePool: at('arena', 'feePool'),
    orchestrators: members('arena', 'orchestrators'),
  };
  const [minStake = 0n, maxStake = 0n, maxTypes = 0n] = numbers('stake', 'minStake', 'maxStakePerAddress', 'maxAGITypes');
  const stake: Simulated = {
    type: 'stake',
    governance: at('stake', 'governance'),
    pauser: at('stake', 'pauser'),
    pauserManager: at('stake', 'pauserManager'),
    paused: live.stake['paused'] === true,
    shares: numbers('stake', 'feePct', 'burnPct', 'validatorRewardPct'),
    slash: numbers('stake', 'employerSlashPct', 'treasurySlashPct', 'validatorSlashRewardPct', 'operatorSlashPct', 'burnSlashPct').map((bps) => bps / 100n),
    minStake,
    maxStake,
    roleMinimums: numbers('stake', 'roleMinimumStake.agent', 'roleMinimumStake.validator', 'roleMinimumStake.platform'),
    treasury: at('stake', 'treasury'),
    allowlist: members('stake', 'treasuryAllowlist'),
    maxTypes,
    types: new Map(live.stake['agiTypes'] as Map<Address, bigint>),
  };
  const thermostat: Simulated = {
    type: 'thermostat',
    governance: at('thermostat', 'governance'),
    temperature: numbers('thermostat', 'systemTemperature')[0] ?? 0n,
    bounds: numbers('thermostat', 'minTemp', 'maxTemp'),
    integral: numbers('thermostat', 'integralMin', 'integralMax'),
    roles: ['roleTemperature.agent', 'roleTemperature.validator'].map((path) => (typeof live.thermostat[path] === 'bigint' ? live.thermostat[path] : null)),
  };
  const pause: Simulated = {
    type: 'system-pause',
    governance: at('system-pause', 'governance'),
    modules: Object.values(partsOf()),
    activePauser: at('system-pause', 'activePauser'),
  };
  const others = Object.values(modules).map((address): [Address, Simulated] => [
    address,
    { type: 'module', owner: module.owner, pauser: people.guardian, pauserManager: places['system-pause'], paused: module.paused.has(address) },
  ]);
  return new Map<Address, Simulated>([
    [places.arena, arena],
    [places.stake, stake],
    [places['system-pause'], pause],
    [places.thermostat, thermostat],
    [places['fee-pool'], poolOf('fee-pool')],
    [places['new-fee-pool'], poolOf('new-fee-pool')],
    ...others,
  ]);
}

export function pausedAt(chain: Chain, address: Address): boolean {
  const contract = chain.get(address);
  return contract !== undefined && 'paused' in contract && contract.paused;
}

/** A field of a simulated contract, as the plan would read it; null for fields that aren't simulated. */
export function readSimulated(chain: Chain, name: string, path: string): FieldValue | null {
  const contract = chain.get(places[name as PlaceName]);
  if (contract === undefined) return null;
  if (contract.type === 'system-pause' && path === 'paused') return pausedParts(chain);
  const value = fieldsOf(contract)[path];
  if (value === undefined) return null;
  if (value instanceof Set) return { type: 'members', members: [...value].sort(compareAddresses) };
  if (value instanceof Map) return { type: 'entries', entries: value };
  return value === null ? { type: 'unset' } : { type: 'scalar', value };
}

function pausedParts(chain: Chain): FieldValue {
  const parts = Object.entries(partsOf()).map(([field, target]) => ({ field, target, value: pausedAt(chain, target) }));
  const first = parts[0]?.value ?? false;
  return parts.every(({ value }) => value === first) ? { type: 'scalar', value: first } : { type: 'mixed', parts };
}

type Readable = Scalar | null | Set<Address> | Map<Address, bigint>;

function fieldsOf(contract: Simulated): Record<string, Readable | undefined> {
  const common = 'owner' in contract ? { owner: contract.owner } : 'governance' in contract ? { governance: contract.governance } : {};
  const pausable = 'paused' in contract ? { paused: contract.paused, pauser: contract.pauser } : {};
  if (contract.type === 'arena') {
    const [baseTeacherReward, baseStudentReward, baseValidatorReward] = contract.rewards;
    const [committeeSize, validatorStake] = contract.committee;
    const [teacherRewardSplitBps, studentRewardSplitBps, validatorRewardSplitBps] = contract.splits;
    const { successRate: targetSuccessRateBps, feePool, orchestrators } = contract;
    return {
      ...common,
      ...pausable,
      baseTeacherReward,
      baseStudentReward,
      baseValidatorReward,
      committeeSize,
      validatorStake,
      teacherRewardSplitBps,
      studentRewardSplitBps,
      validatorRewardSplitBps,
      targetSuccessRateBps,
      feePool,
      orchestrators,
    };
  }
  if (contract.type === 'stake') {
    const [feePct, burnPct, validatorRewardPct] = contract.shares;
    const [employerSlashPct, treasurySlashPct, validatorSlashRewardPct, operatorSlashPct, burnSlashPct] = contract.slash.map((raw) =>
      raw <= 100n ? raw * 100n : raw,
    );
    const [agent, validator, platform] = contract.roleMinimums;
    const { minStake, maxStake: maxStakePerAddress, treasury, allowlist: treasuryAllowlist, maxTypes: maxAGITypes, types: agiTypes, pauserManager } = contract;
    const roles = { 'roleMinimumStake.agent': agent, 'roleMinimumStake.validator': validator, 'roleMinimumStake.platform': platform };
    return {
      ...common,
      ...pausable,
      ...roles,
      pauserManager,
      feePct,
      burnPct,
      validatorRewardPct,
      employerSlashPct,
      treasurySlashPct,
      validatorSlashRewardPct,
      operatorSlashPct,
      burnSlashPct,
      minStake,
      maxStakePerAddress,
      treasury,
      treasuryAllowlist,
      maxAGITypes,
      agiTypes,
    };
  }
  if (contract.type === 'pool') {
    const { burnPct, treasury, allowlist: treasuryAllowlist, rewarders, pauserManager } = contract;
    return { ...common, ...pausable, burnPct, treasury, treasuryAllowlist, rewarders, pauserManager };
  }
  if (contract.type === 'system-pause') return { ...common, activePauser: contract.activePauser };
  if (contract.type !== 'thermostat') return common;
  const [minTemp, maxTemp] = contract.bounds;
  const [integralMin, integralMax] = contract.integral;
  return {
    ...common,
    systemTemperature: contract.temperature,
    minTemp,
    maxTemp,
    integralMin,
    integralMax,
    'roleTemperature.agent': contract.roles[0],
    'roleTemperature.validator': contract.roles[1],
  };
}
