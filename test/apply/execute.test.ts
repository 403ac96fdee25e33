import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recoverSigner } from '../../src/apply/signer.ts';
import { receiptHash } from '../../src/journal/receipt.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { makeWorld, type World } from './world.ts';

let anvil: Anvil;
let world: World;

beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil.stop());
beforeEach(async () => {
  world = await makeWorld(anvil.url);
});
afterEach(() => world.close());

const three = [
  { number: 0, to: 5n, group: 0 },
  { number: 1, to: 6n, group: 0 },
  { number: 2, to: 7n, group: 1 },
];

describe('an apply', () => {
  test('sends each step once, verifies, and leaves a receipt', async () => {
    const { outcome, receipt, findings } = await world.apply(three);
    expect({ outcome, findings }).toEqual({ outcome: 'done', findings: [] });
    expect((await world.read()).writes.slice(0, 4)).toEqual([1n, 1n, 1n, 0n]);
    expect(receipt?.transactions.map(({ step, nonce, success }) => [step, nonce, success])).toEqual([
      ['step-0', 0, true],
      ['step-1', 1, true],
      ['step-2', 2, true],
    ]);
    expect(receipt?.transactions[0]?.events).toEqual([{ contract: 'box', event: 'Set', args: { number: 0n, value: 5n } }]);
    expect(receipt?.after).toEqual({
      'box.value.k0': { type: 'scalar', value: 5n },
      'box.value.k1': { type: 'scalar', value: 6n },
      'box.value.k2': { type: 'scalar', value: 7n },
    });
    expect(reduceJournal(await world.journal.read()).open.size).toBe(0);
  });

  test('a second time sends nothing', async () => {
    const { digest } = await world.plan(three);
    await world.apply(three);
    const events = (await world.journal.read()).length;
    expect(await world.apply(three, { digest })).toEqual({ outcome: 'done', receipt: null, findings: [] });
    expect(await world.journal.read()).toHaveLength(events);
    expect(await world.rpc('eth_getTransactionCount', world.signer.address, 'latest')).toBe('0x3');
  });

  test('a digest that a run has completed is spent, though the chain is as it was before', async () => {
    const { digest } = await world.plan(three);
    await world.apply(three);
    for (const number of [0n, 1n, 2n]) await world.poke('set', number, 0n);
    expect((await world.plan(three)).digest).toBe(digest);
    await expect(world.apply(three, { digest })).rejects.toMatchObject({ code: 'DIGEST_SPENT' });
    expect((await world.apply(three, { digest, reuseDigest: true })).outcome).toBe('done');
  });

  test('receipts are chained and signed with the applying key', async () => {
    const one = (await world.apply(three.slice(0, 1))).receipt;
    const two = (await world.apply(three)).receipt;
    expect(one?.previous).toBeNull();
    expect(two?.previous).toBe(receiptHash(one as never));
    expect(recoverSigner('x', await world.signer.signMessage('x'))).toBe(world.signer.address);
  });
});
