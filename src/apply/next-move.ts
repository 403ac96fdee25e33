// What to do next about one nonce, from what the journal says and what the chain shows. Pure: no memory, no flags.
import type { NonceState } from '../journal/reduce.ts';
import type { SignedTransaction } from '../types.ts';
import type { MinedReceipt, View } from './look.ts';

/** Whether what was signed for a nonce is still wanted. */
export type Verdict = 'send' | 'burn';

export type Move =
  | { move: 'mined'; receipt: MinedReceipt; transaction: SignedTransaction }
  | { move: 'reorged' }
  | { move: 'confirmed' }
  /** Byte for byte what was journaled. */
  | { move: 'send'; transaction: SignedTransaction }
  | { move: 'replace'; transaction: SignedTransaction }
  | { move: 'burn'; transaction: SignedTransaction }
  /** Something that isn't ours seems to have used the nonce. */
  | { move: 'foreign' }
  /** An earlier nonce of the signer, not ours to fill, seems to be unused. */
  | { move: 'gap' }
  | { move: 'wait' };

export type Circumstances = {
  view: View;
  verdict: Verdict;
  /** Lowest nonce of the signer that is open. */
  lowest: number;
  /** Blocks for which the node has held the newest transaction without mining it. */
  waitedBlocks: bigint;
  stuckBlocks: bigint;
};

export function nextMove(nonce: NonceState, circumstances: Circumstances): Move {
  const { view } = circumstances;
  if (nonce.mined !== null) return afterMined(nonce.mined, view);
  for (const transaction of nonce.transactions) {
    const receipt = view.receipts.get(transaction.hash);
    if (receipt !== undefined) return { move: 'mined', receipt, transaction };
  }
  const count = view.counts.get(nonce.signer.toLowerCase()) ?? 0;
  if (count > nonce.nonce) return { move: 'foreign' };
  if (count < circumstances.lowest) return { move: 'gap' };
  return beforeMined(nonce, circumstances);
}

function afterMined(mined: NonNullable<NonceState['mined']>, view: View): Move {
  const canonical = view.canonical.get(mined.block.number);
  // A node that doesn't have the block is behind: that proves nothing.
  if (canonical === undefined) return { move: 'wait' };
  if (canonical.hash !== mined.block.hash) return { move: 'reorged' };
  return mined.block.number <= view.settledTo ? { move: 'confirmed' } : { move: 'wait' };
}

function beforeMined(nonce: NonceState, { view, verdict, waitedBlocks, stuckBlocks }: Circumstances): Move {
  const newest = nonce.transactions.at(-1);
  if (newest === undefined) return { move: 'wait' };
  const burning = newest.step === null;
  if (verdict === 'burn' && !burning) return { move: 'burn', transaction: newest };
  const known = view.known.has(newest.hash);
  // Signed on another machine: without its bytes it can't be sent again, and whoever holds them may still do so.
  if (!known && newest.raw === '0x') return { move: 'burn', transaction: newest };
  // A node throws out, or never takes, what can't pay for the next block.
  if (!known) return newest.unsigned.maxFeePerGas < view.baseFee ? { move: 'replace', transaction: newest } : { move: 'send', transaction: newest };
  return waitedBlocks >= stuckBlocks ? { move: 'replace', transaction: newest } : { move: 'wait' };
}
