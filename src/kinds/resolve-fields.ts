// The fields of a kind file → their resolved shape, types taken from the ABI. Pure.
import type { Risk } from '../types.ts';
import { nearestName } from './fields.ts';
import type { AbiParameter, FieldBase, FieldShape, KindField, SetHistory, ValueHistory } from './kind.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { FieldFile } from './kind-file.ts';
import type { ResolvedAbi } from './resolve-abi.ts';

type Shape = FieldShape & { type: string };
type Context = { abi: ResolvedAbi; reporter: Reporter; name: string; field: FieldFile; path: KindPath };

/** One field; null (and a report) where its getter doesn't fit. `writable` is settled when the setters are known. */
export function resolveField(abi: ResolvedAbi, reporter: Reporter, name: string, field: FieldFile): KindField | null {
  const context: Context = { abi, reporter, name, field, path: ['fields', name] };
  const shape = shapeOf(context);
  checkBounds(context);
  const history = field.history === undefined ? [] : Array.isArray(field.history) ? field.history : [field.history];
  history.forEach((past) => checkHistory(context, past));
  if (shape === null) return null;
  return {
    ...optionalParts(field),
    name,
    description: field.description,
    unit: field.unit ?? 'none',
    writable: false,
    risk: riskPair(field.risk),
    history,
    ...shape,
  };
}

function riskPair(risk: FieldFile['risk']): { up: Risk; down: Risk } {
  return typeof risk === 'object' ? risk : { up: risk ?? 'ambiguous', down: risk ?? 'ambiguous' };
}

const copied = ['role', 'zeroMeans', 'inherits', 'aliasOf', 'nonZero', 'optional', 'ownedElsewhere'] as const;

function optionalParts(field: FieldFile): Partial<FieldBase> {
  const parts: Record<string, unknown> = {};
  for (const key of copied) if (field[key] !== undefined) parts[key] = field[key];
  if (field.min !== undefined) parts['min'] = boundOf(field.min);
  if (field.max !== undefined) parts['max'] = boundOf(field.max);
  return parts;
}

/** A quoted decimal is a fixed18 value. */
function boundOf(bound: bigint | string): bigint {
  if (typeof bound !== 'string') return bound;
  const [whole = '', fraction = ''] = bound.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(18, '0'));
  return bound.startsWith('-') ? -value : value;
}

function checkBounds({ field, path, reporter }: Context): void {
  if (field.unit !== 'fixed18' && (typeof field.min === 'string' || typeof field.max === 'string')) {
    reporter.report('KIND_SHAPE', [...path, 'min'], 'Only a fixed18 value has decimal bounds.', 'Write a whole number, in canonical units.');
  }
}

function shapeOf(context: Context): Shape | null {
  const { field } = context;
  const getter = getterName(context);
  if (getter === null) return null;
  const { inputs, outputs } = getter;
  if (field.keys !== undefined) return keyedShape(context, getter);
  if (field.members !== undefined) return membersShape(context, getter, field.members);
  if (field.entries === true) return entriesShape(context, getter);
  if (field.over !== undefined)
    return inputs.length === 0 && outputs[0]?.type === 'bool'
      ? { shape: 'aggregate', over: field.over, getter: getter.key, type: 'bool' }
      : misfit(context, 'take nothing and return (bool)');
  const output = outputOf(context, outputs);
  if (inputs.length > 0 || output === null) return misfit(context, 'take nothing and return the value');
  return { shape: 'value', getter: getter.key, output: output.position, type: output.type };
}

type Getter = { key: string; inputs: readonly AbiParameter[]; outputs: readonly AbiParameter[] };

function keyedShape(context: Context, getter: Getter): Shape | null {
  const { field } = context;
  const output = outputOf(context, getter.outputs);
  const key = getter.inputs[0];
  if (getter.inputs.length !== 1 || key === undefined || output === null) return misfit(context, 'take the key and return the value');
  if (field.unset !== undefined) checkArguments(context, field.unset.event, [field.unset.key, field.unset.value], ['unset', 'event']);
  const unset = field.unset === undefined ? {} : { unset: field.unset };
  return {
    shape: 'keyed',
    getter: getter.key,
    keys: new Map(Object.entries(field.keys ?? {})),
    keyType: key.type,
    output: output.position,
    type: output.type,
    ...unset,
  };
}

function membersShape(context: Context, getter: Getter, set: SetHistory): Shape | null {
  const types = getter.inputs.map((input) => input.type).join();
  const keyed = set.key !== undefined;
  if ((keyed ? types.split(',').length !== 2 || !types.endsWith(',address') : types !== 'address') || getter.outputs[0]?.type !== 'bool') {
    return misfit(context, keyed ? 'take (key, address) and return (bool)' : 'take (address) and return (bool)');
  }
  const key = keyed ? [set.key as string] : [];
  if ('event' in set) checkArguments(context, set.event, [set.member, set.flag, ...key], ['members', 'event']);
  else for (const which of ['added', 'removed'] as const) checkArguments(context, set[which], [set.member, ...key], ['members', which]);
  return { shape: keyed ? 'keyedMembers' : 'members', getter: getter.key, set, type: 'address' };
}

function entriesShape(context: Context, getter: Getter): Shape | null {
  const [key, value] = getter.outputs[0]?.type === 'tuple[]' ? (getter.outputs[0].components ?? []) : [];
  if (getter.inputs.length > 0 || key?.type !== 'address' || value === undefined) return misfit(context, 'take nothing and return ((address key, T value)[])');
  return { shape: 'entries', getter: getter.key, keyType: key.type, valueType: value.type, type: value.type };
}

function getterName({ abi, field, name, path, reporter }: Context): Getter | null {
  const functions = field.over === undefined ? abi.functions : abi.foreign;
  const candidates = field.getter === undefined ? [name, `get${name.charAt(0).toUpperCase()}${name.slice(1)}`] : [field.getter];
  for (const key of candidates) {
    const fn = functions.get(key);
    if (fn !== undefined) return { key, inputs: fn.inputs, outputs: fn.outputs };
  }
  const near = nearestName(candidates[0] ?? '', functions.keys());
  const list = field.over === undefined ? 'abi' : 'foreignAbi';
  reporter.report(
    'KIND_FUNCTION',
    field.getter === undefined ? path : [...path, 'getter'],
    `${name}: ${list} has no function ${candidates.join(' or ')}.`,
    near === null ? `Add the getter to ${list}.` : `Perhaps ${near}.`,
  );
  return null;
}

function outputOf({ field, reporter, path }: Context, outputs: readonly AbiParameter[]): { position: number; type: string } | null {
  const position = typeof field.output === 'string' ? outputs.findIndex((output) => output.name === field.output) : Number(field.output ?? 0);
  const output = outputs[position];
  if (output !== undefined && !/\[|^tuple/.test(output.type)) return { position, type: output.type };
  if (field.output !== undefined)
    reporter.report(
      'KIND_GETTER',
      [...path, 'output'],
      `The getter returns no single value ${field.output}.`,
      'Name one of its outputs, or its position from 0.',
    );
  return null;
}

function misfit({ reporter, path, name }: Context, expected: string): null {
  reporter.report('KIND_GETTER', path, `The getter of ${name} must ${expected}.`, 'Correct the signature in abi, or the form of the field.');
  return null;
}

function checkHistory(context: Context, past: ValueHistory): void {
  const named = [past.value, past.previous, past.key].filter((argument) => argument !== undefined);
  checkArguments(context, past.event, named, ['history']);
}

/** Whether the ABI has the event, with these arguments. */
function checkArguments({ abi, reporter, path, name }: Context, event: string, needed: readonly string[], under: KindPath): void {
  const found = abi.events.get(event);
  if (found === undefined) {
    const near = nearestName(event, abi.events.keys());
    reporter.report('KIND_EVENT', [...path, ...under], `${name}: abi has no event ${event}.`, near === null ? 'Add it to abi.' : `Perhaps ${near}.`);
    return;
  }
  for (const argument of needed) {
    if (found.inputs.some((input) => input.name === argument)) continue;
    const near = nearestName(
      argument,
      found.inputs.map((input) => input.name),
    );
    reporter.report(
      'KIND_EVENT',
      [...path, ...under],
      `${name}: ${event} has no argument ${argument}.`,
      near === null ? `It has ${found.inputs.map((input) => input.name).join(', ')}.` : `Perhaps ${near}.`,
    );
  }
}
