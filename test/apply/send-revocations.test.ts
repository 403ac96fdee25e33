// What counts as on its way: only what a key at hand can see through.
import { expect, test } from 'vitest';
import { changesOnTheirWay } from '../../src/apply/send-revocations.ts';
import type { NonceState, RunState } from '../../src/journal/reduce.ts';

const signer = '0xAbcdef0000000000000000000000000000000001';
const id = 'arena.orchestrators[0x1]';

function runWith(nonce: Partial<NonceState>): RunState {
  const open = { step: 'one', signer, nonce: 1, mined: null, confirmed: false, foreign: null, transactions: [], ...nonce };
  return { started: { steps: [{ id: 'one', covers: [id] }] }, nonces: [open] } as unknown as RunState;
}

test.each<[string, Partial<NonceState>, readonly string[], readonly string[]]>([
  ['signed with a key at hand', {}, [signer.toLowerCase()], [id]],
  ['signed with a key that is not', {}, [], []],
  ['mined', { mined: {} as NonceState['mined'] }, [signer], []],
  ['whose nonce something else has used', { foreign: {} as NonceState['foreign'] }, [signer], []],
])('%s', (_what, nonce, keys, expected) => {
  expect([...changesOnTheirWay([runWith(nonce)], new Map(keys.map((key) => [key, null])))]).toEqual(expected);
});
