// The sentinel's record: no event lost, none counted twice, whatever cuts it short.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../../src/journal/lock.ts';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import { type EventStore, openEventStore, readLedger, type StoreOptions } from '../../../src/loops/sentinel/event-store.ts';
import type { Cursor } from '../../../src/loops/sentinel/ledger.ts';
import { snapshotOf } from '../../../src/loops/sentinel/snapshot.ts';
import { seeded } from '../seeded.ts';
import { evaluation, expansion, settingsWith } from './world.ts';

const full = process.env['MOORING_FULL'] === '1';
const settings = settingsWith({ budgetCap: 100 });
const cursor = (offset: number): Cursor => ({ file: 'x', identity: 'i', offset, line: offset, tail: '', phase: 'reading' });

let folder: string;
let store: EventStore | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-sentinel-'));
});
afterEach(() => {
  store?.close();
  store = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the store; closes the one that was open. */
async function open(more: Partial<StoreOptions> = {}): Promise<EventStore> {
  store?.close();
  store = undefined;
  store = await openEventStore({ folder, settings, lock: (place) => takeLock(join(place, 'lock')), syncFolder, ...more });
  return store;
}

const log = (segment = 1) => join(folder, `log-${String(segment).padStart(6, '0')}.jsonl`);
const cost = () => readLedger(folder)?.state.totalCost;

describe('what was counted', () => {
  test('is there again, decisions and cursors too, also for who only reads', async () => {
    const first = await open();
    const { results, decisions } = first.countRead([expansion(85, { id: 'a' }), evaluation({ agent: '__proto__', success: false })], cursor(7));
    expect(results).toEqual(['counted', 'counted']);
    expect(decisions.map(({ decision }) => decision.measures[0]?.kind)).toEqual(['pause']);
    const before = first.ledger();
    expect(readLedger(folder)).toEqual(before);
    expect((await open()).ledger()).toEqual(before);
    expect(Object.keys(before.state.failures)).toEqual(['__proto__']);
    expect(before.cursors).toEqual([cursor(7)]);
  });

  test('is nothing before anything was recorded, and reading makes nothing', () => {
    expect(readLedger(join(folder, 'none'))).toBeNull();
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('is not counted again when its id comes again, also after a restart', async () => {
    (await open()).count([expansion(1, { id: 'a' })]);
    const again = await open();
    expect(again.count([expansion(1, { id: 'a' }), expansion(2, { id: 'b' }), expansion(2, { id: 'b' })]).results).toEqual(['seen', 'counted', 'seen']);
    expect(cost()).toBe(3);
  });

  test('of two events with one id is nothing at all', async () => {
    const opened = await open();
    opened.count([expansion(1, { id: 'a' })]);
    const conflict = expect.objectContaining({ code: 'EVENT_ID_CONFLICT' });
    expect(() => opened.count([expansion(5), expansion(2, { id: 'a' })])).toThrow(conflict);
    expect(() => opened.count([expansion(5, { id: 'b' }), expansion(6, { id: 'b' })])).toThrow(conflict);
    expect(opened.count([expansion(7, { id: 'b' })]).results).toEqual(['counted']);
    expect(cost()).toBe(8);
  });

  test('stays pending until it is settled', async () => {
    const opened = await open();
    const [decision] = opened.count([expansion(85)]).decisions;
    opened.count([expansion(1)]);
    const again = await open();
    expect(again.ledger().pending).toEqual([decision]);
    again.settle([1]);
    expect((await open()).ledger().pending).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('is readable by its owner alone', async () => {
    (await open()).count([expansion(1)]);
    expect(statSync(log()).mode & 0o077).toBe(0);
  });
});

test('a cap that people raised is watched anew, and stays so after a restart', async () => {
  (await open()).count([expansion(100)]);
  const raised = await open({ settings: settingsWith({ budgetCap: 1_000 }) });
  expect(raised.ledger().pending.flatMap(({ decision }) => decision.measures.map(({ kind }) => kind))).toEqual([
    'pause',
    'pause',
    'requestStop',
    'proposeClear',
    'proposeClear',
  ]);
  const { length } = readFileSync(log());
  const again = await open({ settings: settingsWith({ budgetCap: 1_000 }) });
  expect(readFileSync(log())).toHaveLength(length);
  expect(again.count([expansion(900)]).decisions.flatMap(({ decision }) => decision.alerts.map(({ reason }) => reason))).toContain('budget_cap');
});

describe('a snapshot', () => {
  test('takes the place of the log before it, and nothing changes', async () => {
    const opened = await open({ snapshotEvery: 2_000 });
    for (let n = 1; n <= 60; n++) opened.countRead([expansion(1, { id: `e-${n}` })], cursor(n));
    const before = opened.ledger();
    expect(before.state.totalCost).toBe(60);
    expect(readdirSync(folder).filter((name) => name.endsWith('.jsonl')).length).toBeLessThanOrEqual(2);
    expect(existsSync(log(1))).toBe(false);
    expect(readLedger(folder)).toEqual(before);
    const again = await open({ snapshotEvery: 2_000 });
    expect(again.ledger()).toEqual(before);
    expect(again.count([expansion(1, { id: 'e-1' }), expansion(1, { id: 'e-60' })]).results).toEqual(['seen', 'seen']);
  });

  test('that can’t be written loses nothing and is told', async () => {
    const troubles: unknown[] = [];
    const opened = await open({
      snapshotEvery: 1,
      onTrouble: (error) => troubles.push(error),
      syncFolder: (place) => {
        if (existsSync(join(place, 'snapshot.json'))) throw new Error('no');
      },
    });
    expect(opened.count([expansion(1)]).results).toEqual(['counted']);
    expect(opened.count([expansion(1)]).results).toEqual(['counted']);
    expect(troubles[0]).toMatchObject({ code: 'LOOP_STATE_WRITE' });
    expect(cost()).toBe(2);
    expect((await open()).ledger().state.totalCost).toBe(2);
  });
});

describe('a crash', () => {
  test('in the middle of any append leaves what was acknowledged, tells of the rest, and goes on', async () => {
    const first = await open();
    first.count([expansion(1, { id: 'a' })]);
    const good = readFileSync(log()).length;
    first.count([expansion(2, { id: 'b' }), expansion(4, { id: 'c' })]);
    first.close();
    store = undefined;
    const whole = readFileSync(log());
    const step = full ? 1 : 37;
    for (let length = good; length < whole.length; length += step) {
      writeFileSync(log(), whole.subarray(0, length));
      const again = await open();
      expect([length, again.ledger().state.totalCost]).toEqual([length, 1]);
      expect(again.torn === null).toBe(length === good);
      if (again.torn !== null) expect(readFileSync(again.torn)).toEqual(whole.subarray(good, length));
      expect(again.count([expansion(2, { id: 'b' }), expansion(4, { id: 'c' })]).results).toEqual(['counted', 'counted']);
      expect(readFileSync(log())).toEqual(whole);
    }
  });

  test('that left more than the next line is long leaves nothing of it behind', async () => {
    const line = async (id: string): Promise<void> => {
      (await open()).count([expansion(1, { id })]);
    };
    await line('a');
    const good = readFileSync(log()).length;
    (await open()).count(Array.from({ length: 50 }, (_, n) => expansion(1, { id: `long-${n}` })));
    truncateSync(log(), readFileSync(log()).length - 1);
    await line('b');
    expect([(await open()).torn, cost(), readFileSync(log()).length < good + 1_000]).toEqual([null, 2, true]);
  });

  test('that left holes of zeros is no event', async () => {
    (await open()).count([expansion(1)]);
    appendFileSync(log(), Buffer.concat([Buffer.alloc(80), Buffer.from('}]\n')]));
    expect((await open()).ledger().state.totalCost).toBe(1);
  });

  test('between snapshot and log, at each of its steps, changes nothing', async () => {
    const opened = await open({ snapshotEvery: 1_500 });
    const stages = new Map<string, string>();
    for (let n = 1; n <= 30; n++) {
      opened.count([expansion(1, { id: `e-${n}` })]);
      const copy = mkdtempSync(join(tmpdir(), 'mooring-sentinel-'));
      cpSync(folder, copy, { recursive: true });
      stages.set(String(n), copy);
    }
    try {
      for (const [n, copy] of stages) {
        // A draft that was never put in place, and a segment that was to be deleted.
        writeFileSync(join(copy, 'snapshot.json.draft'), 'half of');
        expect([n, readLedger(copy)?.state.totalCost]).toEqual([n, Number(n)]);
      }
    } finally {
      for (const copy of stages.values()) rmSync(copy, { recursive: true });
    }
  });

  test('kill -9 at random moments loses no event and counts none twice', async () => {
    const last = full ? 1_500 : 200;
    const kills = full ? 40 : 4;
    const next = seeded(Number(process.env['MOORING_SEED'] ?? 20_260_731));
    let known = 0;
    for (let round = 0; known < last; round++)
      known = await countApart({ last, known, killAfter: round < kills ? Math.floor((next() * 2 * last) / kills) : null });
    const ledger = readLedger(folder);
    expect(ledger?.state).toMatchObject({ totalCost: last, expansions: last });
    expect(ledger?.cursors).toEqual([{ file: 'x', identity: 'i', offset: last, line: last, tail: '', phase: 'reading' }]);
    // Decided once, though the events came again.
    expect(ledger?.pending.flatMap(({ decision }) => decision.measures.map(({ kind }) => kind))).toEqual(['pause', 'pause', 'pause', 'requestStop']);
  });

  /** Runs the counting process, killed once so many more numbers were heard; resolves to the last number that was heard. */
  async function countApart({ last, known, killAfter }: { last: number; known: number; killAfter: number | null }): Promise<number> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'count-events.ts'), folder, String(last), String(known)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let heard = known;
    for await (const line of createInterface({ input: child.stdout })) {
      heard = Number(line);
      if (killAfter !== null && heard - known >= killAfter) child.kill('SIGKILL');
    }
    await ended;
    return heard;
  }
});

describe('what is not as it was written stops everything and changes nothing', () => {
  async function filled(): Promise<void> {
    const opened = await open();
    for (const id of ['a', 'b', 'c']) opened.count([expansion(1, { id })]);
    opened.close();
    store = undefined;
  }
  const corrupt = { code: 'LOOP_STATE_CORRUPT' };

  test('a changed byte, a missing line, lines in another order', async () => {
    await filled();
    const lines = readFileSync(log(), 'utf8').split('\n').slice(0, -1);
    const [head = '', a = '', b = '', c = ''] = lines;
    for (const some of [
      [head, a.replace('"cost":1', '"cost":0'), b, c],
      [head, b, c],
      [head, b, a, c],
      [a, b, c],
      [...lines, c],
      [head, a, b, c.replace('"cost":1', '"cost":0')],
    ]) {
      const text = `${some.join('\n')}\n`;
      writeFileSync(log(), text);
      await expect(open()).rejects.toMatchObject(corrupt);
      expect(() => readLedger(folder)).toThrow(expect.objectContaining(corrupt));
      expect(readFileSync(log(), 'utf8')).toBe(text);
    }
  });

  test('a changed snapshot, a lost one, and a lost segment', async () => {
    const opened = await open({ snapshotEvery: 1_000 });
    const snapshot = join(folder, 'snapshot.json');
    let early = '';
    for (let n = 0; n < 20; n++) {
      opened.count([expansion(1)]);
      if (early === '' && existsSync(snapshot)) early = readFileSync(snapshot, 'utf8');
    }
    opened.close();
    store = undefined;
    const text = readFileSync(snapshot, 'utf8');
    writeFileSync(snapshot, text.replace('"totalCost":', '"totalCosT":'));
    await expect(open()).rejects.toMatchObject(corrupt);
    rmSync(snapshot);
    await expect(open()).rejects.toMatchObject(corrupt);
    writeFileSync(snapshot, early);
    await expect(open()).rejects.toMatchObject(corrupt);
    writeFileSync(snapshot, text);
    expect((await open()).ledger().state.totalCost).toBe(20);
  });

  test('a log that is cut or deleted under its writer', async () => {
    const opened = await open();
    opened.count([expansion(1)]);
    const refused = expect.objectContaining({ code: 'LOOP_STATE_WRITE' });
    renameSync(log(), `${log()}.away`);
    rmSync(`${log()}.away`);
    expect(() => opened.count([expansion(1)])).toThrow(refused);
    expect(opened.ledger().state.totalCost).toBe(1);
  });

  test('a log that has become shorter', async () => {
    const opened = await open();
    opened.count([expansion(1)]);
    truncateSync(log(), 10);
    expect(() => opened.count([expansion(1)])).toThrow(expect.objectContaining({ code: 'LOOP_STATE_WRITE' }));
  });
});

describe('a disk that refuses', () => {
  test.runIf(existsSync('/dev/full'))('refuses the event, which then does not count', async () => {
    symlinkSync('/dev/full', log());
    await expect(open()).rejects.toMatchObject({ code: 'LOOP_STATE_WRITE' });
    rmSync(log());
    expect((await open()).count([expansion(1)]).results).toEqual(['counted']);
  });
});

test('two processes never write at once', async () => {
  await open();
  await expect(openEventStore({ folder, settings, lock: (place) => takeLock(join(place, 'lock')), syncFolder })).rejects.toMatchObject({
    code: 'JOURNAL_LOCKED',
  });
  let held = true;
  const shaky = await open({ lock: async () => ({ isHeld: () => held, release: () => {} }) });
  held = false;
  expect(() => shaky.count([expansion(1)])).toThrow(expect.objectContaining({ code: 'LOOP_STATE_WRITE' }));
});

test('the snapshot of a ledger on disk is the reference’s', async () => {
  (await open()).count([evaluation({ cost: 10, value: 5 }), expansion(90)]);
  const ledger = readLedger(folder);
  expect(ledger && snapshotOf(ledger.state)).toMatchObject({ totalCost: 100, totalValue: 5, roi: 0.05, stopRequested: true, roiBreachCount: 2 });
});
