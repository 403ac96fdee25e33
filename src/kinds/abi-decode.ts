// ABI bytes → values. The data comes from strangers: every read is bounded, no word is read twice, nothing is guessed. Pure.
import { MooringError } from '../errors.ts';
import type { AbiValue } from './abi-encode.ts';
import { type AbiType, typeName } from './abi-types.ts';
import { toChecksum } from './keccak.ts';

/**
 * `words` is what may still be read. An honest encoding holds every word once, so the budget is the data's own size:
 * offsets that share or nest their targets run it out instead of multiplying.
 */
type Reader = { digits: string; words: number; lossyText: boolean };

/**
 * The values of a tuple of `types` in hex `digits` (without `0x`). Data behind the last value is allowed, as in Solidity.
 * Throws ABI_DECODE for short data, wild offsets, set padding bits, or text that is not UTF-8 (unless `lossyText`).
 */
export function decodeValues(types: readonly AbiType[], digits: string, lossyText = false): AbiValue[] {
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw malformed('data is not whole hex bytes');
  return readValues({ digits, words: Math.ceil(digits.length / 64), lossyText }, types, 0);
}

function readValues(reader: Reader, types: readonly AbiType[], start: number): AbiValue[] {
  const values: AbiValue[] = [];
  let position = start;
  for (const type of types) {
    values.push(readInPlace(reader, type, start, position));
    position += type.words * 64;
  }
  return values;
}

/** Positions count hex digits; `start` is where the enclosing tuple begins, which offsets count from. */
function readInPlace(reader: Reader, type: AbiType, start: number, position: number): AbiValue {
  return type.dynamic ? readValue(reader, type, start + readLength(reader, position, 'offset') * 2) : readValue(reader, type, position);
}

function readValue(reader: Reader, type: AbiType, position: number): AbiValue {
  if (type.type === 'tuple') return readValues(reader, type.items, position);
  if (type.type === 'array') return readArray(reader, type, position);
  if (type.type === 'bytes') return `0x${readBytes(reader, position)}`;
  if (type.type === 'string') return readText(reader, position);
  return readWord(reader, type, position);
}

function readWord(reader: Reader, type: AbiType, position: number): AbiValue {
  const digits = take(reader, position, 64);
  if (type.type === 'address') return digits.startsWith('0'.repeat(24)) ? toChecksum(`0x${digits.slice(24)}`) : unclean(type, digits);
  if (type.type === 'fixedBytes') return /[^0]/.test(digits.slice(type.size * 2)) ? unclean(type, digits) : `0x${digits.slice(0, type.size * 2).toLowerCase()}`;
  const value = BigInt(`0x${digits}`);
  if (type.type === 'bool') return value <= 1n ? value === 1n : unclean(type, digits);
  if (type.type === 'int') return BigInt.asIntN(256, value) === BigInt.asIntN(type.bits, value) ? BigInt.asIntN(256, value) : unclean(type, digits);
  return type.type === 'uint' && value >> BigInt(type.bits) === 0n ? value : unclean(type, digits);
}

function readArray(reader: Reader, type: AbiType & { type: 'array' }, position: number): AbiValue[] {
  const length = type.length ?? readLength(reader, position, 'length');
  if (length * type.item.words > reader.words) throw malformed(`an array of ${length} does not fit into the data`);
  return readValues(reader, new Array<AbiType>(length).fill(type.item), type.length === null ? position + 64 : position);
}

function readBytes(reader: Reader, position: number): string {
  const length = readLength(reader, position, 'length');
  return take(reader, position + 64, length * 2).toLowerCase();
}

function readText(reader: Reader, position: number): string {
  const bytes = Buffer.from(readBytes(reader, position), 'hex');
  try {
    return new TextDecoder('utf-8', { fatal: !reader.lossyText, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('text is not UTF-8');
  }
}

/** An offset or length in bytes: never more than the data has. */
function readLength(reader: Reader, position: number, what: string): number {
  const value = BigInt(`0x${take(reader, position, 64)}`);
  if (value * 2n > BigInt(reader.digits.length)) throw malformed(`an ${what} of ${value} points behind the data`);
  return Number(value);
}

/** `count` digits at `position`, paid for from the budget. */
function take(reader: Reader, position: number, count: number): string {
  reader.words -= Math.ceil(count / 64);
  if (position + count > reader.digits.length) throw malformed('data is too short');
  if (reader.words < 0) throw malformed('parts of the data overlap');
  return reader.digits.slice(position, position + count);
}

function unclean(type: AbiType, digits: string): never {
  throw malformed(`0x${digits} is not a ${typeName(type)}`);
}

function malformed(reason: string): MooringError {
  return new MooringError('ABI_DECODE', `The data can't be decoded: ${reason}.`, { fix: 'Check that the address holds a contract of the declared kind.' });
}
