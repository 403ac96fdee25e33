// The block in which a contract came to be, by halving: where its event history starts.
import { MooringError } from '../errors.ts';
import type { Address, BlockRef, ChainReader, Hex } from '../types.ts';

/**
 * The first block at which `address` has code, at or before `head`. A contract that was destroyed and made again is
 * found at one of its creations. Throws DEPLOYMENT_BLOCK_UNKNOWN where the node doesn't keep old state.
 */
export async function findDeploymentBlock(chain: ChainReader, address: Address, head: BlockRef): Promise<bigint> {
  if (!(await hasCode(chain, address, head.number)))
    throw new MooringError('CODE_MISSING', `there is no code at ${address} in block ${head.number}`, { fix: 'check the address and the environment’s RPC' });
  let [without, with_] = [-1n, head.number];
  while (with_ - without > 1n) {
    const middle = (without + with_) / 2n;
    if (await hasCode(chain, address, middle)) with_ = middle;
    else without = middle;
  }
  return with_;
}

/** Throws DEPLOYMENT_BLOCK_UNKNOWN where the node doesn't keep the state of `block`. */
export async function hasCode(chain: ChainReader, address: Address, block: bigint): Promise<boolean> {
  try {
    return (await chain.request<Hex>('eth_getCode', [address, `0x${block.toString(16)}`])) !== '0x';
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'RPC_ERROR') throw error;
    throw new MooringError('DEPLOYMENT_BLOCK_UNKNOWN', `the node can't say whether ${address} had code in block ${block}`, {
      fix: 'give the block with --from-block (any explorer shows it), or use an archive node',
      cause: error,
    });
  }
}
