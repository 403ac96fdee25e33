// What happens between a crash and the next apply, and applies that meet: processes of their own, as in crash.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reduceJournal } from '../../src/journal/reduce.ts';
import { keccak256 } from '../../src/kinds/keccak.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import type { Wish } from './box.ts';
import type { CrashOrder } from './crash-child.ts';
import { buildChild, startApply, violations } from './crash-run.ts';
import { makeWorld, type World } from './world.ts';

let folder: string;
let script: string;
let anvil: Anvil;
let world: World;
let order: CrashOrder;

/** Two groups; in the incident the second value of the first group is to be left alone. */
const wishes: Wish[] = [0, 0, 0, 1].map((group, number) => ({ number, to: 5n, group }));
const afterIncident = wishes.filter(({ number }) => number !== 1);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-incident-'));
  script = await buildChild(folder);
  anvil = await startAnvil({ args: ['--no-mining'] });
});
afterAll(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  world = await makeWorld(anvil.url);
  const { url, folder: journal, box, key, signer } = world;
  const { digest } = await world.plan(wishes);
  order = {
    url,
    folder: journal,
    box,
    key,
    address: signer.address,
    digest,
    wishes: wishes.map((wish) => ({ ...wish, to: String(wish.to) })),
    mine: true,
    confirmations: 1,
  };
});
afterEach(() => world.close());

/** A guardian freezes the value. Written into the state, since a block would take up, or drop, what is waiting. */
async function incident(): Promise<void> {
  await write('frozen', 1, 1n);
  expect((await world.read()).frozen[1]).toBe(true);
}

/** Storage slots of the Box's mappings, in order of declaration. */
const slots = { value: 1n, writes: 2n, frozen: 3n };

async function write(mapping: keyof typeof slots, number: number, to: bigint): Promise<void> {
  const word = (value: bigint) => value.toString(16).padStart(64, '0');
  await world.rpc('anvil_setStorageAt', world.box, keccak256(`0x${word(BigInt(number))}${word(slots[mapping])}`), `0x${word(to)}`);
}

async function crash(at: NonNullable<CrashOrder['at']>, more: Partial<CrashOrder> = {}): Promise<void> {
  expect(await startApply(script, { ...order, ...more, at }).ended).toBe('SIGKILL');
}

async function burnt(): Promise<(string | null)[]> {
  const { runs } = reduceJournal(await world.journal.read());
  return runs.flatMap((run) => run.nonces.filter((nonce) => nonce.mined?.step === null).map((nonce) => nonce.step));
}

describe('an incident between a crash and the next apply', () => {
  const points: NonNullable<CrashOrder['at']>[] = [
    { edge: 'append signed after', nth: 1 },
    { edge: 'between two sends', nth: 1, part: 1 },
    { edge: 'between two sends', nth: 1, part: 2 },
    { edge: 'send after', nth: 1 },
    { edge: 'append sent after', nth: 1 },
    { edge: 'sleep', nth: 1 },
  ];

  test.each(points)('burns the nonce of what is no longer wanted, and never sends it ($edge $part)', async (at) => {
    await crash(at);
    await incident();
    // What was approved is not what would be done now; what of it was signed and is still wanted has been sent.
    expect(await startApply(script, order).ended).toEqual({ error: 'STALE_PLAN' });
    expect(await burnt()).toEqual(['step-1']);
    const { digest } = await world.plan(wishes);
    expect(await startApply(script, { ...order, digest }).ended).toEqual({ outcome: 'done', codes: [] });
    expect(await violations(world, afterIncident)).toEqual([]);
  });

  test('under the digest of what is wanted now, in one go', async () => {
    await crash({ edge: 'send after', nth: 1 });
    await incident();
    const { digest } = await world.plan(wishes);
    expect(await startApply(script, { ...order, digest }).ended).toMatchObject({ outcome: 'done' });
    expect(await burnt()).toEqual(['step-1']);
    expect(await violations(world, afterIncident)).toEqual([]);
  });

  test('survives further crashes while it is burnt', async () => {
    await crash({ edge: 'send after', nth: 1 });
    await incident();
    const { digest } = await world.plan(wishes);
    for (const at of [
      { edge: 'append burn-signed before', nth: 1 },
      { edge: 'append burn-signed after', nth: 1 },
      { edge: 'send before', nth: 1 },
      { edge: 'sleep', nth: 1 },
      { edge: 'append mined before', nth: 1 },
      { edge: 'append mined after', nth: 1 },
      { edge: 'receipt after', nth: 1 },
    ]) {
      await startApply(script, { ...order, digest, at }).ended;
    }
    await startApply(script, { ...order, digest }).ended;
    expect(await burnt()).toEqual(['step-1']);
    expect(await violations(world, afterIncident)).toEqual([]);
  });

  test('everything unwanted: all nonces are burnt', async () => {
    await crash({ edge: 'send after', nth: 1 });
    for (const { number, to } of wishes) await write('value', number, to);
    expect(await startApply(script, order).ended).toMatchObject({ outcome: 'done' });
    expect(await burnt()).toEqual(['step-0', 'step-1', 'step-2']);
    expect((await world.read()).writes.slice(0, 4)).toEqual([0n, 0n, 0n, 0n]);
  });

  test('an unknown digest settles nothing and sends nothing', async () => {
    await crash({ edge: 'append signed after', nth: 1 });
    await incident();
    expect(await startApply(script, { ...order, digest: 'f'.repeat(64) }).ended).toEqual({ error: 'STALE_PLAN' });
    expect(await world.rpc('eth_getTransactionCount', world.signer.address, 'pending')).toBe('0x0');
  });
});

describe('the control: journaled after the sending', () => {
  test('an incident lets an unwanted transaction through, and the check sees it', async () => {
    await crash({ edge: 'send after', nth: 1 }, { journalLate: true });
    await incident();
    const { digest } = await world.plan(wishes);
    await startApply(script, { ...order, digest }).ended;
    await world.rpc('evm_mine');
    const found = await violations(world, afterIncident);
    expect(found).toEqual(
      expect.arrayContaining([expect.stringMatching(/^unwanted: /), expect.stringMatching(/^not in the journal: /), expect.stringMatching(/^lost: /)]),
    );
  });
});

describe('applies that meet', () => {
  test('of two at once only one sends', async () => {
    const endings = await Promise.all([startApply(script, order).ended, startApply(script, order).ended]);
    expect(endings.filter((ending) => typeof ending === 'object' && ending.outcome === 'done').length).toBeGreaterThanOrEqual(1);
    for (const ending of endings) expect([{ outcome: 'done', codes: [] }, { error: 'JOURNAL_LOCKED' }]).toContainEqual(ending);
    expect(await violations(world, wishes)).toEqual([]);
  });

  test('a stopped one keeps every other out, and finishes when it wakes up', async () => {
    const stopped = startApply(script, { ...order, at: { edge: 'append signed after', nth: 1, signal: 'SIGSTOP' } });
    await signedOnce();
    expect(await startApply(script, order).ended).toEqual({ error: 'JOURNAL_LOCKED' });
    process.kill(stopped.pid, 'SIGCONT');
    expect(await stopped.ended).toEqual({ outcome: 'done', codes: [] });
    expect(await violations(world, wishes)).toEqual([]);
  });

  test('a stopped one that is killed is finished by the next', async () => {
    const stopped = startApply(script, { ...order, at: { edge: 'send after', nth: 1, signal: 'SIGSTOP' } });
    await signedOnce();
    expect(await startApply(script, order).ended).toEqual({ error: 'JOURNAL_LOCKED' });
    process.kill(stopped.pid, 'SIGKILL');
    expect(await stopped.ended).toBe('SIGKILL');
    expect(await startApply(script, order).ended).toEqual({ outcome: 'done', codes: [] });
    expect(await violations(world, wishes)).toEqual([]);
  });

  /** The other process has got as far as signing: it says so in the journal. */
  async function signedOnce(): Promise<void> {
    while (!(await world.journal.read()).some((event) => event.type === 'signed')) await new Promise((resolve) => setImmediate(resolve));
  }
});
