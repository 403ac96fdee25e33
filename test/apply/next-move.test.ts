import { describe, expect, test } from 'vitest';
import type { View } from '../../src/apply/look.ts';
import { type Circumstances, nextMove } from '../../src/apply/next-move.ts';
import type { NonceState } from '../../src/journal/reduce.ts';
import type { BlockRef, SignedTransaction } from '../../src/types.ts';

const signer = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B';
const block: BlockRef = { number: 10n, hash: '0xb10', timestamp: 1n };

function transaction(hash: string, step: string | null = 'a', maxFeePerGas = 100n): SignedTransaction {
  return {
    step,
    signer,
    hash,
    raw: '0x02',
    unsigned: { chainId: 1n, nonce: 4, to: signer, data: '0x', value: 0n, gasLimit: 1n, maxFeePerGas, maxPriorityFeePerGas: 1n },
  };
}

function nonce(more: Partial<NonceState> = {}): NonceState {
  return { run: 'r', signer, nonce: 4, group: 0, step: 'a', transactions: [transaction('0xa1')], mined: null, confirmed: false, foreign: null, ...more };
}

function mined(): NonNullable<NonceState['mined']> {
  return { run: 'r', at: 1, type: 'mined', hash: '0xa1', step: 'a', block, success: true, gasUsed: 1n, effectiveGasPrice: 1n, logs: [] };
}

function view(more: Partial<View> = {}): View {
  return {
    head: block,
    baseFee: 10n,
    settledTo: 10n,
    counts: new Map([[signer.toLowerCase(), 4]]),
    receipts: new Map(),
    known: new Set(),
    canonical: new Map(),
    ...more,
  };
}

function move(state: NonceState, chain: Partial<View> = {}, more: Partial<Circumstances> = {}): string {
  return nextMove(state, { view: view(chain), verdict: 'send', lowest: 4, waitedBlocks: 0n, stuckBlocks: 3n, ...more }).move;
}

describe('before it is mined', () => {
  test('what the node does not know is sent again', () => {
    expect(move(nonce())).toBe('send');
  });

  test('what the node knows is waited for, and replaced when that takes long', () => {
    expect(move(nonce(), { known: new Set(['0xa1']) })).toBe('wait');
    expect(move(nonce(), { known: new Set(['0xa1']) }, { waitedBlocks: 3n })).toBe('replace');
  });

  test('what can not pay for the next block is replaced, not sent again', () => {
    expect(move(nonce(), { baseFee: 101n })).toBe('replace');
    expect(move(nonce(), { baseFee: 100n })).toBe('send');
  });

  test('the newest is the one that counts', () => {
    const replaced = nonce({ transactions: [transaction('0xa1'), transaction('0xa2')] });
    expect(nextMove(replaced, { view: view({ known: new Set(['0xa1']) }), verdict: 'send', lowest: 4, waitedBlocks: 0n, stuckBlocks: 3n })).toMatchObject({
      move: 'send',
      transaction: { hash: '0xa2' },
    });
  });

  test('what is no longer wanted is burnt, known or not, and its burn is sent like anything else', () => {
    expect(move(nonce(), {}, { verdict: 'burn' })).toBe('burn');
    expect(move(nonce(), { known: new Set(['0xa1']) }, { verdict: 'burn' })).toBe('burn');
    const burning = nonce({ transactions: [transaction('0xa1'), transaction('0xb1', null)] });
    expect(move(burning, {}, { verdict: 'burn' })).toBe('send');
    expect(move(burning, { known: new Set(['0xb1']) }, { verdict: 'burn' })).toBe('wait');
    // Wanted again after all: the burn may be on its way, so it stays.
    expect(move(burning, { known: new Set(['0xb1']) })).toBe('wait');
  });

  test('what was signed on another machine is burnt unless the node has it, a burn as well', () => {
    const elsewhere = (step: string | null): NonceState => nonce({ transactions: [{ ...transaction('0xa1', step), raw: '0x' }] });
    expect(move(elsewhere('a'))).toBe('burn');
    expect(move(elsewhere('a'), { baseFee: 101n })).toBe('burn');
    expect(move(elsewhere(null), {}, { verdict: 'burn' })).toBe('burn');
    expect(move(elsewhere('a'), { known: new Set(['0xa1']) })).toBe('wait');
    expect(move(elsewhere('a'), { known: new Set(['0xa1']) }, { waitedBlocks: 3n })).toBe('replace');
  });

  test('a receipt of any of its transactions comes before everything else', () => {
    const receipt = { hash: '0xa1', block, success: true, gasUsed: 1n, effectiveGasPrice: 1n, logs: [] };
    const burning = nonce({ transactions: [transaction('0xa1'), transaction('0xb1', null)] });
    const chain = { receipts: new Map([['0xa1', receipt]]), counts: new Map([[signer.toLowerCase(), 5]]) };
    expect(nextMove(burning, { view: view(chain), verdict: 'burn', lowest: 4, waitedBlocks: 9n, stuckBlocks: 3n })).toMatchObject({
      move: 'mined',
      transaction: { hash: '0xa1' },
    });
  });

  test('a nonce that is used without a receipt of ours is foreign; one that can not come yet is a gap', () => {
    expect(move(nonce(), { counts: new Map([[signer.toLowerCase(), 5]]) })).toBe('foreign');
    expect(move(nonce(), { counts: new Map([[signer.toLowerCase(), 3]]) })).toBe('gap');
    expect(move(nonce(), { counts: new Map([[signer.toLowerCase(), 3]]) }, { lowest: 3 })).toBe('send');
  });
});

describe('after it is mined', () => {
  const state = nonce({ mined: mined() });

  test('it is confirmed when its block is deep enough and still the same', () => {
    expect(move(state, { canonical: new Map([[10n, block]]) })).toBe('confirmed');
    expect(move(state, { canonical: new Map([[10n, block]]), settledTo: 9n })).toBe('wait');
  });

  test('another block in its place is a reorg; no block proves nothing', () => {
    expect(move(state, { canonical: new Map([[10n, { ...block, hash: '0xother' }]]) })).toBe('reorged');
    expect(move(state)).toBe('wait');
  });
});
