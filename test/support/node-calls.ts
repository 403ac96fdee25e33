// Plain JSON-RPC to a test's own chain: mines, sets code, sends as one of its unlocked accounts. Not through the product.
import type { Address, Hex } from '../../src/types.ts';

export type NodeCalls = {
  ask<T>(method: string, params?: readonly unknown[]): Promise<T>;
  /** The first unlocked account. */
  sender: Address;
  /** Sends from `sender` (or `from`) and waits until mined. Throws when it reverts. */
  send(to: Address | null, data: Hex, from?: Address): Promise<{ hash: Hex; block: bigint; contract: Address | null }>;
  setCode(address: Address, code: Hex): Promise<void>;
  mine(blocks?: number): Promise<void>;
};

type Receipt = { transactionHash: Hex; blockNumber: Hex; contractAddress: Address | null; status: Hex };

/** `flavour`: which chain's own methods to use. */
export async function nodeCalls(url: string, flavour: 'anvil' | 'hardhat' = 'anvil'): Promise<NodeCalls> {
  let id = 0;
  async function ask<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
    });
    const answer = (await response.json()) as { result: T; error?: { message: string } };
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }
  const sender = (await ask<Address[]>('eth_accounts'))[0] as Address;
  return {
    ask,
    sender,
    async send(to, data, from = sender) {
      const hash = await ask<Hex>('eth_sendTransaction', [{ from, ...(to === null ? {} : { to }), data, gas: '0xf42400' }]);
      const receipt = await receiptOf(ask, hash);
      if (receipt.status !== '0x1') throw new Error(`${hash} reverted`);
      return { hash, block: BigInt(receipt.blockNumber), contract: receipt.contractAddress };
    },
    setCode: (address, code) => ask(`${flavour}_setCode`, [address, code]),
    mine: (blocks = 1) => ask(`${flavour}_mine`, [`0x${blocks.toString(16)}`]),
  };
}

/** Both chains mine a transaction as it arrives; Anvil may answer a moment before its receipt is there. */
async function receiptOf(ask: NodeCalls['ask'], hash: Hex): Promise<Receipt> {
  for (;;) {
    const receipt = await ask<Receipt | null>('eth_getTransactionReceipt', [hash]);
    if (receipt !== null) return receipt;
  }
}
