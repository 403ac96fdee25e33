// A complete event history out of nodes that cap, refuse or truncate: ranges narrow when refused and split when an
// answer counts as cut. All of it, or LOGS_INCOMPLETE; never quietly less.
import { setTimeout as sleep } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { Log, LogFilter } from '../types.ts';
import { failureOf, faultError, isBusy } from './faults.ts';
import { blockRef, toQuantity } from './json-shapes.ts';
import { type LogPiece, logRequest, readLogs, splitPiece } from './log-piece.ts';
import type { Answer, RpcRequest, SendOptions } from './node.ts';

export type LogScan = {
  /** One HTTP request, so that one node answers all of it. */
  send(requests: readonly RpcRequest[], options: SendOptions): Promise<Answer[]>;
  /** Entries from which on an answer counts as cut. */
  logLimit: number;
  /** Blocks a range spans at first. */
  logRange: bigint;
  /** Ranges asked for at once, when the node has shown what it takes. */
  parallel: number;
  /** Waits for a node that lags behind. */
  retries: number;
  backOffMs: number;
};

type Told = { logs: Log[] } | { narrow: string; by: bigint };

/** Successes in a row after which a narrowed range is widened again; doubled each time that fails. */
const firstPatience = 4;

/**
 * Every log of `filter`, sorted by block and log index. Throws LOGS_INCOMPLETE when a single block can't be read whole,
 * RPC_REORGED or RPC_NO_BLOCK when whoever answers does not have block `toBlock` with `toHash`.
 */
export async function scanLogs(scan: LogScan, filter: LogFilter): Promise<Log[]> {
  const found = new Map<string, Log>();
  const pieces: LogPiece[] = filter.fromBlock > filter.toBlock ? [] : [firstPiece(filter)];
  let span = scan.logRange;
  let streak = 0;
  let patience = firstPatience;
  let opened = false;
  let failed = false;

  function take(): LogPiece | undefined {
    const piece = pieces.pop();
    if (piece === undefined || piece.to - piece.from < span) return piece;
    pieces.push({ ...piece, from: piece.from + span });
    return { ...piece, to: piece.from + span - 1n };
  }

  function keep(piece: LogPiece, logs: readonly Log[]): void {
    if (logs.length >= scan.logLimit) return split(piece, `an answer of ${logs.length} entries, which counts as cut`);
    for (const log of logs) found.set(`${log.blockNumber}.${log.logIndex}`, log);
    streak += 1;
    if (streak < patience || span >= scan.logRange) return;
    span *= 2n;
    streak = 0;
  }

  function narrow(piece: LogPiece, told: { narrow: string; by: bigint }): void {
    const size = piece.to - piece.from + 1n;
    if (size === 1n) return split(piece, told.narrow);
    span = max(1n, min(span, size / told.by));
    streak = 0;
    patience *= 2;
    pieces.push(piece);
  }

  function split(piece: LogPiece, reason: string): void {
    const halves = splitPiece(piece);
    if (halves !== null) pieces.push(...halves);
    else
      throw new MooringError('LOGS_INCOMPLETE', `The events of block ${piece.from} could not be read: ${reason}.`, {
        fix: 'Use another provider, or raise logLimit in environment.yaml if the node has a higher limit.',
      });
  }

  async function one(piece: LogPiece): Promise<boolean> {
    const told = await ask(scan, filter, piece);
    if ('narrow' in told) narrow(piece, told);
    else keep(piece, told.logs);
    return 'logs' in told;
  }

  async function work(): Promise<void> {
    for (let piece = take(); piece !== undefined && !failed; piece = take()) {
      const done = await one(piece);
      if (opened || !done) continue;
      opened = true;
      await Promise.all(Array.from({ length: scan.parallel }, work));
    }
  }

  await work().catch((error: unknown) => {
    failed = true;
    throw error;
  });
  return [...found.values()].sort((a, b) => (a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1));
}

/** One range, from a node that has the last block of the filter. */
async function ask(scan: LogScan, filter: LogFilter, piece: LogPiece, attempt = 0): Promise<Told> {
  const requests = [
    logRequest(piece),
    ...(filter.toHash === undefined ? [] : [{ method: 'eth_getBlockByNumber', params: [toQuantity(filter.toBlock), false] }]),
  ];
  let answers: Answer[];
  try {
    // A block that fails alone gets the patience that its range did not.
    answers = await scan.send(requests, { patient: piece.from === piece.to });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || failure.type === 'connection' || failure.type === 'busy' || failure.type === 'denied') throw error;
    return { narrow: failure.detail, by: 8n };
  }
  const wrong = filter.toHash === undefined ? null : wrongChain(answers[1], filter);
  if (wrong === null) return tell(answers[0] as Answer, piece);
  if (attempt >= scan.retries) throw wrong;
  await sleep(scan.backOffMs * 2 ** attempt);
  return ask(scan, filter, piece, attempt + 1);
}

function tell(answer: Answer, piece: LogPiece): Told {
  if ('result' in answer) return { logs: readLogs(answer.result, piece) };
  const { code, message } = answer.error;
  if (isBusy(answer.error)) throw faultError('eth_getLogs', answer.error);
  if (code === -32601) throw new MooringError('LOGS_INCOMPLETE', `The node has no eth_getLogs: ${message}.`, { fix: 'Use another provider.' });
  return { narrow: message, by: 2n };
}

/** Why the node that answered can't be trusted with the range: it lags behind, or follows another fork. */
function wrongChain(answer: Answer | undefined, filter: LogFilter): MooringError | null {
  const name = `block ${filter.toBlock} (${filter.toHash})`;
  if (answer === undefined || 'error' in answer || answer.result === null)
    return new MooringError('RPC_NO_BLOCK', `The node that reads events does not have ${name}.`, { fix: 'Run again, or use another provider.' });
  if (blockRef(answer.result).hash === filter.toHash?.toLowerCase()) return null;
  return new MooringError('RPC_REORGED', `While reading events, ${name} left the chain.`, { fix: 'Run again.' });
}

function firstPiece(filter: LogFilter): LogPiece {
  const addresses = typeof filter.address === 'string' ? [filter.address] : [...filter.address];
  return { from: filter.fromBlock, to: filter.toBlock, addresses, topics: filter.topics };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
