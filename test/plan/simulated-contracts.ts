// What simulated contracts consist of, and what their functions share. Written after their documented behaviour, not the kinds.
import type { Address } from '../../src/types.ts';

export class Revert extends Error {}

export const zero = `0x${'0'.repeat(40)}`;

export type Arena = {
  type: 'arena';
  owner: Address;
  pauser: Address;
  paused: boolean;
  rewards: bigint[];
  committee: bigint[];
  successRate: bigint;
  splits: bigint[];
  feePool: Address;
  orchestrators: Set<Address>;
};

export type Stake = {
  type: 'stake';
  governance: Address;
  pauser: Address;
  pauserManager: Address;
  paused: boolean;
  /** Fee, burn, validators: whole percent. */
  shares: bigint[];
  /** Employer, treasury, validators, operator, burn: raw, up to 100 percent and above that basis points. */
  slash: bigint[];
  minStake: bigint;
  maxStake: bigint;
  roleMinimums: bigint[];
  treasury: Address;
  allowlist: Set<Address>;
  maxTypes: bigint;
  types: Map<Address, bigint>;
};

export type Pool = {
  type: 'pool';
  owner: Address;
  pauser: Address;
  pauserManager: Address;
  paused: boolean;
  burnPct: bigint;
  treasury: Address;
  allowlist: Set<Address>;
  rewarders: Set<Address>;
};
export type Thermostat = { type: 'thermostat'; governance: Address; temperature: bigint; bounds: bigint[]; integral: bigint[]; roles: (bigint | null)[] };
export type SystemPause = { type: 'system-pause'; governance: Address; modules: Address[]; activePauser: Address };
export type Module = { type: 'module'; owner: Address; pauser: Address; pauserManager: Address; paused: boolean };
export type Simulated = Arena | Stake | Pool | Thermostat | SystemPause | Module;
export type Chain = Map<Address, Simulated>;

export type Message = { from: Address; to: Address; fn: string; args: readonly unknown[] };

export function demand(condition: boolean, error: string): void {
  if (!condition) throw new Revert(error);
}

export type Arguments = { numbers: bigint[]; number: bigint; second: bigint; address: Address; flag: boolean };
export type Setters<T> = Readonly<Record<string, (contract: T, args: Arguments) => void>>;

export function argumentsOf({ args }: Message): Arguments {
  const numbers = args as bigint[];
  const [address, flag] = args as [Address, boolean];
  const [number = 0n, second = 0n] = numbers;
  return { numbers, number, second, address, flag };
}

export function setterOf<T>(setters: Setters<T>, fn: string): Setters<T>[string] {
  const setter = setters[fn];
  if (setter === undefined) throw new Revert(`unknown function ${fn}`);
  return setter;
}

export function govern(contract: { governance: Address }, address: Address): void {
  demand(address !== zero, 'ZeroAddress()');
  contract.governance = address;
}

export function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

export function setPaused(contract: { paused: boolean }, fn: string): void {
  demand(fn === 'pause' || fn === 'unpause', `unknown function ${fn}`);
  demand(contract.paused !== (fn === 'pause'), fn === 'pause' ? 'EnforcedPause()' : 'ExpectedPause()');
  contract.paused = fn === 'pause';
}

export function toggle(set: Set<Address>, member: Address, flag: boolean): void {
  demand(member !== zero, 'ZeroAddress()');
  if (flag) set.add(member);
  else set.delete(member);
}
