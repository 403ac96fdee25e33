// Reverts, strangers on our nonces, chains that went back, secrets.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApplyOptions } from '../../src/apply/execute.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import { startAnvil } from '../support/anvil.ts';
import { boxCall } from './box.ts';
import { environment, useStage } from './stage.ts';
import { makeWorld, type World } from './world.ts';

const stage = useStage(['--no-mining']);
const { mine, waiting, signed, writes, nonceCount } = stage;

const wishes = [0, 1, 2].map((number) => ({ number, to: 5n, group: 0 }));
const later = { number: 3, to: 5n, group: 1 };

describe('a revert in the middle', () => {
  test('leaves the rest of its group as it is, and later groups untried; the next apply does what remains', async () => {
    const plan = await stage.world.plan([...wishes, later]);
    // Into the same block, before ours.
    const breakOne = () =>
      stage.world.rpc('eth_sendTransaction', {
        from: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        to: stage.world.box,
        data: boxCall('setBroken', 1n, true),
        gas: '0x30000',
        maxPriorityFeePerGas: '0x4a817c800',
        maxFeePerGas: '0x4a817c8000',
      });
    const { outcome, receipt, findings } = await stage.world.apply([...wishes, later], { ...waiting(breakOne), digest: plan.digest });
    expect(outcome).toBe('partial');
    expect(findings).toMatchObject([
      { code: 'STEP_REVERTED', message: expect.stringContaining('Broken(1)'), changes: ['box.value.k1'] },
      { code: 'STEP_NOT_TRIED', changes: ['box.value.k3'] },
    ]);
    expect(receipt?.transactions.map(({ step, success }) => [step, success])).toEqual([
      ['step-0', true],
      ['step-1', false],
      ['step-2', true],
    ]);
    expect(await writes(4)).toEqual([1n, 0n, 1n, 0n]);
    await stage.world.poke('setBroken', 1n, false);
    await mine();
    expect(await stage.world.apply([...wishes, later], { ...waiting(), digest: plan.digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 1n]);
    expect(await nonceCount()).toBe('0x5');
  });
});

describe('a foreign transaction on a journaled nonce', () => {
  async function useNonce(nonce: number): Promise<void> {
    const signer = signerFromEnv({ variable: 'KEY', address: stage.world.signer.address, env: { KEY: stage.world.key } });
    const { raw } = await signer.sign({
      chainId: 31337n,
      nonce,
      to: stage.world.box,
      data: boxCall('freeze', 60n),
      value: 0n,
      gasLimit: 200_000n,
      maxFeePerGas: 9_000_000_000n,
      maxPriorityFeePerGas: 2_000_000_000n,
    });
    const mine = (await signed()).find(({ unsigned }) => unsigned.nonce === nonce);
    await stage.world.rpc('anvil_dropTransaction', mine?.hash);
    await stage.world.rpc('eth_sendRawTransaction', raw);
  }

  test('stops the run; what is under way with it is waited for; the next apply goes on', async () => {
    const { digest } = await stage.world.plan([...wishes, later]);
    const { outcome, findings } = await stage.world.apply([...wishes, later], { ...waiting(() => useNonce(1)), digest });
    expect(outcome).toBe('partial');
    expect(findings.map(({ code }) => code)).toEqual(['FOREIGN_TRANSACTION', 'STEP_NOT_TRIED']);
    expect(findings[0]?.message).toMatch(/nonce 1 of 0x\w+ was used by 0x[0-9a-f]{64}/);
    expect(await writes(4)).toEqual([1n, 0n, 1n, 0n]);
    expect(await stage.world.apply([...wishes, later], { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 1n]);
  });

  test('is not believed before it is as deep as our own would have to be', async () => {
    let waits = 0;
    const sleep = async () => {
      waits += 1;
      if (waits === 1) await useNonce(0);
      // Long enough for any suspicion; then the block that held it is gone.
      if (waits === 12) await stage.world.rpc('anvil_reorg', 1, []);
      if (waits === 1 || waits > 12) await stage.mine();
    };
    const patience = { firstPollMs: 1, longestPollMs: 1, looks: 1 };
    const { outcome } = await stage.world.apply(wishes, { sleep, patience, environment: environment({ confirmations: 3 }) });
    expect(outcome).toBe('done');
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('stops an apply that finds it among what a crashed run left', async () => {
    const { digest } = await stage.world.plan(wishes);
    await expect(stage.world.apply(wishes, { ...stage.deserted(), digest })).rejects.toMatchObject({
      code: 'TRANSACTION_UNSETTLED',
    });
    await useNonce(0);
    await expect(stage.world.apply(wishes, { ...waiting(), digest })).rejects.toMatchObject({ code: 'FOREIGN_TRANSACTION' });
    expect(await stage.world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });
});

describe('a node that lags behind others', () => {
  test('does not make our own transaction look foreign', async () => {
    let looks = 0;
    stage.proxy.hooks = {
      // Its blocks are new, and its receipts come later.
      rewrite: (call, answer) => (call.method === 'eth_getTransactionReceipt' && answer.result !== null && looks++ < 6 ? { ...answer, result: null } : answer),
    };
    expect(await stage.world.apply(wishes, waiting())).toMatchObject({ outcome: 'done', findings: [] });
    expect(looks).toBeGreaterThan(6);
  });
});

describe('a development chain that went back', () => {
  test('is noticed by the count of transactions', async () => {
    const before = await stage.world.rpc<string>('evm_snapshot');
    await stage.world.apply(wishes, waiting());
    await stage.world.rpc('evm_revert', before);
    const again = await stage.world.apply([later], waiting());
    expect(again).toMatchObject({ outcome: 'stopped', findings: [{ code: 'NONCE_BEHIND' }, { code: 'STEP_NOT_TRIED' }] });
  });

  test('is noticed by the gap before what is open', async () => {
    const before = await stage.world.rpc<string>('evm_snapshot');
    await stage.world.apply(wishes, waiting());
    await expect(stage.world.apply([later], stage.deserted())).rejects.toMatchObject({
      code: 'TRANSACTION_UNSETTLED',
    });
    await stage.world.rpc('evm_revert', before);
    await expect(stage.world.apply([later], waiting())).rejects.toMatchObject({ code: 'NONCE_GAP' });
  });

  test('is another chain when its first block is another: its journal is left alone', async () => {
    await expect(stage.world.apply(wishes, { now: () => 0, sleep: async () => Promise.reject(new Error('crash')) })).rejects.toThrow('crash');
    const other = await startAnvil({ args: ['--timestamp', '1600000000'] });
    const elsewhere = await makeWorld(other.url);
    try {
      const result = await elsewhere.apply(wishes, { journal: stage.world.journal });
      expect(result).toMatchObject({ outcome: 'done', findings: [] });
    } finally {
      elsewhere.close();
      await other.stop();
    }
  });
});

test('two checkouts that apply with one key at once: no transaction twice', async () => {
  const other = await makeWorld(stage.proxy.url, stage.anvil.url);
  const plan = await stage.world.plan(wishes);
  const sleep = async () => void (await mine());
  const run = (journal: World['journal']) =>
    stage.world.apply(wishes, { digest: plan.digest, journal, sleep }).then(
      ({ outcome }) => outcome,
      (error: { code: string }) => error.code,
    );
  const outcomes = await Promise.all([run(stage.world.journal), run(other.journal)]);
  other.close();
  expect(outcomes).toContain('done');
  expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
});

test('the key is in no log, error, receipt or journal', async () => {
  const said: unknown[] = [];
  const log: ApplyOptions['log'] = (message, data) => said.push(message, data);
  await stage.world.apply(wishes, { ...waiting(), log });
  said.push(await stage.world.apply([later], { ...waiting(), log, environment: environment({ maxFeePerGas: 1n }) }));
  const files = readdirSync(stage.world.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(texts.length).toBeGreaterThan(1);
  const all = [...texts, JSON.stringify(said, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))].join('\n').toLowerCase();
  expect(all).not.toContain(stage.world.key.slice(2).toLowerCase());
});
