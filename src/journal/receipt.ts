// What a receipt's chain and signature are made of. Pure.
import { createHash } from 'node:crypto';
import type { Hex, Receipt } from '../types.ts';
import { encodeValue } from './codec.ts';

export type KeptReceipt = { receipt: Receipt; signature: Hex };

/** SHA-256 of a receipt's canonical text, hex without `0x`: what the next receipt's `previous` names. */
export function receiptHash(receipt: Receipt): string {
  return createHash('sha256').update(encodeValue(receipt)).digest('hex');
}

/** The text that the applying key signs (EIP-191). */
export function receiptMessage(receipt: Receipt): string {
  return `Mooring receipt of run ${receipt.run} on chain ${receipt.chainId}\nsha256 ${receiptHash(receipt)}`;
}

/**
 * What is wrong with a chain of receipts, oldest first, in plain sentences; empty where each names the one before and
 * bears the signature of its signer. `recover` gives the address that signed a message.
 */
export function checkReceipts(kept: readonly KeptReceipt[], recover: (message: string, signature: Hex) => string): string[] {
  return kept.flatMap(({ receipt, signature }, i) => {
    const before = kept[i - 1];
    const previous = before === undefined ? null : receiptHash(before.receipt);
    const chain = receipt.previous === previous ? [] : [`the receipt of run ${receipt.run} does not name the receipt before it`];
    const signed = signs(receipt, signature, recover) ? [] : [`the receipt of run ${receipt.run} is not signed by ${receipt.signer}`];
    return [...chain, ...signed];
  });
}

function signs(receipt: Receipt, signature: Hex, recover: (message: string, signature: Hex) => string): boolean {
  try {
    return recover(receiptMessage(receipt), signature).toLowerCase() === receipt.signer.toLowerCase();
  } catch {
    return false;
  }
}
