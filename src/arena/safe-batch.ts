// A payment list as the file that the Safe's transaction builder takes: one ERC-20 transfer for each who is paid. Pure.
import type { Address } from '../types.ts';
import type { Allocation } from './rewards.ts';

export type SafeBatch = {
  chainId: bigint;
  token: Address;
  /** Milliseconds since the epoch. */
  createdAt: number;
  name: string;
  payments: readonly Allocation[];
};

const method = {
  name: 'transfer',
  payable: false,
  inputs: [
    { name: 'to', type: 'address', internalType: 'address' },
    { name: 'amount', type: 'uint256', internalType: 'uint256' },
  ],
} as const;

/** Amounts of nothing are left out: a token may refuse to transfer them, and the batch with it. */
export function safeBatch({ chainId, token, createdAt, name, payments }: SafeBatch): string {
  const paid = payments.filter(({ amount }) => amount > 0n);
  const batch = {
    version: '1.0',
    chainId: String(chainId),
    createdAt,
    meta: { name, description: `${paid.length} transfers`, txBuilderVersion: '1.16.5' },
    transactions: paid.map(({ address, amount }) => ({
      to: token,
      value: '0',
      data: null,
      contractMethod: method,
      contractInputsValues: { to: address, amount: String(amount) },
    })),
  };
  return `${JSON.stringify(batch, null, 2)}\n`;
}
