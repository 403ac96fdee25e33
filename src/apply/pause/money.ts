// What the nodes say of the signer's money, of fees and of nonces, such that one that lies, or is stuck, doesn't decide.
import { MooringError } from '../../errors.ts';
import { fields, hexData, quantity } from '../../live/json-shapes.ts';
import { type ManyNodes, plausible, quantities, usualTip } from '../../live/many-nodes.ts';
import type { Address, Hex, RpcFault } from '../../types.ts';
import type { Market } from '../fees.ts';
import { baseFeeOf } from '../look.ts';

export type PauseMoney = {
  /** With the lowest base fee that a node names. */
  market: Market;
  /** All that nodes name, highest first. */
  baseFees: readonly bigint[];
  balance: bigint;
  /** The signer's next nonce, as far as nodes know. */
  pending: number;
  /** The hash of the chain's first block, which tells a development chain from the one before; null where no node has it, or they differ. */
  genesis: Hex | null;
  /** When the newest block that a node has was made (milliseconds since the epoch). */
  headAt: number;
};

/** Older than this, a node is behind, or its chain makes blocks only when it is sent something. */
const oldMs = 5 * 60_000;
/** Further above what is mined, a count of pending transactions isn't believed. */
const plausibleWaiting = 1_000;

/** Throws RPC_*. */
export async function askMoney(chain: Pick<ManyNodes, 'opinions'>, { signer, now }: { signer: Address; now: number }): Promise<PauseMoney> {
  const [heads = [], tips = [], balances = [], mined = [], waiting = [], firsts = []] = await chain.opinions([
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
    { method: 'eth_maxPriorityFeePerGas', params: [] },
    { method: 'eth_getBalance', params: [signer, 'latest'] },
    { method: 'eth_getTransactionCount', params: [signer, 'latest'] },
    { method: 'eth_getTransactionCount', params: [signer, 'pending'] },
    { method: 'eth_getBlockByNumber', params: ['0x0', false] },
  ]);
  const baseFees = known(each(heads, baseFeeOf)).sort(descending);
  const offered = quantities(tips);
  const headsAt = each(heads, timeOf);
  const counts = [mined, waiting].map((answers) => each(answers, (count) => Number(quantity(count, 'a transaction count'))));
  const origins = new Set(known(each(firsts, originOf)));
  const [lowest] = some(baseFees, heads).slice(-1);
  const [most] = some(quantities(balances).sort(descending), balances);
  return {
    // The tip is paid in full, so no single node may raise it at will; too low a one, and no node takes the transaction.
    market: { baseFee: lowest as bigint, tip: offered.length === 0 ? usualTip : plausible(offered, usualTip) },
    baseFees,
    // One that says too little would keep the pause back; one that says too much, at worst, a part of it.
    balance: most as bigint,
    pending: nextNonce({ mined: counts[0] ?? [], waiting: counts[1] ?? [], isCurrent: headsAt.map((at) => at !== null && Math.abs(now - at) <= oldMs) }),
    genesis: origins.size === 1 ? ([...origins][0] as Hex) : null,
    headAt: Math.max(...known(headsAt)),
  };
}

/**
 * A sentence where every node's newest block is old; null otherwise. No more than that: a development chain makes blocks
 * only when it is sent something, and looks the same as a node that is stuck.
 */
export function oldHead({ headAt }: Pick<PauseMoney, 'headAt'>, now: number): string | null {
  if (!Number.isFinite(headAt) || now - headAt <= oldMs) return null;
  const minutes = Math.floor((now - headAt) / 60_000);
  return `the newest block of any RPC is ${minutes} minutes old: unless this chain makes blocks only when it is sent something, what is said here may be out of date; name another RPC`;
}

type Counts = { mined: readonly (number | null)[]; waiting: readonly (number | null)[]; isCurrent: readonly boolean[] };

/** The highest count, for a node may lack what waits; but not one far above what is mined, which would never be reached. */
function nextNonce({ mined, waiting, isCurrent }: Counts): number {
  // A node that is still catching up says nothing of how far the others can be.
  const current = known(mined.filter((_, i) => isCurrent[i] === true));
  const used = current.length > 0 ? current : known(mined);
  const all = some(known([...mined, ...waiting]), []);
  const limit = Math.min(...used) + plausibleWaiting;
  const believed = all.filter((count) => count <= limit);
  return Math.max(...(believed.length > 0 ? believed : all));
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : 1;
}

type Answer = { result: unknown } | { error: RpcFault };

/** By node; null where it doesn't say. */
function each<T>(answers: readonly Answer[], read: (result: unknown) => T): (T | null)[] {
  return answers.map((answer) => {
    try {
      return 'result' in answer ? read(answer.result) : null;
    } catch (error) {
      if (error instanceof MooringError) return null;
      throw error;
    }
  });
}

function known<T>(values: readonly (T | null)[]): T[] {
  return values.flatMap((value) => (value === null ? [] : [value]));
}

function some<T>(values: T[], answers: readonly Answer[]): T[] {
  if (values.length > 0) return values;
  const [answer] = answers;
  throw new MooringError('RPC_ERROR', `The node refused a reading: ${answer !== undefined && 'error' in answer ? answer.error.message : 'no answer'}.`);
}

function timeOf(block: unknown): number {
  return Number(quantity(fields(block, 'a block')['timestamp'], 'a block time')) * 1_000;
}

function originOf(block: unknown): Hex | null {
  return block === null ? null : hexData(fields(block, 'a block')['hash'], 'a block hash', 32);
}
