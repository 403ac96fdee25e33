// Does what the moves say: records what the chain shows, signs and journals what is new, and sends it.
import { MooringError } from '../errors.ts';
import type { NonceState } from '../journal/reduce.ts';
import { blockRef } from '../live/json-shapes.ts';
import type { BlockRef, Hex, JournalEvent, SignedTransaction } from '../types.ts';
import { broadcast, type Sending } from './broadcast.ts';
import { explainRevert } from './explain-revert.ts';
import { findUser, isUsedAt } from './foreign.ts';
import { askAll, type MinedReceipt, type View } from './look.ts';
import type { Move } from './next-move.ts';
import type { Session } from './session.ts';
import type { Memory } from './settle.ts';
import { readMarket, signBurn, signReplacement } from './sign.ts';

type Planned = { nonce: NonceState; move: Move };
type Input = { moves: readonly Planned[]; view: View; memory: Memory };
/** `progress`: something is to be looked at again at once. */
export type Done = 'progress' | 'reorged' | 'nothing';

/** SIDE EFFECTS: journals, signs, broadcasts. Throws NONCE_GAP, TRANSACTION_REFUSED, RPC_*. */
export async function carryOut(session: Session, input: Input): Promise<Done> {
  const { moves, memory } = input;
  const events = [...(await minedEvents(session, input)), ...plainEvents(session, input), ...(await foreignEvents(session, input))];
  await session.recorder.record(events);
  if (events.length > 0) [memory.lastProgress, memory.waitMs] = [session.now(), session.patience.firstPollMs];
  const sendings = [...resent(moves), ...(await signedAnew(session, moves))];
  const first = sendings.some(({ transaction }) => !memory.sent.has(transaction.hash));
  if (sendings.length > 0) noteRefusals(session, memory, { sendings, refused: await broadcast(session, sendings) });
  for (const { transaction } of sendings) memory.sent.add(transaction.hash);
  if (moves.some(({ move }) => move.move === 'reorged')) return 'reorged';
  return events.length > 0 || first ? 'progress' : 'nothing';
}

async function minedEvents(session: Session, { moves, view }: Input): Promise<JournalEvent[]> {
  const mined = moves.flatMap(({ nonce, move }) => (move.move === 'mined' ? [{ nonce, ...move }] : []));
  const blocks = await blocksOf(
    session,
    mined.map(({ receipt }) => receipt),
    view.head,
  );
  const events = mined.map(async ({ nonce, receipt, transaction }): Promise<JournalEvent[]> => {
    const block = blocks.get(receipt.block.hash);
    if (block === undefined) return [];
    const { success, gasUsed, effectiveGasPrice, logs, hash } = receipt;
    const error = success ? {} : { error: await explainRevert(session, { from: nonce.signer, unsigned: transaction.unsigned, receipt }) };
    session.log(`${success ? 'mined' : 'failed'} in block ${block.number}: ${transaction.step ?? 'a transfer of nothing, which uses up a nonce'}`, {
      hash,
      nonce: nonce.nonce,
      step: transaction.step,
      ...error,
    });
    return [{ run: nonce.run, at: session.now(), type: 'mined', hash, step: transaction.step, block, success, gasUsed, effectiveGasPrice, logs, ...error }];
  });
  return (await Promise.all(events)).flat();
}

/** Blocks of receipts, with their times; one that has gone meanwhile is left out. */
async function blocksOf(session: Session, receipts: readonly MinedReceipt[], head: BlockRef): Promise<Map<Hex, BlockRef>> {
  const blocks = new Map([[head.hash, head]]);
  const missing = [...new Set(receipts.map((receipt) => receipt.block.hash))].filter((hash) => !blocks.has(hash));
  const questions = missing.map((hash) => ({
    method: 'eth_getBlockByHash',
    params: [hash, false],
    read: (result: unknown) => result !== null && blocks.set(hash, blockRef(result)),
  }));
  if (questions.length > 0) await askAll(session.chain, questions);
  return blocks;
}

function plainEvents(session: Session, { moves, view }: Input): JournalEvent[] {
  return moves.flatMap(({ nonce, move }): JournalEvent[] => {
    const { mined, run } = nonce;
    if (mined === null) return [];
    const { hash, step, block } = mined;
    if (move.move === 'confirmed')
      return [{ run, at: session.now(), type: 'confirmed', hash, step, confirmations: Number(view.head.number - block.number + 1n) }];
    if (move.move !== 'reorged') return [];
    session.log(`block ${block.number} left the chain: waiting again`, { hash });
    return [{ run, at: session.now(), type: 'reorged', hash, block }];
  });
}

async function foreignEvents(session: Session, { moves, view, memory }: Input): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for (const { nonce, move } of moves) {
    const key = `${nonce.signer} ${nonce.nonce}`;
    const times = move.move === 'foreign' || move.move === 'gap' ? (memory.suspicions.get(key) ?? 0) + 1 : 0;
    memory.suspicions.set(key, times);
    if (times < session.patience.suspicions) continue;
    if (move.move === 'gap') throw gap(nonce, view);
    // Only for good: a reorg could still give the nonce back.
    if (!(await isUsedAt(session.chain, nonce, view.settledTo))) continue;
    const hash = await findUser(session.chain, nonce, view.settledTo);
    events.push({ run: nonce.run, at: session.now(), type: 'foreign', signer: nonce.signer, nonce: nonce.nonce, hash });
  }
  return events;
}

function gap(nonce: NonceState, view: View): MooringError {
  const count = view.counts.get(nonce.signer.toLowerCase());
  return new MooringError('NONCE_GAP', `${nonce.signer} has sent ${count} transactions on this chain, and the journal waits for its nonce ${nonce.nonce}`, {
    fix: 'If this is a development chain that was started anew, move its journal away (.mooring/<environment>). Otherwise the node is behind or lost a block: wait, or use another RPC.',
  });
}

function resent(moves: readonly Planned[]): Sending[] {
  return moves.flatMap(({ nonce, move }) => (move.move === 'send' ? [{ run: nonce.run, transaction: move.transaction }] : []));
}

/** Replacements and burns: signed, journaled, and only then to be sent. */
async function signedAnew(session: Session, moves: readonly Planned[]): Promise<Sending[]> {
  const due = moves.filter(({ nonce, move }) => move.move === 'burn' || (move.move === 'replace' && mayReplace(session, nonce)));
  if (due.length === 0) return [];
  const market = await readMarket(session.chain);
  const events: JournalEvent[] = [];
  const sendings: Sending[] = [];
  for (const { nonce, move } of due) {
    if (move.move !== 'burn' && move.move !== 'replace') continue;
    const before = move.transaction;
    const transaction = move.move === 'burn' ? await signBurn(session, before, market) : await signReplacement(session, before, market);
    if (transaction === null) continue;
    const type = move.move === 'burn' ? 'burn-signed' : 'replacement-signed';
    session.log(type === 'burn-signed' ? 'no longer wanted: using up its nonce' : 'waiting for long: raising its fee', {
      nonce: nonce.nonce,
      before: before.hash,
      hash: transaction.hash,
    });
    events.push({ run: nonce.run, at: session.now(), type, replaces: before.hash, transaction });
    sendings.push({ run: nonce.run, transaction });
  }
  await session.recorder.record(events);
  return sendings;
}

function mayReplace(session: Session, nonce: NonceState): boolean {
  const newest: SignedTransaction | undefined = nonce.transactions.at(-1);
  const alike = nonce.transactions.filter((transaction) => transaction.step === newest?.step);
  return alike.length <= session.patience.replacements;
}

function noteRefusals(session: Session, memory: Memory, { sendings, refused }: { sendings: readonly Sending[]; refused: ReadonlyMap<Hex, string> }): void {
  for (const { transaction } of sendings) {
    const said = refused.get(transaction.hash);
    const times = said === undefined ? 0 : (memory.refusals.get(transaction.hash) ?? 0) + 1;
    memory.refusals.set(transaction.hash, times);
    if (times < session.patience.refusals) continue;
    throw new MooringError('TRANSACTION_REFUSED', `the node refuses transaction ${transaction.hash} (nonce ${transaction.unsigned.nonce}): ${said}`, {
      fix: 'Mend what the node names and apply again: that settles this transaction first. It stays signed, and could still be mined.',
    });
  }
}
