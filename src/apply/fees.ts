// What a transaction offers: first fees, raised fees, and the cap. Pure.
import type { UnsignedTransaction } from '../types.ts';

/** In wei per gas. */
export type Fees = Pick<UnsignedTransaction, 'maxFeePerGas' | 'maxPriorityFeePerGas'>;
export type Market = { baseFee: bigint; tip: bigint };

/** Nodes demand 10 % more for a replacement; a little above that, so that rounding never falls short. */
const raisePerMille = 1_125n;
const demandedPerMille = 1_100n;

/** Room for the base fee to double; null where the cap does not even cover it as it is. */
export function firstFees(market: Market, cap: bigint | null): Fees | null {
  const wanted = { maxFeePerGas: market.baseFee * 2n + market.tip, maxPriorityFeePerGas: market.tip };
  if (cap === null) return wanted;
  return cap < market.baseFee ? null : capped(wanted, cap);
}

/** Fees that a node takes in place of `before`; null where the cap leaves no room for them. */
export function raisedFees(before: Fees, market: Market, cap: bigint | null): Fees | null {
  const wanted = {
    maxFeePerGas: max(raise(before.maxFeePerGas), market.baseFee * 2n + market.tip),
    maxPriorityFeePerGas: max(raise(before.maxPriorityFeePerGas), market.tip),
  };
  const fees = cap === null ? wanted : capped(wanted, cap);
  return isReplacement(before, fees) ? fees : null;
}

/** Both fees at least 10 % above: what every node takes for a replacement. */
function isReplacement(before: Fees, after: Fees): boolean {
  const enough = (old: bigint, raised: bigint): boolean => raised > old && raised * 1_000n >= old * demandedPerMille;
  return enough(before.maxFeePerGas, after.maxFeePerGas) && enough(before.maxPriorityFeePerGas, after.maxPriorityFeePerGas);
}

function raise(fee: bigint): bigint {
  return (fee * raisePerMille) / 1_000n + 1n;
}

function capped(fees: Fees, cap: bigint): Fees {
  const maxFeePerGas = min(fees.maxFeePerGas, cap);
  return { maxFeePerGas, maxPriorityFeePerGas: min(fees.maxPriorityFeePerGas, maxFeePerGas) };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
