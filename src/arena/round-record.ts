// What is recorded of one round: enough to go on after a crash, to learn from, and to write its receipt. Pure.
import type { ArenaEntrant } from '../loop-types.ts';
import type { Address, Hex } from '../types.ts';

/**
 * `planned`: nothing is known of it on chain yet. `started`: it has an id. `closed`: nobody is entered any more. `judged`: the
 * scores are in. `finalised`: paid. `done`: counted. `abandoned`: nobody could be entered, so nobody is paid.
 */
export type Stage = 'planned' | 'started' | 'closed' | 'judged' | 'finalised' | 'done' | 'abandoned';

export type Student = ArenaEntrant & { path: string };

export type Verdict = {
  /** By checksummed address, students and validators, 0 to 1. */
  scores: Readonly<Record<Address, number>>;
  winners: readonly Address[];
  losers: readonly { agent: Address; why: string }[];
  difficultyDelta: number;
};

export type Slash = {
  validator: Address;
  /** Token wei; 0 where no policy gives one. */
  amount: bigint;
  recipient: Address;
  /** `moderation:block`, `auto-slash:score`. */
  cause: string;
  state: 'due' | 'done' | 'refused';
  transaction: Hex | null;
  /** Of a refused one. */
  why: string | null;
  /** When it was decided, in milliseconds since the epoch. */
  at: number;
  /** Whether the log has it. */
  told: boolean;
};

/** A transaction of the round; times in milliseconds since the epoch. */
export type RoundStep = { name: string; hash: Hex; block: bigint; startedAt: number; completedAt: number };

export type RoundRecord = {
  version: 1;
  /** `<seed>-<n>`. */
  id: string;
  seed: string;
  /** Among all rounds of the folder, from 1. */
  sequence: number;
  stage: Stage;
  arena: Address;
  chainId: bigint;
  /** The head when it was planned: what it does on chain comes later. */
  fromBlock: bigint;
  plannedAt: number;
  completedAt: number | null;
  difficulty: number;
  /** Token wei that it pays at most; null where that could not be read. */
  budget: bigint | null;
  /** Success rate that the difficulty is steered to. */
  targetBps: number;
  teacher: ArenaEntrant;
  students: readonly Student[];
  validators: readonly ArenaEntrant[];
  /** Who could not be entered, and why. */
  leftOut: readonly { account: Address; why: string }[];
  roundId: bigint | null;
  verdict: Verdict | null;
  slashes: readonly Slash[];
  /** What was paid, by address, in token wei, as far as its transaction shows it. */
  payouts: Readonly<Record<Address, bigint>>;
  steps: readonly RoundStep[];
  logs: readonly string[];
};

const wholeNumbers: ReadonlySet<string> = new Set(['chainId', 'fromBlock', 'budget', 'roundId', 'job', 'amount', 'block']);

/** As JSON, with whole numbers that a double may not hold as text. */
export function formatRecord(record: RoundRecord): string {
  return `${JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
}

/** The record of a text, or null where it is not one that was written. */
export function parseRecord(text: string, id: string): RoundRecord | null {
  try {
    const value = JSON.parse(text, (key, item: unknown) => (wholeNumbers.has(key) && typeof item === 'string' ? BigInt(item) : item)) as RoundRecord;
    if (value.version !== 1 || value.id !== id || typeof value.stage !== 'string' || !Number.isSafeInteger(value.sequence)) return null;
    const payouts = Object.entries(value.payouts).map(([address, amount]) => [address, BigInt(amount)] as const);
    return { ...value, payouts: Object.fromEntries(payouts) };
  } catch {
    return null;
  }
}

/** Whether nothing is left to be done for it. */
export function isEnded({ stage }: Pick<RoundRecord, 'stage'>): boolean {
  return stage === 'done' || stage === 'abandoned';
}
