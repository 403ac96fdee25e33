// What an earlier, cut-off pause has left: sent again byte for byte where no node has it, with a higher fee where it is
// stuck. It is looked at once and not waited for: the pauses of today go out first.
import { MooringError } from '../../errors.ts';
import type { NonceState, RunState } from '../../journal/reduce.ts';
import type { Kinds } from '../../kinds/kind.ts';
import type { Address } from '../../types.ts';
import { carryOut } from '../carry-out.ts';
import { lookAt } from '../look.ts';
import { type Move, nextMove } from '../next-move.ts';
import type { Session } from '../session.ts';
import { newMemory } from '../settle.ts';
import { pauseSetter } from './parts.ts';
import type { PauseWork } from './session.ts';
import { type Asked, isSamePart, type Part } from './types.ts';

export type Pending = { part: Part; since: number };

export type Leftovers = {
  /** That were open when this pause began. */
  nonces: ReadonlySet<number>;
  /** Flags for which a transaction is on its way, and when it was signed (milliseconds since the epoch). */
  pending: readonly Pending[];
  /** The first nonce that none of them takes, nor anything that the journal knows to be mined; 0 where there is nothing. */
  nextNonce: number;
};

/** For how long a signed transaction may go unmined before another start of the command raises its fee. */
const stuckMs = 15_000;

/** SIDE EFFECTS: journals what the chain shows, signs replacements, broadcasts. Throws JOURNAL_*. */
export async function takeUpLeftovers({ session, chain, money }: Pick<PauseWork, 'session' | 'chain' | 'money'>): Promise<Leftovers> {
  const open = session.recorder.open(session.runsOfChain().map(({ run }) => run));
  const waiting = open.length === 0 ? [] : await takeUp(session, open);
  const used = await usedNonces({ session, chain, money });
  return {
    nonces: new Set(open.map(({ nonce }) => nonce)),
    pending: waiting.flatMap((nonce) => pendingOf(session, nonce)),
    nextNonce: Math.max(0, ...waiting.map(({ nonce }) => nonce + 1), ...used.map((nonce) => nonce + 1)),
  };
}

/**
 * Nonces that the journal knows to be used, and the nodes' count does not: it may be stale. One whose block has left the
 * chain is free again; a node without that block is behind, which proves nothing.
 */
async function usedNonces({ session, chain, money }: Pick<PauseWork, 'session' | 'chain' | 'money'>): Promise<number[]> {
  const above = session.runsOfChain().flatMap(({ nonces }) => nonces.filter(({ nonce }) => nonce >= money.pending));
  const foreign = above.flatMap(({ nonce, foreign: user }) => (user === null ? [] : [nonce]));
  const mined = above.flatMap(({ nonce, mined: how }) => (how === null ? [] : [{ nonce, block: how.block }]));
  if (mined.length === 0) return foreign;
  const requests = mined.map(({ block }) => ({ method: 'eth_getBlockByNumber', params: [`0x${block.number.toString(16)}`, false] }));
  const opinions = await tolerant(session, () => chain.opinions(requests));
  const isThere = (i: number, hash: string): boolean => {
    const hashes = (opinions?.[i] ?? []).flatMap((answer) => hashIn(answer) ?? []);
    return hashes.length === 0 || hashes.includes(hash);
  };
  return [...foreign, ...mined.flatMap(({ nonce, block }, i) => (isThere(i, block.hash) ? [nonce] : []))];
}

function hashIn(answer: object): string | null {
  const block = 'result' in answer ? (answer.result as { hash?: unknown } | null) : null;
  return typeof block?.hash === 'string' ? block.hash : null;
}

/** Those of `open` that are on their way, after what each asks for was done. SIDE EFFECTS: journals, signs, broadcasts. */
async function takeUp(session: Session, open: readonly NonceState[]): Promise<readonly NonceState[]> {
  const view = await tolerant(session, () => lookAt(session, open));
  // Unseen, each of them may be on its way; the wait at the end looks again.
  if (view === null) return open.filter(({ mined }) => mined === null);
  const lowest = Math.min(...open.map(({ nonce }) => nonce));
  const { stuckBlocks } = session.patience;
  const moves = open.map((nonce) => {
    const waitedBlocks = session.now() - session.recorder.run(nonce.run).started.at >= stuckMs ? stuckBlocks : 0n;
    return { nonce, move: nextMove(nonce, { view, verdict: 'send', lowest, waitedBlocks, stuckBlocks }) };
  });
  await tolerant(session, () => carryOut(session, { moves, view, memory: newMemory(session) }));
  return moves.filter(({ nonce, move }) => isOnItsWay(nonce, move)).map(({ nonce }) => nonce);
}

/** What can't be taken up must not keep today's pauses back. */
async function tolerant<T>(session: Session, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MooringError) || error.code.startsWith('JOURNAL_')) throw error;
    session.log(`an earlier pause could not be taken up: ${error.message}`, { code: error.code });
    return null;
  }
}

/** Behind a gap, or with its nonce used by another, it isn't; nor is what was mined: what it did may have been undone since. */
function isOnItsWay({ mined }: NonceState, { move }: Move): boolean {
  return move === 'reorged' || (mined === null && (move === 'send' || move === 'wait' || move === 'replace'));
}

/** Flags of transactions that may still be mined, whatever became of the command that signed them. Pure. */
export function unsettledFlags(runs: readonly RunState[]): { address: Address; field: string }[] {
  return runs.flatMap(({ started, nonces }) => {
    const open = nonces.filter(({ mined, foreign }) => mined === null && foreign === null);
    const covered = new Set(open.flatMap(({ step: id }) => started.steps.find((step) => step.id === id)?.covers ?? []));
    return started.changes.filter(({ id }) => covered.has(id)).map(({ address, field }) => ({ address, field }));
  });
}

/** Flags that the transactions of a nonce set. */
export function partsOf(session: Pick<Session, 'recorder' | 'kinds'>, nonce: NonceState): Part[] {
  const run = session.recorder.run(nonce.run);
  const step = run.started.steps.find(({ id }) => id === nonce.step);
  return partsIn(run, session.kinds).flatMap(({ id, part }) => (step?.covers.includes(id) ? [part] : []));
}

/** Every flag that a journaled run was to set. */
export function partsIn({ started }: RunState, kinds: Kinds): { id: string; part: Part }[] {
  return started.changes.flatMap(({ id, contract, kind: name, address, field, to }) => {
    const kind = kinds.get(name);
    if (kind === undefined || to?.type !== 'scalar' || typeof to.value !== 'boolean') return [];
    const setter = pauseSetter(kind, field, to.value);
    return setter === null ? [] : [{ id, part: { contract, kind, address, field, value: to.value, setter } }];
  });
}

function pendingOf(session: Session, nonce: NonceState): Pending[] {
  const since = session.recorder.run(nonce.run).started.at;
  return partsOf(session, nonce).map((part) => ({ part, since }));
}

export function isPending(leftovers: Leftovers, part: Part): boolean {
  return leftovers.pending.some((other) => isSamePart(other.part, part));
}

/** Pauses that go out although nobody asks for them now: behind their nonces nothing else would be mined. */
export function besides({ pending }: Leftovers, asked: readonly Asked[]): Asked[] {
  const isAsked = (part: Part): boolean => asked.some((item) => 'flag' in item && isSamePart(item.flag, part));
  return pending.flatMap(({ part, since }, i) => {
    if (isAsked(part) || pending.findIndex((other) => isSamePart(other.part, part)) !== i) return [];
    const { contract, kind, address, field, value } = part;
    return [{ target: { contract, kind: kind.name, address, field, value }, part: null, contract, address, since, flag: part }];
  });
}
