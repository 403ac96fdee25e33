// Hands signed, journaled transactions to the node, all at once. What a node says about a sending is never believed.
import { MooringError } from '../errors.ts';
import type { Hex, JournalEvent, RpcFault, SignedTransaction } from '../types.ts';
import type { Session } from './session.ts';

type Sent = Extract<JournalEvent, { type: 'sent' }>;
type Answer = { result: unknown } | { error: RpcFault };
export type Sending = { run: string; transaction: SignedTransaction };

/**
 * Sends `sendings` in one batch, by signer and nonce. An error doesn't mean "not sent" (the node may have taken it and
 * timed out, have it already, or have mined it and report its revert), so the node is asked by hash; what it doesn't
 * know then is `unsure`, and stays to be sent again. Returns the unsure ones with what the node said.
 * Throws LEASE_LOST, with nothing sent, where another apply has taken over. SIDE EFFECTS: broadcasts; journals what was answered.
 */
export async function broadcast(session: Session, sendings: readonly Sending[]): Promise<ReadonlyMap<Hex, string>> {
  // Small, never closed, is the gap behind this look: whoever took over has settled these nonces, or will.
  if (!(await session.journal.isHeld())) throw lost();
  const ordered = [...sendings].sort((a, b) => a.transaction.unsigned.nonce - b.transaction.unsigned.nonce);
  const answers = await send(session, ordered);
  const doubtful = ordered.filter((_, i) => faultIn(answers[i]) !== null).map(({ transaction }) => transaction.hash);
  const known = await knownOf(session, doubtful);
  const events = ordered.map(({ run, transaction }, i) =>
    sentEvent({ run, at: session.now(), hash: transaction.hash, fault: faultIn(answers[i]), known: known.has(transaction.hash) }),
  );
  await session.recorder.record(events);
  return new Map(events.flatMap((event) => (event.answer === 'unsure' ? [[event.hash, event.detail ?? '']] : [])));
}

function lost(): MooringError {
  return new MooringError('LEASE_LOST', 'another apply has taken over while this one was held up', {
    fix: 'Nothing more was sent. Whoever took over settles what was signed; `mooring status` shows it.',
  });
}

async function send(session: Session, sendings: readonly Sending[]): Promise<readonly Answer[]> {
  try {
    return await session.chain.batch(sendings.map(({ transaction }) => ({ method: 'eth_sendRawTransaction', params: [transaction.raw] })));
  } catch (error) {
    if (!isOfChain(error)) throw error;
    return sendings.map(() => ({ error: { code: 0, message: (error as Error).message } }));
  }
}

function faultIn(answer: Answer | undefined): RpcFault | null {
  if (answer === undefined) return { code: 0, message: 'no answer' };
  return 'error' in answer ? answer.error : null;
}

async function knownOf(session: Session, hashes: readonly Hex[]): Promise<ReadonlySet<Hex>> {
  if (hashes.length === 0) return new Set();
  try {
    const answers = await session.chain.batch(hashes.map((hash) => ({ method: 'eth_getTransactionByHash', params: [hash] })));
    return new Set(hashes.filter((_, i) => isThere(answers[i])));
  } catch (error) {
    if (!isOfChain(error)) throw error;
    return new Set();
  }
}

function isThere(answer: Answer | undefined): boolean {
  return answer !== undefined && 'result' in answer && answer.result !== null && answer.result !== undefined;
}

function isOfChain(error: unknown): boolean {
  return error instanceof MooringError && error.code.startsWith('RPC_');
}

function sentEvent({ run, at, hash, fault, known }: { run: string; at: number; hash: Hex; fault: RpcFault | null; known: boolean }): Sent {
  if (fault === null) return { run, at, type: 'sent', hash, answer: 'accepted' };
  return { run, at, type: 'sent', hash, answer: known ? 'known' : 'unsure', detail: wording(fault) };
}

/** What the node said, short and without links, which may hold a token. */
function wording(fault: RpcFault): string {
  return fault.message.replace(/\w+:\/\/\S+/g, '…').slice(0, 200);
}
