// How fields are written: which setters would do, and their call data. Pure; what to write and when is plan's business.
import { MooringError } from '../errors.ts';
import type { Address, DecodedCall, Hex, Scalar } from '../types.ts';
import { type AbiValue, decodeCall, encodeCall } from './abi.ts';
import { fieldAt, keyScalar, toRaw } from './fields.ts';
import type { AbiFunction, Kind, KindField, KindSetter, SetterArgument } from './kind.ts';

export type SetterInput = {
  /** Canonical values by path: of every field that the setter takes, changed or carried along. */
  values: ReadonlyMap<string, Scalar>;
  /** A keyed field's key by name; an entry's key. */
  key?: string;
  member?: Address;
  /** In or out, for toggleMember. */
  flag?: boolean;
  /** Canonical value of one key or entry. */
  value?: Scalar;
};

/**
 * The setters that write the field at `path` (`roleMinimumStake.agent` as well as `roleMinimumStake`), preferred first.
 * For sets and keyed fields those of every direction: pick by `does`.
 */
export function settersOf(kind: Kind, path: string): KindSetter[] {
  const name = fieldAt(kind, path)?.field.name ?? path;
  const matches = (written: string) => written === path || written === name || (path === name && written.startsWith(`${name}.`));
  return (settersByField(kind).get(name) ?? []).filter((setter) => setter.fields.some(matches));
}

/** Kinds don't change, so each is indexed once: a plan over 10,000 fields asks 10,000 times. */
const indexes = new WeakMap<Kind, ReadonlyMap<string, readonly KindSetter[]>>();

function settersByField(kind: Kind): ReadonlyMap<string, readonly KindSetter[]> {
  const known = indexes.get(kind);
  if (known !== undefined) return known;
  const index = new Map<string, KindSetter[]>();
  for (const setter of [...kind.setters].sort((a, b) => a.preference - b.preference)) {
    for (const name of new Set(setter.fields.map((path) => path.split('.', 1)[0] ?? path))) {
      const listed = index.get(name);
      if (listed === undefined) index.set(name, [setter]);
      else listed.push(setter);
    }
  }
  indexes.set(kind, index);
  return index;
}

/** Call data of a setter and its arguments by name. Throws ABI_ENCODE, KIND_KEY, or INTERNAL for a missing input. */
export function encodeSetter(kind: Kind, setter: KindSetter, input: SetterInput): { data: Hex; args: DecodedCall['args'] } {
  const fn = functionOf(kind, setter.function);
  const values = setter.arguments.map((argument) => argumentValue(kind, setter, argument, input));
  return { data: encodeCall(fn, values), args: namedArguments(fn, values) };
}

/** Call data in words, by the kind of the contract that it is sent to; null where the kind doesn't know the function. */
export function describeCall(kind: Kind, contract: string, data: Hex): DecodedCall | null {
  const selector = data.slice(0, 10).toLowerCase();
  const fn = [...kind.functions.values()].find((candidate) => candidate.selector === selector);
  if (fn === undefined) return null;
  try {
    return { contract, function: fn.name, args: namedArguments(fn, decodeCall(fn, data)) };
  } catch {
    return null;
  }
}

function argumentValue(kind: Kind, setter: KindSetter, argument: SetterArgument, input: SetterInput): AbiValue {
  const target = soleField(kind, setter);
  if (argument.from === 'constant') return argument.value;
  if (argument.from === 'field') return toRaw(fieldIn(kind, argument.field), needed(setter, argument.field, input.values.get(argument.field)));
  if (argument.from === 'key') return target.shape === 'entries' ? needed(setter, 'key', input.key) : keyScalar(target, needed(setter, 'key', input.key));
  if (argument.from === 'member') return needed(setter, 'member', input.member);
  if (argument.from === 'flag') return needed(setter, 'flag', input.flag);
  return toRaw(target, needed(setter, 'value', input.value));
}

function soleField(kind: Kind, setter: KindSetter): KindField {
  return fieldIn(kind, setter.fields[0] ?? '');
}

function fieldIn(kind: Kind, path: string): KindField {
  const found = fieldAt(kind, path);
  if (found === null) throw new MooringError('INTERNAL', `${kind.name} has no field ${path}.`);
  return found.field;
}

function functionOf(kind: Kind, name: string): AbiFunction {
  const fn = kind.functions.get(name);
  if (fn === undefined) throw new MooringError('INTERNAL', `${kind.name} has no function ${name}.`);
  return fn;
}

function needed<T>(setter: KindSetter, what: string, value: T | undefined): T {
  if (value === undefined) throw new MooringError('INTERNAL', `${setter.function} needs ${what}.`);
  return value;
}

function namedArguments(fn: AbiFunction, values: readonly AbiValue[]): DecodedCall['args'] {
  return fn.inputs.map((input, i) => ({ name: input.name || String(i), type: input.type, value: values[i] }));
}
