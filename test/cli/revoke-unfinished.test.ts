// A revocation that was cut off, and then another account has to go: both are out at the end, each by one transaction.
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/journal/file-store.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import type { JournalEvent } from '../../src/types.ts';
import type { Desk, Said } from '../support/cli.ts';
import { environmentName, startFieldWorld } from '../support/field-world.ts';
import { killAt, rawsOf } from '../support/kill-at.ts';

const world = await startFieldWorld({ variant: 'governed' });
let desk: Desk;
beforeEach(async () => {
  await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
  desk = world.desk();
});
afterEach(async () => {
  desk.remove();
  await automine(true);
  await world.node.ask('anvil_dropAllTransactions');
  await world.reset();
});
afterAll(() => world.stop());

const line = (old: string) => `rotate --env ${environmentName} --role orchestrators --old ${old} --compromised --reason leaked`;
const areIn = () =>
  Promise.all(['orchestrator-a', 'orchestrator-b', 'orchestrator-c'].map((name) => world.read({ on: 'arena', call: 'orchestrators', args: [name] })));
const automine = (mines: boolean) => world.node.ask('anvil_setAutomine', [mines]);

async function waiting(transactions: number): Promise<void> {
  for (;;) {
    const { pending } = await world.node.ask<{ pending: string }>('txpool_status');
    if (Number(pending) === transactions) return;
  }
}

async function mined(running: Promise<Said>, transactions: number): Promise<Said> {
  await waiting(transactions);
  await world.node.mine();
  return running;
}

const folder = () => `${desk.root}/.mooring/${environmentName}/revocations`;
const openRuns = async () => reduceJournal(await openFileStore(folder()).read()).runs.filter(({ finished }) => finished === null);
const seenThrough = 'An earlier revocation that had not finished is seen through: orchestrator-a (';

describe('killed', () => {
  beforeEach(() => automine(false));

  test.each([
    ['right after it was signed', { later: 0, delivered: false }],
    ['with its transaction waiting', { later: 0, delivered: true }],
    ['while it waited', { later: 3, delivered: true }],
  ])('%s: the next revocation sees it through', async (_when, point) => {
    await killAt(world, { desk, line: line('orchestrator-a'), ...point });
    expect(await areIn()).toEqual([true, true, true]);
    const said = await mined(desk.run(line('orchestrator-b')), 2);
    expect(said.stdout).toContain('Revoked at once');
    expect(said.stdout).toContain(seenThrough);
    expect(said.stdout).not.toContain('NOT');
    expect([await areIn(), (await world.sent()).taken, new Set(rawsOf(world)).size]).toEqual([[false, false, true], 2, 2]);
    expect(await openRuns()).toEqual([]);
    const receipts = await openFileStore(folder()).receipts();
    expect(receipts.map(({ outcome, after }) => [outcome, Object.keys(after).length])).toEqual([
      ['done', 1],
      ['done', 1],
    ]);
  });

  test('and mined since: the next one closes it, and signs nothing for it', async () => {
    await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: true });
    await world.node.mine();
    const said = await mined(desk.run(line('orchestrator-b')), 1);
    expect([said.stdout.includes(seenThrough), await areIn(), (await world.sent()).taken]).toEqual([true, [false, false, true], 2]);
    expect(await openRuns()).toEqual([]);
  });

  test('and asked for what is out already: it is seen through all the same', async () => {
    await automine(true);
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-b', false] });
    await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: false });
    const said = await desk.run(line('orchestrator-b'));
    expect([said.stdout.includes('It is revoked already.'), await areIn()]).toEqual([true, [false, false, true]]);
  });
});

test('a nonce that something else has used: the earlier one is signed anew', async () => {
  await automine(false);
  await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: false });
  await automine(true);
  await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
  const said = await desk.run(line('orchestrator-b'));
  expect([said.stdout.includes(seenThrough), await areIn(), await openRuns()]).toEqual([true, [false, false, true], []]);
  expect((await world.sent()).taken).toBe(2);
});

test('killed before anything was signed: the next revocation revokes it, too', async () => {
  // Journaled, and then the node hangs at what comes before signing.
  const reached = Promise.withResolvers<void>();
  world.proxy.hooks = {
    before: ({ calls }) => {
      if (!calls.some(({ method }) => method === 'eth_estimateGas')) return undefined;
      reached.resolve();
      return 'hang';
    },
  };
  const started = desk.spawn(line('orchestrator-a'));
  await reached.promise;
  started.kill();
  await started.said;
  world.proxy.hooks = {};
  const said = await desk.run(line('orchestrator-b'));
  expect([said.stdout.includes(seenThrough), await areIn(), (await world.sent()).taken]).toEqual([true, [false, false, true], 2]);
  expect(await openRuns()).toEqual([]);
});

test('a key that is not at hand: nothing is claimed, and with the key it is seen through', async () => {
  await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: false });
  const { MOORING_OWNER_KEY: _key, ...env } = desk.env;
  const said = await desk.run(line('orchestrator-b'), { env });
  expect([said.exit, said.stderr.includes('SIGNER_MISSING'), await areIn()]).toEqual([1, false, [true, true, true]]);
  expect(said.stdout).toMatch(/An earlier revocation has not finished, and is NOT done: orchestrator-a/);
  expect(said.stdout).toMatch(/NOT revoked \(orchestrator-b .*\): no key that may do it is at hand\./);
  const again = await desk.run(line('orchestrator-b'));
  expect([again.stdout.includes(seenThrough), await areIn()]).toEqual([true, [false, false, true]]);
});

test('who is to go by an earlier revocation is nobody who stays', async () => {
  await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', false] });
  await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: false });
  const said = await desk.run(line('orchestrator-b'));
  expect([said.exit, said.stderr.includes('LAST_HOLDER'), await areIn()]).toEqual([3, true, [true, true, false]]);
  await desk.run(`${line('orchestrator-b')} --even-the-last`);
  expect(await areIn()).toEqual([false, false, false]);
});

test('on a chain of before with the same id: nobody goes by that', async () => {
  await killAt(world, { desk, line: line('orchestrator-a'), later: 0, delivered: false });
  const [started] = await openFileStore(folder()).read();
  rmSync(folder(), { recursive: true });
  const store = openFileStore(folder());
  const lock = await store.lock();
  await store.append([{ ...started, genesis: `0x${'1'.repeat(64)}` } as JournalEvent]);
  await lock.release();
  await desk.run(line('orchestrator-b'));
  expect(await areIn()).toEqual([true, false, true]);
});
