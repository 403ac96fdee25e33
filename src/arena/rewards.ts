// What culture rewards come to: a total shared out by wins, exactly to the last unit, with what slashes cost. Pure.
import { MooringError } from '../errors.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Address } from '../types.ts';
import { compareAddresses } from '../values.ts';
import type { Scoreboard } from './scoreboard.ts';

/** What one slash costs: nothing, everything, or a part (bps) of one's own share, which goes to those without a slash. */
export type SlashPenalty = { type: 'none' } | { type: 'exclude' } | { type: 'share'; bps: bigint };

/** `amount` in the token's smallest unit. */
export type Allocation = { address: Address; wins: number; slashes: number; amount: bigint };

export type RewardTerms = { total: bigint; top: number; penalty: SlashPenalty };

type Ranked = { address: Address; wins: number; slashes: number };

const whole = 10_000n;
const zero = `0x${'0'.repeat(40)}`;

/**
 * The `top` agents with wins, most wins first, then by address; each gets total · wins / Σ wins but for what slashes cost.
 * The amounts add up to the total exactly: what is left after rounding down goes to the largest remainders, then by address.
 * Throws REWARD_ADDRESS with every agent that can't be paid, REWARD_NOBODY.
 */
export function allocate(board: Scoreboard, { total, top, penalty }: RewardTerms): Allocation[] {
  const payable = checked(board).filter(({ slashes }) => penalty.type !== 'exclude' || slashes === 0);
  const ranked = payable.sort((a, b) => b.wins - a.wins || compareAddresses(a.address, b.address)).slice(0, top);
  if (ranked.length === 0) throw nobody();
  const { shares, of } = sharesOf(ranked, penalty.type === 'share' ? penalty.bps : 0n);
  const amounts = roundOff(
    shares.map((share) => share * total),
    of,
    total,
    ranked,
  );
  return ranked.map((agent, i) => ({ ...agent, amount: amounts[i] ?? 0n }));
}

/** Each one's part of the total as `share / of`, exactly; the shares add up to `of`. */
function sharesOf(ranked: readonly Ranked[], bps: bigint): { shares: bigint[]; of: bigint } {
  const lost = ranked.map(({ slashes }) => (BigInt(slashes) * bps > whole ? whole : BigInt(slashes) * bps));
  const wins = ranked.map((agent) => BigInt(agent.wins));
  const forfeited = sum(wins.map((count, i) => count * (lost[i] ?? 0n)));
  const kept = wins.map((count, i) => count * (whole - (lost[i] ?? 0n)));
  const clean = wins.map((count, i) => (lost[i] === 0n ? count : 0n));
  // With nobody clean, what is forfeited goes by what each has kept.
  const heirs = sum(clean) > 0n ? clean : kept;
  if (sum(heirs) === 0n) throw nobody();
  return { shares: kept.map((part, i) => part * sum(heirs) + forfeited * (heirs[i] ?? 0n)), of: sum(wins) * whole * sum(heirs) };
}

/** Numerators over `of` as whole units that add up to `total`. */
function roundOff(numerators: readonly bigint[], of: bigint, total: bigint, ranked: readonly Ranked[]): bigint[] {
  const amounts = numerators.map((numerator) => numerator / of);
  const order = numerators
    .map((numerator, i) => ({ i, rest: numerator % of, address: ranked[i]?.address ?? '' }))
    .sort((a, b) => (a.rest === b.rest ? compareAddresses(a.address, b.address) : a.rest > b.rest ? -1 : 1));
  const left = Number(total - sum(amounts));
  for (const { i } of order.slice(0, left)) amounts[i] = (amounts[i] ?? 0n) + 1n;
  return amounts;
}

/** The agents with wins, at checked addresses. */
function checked(board: Scoreboard): Ranked[] {
  const winners = [...board].filter(([, { wins }]) => wins > 0);
  const seen = new Map<string, string>();
  const faults: string[] = [];
  for (const [agent] of winners) {
    const fault = addressFault(agent) ?? (seen.has(agent.toLowerCase()) ? `${agent} is ${seen.get(agent.toLowerCase())} in another case` : null);
    if (fault !== null) faults.push(fault);
    seen.set(agent.toLowerCase(), agent);
  }
  if (faults.length === 0) return winners.map(([agent, { wins, slashes }]) => ({ address: toChecksum(agent), wins, slashes }));
  throw new MooringError('REWARD_ADDRESS', faults.join('; '), {
    findings: faults.map((message) => ({ code: 'REWARD_ADDRESS', severity: 'error', message })),
    fix: 'Correct the scoreboard: nobody was allocated anything.',
  });
}

function addressFault(agent: string): string | null {
  if (!/^0x[0-9a-fA-F]{40}$/.test(agent)) return `${JSON.stringify(agent.slice(0, 80))} is not an address`;
  if (agent === zero) return 'the zero address has wins, and what is paid to it is lost';
  const right = toChecksum(agent);
  return agent === right || agent === agent.toLowerCase() ? null : `the checksum of ${agent} is wrong: with these digits it is ${right}`;
}

function nobody(): MooringError {
  return new MooringError('REWARD_NOBODY', 'there is no agent with wins that could be paid', {
    fix: 'Check the scoreboard, and --slash-penalty: slashed agents may have lost everything.',
  });
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** The reference's own reckoning, with what it gets wrong: doubles rounded to 4 decimals, slashes ignored, addresses as they are. */
export function allocateAsReference(board: Scoreboard, { total, top }: { total: number; top: number }): { address: string; wins: number; amount: number }[] {
  const winners = [...board].filter(([, { wins }]) => wins > 0).sort(([, a], [, b]) => b.wins - a.wins);
  const ranked = winners.slice(0, top);
  const all = ranked.reduce((count, [, { wins }]) => count + wins, 0);
  return ranked.map(([address, { wins }]) => ({ address, wins, amount: roundToFour((total * wins) / all) }));
}

/** The nearest number of 4 decimals; of two equally near the even one. */
function roundToFour(value: number): number {
  const [whole = '0', decimals = ''] = value.toFixed(100).split('.');
  if (!/^\d{4}50*$/.test(decimals)) return Number(value.toFixed(4));
  const down = BigInt(whole + decimals.slice(0, 4));
  const even = down % 2n === 0n ? down : down + 1n;
  return Number(even) / 10_000;
}
