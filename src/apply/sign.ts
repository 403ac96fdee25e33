// Makes signed transactions: a step's, its replacement with a higher fee, and the self-transfer that burns a nonce.

import { fields, quantity } from '../live/json-shapes.ts';
import { usualTip } from '../live/many-nodes.ts';
import type { Address, ChainReader, SignedTransaction, Step, UnsignedTransaction } from '../types.ts';
import { type Fees, firstFees, type Market, raisedFees } from './fees.ts';
import { baseFeeOf } from './look.ts';
import { type Session, signerFor } from './session.ts';

export type StepTransaction = { step: Step; nonce: number; gasLimit: bigint; fees: Fees };

export async function signStep(session: Session, { step, nonce, gasLimit, fees }: StepTransaction): Promise<SignedTransaction> {
  const unsigned = { chainId: session.chainId, nonce, to: step.to, data: step.data, value: step.value, gasLimit, ...fees };
  return sign(session, step.route.signer, { step: step.id, unsigned });
}

/** The same transaction with fees that a node takes in its place; null where the cap leaves no room. */
export async function signReplacement(session: Session, before: SignedTransaction, market: Market): Promise<SignedTransaction | null> {
  const fees = raisedFees(before.unsigned, market, session.environment.maxFeePerGas);
  return fees === null ? null : sign(session, before.signer, { step: before.step, unsigned: { ...before.unsigned, ...fees } });
}

/**
 * A transfer of nothing to oneself, on the nonce of `before` and with a higher fee: mined in its place, it does nothing.
 * Its gas limit is that of `before`: enough on chains that charge more than 21,000 for it, and unused gas costs nothing.
 */
export async function signBurn(session: Session, before: SignedTransaction, market: Market): Promise<SignedTransaction> {
  const cap = session.environment.maxFeePerGas;
  // Under a cap without room for a raise, a node that never saw the original still takes this.
  const fees = raisedFees(before.unsigned, market, cap) ?? firstFees(market, cap) ?? before.unsigned;
  const { maxFeePerGas, maxPriorityFeePerGas } = fees;
  return sign(session, before.signer, {
    step: null,
    unsigned: { ...before.unsigned, to: before.signer, data: '0x', value: 0n, maxFeePerGas, maxPriorityFeePerGas },
  });
}

async function sign(
  session: Session,
  address: Address,
  { step, unsigned }: { step: string | null; unsigned: UnsignedTransaction },
): Promise<SignedTransaction> {
  const signer = signerFor(session, address);
  const { raw, hash } = await signer.sign(unsigned);
  return { step, signer: signer.address, hash, raw, unsigned };
}

/** What the chain asks for now. Throws RPC_*. */
export async function readMarket(chain: ChainReader): Promise<Market> {
  const [head, tip] = await chain.batch([
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
    { method: 'eth_maxPriorityFeePerGas', params: [] },
  ]);
  const block = head !== undefined && 'result' in head ? fields(head.result, 'a block') : {};
  return { baseFee: baseFeeOf(block), tip: tipIn(tip) };
}

/** The node's suggestion, or the usual. */
export function tipIn(answer: { result: unknown } | { error: unknown } | undefined): bigint {
  return answer !== undefined && 'result' in answer ? quantity(answer.result, 'a priority fee') : usualTip;
}
