// How a field is read: the call's data, and the canonical value in its answer. Pure; no chain.
import { MooringError } from '../errors.ts';
import type { Address, Hex, Scalar } from '../types.ts';
import { type AbiValue, decodeResult, encodeCall } from './abi.ts';
import { keyScalar, toCanonical } from './fields.ts';
import type { AbiFunction, Kind, KindField } from './kind.ts';

/**
 * Call data of a field's getter. A keyed field needs `key`, a member set `member`, `keyedMembers` both; an aggregate's
 * is called on each of its parts. Throws KIND_KEY, ABI_ENCODE.
 */
export function encodeGetter(kind: Kind, field: KindField, which: { key?: string; member?: Address } = {}): Hex {
  const args: AbiValue[] = [];
  if (field.shape === 'keyed' || field.shape === 'keyedMembers') args.push(keyScalar(field, which.key ?? ''));
  if (field.shape === 'members' || field.shape === 'keyedMembers') args.push(which.member ?? '');
  return encodeCall(getterOf(kind, field), args);
}

/** The value in a getter's answer, canonical: for sets whether the member is in. Throws ABI_DECODE. Not for entries. */
export function decodeGetter(kind: Kind, field: KindField, data: Hex): Scalar {
  const output = field.shape === 'value' || field.shape === 'keyed' ? field.output : 0;
  const value = decodeResult(getterOf(kind, field), data)[output];
  if (value === undefined || Array.isArray(value))
    throw new MooringError('ABI_DECODE', `${field.name} did not answer one value.`, { fix: 'Check the getter in the kind.' });
  return toCanonical(field, value);
}

/** The entries of a keyed collection, canonical; of a key that occurs twice the last. Throws ABI_DECODE. */
export function decodeEntries(kind: Kind, field: KindField & { shape: 'entries' }, data: Hex): Map<string, Scalar> {
  const list = decodeResult(getterOf(kind, field), data)[0];
  const entries = new Map<string, Scalar>();
  for (const item of Array.isArray(list) ? list : []) {
    const [key, value] = Array.isArray(item) ? item : [];
    if (key === undefined || Array.isArray(key) || value === undefined || Array.isArray(value))
      throw new MooringError('ABI_DECODE', `${field.name} did not answer pairs.`, { fix: 'Check the getter in the kind.' });
    entries.set(String(key), toCanonical(field, value));
  }
  return entries;
}

/** The ABI function of a field's getter; an aggregate's is one of the `foreign` functions. */
export function getterOf(kind: Kind, field: KindField): AbiFunction {
  const fn = (field.shape === 'aggregate' ? kind.foreign : kind.functions).get(field.getter);
  if (fn === undefined) throw new MooringError('INTERNAL', `${kind.name} has no function ${field.getter}.`);
  return fn;
}
