// What an unfinished run left is settled first: by the plan as it is now, not as it was. Blocks are made only in waits.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reduceJournal } from '../../src/journal/reduce.ts';
import { environment, useStage } from './stage.ts';

const stage = useStage(['--no-mining']);
const wishes = [0, 1, 2].map((number) => ({ number, to: 5n, group: 0 }));

/** A run that signed and sent everything, and then gave up waiting. Returns its digest. */
async function leave(): Promise<string> {
  const { digest } = await stage.world.plan(wishes);
  await expect(stage.world.apply(wishes, { ...stage.deserted(), digest })).rejects.toMatchObject({ code: 'TRANSACTION_UNSETTLED' });
  return digest;
}

/** Steps whose nonces were burnt, and what the burns offered in place of what. */
async function burns(): Promise<{ steps: (string | null)[]; raised: boolean }> {
  const { runs } = reduceJournal(await stage.world.journal.read());
  const burnt = runs.flatMap((run) => run.nonces).filter((nonce) => nonce.mined?.step === null);
  const raised = burnt.every(({ transactions }) => {
    const [before, after] = [transactions[0]?.unsigned, transactions.at(-1)?.unsigned];
    return (
      before !== undefined &&
      after !== undefined &&
      after.maxFeePerGas * 10n >= before.maxFeePerGas * 11n &&
      after.maxPriorityFeePerGas * 10n >= before.maxPriorityFeePerGas * 11n
    );
  });
  return { steps: burnt.map((nonce) => nonce.step), raised };
}

describe('what an unfinished run left', () => {
  test('is waited for where it is still wanted', async () => {
    const digest = await leave();
    expect(await stage.world.apply(wishes, { ...stage.waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await burns()).toEqual({ steps: [], raised: true });
    expect(await stage.nonceCount()).toBe('0x3');
  });

  test('is burnt, with a higher fee, where the plan has errors by now', async () => {
    const digest = await leave();
    const error = { code: 'NONCE_GAP', severity: 'error' as const, message: 'something is wrong' };
    const replan = () => stage.world.plan(wishes, { findings: [error] });
    await expect(stage.world.apply(wishes, { ...stage.waiting(), digest, replan })).rejects.toMatchObject({ code: 'NONCE_GAP' });
    expect(await burns()).toEqual({ steps: ['step-0', 'step-1', 'step-2'], raised: true });
    expect(await stage.writes(3)).toEqual([0n, 0n, 0n]);
  });

  test('is burnt where something else has to come before it now, and sent anew in its turn', async () => {
    await leave();
    const reordered = wishes.map((wish) => ({ ...wish, group: wish.number === 1 ? 1 : 0 }));
    expect(await stage.world.apply(reordered, stage.waiting())).toMatchObject({ outcome: 'done' });
    expect(await burns()).toEqual({ steps: ['step-1'], raised: true });
    expect(await stage.writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('is burnt where a value that it starts from has moved, though the plan would send the same again', async () => {
    await leave();
    const sent = await stage.signed();
    for (const { hash } of sent) await stage.world.rpc('anvil_dropTransaction', hash);
    await stage.world.poke('set', 1n, 4n);
    await stage.mine();
    const digest = sent.length > 0 ? reduceJournal(await stage.world.journal.read()).runs[0]?.started.digest : '';
    await expect(stage.world.apply(wishes, { ...stage.waiting(), digest: digest ?? '' })).rejects.toMatchObject({ code: 'STALE_PLAN' });
    expect((await burns()).steps).toEqual(['step-1']);
    expect((await stage.world.read()).value.slice(0, 3)).toEqual([5n, 4n, 5n]);
  });

  test('stays as it is while the plan has no proof', async () => {
    const digest = await leave();
    const replan = () => stage.world.plan(wishes, { simulation: { status: 'unproven', reason: 'r' } });
    stage.proxy.reset();
    await expect(stage.world.apply(wishes, { ...stage.waiting(), digest, replan })).rejects.toMatchObject({ code: 'PLAN_UNPROVEN' });
    expect(stage.proxy.count('eth_sendRawTransaction')).toBe(0);
  });

  test('is judged anew when a reorg takes it back', async () => {
    const digest = await leave();
    let reorgs = 0;
    const sleep = async () => {
      await stage.mine();
      if (reorgs > 0 || (await stage.types('mined')) === 0) return;
      reorgs += 1;
      await stage.world.rpc('anvil_reorg', 2, []);
      // Meanwhile a guardian froze one of the values.
      await stage.world.poke('freeze', 1n);
      await stage.mine();
    };
    const options = { sleep, digest, environment: environment({ confirmations: 3 }) };
    // Nothing remains to be done: what is frozen is not wanted, the others are there.
    const { outcome, receipt, findings } = await stage.world.apply(wishes, options);
    expect([outcome, receipt?.outcome, findings.map(({ code }) => code)]).toEqual(['done', 'partial', ['RUN_CONTINUED', 'NONCE_BURNT']]);
    expect((await burns()).steps).toEqual(['step-1']);
    expect(await stage.writes(3)).toEqual([1n, 0n, 1n]);
  });
});

test('receipts that can not be continued stop an apply before it sends', async () => {
  await stage.world.apply(wishes.slice(0, 1), stage.waiting());
  const [name] = readdirSync(join(stage.world.folder, 'receipts'));
  writeFileSync(join(stage.world.folder, 'receipts', name ?? ''), '{}');
  stage.proxy.reset();
  await expect(stage.world.apply(wishes, stage.waiting())).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
  expect(stage.proxy.count('eth_sendRawTransaction')).toBe(0);
});
