// What a node's refusal means. Nodes agree on no codes, so this is the one place that reads their wording. Pure.
import { MooringError } from '../errors.ts';
import type { RpcFault } from '../types.ts';

/**
 * Why an HTTP exchange gave no answers. `dropped`: a connection that broke before the answer was whole; `busy`:
 * rate-limited; `refused`: the node doesn't take the request as it is (a batch, perhaps); `denied`: none from us.
 */
export type Failure = {
  type: 'connection' | 'dropped' | 'timeout' | 'busy' | 'server' | 'tooLarge' | 'refused' | 'denied' | 'malformed';
  detail: string;
  retryAfterMs?: number;
};

const busyText = /rate.?limit|too many requests|compute units|throughput|capacity|request limit|requests per second|over.?loaded|try again later|quota/i;
const tooLargeText =
  /too large|too big|payload|content.?length|response size|request size|entity|exceeds? (the )?(max|limit)|max(imum)? .*(exceeded|size)|size (limit )?exceeded|batch.*(limit|size|too)/i;
const gasText =
  /out of gas|gas (limit|cap|required|uint64)|intrinsic gas|exceeds (block )?gas|gas.*exceed|exceed.*gas|execution timeout|timed? ?out|call.*too (large|long)/i;
const vmText =
  /revert|invalid opcode|bad instruction|out of gas|outofgas|stack (under|over)flow|bad jump|invalid jump|opcode|vm exception|vm execution|execution error|invalid feopcode|invalidfeopcode/i;
const blockMissingText =
  /header not found|block (was )?not found|unknown block|block.*(not|un)(available| found|known)|could not find block|resource not found|no (such )?block|not find.*block|missing block|block.?out.?of.?range|unknown hash|invalid block tag|(cannot|can.t|could not) be found/i;
const notCanonicalText = /not.*canonical|canonical.*(required|chain)|non.?canonical/i;

/** A limit on how often, not on how much: worth waiting for. */
export function isBusy(fault: RpcFault): boolean {
  return fault.code === 429 || fault.code === -32029 || busyText.test(fault.message);
}

/** Too much in one request or one answer: worth splitting. */
export function isTooLarge(fault: RpcFault): boolean {
  return tooLargeText.test(fault.message) || gasText.test(fault.message);
}

/** The node may not have the block yet (behind a load balancer, another node has it): worth asking again. */
export function isBlockMissing(fault: RpcFault): boolean {
  return !isRevert(fault) && blockMissingText.test(fault.message);
}

export function isNotCanonical(fault: RpcFault): boolean {
  return notCanonicalText.test(fault.message);
}

/** The call ran and failed, by the contract's own doing: an answer, not a refusal of the node. */
export function isRevert(fault: RpcFault): boolean {
  return fault.code === 3 || revertData(fault) !== null || (vmText.test(fault.message) && !/missing|not found/i.test(fault.message));
}

/** The bytes that a call reverted with, wherever the node put them; null where it names none. */
export function revertData(fault: RpcFault): string | null {
  const data = fault.data;
  if (typeof data === 'string') return /^0x[0-9a-fA-F]*$/.test(data) ? data : (/0x[0-9a-fA-F]{8,}/.exec(data)?.[0] ?? null);
  if (typeof data === 'object' && data !== null && 'data' in data && typeof data.data === 'string') return revertData({ ...fault, data: data.data });
  return null;
}

/** A node's error as RPC_ERROR; `cause` holds the fault (see `faultOf`). */
export function faultError(method: string, fault: RpcFault): MooringError {
  return new MooringError('RPC_ERROR', `The node refused ${method}: ${fault.message} (code ${fault.code}).`, { cause: fault });
}

/** The code, message and data that the node answered with, of an error thrown by a ChainReader; null for other errors. */
export function faultOf(error: unknown): RpcFault | null {
  return error instanceof MooringError && error.code === 'RPC_ERROR' ? (error.cause as RpcFault) : null;
}

/** Why no answer came, of an RPC_UNAVAILABLE or RPC_MALFORMED; null for other errors. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof MooringError)) return null;
  return error.code === 'RPC_UNAVAILABLE' || error.code === 'RPC_MALFORMED' ? ((error.cause as Failure | undefined) ?? null) : null;
}

/** An answer of the wrong shape. `what` says which, without repeating the answer. */
export function malformed(what: string): MooringError {
  return new MooringError('RPC_MALFORMED', `The node's answer is malformed: ${what}.`, {
    fix: 'Check that the RPC URL is that of an Ethereum node, or use another provider.',
  });
}
