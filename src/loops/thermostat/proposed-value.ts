// From a move, which is a double, to what is proposed: six decimals, exactly, as the chain's integer.
import type { ThermostatMove } from '../../loop-types.ts';

/** What is proposed has as many decimals at most. */
const shown = 6;

/**
 * The value to propose for a field whose live value is `live` (with `decimals` behind the point): `move.to` rounded to six
 * decimals, or to as many as the field has. Where rounding leads further from `live` than the move may go, it is one unit of the
 * last of them less. Doubles become decimal text, never wei.
 */
export function proposedValue(move: ThermostatMove, live: bigint, decimals = 18): bigint {
  const digits = Math.min(shown, decimals);
  const unit = 10n ** BigInt(decimals - digits);
  const to = toUnits(move.to, digits) * unit;
  const most = toUnits(move.most, digits) * unit;
  if (to - live > most) return to - unit;
  if (live - to > most) return to + unit;
  return to;
}

/** Rounded to the nearest unit of the last digit; what lies between two becomes the greater. */
function toUnits(value: number, digits: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) throw new RangeError(`${value} is no value to propose`);
  // toFixed works on the double's exact value.
  return BigInt(value.toFixed(digits).replace('.', ''));
}

/** A value with `decimals` behind the point as a double: the nearest. */
export function toDouble(value: bigint, decimals = 18): number {
  return Number(`${value}e-${decimals}`);
}
