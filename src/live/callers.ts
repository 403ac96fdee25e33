// Who called a contract in a few blocks: for a change that no event tells of.
import { toChecksum } from '../kinds/keccak.ts';
import type { Address, ChainReader, Hex } from '../types.ts';
import { faultError } from './faults.ts';
import { fields, hexData, list, toQuantity } from './json-shapes.ts';

export type Caller = { transaction: Hex; sender: Address; block: bigint };

const mostBlocks = 64n;

/**
 * Transactions to `address`, or with it in their data (a relay's), in the blocks behind `from` up to `to`, in order. Of many
 * blocks only the last 64 are looked at. Throws RPC_*.
 */
export async function callersOf(chain: ChainReader, address: Address, { from, to }: { from: bigint; to: bigint }): Promise<Caller[]> {
  const first = to - from > mostBlocks ? to - mostBlocks : from;
  const numbers = Array.from({ length: Number(to - first) }, (_, i) => first + BigInt(i) + 1n);
  if (numbers.length === 0) return [];
  const answers = await chain.batch(numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [toQuantity(number), true] })));
  return answers.flatMap((answer, i) => {
    if ('error' in answer) throw faultError('eth_getBlockByNumber', answer.error);
    return answer.result === null ? [] : callersIn(answer.result, address.toLowerCase(), numbers[i] as bigint);
  });
}

function callersIn(block: unknown, address: string, number: bigint): Caller[] {
  const { transactions } = fields(block, 'a block');
  return list(transactions, "a block's transactions").flatMap((item) => {
    const { hash, from, to, input } = fields(item, 'a transaction');
    const isCall = typeof to === 'string' && to.toLowerCase() === address;
    if (!isCall && !(typeof input === 'string' && input.toLowerCase().includes(address.slice(2)))) return [];
    return [{ transaction: hexData(hash, "a transaction's hash", 32), sender: toChecksum(hexData(from, "a transaction's sender", 20)), block: number }];
  });
}
