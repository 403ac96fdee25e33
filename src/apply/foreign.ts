// Finds the transaction that used a nonce of ours. Reads only.
import { fields, hexData, list, quantity, toQuantity } from '../live/json-shapes.ts';
import type { Address, ChainReader, Hex } from '../types.ts';

export type Used = { signer: Address; nonce: number };

/** Whether the nonce is used up in the state of block `number`. Throws RPC_*. */
export async function isUsedAt(chain: ChainReader, { signer, nonce }: Used, number: bigint): Promise<boolean> {
  if (number < 0n) return false;
  const count = await chain.request<unknown>('eth_getTransactionCount', [signer, toQuantity(number)]);
  return quantity(count, 'a transaction count') > BigInt(nonce);
}

/** Hash of the transaction with this nonce at or before block `to`, by bisection; null where the node can't tell. */
export async function findUser(chain: ChainReader, used: Used, to: bigint): Promise<Hex | null> {
  try {
    let high = to;
    let low = -1n;
    for (let step = 1n; high - step >= 0n && low === -1n; step *= 2n) {
      if (await isUsedAt(chain, used, high - step)) high -= step;
      else low = high - step;
    }
    while (high - low > 1n) {
      const middle = (high + low) / 2n;
      if (await isUsedAt(chain, used, middle)) high = middle;
      else low = middle;
    }
    return inBlock(await chain.request<unknown>('eth_getBlockByNumber', [toQuantity(high), true]), used);
  } catch {
    // An old block's state may be gone: the finding is as true without the hash.
    return null;
  }
}

function inBlock(block: unknown, { signer, nonce }: Used): Hex | null {
  const transactions = list(fields(block, 'a block')['transactions'], "a block's transactions").map((item) => fields(item, 'a transaction'));
  const found = transactions.find(
    (item) => String(item['from']).toLowerCase() === signer.toLowerCase() && quantity(item['nonce'], 'a nonce') === BigInt(nonce),
  );
  return found === undefined ? null : hexData(found['hash'], 'a transaction hash', 32);
}
