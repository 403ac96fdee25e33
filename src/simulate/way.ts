// What every way of proving has in common: run steps in order on a pinned block, then read. No verdicts here.
import type { Address, BlockRef, CallRequest, CallResult, Hex, Log, ProofMethod } from '../types.ts';

/** One transaction to be simulated. */
export type SentStep = { from: Address; to: Address; data: Hex; value: bigint };
export type Slot = { address: Address; slot: Hex };

export type RunRequest = {
  block: BlockRef;
  steps: readonly SentStep[];
  /** Answered after the last step. */
  reads: readonly CallRequest[];
  /** Storage words loaded after the last step. */
  slots: readonly Slot[];
  /** Addresses whose code is hashed after the last step. */
  codes: readonly Address[];
};

export type StepRun = {
  ok: boolean;
  /** What the transaction uses, at most; intrinsic gas included. */
  gas: bigint;
  /** Returned data; of a failed step its revert data. */
  data: Hex;
  /** Null where the way sees no logs. */
  logs: readonly Pick<Log, 'address' | 'topics' | 'data'>[] | null;
};

/** `codes`: zero or the hash of nothing where there is no code. */
export type RunResult = { steps: readonly StepRun[]; reads: readonly CallResult[]; slots: readonly Hex[]; codes: readonly Hex[] };

/** The chain or this machine can't do it this way; the next one may. */
export type Unavailable = { unavailable: string };

export type Way = {
  method: ProofMethod;
  /** Steps run whether or not those before them succeeded, as on a chain. Throws RPC_* when the chain can't be reached. */
  run(request: RunRequest): Promise<RunResult | Unavailable>;
  close(): Promise<void>;
};

/** Parts a way's answers into those of the plan's own readings and of the code hashes that were asked for behind them. */
export function partReads(request: RunRequest, answers: readonly CallResult[]): { reads: CallResult[]; codes: Hex[] } {
  const count = request.reads.length;
  return { reads: answers.slice(0, count), codes: answers.slice(count, count + request.codes.length).map((answer) => answer.data) };
}

/** What one step may use, the same in every way; ProofRunner.sol has the same number. */
export const stepGas = 5_000_000n;

/** The block that the steps are simulated in: the one after the pinned block. */
export function nextBlock(block: BlockRef): { number: bigint; timestamp: bigint } {
  return { number: block.number + 1n, timestamp: block.timestamp + 12n };
}

/** Gas of a transaction before its first instruction; the floor for call data (EIP-7623) counts from the whole. */
export function transactionGas(data: Hex, execution: bigint): bigint {
  let zeros = 0;
  for (let i = 2; i < data.length; i += 2) if (data.charCodeAt(i) === 48 && data.charCodeAt(i + 1) === 48) zeros++;
  const tokens = BigInt(zeros + 4 * ((data.length - 2) / 2 - zeros));
  const standard = 21_000n + 4n * tokens + execution;
  const floor = 21_000n + 10n * tokens;
  return standard > floor ? standard : floor;
}
