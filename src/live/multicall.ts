// Multicall3's `aggregate3`, encoded and decoded on hex text: a general codec costs more than the calls themselves
// (docs/decisions/codec.md). Tested byte for byte against ethers. Pure.
import type { CallRequest, CallResult, Hex } from '../types.ts';

/** Where Multicall3 stands on the chains that have it. */
export const multicall3Address = '0xcA11bde05977b3631167028862bE2a173976CA11';
/** Where our own is put by state override: an address that nothing can stand at but by that. */
export const spareAddress = '0x6d6f6f72696e672E726561640000000000000000';

const selector = '0x82ad56cb';
const wordTrue = word(1);
const callDataOffset = word(0x60);

/** Call data of `aggregate3((target, allowFailure = true, callData)[])`. */
export function encodeAggregate3(requests: readonly CallRequest[]): Hex {
  const offsets: string[] = [];
  const bodies: string[] = [];
  let at = requests.length * 32;
  for (const { to, data } of requests) {
    const bytes = (data.length - 2) >> 1;
    const padding = (64 - ((bytes * 2) % 64)) % 64;
    offsets.push(word(at));
    bodies.push('000000000000000000000000', to.slice(2), wordTrue, callDataOffset, word(bytes), data.slice(2), '0'.repeat(padding));
    at += 128 + bytes + padding / 2;
  }
  return `${selector}${word(32)}${word(requests.length)}${offsets.join('')}${bodies.join('')}`.toLowerCase();
}

/** The `(success, returnData)[]` of an answer; null when it is not one of `count` results (no Multicall3 there). */
export function decodeAggregate3(data: Hex, count: number): CallResult[] | null {
  const hex = data.slice(2);
  const start = numberAt(hex, 0) * 2;
  if (numberAt(hex, start) !== count) return null;
  const heads = start + 64;
  const results: CallResult[] = [];
  for (let i = 0; i < count; i += 1) {
    const item = heads + numberAt(hex, heads + i * 64) * 2;
    const success = numberAt(hex, item);
    const bytes = item + numberAt(hex, item + 64) * 2;
    const from = bytes + 64;
    const to = from + numberAt(hex, bytes) * 2;
    // NaN, from any word that is missing or too large to be a length, fails here as well.
    if (!(success <= 1 && to <= hex.length)) return null;
    results.push({ ok: success === 1, data: `0x${hex.slice(from, to)}` });
  }
  return results;
}

function word(value: number): string {
  return value.toString(16).padStart(64, '0');
}

/** The number in the word at `position`; NaN where there is none or it can't be a length. */
function numberAt(hex: string, position: number): number {
  const high = hex.slice(position, position + 52);
  if (high.length !== 52 || !/^0*$/.test(high)) return Number.NaN;
  const low = hex.slice(position + 52, position + 64);
  return low.length === 12 ? Number.parseInt(low, 16) : Number.NaN;
}
