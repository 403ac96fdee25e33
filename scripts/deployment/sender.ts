// Sends signed transactions to a JSON-RPC node, one after another, and waits for each. For deployments on development
// chains; applying a plan is the business of src/apply.
import { setTimeout as sleep } from 'node:timers/promises';
import { Wallet } from 'ethers/wallet';
import type { Address, Hex } from '../../src/types.ts';

export type Sent = { hash: Hex; block: bigint; contractAddress: Address | null };
export type Sender = {
  address: Address;
  chainId: bigint;
  /** Nonce of the next transaction. */
  nextNonce(): number;
  /** Without `to`, creates a contract. Throws when the transaction is refused or reverts. */
  send(transaction: { to?: Address; data: Hex; what: string }): Promise<Sent>;
};

type Receipt = { status: Hex; blockNumber: Hex; contractAddress: Address | null };

// Below the 2^24 that a transaction may use since Osaka, and enough for each of our contracts.
const gasLimit = 12_000_000n;
const gwei = 1_000_000_000n;
const pollMilliseconds = 20;

/** One JSON-RPC request. Throws the node's error, with its data. */
export async function rpc<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = (await response.json()) as { result: T; error?: { message: string; data?: unknown } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message} ${JSON.stringify(answer.error.data ?? '')}`);
  return answer.result;
}

/** Sends with a key of its own, so that the node needn't know it. */
export async function connectSender(options: { url: string; privateKey: Hex }): Promise<Sender> {
  const { url } = options;
  const wallet = new Wallet(options.privateKey);
  const chainId = BigInt(await rpc<Hex>(url, 'eth_chainId'));
  const latest = await rpc<{ baseFeePerGas?: Hex }>(url, 'eth_getBlockByNumber', ['latest', false]);
  const fees = { maxFeePerGas: BigInt(latest.baseFeePerGas ?? 0) * 2n + gwei, maxPriorityFeePerGas: gwei };
  let nonce = Number(await rpc<Hex>(url, 'eth_getTransactionCount', [wallet.address, 'pending']));

  async function send({ to, data, what }: { to?: Address; data: Hex; what: string }): Promise<Sent> {
    const target = to === undefined ? {} : { to };
    const raw = await wallet.signTransaction({ ...target, ...fees, data, chainId, nonce, gasLimit, value: 0n, type: 2 });
    const hash = await rpc<Hex>(url, 'eth_sendRawTransaction', [raw]);
    nonce += 1;
    const receipt = await receiptOf(url, hash);
    if (receipt.status !== '0x1') throw new Error(`${what} reverted (${hash})`);
    return { hash, block: BigInt(receipt.blockNumber), contractAddress: receipt.contractAddress };
  }
  return { address: wallet.address, chainId, nextNonce: () => nonce, send };
}

async function receiptOf(url: string, hash: Hex): Promise<Receipt> {
  for (;;) {
    const receipt = await rpc<Receipt | null>(url, 'eth_getTransactionReceipt', [hash]);
    if (receipt) return receipt;
    await sleep(pollMilliseconds);
  }
}
