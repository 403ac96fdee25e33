// Live values as simulated contracts, and simulated contracts as the plan would read them.
import type { Address, FieldValue, Scalar } from '../../src/types.ts';
import { compareAddresses, factKey } from '../../src/values.ts';
import { modules, type PlaceName, people, places, type Values } from '../support/plan-world.ts';
import type { ManagedName } from './random-fields.ts';
import type { Chain, Simulated } from './simulated-contracts.ts';

export function partsOf(): Record<string, Address> {
  return { ...modules, stakeManager: places.stake, feePool: places['fee-pool'] };
}

export function factsOf(address: Address, contract: Simulated): [string, Scalar][] {
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

export function chainOf(live: Record<ManagedName, Values>, module: { owner: Address; paused: ReadonlySet<Address> }): Chain {
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
