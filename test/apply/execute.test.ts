import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recoverSigner } from '../../src/apply/signer.ts';
import { checkReceipts, type KeptReceipt, receiptHash } from '../../src/journal/receipt.ts';
import { readReceipts } from '../../src/journal/receipt-files.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import type { Receipt } from '../../src/types.ts';
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

  test('an event that does not show is a warning: what counts is what is read again', async () => {
    const replan = () => world.plan(three.slice(0, 1), { emits: ['Set', 'ParametersUpdated'] });
    const { outcome, findings } = await world.apply(three.slice(0, 1), { replan });
    expect(outcome).toBe('done');
    expect(findings).toMatchObject([{ code: 'EVENT_MISSING', severity: 'warning', message: expect.stringContaining('ParametersUpdated') }]);
  });

  test('a value that is another afterwards is not "done"', async () => {
    let plans = 0;
    const replan = async () => {
      plans += 1;
      if (plans === 2) await world.poke('set', 1n, 9n);
      return world.plan(three);
    };
    const { outcome, receipt, findings } = await world.apply(three, { replan });
    expect(outcome).toBe('partial');
    expect(findings).toMatchObject([{ code: 'VERIFY_MISMATCH', changes: ['box.value.k1'] }]);
    expect(receipt).toMatchObject({ outcome: 'partial', after: { 'box.value.k1': { value: 9n } } });
  });

  test('a digest is spent once all of it was sent, though its effect was gone when it was read again', async () => {
    const { digest } = await world.plan(three);
    let plans = 0;
    const replan = async () => {
      plans += 1;
      // Put back between the last confirmation and the reading.
      if (plans === 2) for (const number of [0n, 1n, 2n]) await world.poke('set', number, 0n);
      return world.plan(three);
    };
    expect((await world.apply(three, { digest, replan })).outcome).toBe('partial');
    expect((await world.plan(three)).digest).toBe(digest);
    await expect(world.apply(three, { digest })).rejects.toMatchObject({ code: 'DIGEST_SPENT' });
    expect(await world.rpc('eth_getTransactionCount', world.signer.address, 'latest')).toBe('0x3');
  });

  test('every step has its confirmed success before the next group is signed', async () => {
    await world.apply(three);
    const order = (await world.journal.read()).flatMap((event) =>
      event.type === 'signed' ? [`signed ${event.group}`] : event.type === 'confirmed' ? [`confirmed ${event.step}`] : [],
    );
    expect(order).toEqual(['signed 0', 'confirmed step-0', 'confirmed step-1', 'signed 1', 'confirmed step-2']);
  });

  test('receipts are chained and signed with the applying key', async () => {
    const one = (await world.apply(three.slice(0, 1))).receipt;
    const two = (await world.apply(three)).receipt;
    expect(one?.previous).toBeNull();
    expect(two?.previous).toBe(receiptHash(one as Receipt));
    const kept = readReceipts(world.folder);
    expect(checkReceipts(kept, recoverSigner)).toEqual([]);
    const [first, second] = kept as [KeptReceipt, KeptReceipt];
    expect(checkReceipts([{ ...first, receipt: { ...first.receipt, approvedBy: 'mallory' } }, second], recoverSigner)).toHaveLength(2);
    expect(checkReceipts([second], recoverSigner)).toHaveLength(1);
    expect(checkReceipts([{ ...first, signature: second.signature }, second], recoverSigner)).toHaveLength(1);
    expect(checkReceipts([{ ...first, signature: '0x00' }, second], recoverSigner)).toHaveLength(1);
  });
});
