// Tells pending from drifted: did git move ahead, or did the chain move away? Pure.
import type { Author, Change, DriftItem, DriftReport, DriftStatus, Finding, Hex, Ignore, Plan, Reduction } from '../types.ts';

export type DriftInput = {
  plan: Pick<Plan, 'environment' | 'chainId' | 'block' | 'findings' | 'unmanaged' | 'reductions'>;
  /** Every difference, also those that the plan withholds. */
  changes: readonly Change[];
  /** By change id: who last touched the field. */
  authors: ReadonlyMap<string, Author>;
  /** Transactions that Mooring sent. */
  known: ReadonlySet<Hex>;
  /** By contract name: the block up to which history is git's own. */
  adoptedAt: ReadonlyMap<string, bigint>;
  ignores: readonly Ignore[];
  /** Seconds since the epoch. */
  now: bigint;
};

/** Sorts each difference by who is ahead. The report is `unknown` when anything is, else `drifted`, else `pending`. */
export function classifyDrift(input: DriftInput): DriftReport {
  const items = input.changes.map((change) => classify(change, input));
  const unreadable = input.plan.findings.filter((finding) => unknownCodes.has(finding.code));
  const { environment, chainId, block, findings, unmanaged } = input.plan;
  return { environment, chainId, block, status: worst(items, unreadable), items, findings, unmanaged };
}

/** What leaves a declared field uncompared, or whose doing it is untold: then nothing is said to be in sync. */
const unknownCodes: ReadonlySet<string> = new Set(['LIVE_UNKNOWN', 'LIVE_MISSING', 'FIELD_ABSENT', 'STICKY_UNKNOWN', 'ADOPTED_LATER', 'NO_CODE']);

function classify(change: Change, input: DriftInput): DriftItem {
  const author = input.authors.get(change.id) ?? null;
  if (change.from?.type === 'unknown') return { change, status: 'unknown', author };
  const ignore = input.ignores.find((one) => one.until > input.now && isAbout(one, change));
  if (ignore !== undefined) return { change, status: 'ignored', author, ignore };
  const finding = input.plan.findings.find((candidate) => candidate.code === 'STICKY_REDUCTION' && candidate.changes?.includes(change.id) === true);
  if (finding !== undefined)
    return { change, status: 'emergency', author, finding, reductions: input.plan.reductions.filter((one) => isReducedBy(one, change)) };
  const own = author === null || input.known.has(author.transaction) || author.block <= (input.adoptedAt.get(change.contract) ?? -1n);
  return { change, status: own ? 'pending' : 'drifted', author };
}

function isAbout({ contract, field, member }: Ignore, change: Change): boolean {
  return contract === change.contract && field === change.field && (member === undefined || member.toLowerCase() === change.member?.toLowerCase());
}

/** Of an aggregate, the part is the member. */
function isReducedBy({ contract, field, member }: Reduction, change: Change): boolean {
  return contract === change.contract && field === change.field && (change.member === undefined || member?.toLowerCase() === change.member.toLowerCase());
}

function worst(items: readonly DriftItem[], unreadable: readonly Finding[]): DriftStatus {
  if (unreadable.length > 0 || items.some((item) => item.status === 'unknown')) return 'unknown';
  if (items.some((item) => item.status === 'drifted' || item.status === 'emergency')) return 'drifted';
  return items.some((item) => item.status === 'pending') ? 'pending' : 'in sync';
}
