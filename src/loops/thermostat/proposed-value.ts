// From a move, which is a double, to what is proposed: six decimals, exactly, as the 18-decimal integer of the chain.
import type { ThermostatMove } from '../../types.ts';

/** One millionth of an 18-decimal value. */
const micro = 10n ** 12n;

/**
 * The value to propose for a field whose live value is `live` (18 decimals): `move.to` rounded to six decimals. Where
 * rounding leads further from `live` than the move may go, it is one millionth less. Doubles become decimal text, never wei.
 */
export function proposedValue(move: ThermostatMove, live: bigint): bigint {
  const to = toMicros(move.to) * micro;
  const most = toMicros(move.most) * micro;
  if (to - live > most) return to - micro;
  if (live - to > most) return to + micro;
  return to;
}

/** Millionths, rounded to the nearest; what lies between two becomes the greater. */
function toMicros(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) throw new RangeError(`${value} is no value to propose`);
  // toFixed works on the double's exact value.
  return BigInt(value.toFixed(6).replace('.', ''));
}

/** An 18-decimal value as a double: the nearest. */
export function toDouble(value: bigint): number {
  return Number(`${value}e-18`);
}
