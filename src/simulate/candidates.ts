// Which addresses the steps name, and which keys they set or unset: what their own logs would tell, where there are none. Pure.
import type { AbiValue } from '../kinds/abi.ts';
import { keyScalar } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kind, KindSetter } from '../kinds/kind.ts';
import type { Address, ContractState, FieldState, Step } from '../types.ts';
import { sameScalar } from '../values.ts';

/** Arguments of the calls that are addresses, at any depth, and whatever in their bytes looks like one. Checksummed. */
export function namedInSteps(steps: readonly Step[]): Address[] {
  const found = new Set<string>();
  for (const step of steps) {
    for (const argument of step.call.args) addressesIn(argument.value, found);
    for (let at = 10; at + 64 <= step.data.length; at += 64) addWord(step.data.slice(at, at + 64), found);
  }
  return [...found].map(toChecksum);
}

function addressesIn(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) addressesIn(one, found);
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)) found.add(value.toLowerCase());
}

/** Numbers have more leading zeros than any address that isn't made up. */
function addWord(word: string, found: Set<string>): void {
  if (word.startsWith('0'.repeat(24)) && !word.startsWith('0'.repeat(36))) found.add(`0x${word.slice(24).toLowerCase()}`);
}

/** Addresses that a contract's fields hold: it may let in those it knows. */
export function addressesHeld(contract: ContractState): Address[] {
  const found = new Set<string>();
  for (const { value } of contract.fields.values()) if (value.type === 'scalar') addressesIn(value.value, found);
  return [...found].map(toChecksum);
}

/** A state that names `members` in every set of a contract, known roles included: candidates, to be confirmed by getter. */
export function asMembers(kind: Kind, contract: ContractState, members: readonly Address[]): Pick<ContractState, 'address' | 'fields'> {
  const sets = [...kind.fields.values()].filter((field) => field.shape === 'members').map((field) => field.name);
  const roles = [...contract.fields.values()].filter(({ value }) => value.type === 'members').map(({ path }) => path);
  const fields = [...new Set([...sets, ...roles])].map((path) => [path, { path, value: { type: 'members' as const, members } }] as const);
  return { address: contract.address, fields: new Map(fields) };
}

/**
 * A contract's state with its keys unset or not as the steps leave them, by what their setters do. For ways that see no
 * logs, since only an event tells an unset key from an equal value.
 */
export function withKeysSet(kind: Kind, contract: ContractState, steps: readonly Step[]): ContractState {
  const fields = new Map<string, FieldState>(contract.fields);
  for (const step of steps) {
    if (step.call.contract !== contract.name) continue;
    const setter = kind.setters.find((candidate) => isCallOf(kind, candidate, step));
    if (setter?.does !== 'setKey' && setter?.does !== 'unsetKey') continue;
    const path = keyPath(kind, setter, step);
    if (path !== null) fields.set(path, { path, value: setter.does === 'unsetKey' ? { type: 'unset' } : { type: 'unknown', reason: 'set by a step' } });
  }
  return { ...contract, fields };
}

function isCallOf(kind: Kind, setter: KindSetter, step: Step): boolean {
  const fn = kind.functions.get(setter.function);
  return fn?.name === step.call.function && fn.inputs.length === step.call.args.length;
}

function keyPath(kind: Kind, setter: KindSetter, step: Step): string | null {
  const field = kind.fields.get(setter.fields[0] ?? '');
  if (field?.shape !== 'keyed') return null;
  const value = step.call.args[setter.arguments.findIndex((argument) => argument.from === 'key')]?.value as AbiValue | undefined;
  const key = [...field.keys.keys()].find((name) => value !== undefined && !Array.isArray(value) && sameScalar(keyScalar(field, name), value));
  return key === undefined ? null : `${field.name}.${key}`;
}
