// Keccak-256 and what is made of it: selectors, topics, role ids, checksummed addresses. Hand-written because loading
// a library for it costs more than a whole plan's hashing (docs/decisions/codec.md). Pure.
import type { Address, Hex } from '../types.ts';

const rateInBytes = 136;
const { rotations, lanes, roundsLow, roundsHigh } = constants();

type Constants = Record<'rotations' | 'lanes' | 'roundsLow' | 'roundsHigh', Int32Array>;

/** Rotation offsets and target lanes of rho and pi, and the round constants of iota (FIPS 202, section 3.2). */
function constants(): Constants {
  const tables: Constants = { rotations: new Int32Array(24), lanes: new Int32Array(24), roundsLow: new Int32Array(24), roundsHigh: new Int32Array(24) };
  let x = 1;
  let y = 0;
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    tables.rotations[round] = (((round + 1) * (round + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
    tables.lanes[round] = 2 * (x + 5 * y);
    for (let bit = 0; bit < 7; bit += 1) {
      const position = 2 ** bit - 1;
      const half = position < 32 ? tables.roundsLow : tables.roundsHigh;
      half[round] = at(half, round) | ((register & 1) << (position % 32));
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    }
  }
  return tables;
}

/** Reads an index that is known to exist. */
function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}

/** The permutation, on 25 lanes kept as pairs of 32-bit halves (low, high). Changes `state`; `scratch` is of 10. */
function permute(state: Int32Array, scratch: Int32Array): void {
  for (let round = 0; round < 24; round += 1) {
    theta(state, scratch);
    rhoAndPi(state);
    chi(state);
    state[0] = at(state, 0) ^ at(roundsLow, round);
    state[1] = at(state, 1) ^ at(roundsHigh, round);
  }
}

function theta(state: Int32Array, column: Int32Array): void {
  for (let x = 0; x < 10; x += 1) column[x] = at(state, x) ^ at(state, x + 10) ^ at(state, x + 20) ^ at(state, x + 30) ^ at(state, x + 40);
  for (let x = 0; x < 10; x += 2) {
    const previous = x === 0 ? 8 : x - 2;
    const next = x === 8 ? 0 : x + 2;
    const nextLow = at(column, next);
    const nextHigh = at(column, next + 1);
    const low = at(column, previous) ^ ((nextLow << 1) | (nextHigh >>> 31));
    const high = at(column, previous + 1) ^ ((nextHigh << 1) | (nextLow >>> 31));
    for (let y = x; y < 50; y += 10) {
      state[y] = at(state, y) ^ low;
      state[y + 1] = at(state, y + 1) ^ high;
    }
  }
}

function rhoAndPi(state: Int32Array): void {
  let low = at(state, 2);
  let high = at(state, 3);
  for (let step = 0; step < 24; step += 1) {
    const shift = at(rotations, step);
    const lane = at(lanes, step);
    // A shift by 32 does nothing in JavaScript, so a whole half is swapped instead; no offset is a multiple of 32.
    const near = shift & 31;
    const a = shift < 32 ? low : high;
    const b = shift < 32 ? high : low;
    low = at(state, lane);
    high = at(state, lane + 1);
    state[lane] = (a << near) | (b >>> (32 - near));
    state[lane + 1] = (b << near) | (a >>> (32 - near));
  }
}

function chi(state: Int32Array): void {
  for (let y = 0; y < 50; y += 10) {
    for (let half = y; half < y + 2; half += 1) {
      const a = at(state, half);
      const b = at(state, half + 2);
      const c = at(state, half + 4);
      const d = at(state, half + 6);
      const e = at(state, half + 8);
      state[half] = a ^ (~b & c);
      state[half + 2] = b ^ (~c & d);
      state[half + 4] = c ^ (~d & e);
      state[half + 6] = d ^ (~e & a);
      state[half + 8] = e ^ (~a & b);
    }
  }
}

/** Keccak-256 of bytes: 64 lower-case hex digits without `0x`. */
function hash(data: Uint8Array): string {
  const state = new Int32Array(50);
  const scratch = new Int32Array(10);
  const padded = new Uint8Array((Math.floor(data.length / rateInBytes) + 1) * rateInBytes);
  padded.set(data);
  padded[data.length] = 1;
  padded[padded.length - 1] = at(padded, padded.length - 1) | 0x80;
  for (let block = 0; block < padded.length; block += rateInBytes) {
    for (let i = 0; i < rateInBytes / 4; i += 1) {
      const byte = block + i * 4;
      const word = at(padded, byte) | (at(padded, byte + 1) << 8) | (at(padded, byte + 2) << 16) | (at(padded, byte + 3) << 24);
      state[i] = at(state, i) ^ word;
    }
    permute(state, scratch);
  }
  return Buffer.from(state.buffer, 0, 32).toString('hex');
}

/** Keccak-256 of `0x…` bytes, as `0x` and 64 lower-case digits. Throws RangeError when `data` is not whole hex bytes. */
export function keccak256(data: Hex): Hex {
  const bytes = Buffer.from(data.slice(2), 'hex');
  if (!data.startsWith('0x') || bytes.length * 2 !== data.length - 2) throw new RangeError('not 0x and whole hex bytes');
  return `0x${hash(bytes)}`;
}

/** Keccak-256 of a text's UTF-8 bytes: a signature's topic, a role's id. */
export function id(text: string): Hex {
  return `0x${hash(Buffer.from(text, 'utf8'))}`;
}

/** The EIP-55 form of an address in any case. Throws RangeError when it is not `0x` and 40 hex digits. */
export function toChecksum(address: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new RangeError('not 0x and 40 hex digits');
  const lower = address.slice(2).toLowerCase();
  const digest = hash(Buffer.from(lower, 'latin1'));
  let checksummed = '0x';
  for (let i = 0; i < 40; i += 1) {
    const digit = lower.charAt(i);
    checksummed += digest.charCodeAt(i) > 0x37 ? digit.toUpperCase() : digit;
  }
  return checksummed;
}
