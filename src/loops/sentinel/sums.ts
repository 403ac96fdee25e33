// Sums of doubles that know what rounding took from them. Pure.

/** What is left out of a sum counts from this share of it on: a double's own rounding stays far below. */
const noticeable = 2 ** -30;

/**
 * `sum` is the double that plain addition gives; `lost` what it left out: of finite numbers whose sum is finite, both
 * together are the exact sum (error-free transformation by Knuth).
 */
export function addExactly(total: number, amount: number): { sum: number; lost: number } {
  const sum = total + amount;
  const added = sum - total;
  return { sum, lost: total - (sum - added) + (amount - added) };
}

/**
 * Whether a total has come to a limit. The plain sum decides, as in the reference, unless so much was lost to it that it
 * can't be rounding: a flood of amounts too small for the sum to show is spending all the same.
 */
export function hasReached({ totalCost, lostCost }: { totalCost: number; lostCost: number }, limit: number): boolean {
  // Not their sum, which would be rounded again: near the limit, the difference is exact.
  return totalCost >= limit || (lostCost > totalCost * noticeable && lostCost >= limit - totalCost);
}
