// Waiting for blocks: away nodes, depth, finality, reorgs. Blocks are made only when an apply waits.
import { describe, expect, test } from 'vitest';
import { environment, useStage } from './stage.ts';

const stage = useStage(['--no-mining']);
const { mine, waiting, signed, types, writes } = stage;

const wishes = [0, 1, 2].map((number) => ({ number, to: 5n, group: 0 }));

describe('waiting', () => {
  test('a node that is away for a while is waited for', async () => {
    let faults = 0;
    const away = async () => {
      stage.proxy.hooks = { before: () => (faults++ < 26 ? 'drop' : undefined) };
    };
    expect(await stage.world.apply(wishes, waiting(away))).toMatchObject({ outcome: 'done' });
    expect(faults).toBeGreaterThan(26);
  });

  test('a node that stays away ends the run, and the next one finishes it', async () => {
    const { digest } = await stage.world.plan(wishes);
    const gone = async () => {
      stage.proxy.hooks = { before: () => 'drop' };
    };
    await expect(stage.world.apply(wishes, { ...waiting(gone), digest })).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE', exitCode: 5 });
    stage.proxy.hooks = {};
    expect(await stage.world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done', receipt: { outcome: 'done' } });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('without a block for too long ends the run, and the next one finishes it', async () => {
    const { digest } = await stage.world.plan(wishes);
    const options = { ...stage.deserted(), digest };
    await expect(stage.world.apply(wishes, options)).rejects.toMatchObject({ code: 'TRANSACTION_UNSETTLED', exitCode: 5 });
    expect(await stage.world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await signed()).toHaveLength(3);
  });

  test.each([
    [1, 'latest'],
    [3, 'latest'],
    [1, 'safe'],
    [2, 'finalized'],
  ] as const)('to a depth of %i and finality %s', async (confirmations, finality) => {
    const { outcome } = await stage.world.apply(wishes, {
      ...waiting(),
      environment: environment({ confirmations, finality }),
    });
    expect(outcome).toBe('done');
    const events = await stage.world.journal.read();
    const depth = events.flatMap((event) => (event.type === 'confirmed' ? [event.confirmations] : []));
    expect(depth.every((reached) => reached >= confirmations)).toBe(true);
    const mined = events.flatMap((event) => (event.type === 'mined' ? [event.block.number] : []));
    const final = BigInt((await stage.world.rpc<{ number: string }>('eth_getBlockByNumber', finality, false)).number);
    expect(mined.every((number) => number <= final)).toBe(true);
  });

  test('a reorg after the first confirmation goes back to waiting', async () => {
    let reorgs = 0;
    const sleep = async () => {
      await mine();
      if (reorgs === 0 && (await types('mined')) > 0) {
        reorgs += 1;
        await stage.world.rpc('anvil_reorg', 2, []);
      }
    };
    const { outcome, receipt } = await stage.world.apply(wishes, { sleep, environment: environment({ confirmations: 3 }) });
    expect(outcome).toBe('done');
    expect(await types('reorged')).toBe(3);
    expect(await signed()).toHaveLength(3);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
    const block = await stage.world.rpc<{ hash: string; transactions: string[] }>(
      'eth_getBlockByNumber',
      `0x${receipt?.transactions[0]?.block.toString(16)}`,
      false,
    );
    expect(block.transactions).toEqual(expect.arrayContaining((await signed()).map(({ hash }) => hash)));
  });
});
