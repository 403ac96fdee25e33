// One look at the chain: where the head is, and what became of the transactions that are waited for. Reads only.

import type { NonceState } from '../journal/reduce.ts';
import { faultError } from '../live/faults.ts';
import { blockRef, fields, hexData, list, logEntry, quantity } from '../live/json-shapes.ts';
import type { BlockRef, ChainReader, Hex, Log } from '../types.ts';
import type { Session } from './session.ts';

export type MinedReceipt = {
  hash: Hex;
  block: Omit<BlockRef, 'timestamp'>;
  success: boolean;
  gasUsed: bigint;
  effectiveGasPrice: bigint;
  logs: readonly Log[];
};

export type View = {
  head: BlockRef;
  /** Of the head; 0 on a chain without. */
  baseFee: bigint;
  /** Highest block that counts as confirmed. */
  settledTo: bigint;
  /** Transactions mined so far, by lower-case signer. */
  counts: ReadonlyMap<string, number>;
  receipts: ReadonlyMap<Hex, MinedReceipt>;
  /** Hashes that the node has, waiting or mined. */
  known: ReadonlySet<Hex>;
  /** Canonical blocks, by number, of those that hold our transactions. */
  canonical: ReadonlyMap<bigint, BlockRef>;
};

type Question = { method: string; params: readonly unknown[]; read(result: unknown): void };

/** Asks all at once: one HTTP request. Throws RPC_* when the node can't answer. */
export async function lookAt(session: Pick<Session, 'chain' | 'environment'>, nonces: readonly NonceState[]): Promise<View> {
  const { confirmations, finality } = session.environment;
  const found = {
    heads: [] as unknown[],
    counts: new Map<string, number>(),
    receipts: new Map<Hex, MinedReceipt>(),
    known: new Set<Hex>(),
    canonical: new Map<bigint, BlockRef>(),
  };
  const tags = finality === 'latest' ? ['latest'] : ['latest', finality];
  await askAll(session.chain, [
    ...tags.map((tag) => ({ method: 'eth_getBlockByNumber', params: [tag, false], read: (result: unknown) => found.heads.push(result) })),
    ...countQuestions(nonces, found.counts),
    ...nonces.flatMap((nonce) => nonce.transactions.map(({ hash }) => receiptQuestion(hash, found.receipts, found.known))),
    ...nonces.filter((nonce) => nonce.mined === null).flatMap((nonce) => knownQuestions(nonce, found.known)),
    ...minedBlocks(nonces).map((number) => blockQuestion(number, found.canonical)),
  ]);
  const head = blockRef(found.heads[0]);
  const final = found.heads.length === 1 ? head.number : found.heads[1] === null ? -1n : blockRef(found.heads[1]).number;
  const deep = head.number - BigInt(Math.max(confirmations, 1) - 1);
  return { ...found, head, baseFee: baseFeeOf(found.heads[0]), settledTo: deep < final ? deep : final };
}

/** SIDE EFFECTS: one batch of requests. Throws RPC_ERROR when any of them is refused. */
export async function askAll(chain: ChainReader, questions: readonly Question[]): Promise<void> {
  const answers = await chain.batch(questions.map(({ method, params }) => ({ method, params })));
  for (const [i, answer] of answers.entries()) {
    const question = questions[i] as Question;
    if ('error' in answer) throw faultError(question.method, answer.error);
    question.read(answer.result);
  }
}

export function baseFeeOf(block: unknown): bigint {
  const fee = fields(block, 'a block')['baseFeePerGas'];
  return fee === undefined || fee === null ? 0n : quantity(fee, 'a base fee');
}

function countQuestions(nonces: readonly NonceState[], counts: Map<string, number>): Question[] {
  const signers = [...new Set(nonces.map((nonce) => nonce.signer.toLowerCase()))];
  return signers.map((signer) => ({
    method: 'eth_getTransactionCount',
    params: [signer, 'latest'],
    read: (result) => counts.set(signer, Number(quantity(result, 'a transaction count'))),
  }));
}

function receiptQuestion(hash: Hex, receipts: Map<Hex, MinedReceipt>, known: Set<Hex>): Question {
  return {
    method: 'eth_getTransactionReceipt',
    params: [hash],
    read(result) {
      if (result === null || result === undefined) return;
      receipts.set(hash, minedReceipt(hash, result));
      known.add(hash);
    },
  };
}

function knownQuestions(nonce: NonceState, known: Set<Hex>): Question[] {
  const newest = nonce.transactions.at(-1);
  return newest === undefined
    ? []
    : [{ method: 'eth_getTransactionByHash', params: [newest.hash], read: (result) => result !== null && result !== undefined && known.add(newest.hash) }];
}

function minedBlocks(nonces: readonly NonceState[]): bigint[] {
  return [...new Set(nonces.flatMap((nonce) => (nonce.mined === null ? [] : [nonce.mined.block.number])))];
}

function blockQuestion(number: bigint, canonical: Map<bigint, BlockRef>): Question {
  return {
    method: 'eth_getBlockByNumber',
    params: [`0x${number.toString(16)}`, false],
    read: (result) => result !== null && canonical.set(number, blockRef(result)),
  };
}

function minedReceipt(hash: Hex, value: unknown): MinedReceipt {
  const receipt = fields(value, 'a receipt');
  return {
    hash,
    block: { number: quantity(receipt['blockNumber'], "a receipt's block number"), hash: hexData(receipt['blockHash'], "a receipt's block hash", 32) },
    success: quantity(receipt['status'], "a receipt's status") === 1n,
    gasUsed: quantity(receipt['gasUsed'], "a receipt's gas"),
    effectiveGasPrice: quantity(receipt['effectiveGasPrice'] ?? '0x0', "a receipt's gas price"),
    logs: list(receipt['logs'], "a receipt's logs").map(logEntry),
  };
}
