// Handing transactions to a node that loses answers, drops, refuses. Blocks are made only when an apply waits.
import { describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import type { JournalEvent } from '../../src/types.ts';
import { environment, useStage } from './stage.ts';

const stage = useStage(['--no-mining']);
const { waiting, signed, types, writes, nonceCount } = stage;

const wishes = [0, 1, 2].map((number) => ({ number, to: 5n, group: 0 }));

describe('sending', () => {
  test('a group goes out in one request and into one block', async () => {
    const twenty = Array.from({ length: 20 }, (_, number) => ({ number, to: 5n, group: 0 }));
    const plan = await stage.world.plan(twenty);
    stage.proxy.reset();
    const { outcome, receipt } = await stage.world.apply(twenty, {
      ...waiting(),
      digest: plan.digest,
      environment: environment({ confirmations: 3 }),
    });
    expect(outcome).toBe('done');
    expect(new Set(receipt?.transactions.map(({ block }) => block)).size).toBe(1);
    expect(stage.proxy.exchanges.filter(({ calls }) => calls.some(({ method }) => method === 'eth_sendRawTransaction'))).toHaveLength(1);
    expect(stage.proxy.exchanges.length).toBeLessThanOrEqual(6 * 20);
    // Measured: 17 requests for the whole apply, its two readings of the plan included.
    expect(stage.proxy.exchanges.length).toBeLessThanOrEqual(25);
  });

  test.each(['drop', 'error'] as const)('the node takes it, and the answer is lost (%s)', async (how) => {
    let lost = 0;
    stage.proxy.hooks = {
      async before(exchange) {
        if (lost >= 2 || exchange.calls[0]?.method !== 'eth_sendRawTransaction') return undefined;
        lost += 1;
        const body = JSON.stringify(exchange.calls.map((call) => ({ jsonrpc: '2.0', ...call })));
        await (await fetch(stage.anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
        return how === 'drop'
          ? 'drop'
          : { status: 200, body: JSON.stringify(exchange.calls.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: 'timed out' } }))) };
      },
    };
    expect(await stage.world.apply(wishes, waiting())).toMatchObject({ outcome: 'done', findings: [] });
    expect(lost).toBeGreaterThan(0);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
    expect(await nonceCount()).toBe('0x3');
  });

  test('dropped transactions are sent again, byte for byte', async () => {
    const drop = async () => {
      for (const { hash } of await signed()) await stage.world.rpc('anvil_dropTransaction', hash);
    };
    const { outcome, receipt } = await stage.world.apply(wishes, waiting(drop));
    expect(outcome).toBe('done');
    expect(receipt?.transactions.map(({ hash }) => hash)).toEqual((await signed()).map(({ hash }) => hash));
    expect(stage.proxy.count('eth_sendRawTransaction')).toBe(6);
  });

  test('what the node refuses again and again ends the run, and the next one takes it up', async () => {
    stage.proxy.hooks = {
      rewrite: (call, answer) =>
        call.method === 'eth_sendRawTransaction'
          ? { id: answer.id, error: { code: -32000, message: 'txpool is closed, see https://node.example/key-canary' } }
          : answer,
      before: async (exchange) =>
        exchange.calls[0]?.method === 'eth_sendRawTransaction'
          ? {
              status: 200,
              body: JSON.stringify(
                exchange.calls.map(({ id }) => ({
                  jsonrpc: '2.0',
                  id,
                  error: { code: -32000, message: 'txpool is closed, see https://node.example/key-canary' },
                })),
              ),
            }
          : undefined,
    };
    const { digest } = await stage.world.plan(wishes);
    await expect(stage.world.apply(wishes, { ...waiting(), digest })).rejects.toMatchObject({
      code: 'TRANSACTION_REFUSED',
      message: expect.not.stringContaining('canary'),
    });
    expect(await types('run-finished')).toBe(0);
    stage.proxy.hooks = {};
    const { outcome, findings } = await stage.world.apply(wishes, { ...waiting(), digest });
    expect({ outcome, codes: findings.map(({ code }) => code) }).toEqual({ outcome: 'done', codes: ['RUN_CONTINUED'] });
    expect(await signed()).toHaveLength(3);
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('a disk that is full at the signing sends nothing, and the next apply begins where this one did', async () => {
    const { journal } = stage.world;
    const append = async (events: readonly JournalEvent[]) => {
      if (events.some((event) => event.type === 'signed')) throw new MooringError('JOURNAL_WRITE', 'no space');
      await journal.append(events);
    };
    const { digest } = await stage.world.plan(wishes);
    await expect(stage.world.apply(wishes, { ...waiting(), digest, journal: { ...journal, append } })).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
    expect(stage.proxy.count('eth_sendRawTransaction')).toBe(0);
    expect(await stage.world.apply(wishes, { ...waiting(), digest })).toMatchObject({ outcome: 'done' });
    expect(await writes(4)).toEqual([1n, 1n, 1n, 0n]);
  });
});
