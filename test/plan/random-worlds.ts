// Random live and declared states over the kinds' rules, as a world for the plan and as simulated contracts for the oracle.
import fc from 'fast-check';
import type { BuildInput } from '../../src/plan/build-plan.ts';
import type { Address, Scalar } from '../../src/types.ts';
import { nearestBound } from '../../src/values.ts';
import { modules, people, places, planWorld, type Shorthand, token, type Values, zero } from '../support/plan-world.ts';
import { arbitraries, changedPlaces, everything, type ManagedName, managed, type Place } from './random-fields.ts';
import type { Chain } from './simulated-contracts.ts';
import { chainOf, factsOf, partsOf, pausedAt } from './simulated-world.ts';

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
