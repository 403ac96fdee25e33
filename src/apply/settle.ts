// Waits until every open nonce of some runs is closed, doing for each what its state asks for. The heart of an apply.
import { MooringError } from '../errors.ts';
import type { NonceState } from '../journal/reduce.ts';
import { quantity } from '../live/json-shapes.ts';
import { carryOut, type Done } from './carry-out.ts';
import { lookAt, type View } from './look.ts';
import { type Move, nextMove, type Verdict } from './next-move.ts';
import type { Session } from './session.ts';

/** Counts of this wait, not facts: a new process begins them anew. */
export type Memory = {
  /** Head at which the node was first seen to hold a transaction, by hash. */
  heldSince: Map<string, bigint>;
  /** Times in a row that a nonce seemed to be foreign, or behind a gap. */
  suspicions: Map<string, number>;
  refusals: Map<string, number>;
  /** Hashes handed to the node in this wait. */
  sent: Set<string>;
  faults: number;
  waitMs: number;
  lastProgress: number;
};

export type Settling = {
  runs: readonly string[];
  verdictOf(nonce: NonceState): Verdict;
  /** Asked before anything is signed anew or sent again: `verdictOf` may say something else afterwards. Throws RPC_*. */
  reconsider?(): Promise<void>;
  /** Return as soon as a reorg took something back: what is wanted may have changed. */
  stopAtReorg?: boolean;
  /** `mined`: return once a look shows everything mined; whoever comes later sees it confirmed. */
  until?: 'mined' | 'confirmed';
};

/**
 * Returns when nothing of `runs` can be mined any more that isn't confirmed. Errors: RPC_* when the node stays away,
 * TRANSACTION_REFUSED, TRANSACTION_UNSETTLED, NONCE_GAP, SIGNER_MISSING: the journal then holds what the next apply needs.
 * SIDE EFFECTS: journals, signs replacements and burns, broadcasts, sleeps.
 */
export async function settle(session: Session, settling: Settling): Promise<'settled' | 'reorged'> {
  const memory = newMemory(session);
  for (;;) {
    const nonces = session.recorder.open(settling.runs);
    if (nonces.length === 0) return 'settled';
    const view = await tolerant(session, memory, () => lookAt(session, nonces));
    const done = view === null ? null : await tolerant(session, memory, () => act(session, { nonces, view, memory, settling }));
    const end = done === null ? null : earlyEnd(session, settling, done);
    if (end !== null) return end;
    if (done === null || done === 'nothing') await wait(session, memory, { nonces, head: view?.head.number ?? null });
  }
}

type Acting = { nonces: readonly NonceState[]; view: View; memory: Memory; settling: Settling };

async function act(session: Session, acting: Acting): Promise<Done> {
  const { view, memory, settling } = acting;
  const moves = movesOf(session, acting);
  const isPushed = moves.some(({ move }) => move.move === 'send' || move.move === 'replace');
  if (!isPushed || settling.reconsider === undefined) return carryOut(session, { moves, view, memory });
  await settling.reconsider();
  return carryOut(session, { moves: movesOf(session, acting), view, memory });
}

/** Whether a look has shown enough, with nonces still open. */
function earlyEnd(session: Session, { runs, until, stopAtReorg }: Settling, done: Done): 'settled' | 'reorged' | null {
  if (done === 'reorged' && stopAtReorg === true) return 'reorged';
  return until === 'mined' && session.recorder.open(runs).every(({ mined }) => mined !== null) ? 'settled' : null;
}

export function newMemory(session: Pick<Session, 'patience' | 'now'>): Memory {
  return {
    heldSince: new Map(),
    suspicions: new Map(),
    refusals: new Map(),
    sent: new Set(),
    faults: 0,
    waitMs: session.patience.firstPollMs,
    lastProgress: session.now(),
  };
}

async function wait(session: Session, memory: Memory, { nonces, head }: { nonces: readonly NonceState[]; head: bigint | null }): Promise<void> {
  checkPatience(session, memory, nonces);
  // Once after each progress, not with every look.
  if (memory.waitMs === session.patience.firstPollMs) session.log(`waiting for ${nonces.length} transaction${nonces.length === 1 ? '' : 's'} to be confirmed`);
  await nextBlock(session, memory, head);
}

function movesOf(session: Session, { nonces, view, memory, settling }: Acting): { nonce: NonceState; move: Move }[] {
  return nonces.map((nonce) => {
    const newest = nonce.transactions.at(-1);
    const own = nonces.filter((other) => other.signer === nonce.signer).map((other) => other.nonce);
    // Behind somebody else's transaction there is no gap.
    const lowest = session.urgent === undefined ? Math.min(...own) : 0;
    const waitedBlocks = newest === undefined ? 0n : heldFor(newest.hash, view, memory);
    return { nonce, move: nextMove(nonce, { view, verdict: settling.verdictOf(nonce), lowest, waitedBlocks, stuckBlocks: session.patience.stuckBlocks }) };
  });
}

function heldFor(hash: string, view: View, memory: Memory): bigint {
  if (!view.known.has(hash)) {
    memory.heldSince.delete(hash);
    return 0n;
  }
  const since = memory.heldSince.get(hash) ?? view.head.number;
  memory.heldSince.set(hash, since);
  return view.head.number - since;
}

/** A node that is away for a while doesn't end the wait; null where it was. */
async function tolerant<T>(session: Session, memory: Memory, ask: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await ask();
    memory.faults = 0;
    return answer;
  } catch (error) {
    if (!(error instanceof MooringError) || !error.code.startsWith('RPC_')) throw error;
    memory.faults += 1;
    session.log('the node did not answer; waiting', { error: error.code });
    if (memory.faults > session.patience.faults) throw error;
    return null;
  }
}

function checkPatience(session: Session, memory: Memory, nonces: readonly NonceState[]): void {
  if (session.now() - memory.lastProgress < session.patience.unsettledMs) return;
  const hashes = nonces.map((nonce) => nonce.transactions.at(-1)?.hash).join(', ');
  throw new MooringError('TRANSACTION_UNSETTLED', `not confirmed after ${Math.round(session.patience.unsettledMs / 60_000)} minutes: ${hashes}`, {
    fix: 'Apply again later: it takes up these transactions first. If the chain asks for more than maxFeePerGas in environment.yaml, raise that before.',
  });
}

/** Returns at a new block, or after some looks at the head without one. */
async function nextBlock(session: Session, memory: Memory, head: bigint | null): Promise<void> {
  for (let look = 0; look < session.patience.looks; look++) {
    await session.sleep(memory.waitMs);
    memory.waitMs = Math.min(memory.waitMs * 1.5, session.patience.longestPollMs);
    const number = await session.chain.request<unknown>('eth_blockNumber', []).then(
      (result) => quantity(result, 'a block number'),
      () => head,
    );
    if (number !== head) return;
  }
}
