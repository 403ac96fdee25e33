// Values → ABI bytes, on hex text. Strict: a value that does not fit its type is an error, nothing is cut. Pure.
import { MooringError } from '../errors.ts';
import { type AbiType, headWords, typeName } from './abi-types.ts';
import { toChecksum } from './keccak.ts';

/** Integers are bigint, addresses and bytes are `0x…`, tuples and arrays are lists. */
export type AbiValue = bigint | boolean | string | AbiValue[];

/** The encoding of `values` as a tuple of `types`, hex without `0x`. Throws ABI_ENCODE. */
export function encodeValues(types: readonly AbiType[], values: readonly AbiValue[]): string {
  if (types.length !== values.length) throw mismatch(`${values.length} values`, `${types.length}`);
  let offset = headWords(types) * 32;
  let head = '';
  let tail = '';
  types.forEach((type, i) => {
    const encoded = encodeValue(type, values[i] as AbiValue);
    if (type.dynamic) {
      head += word(BigInt(offset));
      tail += encoded;
      offset += encoded.length / 2;
    } else head += encoded;
  });
  return head + tail;
}

/** One value on its own: for a dynamic type what its offset would point to. */
export function encodeValue(type: AbiType, value: AbiValue): string {
  if (type.type === 'uint' || type.type === 'int') return encodeInteger(type, value);
  if (type.type === 'bool') return typeof value === 'boolean' ? word(value ? 1n : 0n) : fail(type, value);
  if (type.type === 'address') return encodeAddress(type, value);
  if (type.type === 'fixedBytes') return hexDigits(type, value, type.size).padEnd(64, '0');
  if (type.type === 'bytes') return encodeBytes(hexDigits(type, value, null));
  if (type.type === 'string') return encodeBytes(textDigits(type, value));
  if (!Array.isArray(value)) return fail(type, value);
  if (type.type === 'tuple') return encodeValues(type.items, value);
  return type.type === 'array' ? encodeArray(type, value) : fail(type, value);
}

/** 64 hex digits of a number from 0 to 2^256-1. */
export function word(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}

function encodeInteger(type: AbiType & { bits: number }, value: AbiValue): string {
  const signed = type.type === 'int';
  const limit = 1n << BigInt(signed ? type.bits - 1 : type.bits);
  if (typeof value !== 'bigint' || value >= limit || value < (signed ? -limit : 0n)) return fail(type, value);
  return word(value < 0n ? value + (1n << 256n) : value);
}

function encodeAddress(type: AbiType, value: AbiValue): string {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value)) return fail(type, value);
  const mixed = value !== value.toLowerCase() && value.slice(2) !== value.slice(2).toUpperCase();
  if (mixed && toChecksum(value) !== value) throw mismatch(value, 'an address whose letters match its checksum');
  return value.slice(2).toLowerCase().padStart(64, '0');
}

function hexDigits(type: AbiType, value: AbiValue, size: number | null): string {
  if (typeof value !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(value)) return fail(type, value);
  return size !== null && value.length !== 2 + size * 2 ? fail(type, value) : value.slice(2).toLowerCase();
}

function textDigits(type: AbiType, value: AbiValue): string {
  if (typeof value !== 'string' || !value.isWellFormed()) return fail(type, value);
  return Buffer.from(value, 'utf8').toString('hex');
}

function encodeBytes(digits: string): string {
  return word(BigInt(digits.length / 2)) + digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');
}

function encodeArray(type: AbiType & { type: 'array' }, value: readonly AbiValue[]): string {
  if (type.length !== null && value.length !== type.length) throw mismatch(`${value.length} items`, typeName(type));
  const items = encodeValues(new Array<AbiType>(value.length).fill(type.item), value);
  return type.length === null ? word(BigInt(value.length)) + items : items;
}

function fail(type: AbiType, value: AbiValue): never {
  throw mismatch(Array.isArray(value) ? 'a list' : String(value), typeName(type));
}

function mismatch(found: string, expected: string): MooringError {
  return new MooringError('ABI_ENCODE', `Found ${found}, expected ${expected}.`, { fix: "Give a value of the argument's type." });
}
