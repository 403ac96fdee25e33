// Why a mined transaction failed, as well as can be told afterwards. Reads only.
import { decodeRevert } from '../kinds/abi.ts';
import type { AbiError } from '../kinds/kind.ts';
import { isRevert, revertData } from '../live/faults.ts';
import { toQuantity } from '../live/json-shapes.ts';
import type { RpcFault, UnsignedTransaction } from '../types.ts';
import type { MinedReceipt } from './look.ts';
import type { Session } from './session.ts';

type Failed = { from: string; unsigned: UnsignedTransaction; receipt: MinedReceipt };

/** `InvalidSplit()`, `out of gas`, or that the reason can't be told. Runs the call again on the state of the block before. Never throws. */
export async function explainRevert(session: Pick<Session, 'chain' | 'kinds'>, { from, unsigned, receipt }: Failed): Promise<string> {
  const { to, data, value, gasLimit } = unsigned;
  const call = { from, to, data, value: toQuantity(value), gas: toQuantity(gasLimit) };
  const [answer] = await session.chain.batch([{ method: 'eth_call', params: [call, toQuantity(receipt.block.number - 1n)] }]).catch(() => []);
  if (answer !== undefined && 'error' in answer && isRevert(answer.error)) return reasonOf(answer.error, session.kinds);
  if (receipt.gasUsed >= gasLimit) return 'out of gas';
  return 'reverted, for a reason that the state before its block does not show';
}

/** A revert in words, by the errors of all kinds: an inner contract's may bubble up through another's call. */
export function reasonOf(fault: RpcFault, kinds: Session['kinds']): string {
  const errors: AbiError[] = [...kinds.values()].flatMap((kind) => kind.errors);
  const data = revertData(fault);
  return data === null || data === '0x' ? fault.message.slice(0, 200) : decodeRevert(errors, data);
}
