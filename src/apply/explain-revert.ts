// Why a mined transaction failed, as well as can be told afterwards. Reads only.
import { decodeRevert } from '../kinds/abi.ts';
import type { AbiError } from '../kinds/kind.ts';
import { isRevert, revertData } from '../live/faults.ts';
import { toQuantity } from '../live/json-shapes.ts';
import type { RpcFault, UnsignedTransaction } from '../types.ts';
import type { MinedReceipt } from './look.ts';
import type { Session } from './session.ts';

type Failed = { from: string; unsigned: UnsignedTransaction; receipt: MinedReceipt };

/**
 * `InvalidSplit()`, `out of gas`, or that the reason can't be told. Runs the call again on the states before and after
 * its block: what made it fail came before, or with it. Never throws.
 */
export async function explainRevert(session: Pick<Session, 'chain' | 'kinds'>, { from, unsigned, receipt }: Failed): Promise<string> {
  const { to, data, value, gasLimit } = unsigned;
  const call = { from, to, data, value: toQuantity(value), gas: toQuantity(gasLimit) };
  const { number } = receipt.block;
  const answers = await session.chain.batch([number - 1n, number].map((at) => ({ method: 'eth_call', params: [call, toQuantity(at)] }))).catch(() => []);
  const reverts = answers.flatMap((answer) => ('error' in answer && isRevert(answer.error) ? [answer.error] : []));
  const [first] = reverts;
  if (first !== undefined) return reasonOf(first, session.kinds);
  return receipt.gasUsed >= gasLimit ? 'out of gas' : 'reverted, for a reason that the states around its block do not show';
}

/** A revert in words, by the errors of all kinds: an inner contract's may bubble up through another's call. */
export function reasonOf(fault: RpcFault, kinds: Session['kinds']): string {
  const errors: AbiError[] = [...kinds.values()].flatMap((kind) => kind.errors);
  const data = revertData(fault);
  return data === null || data === '0x' ? fault.message.slice(0, 200) : decodeRevert(errors, data);
}
