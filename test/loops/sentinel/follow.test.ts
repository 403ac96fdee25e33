// A growing file of events, read whole lines at a time: each counted once, whatever happens to the file or to who reads it.
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../../src/journal/lock.ts';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import { type EventStore, openEventStore } from '../../../src/loops/sentinel/event-store.ts';
import { feed, type Telling } from '../../../src/loops/sentinel/feed.ts';
import { readOn } from '../../../src/loops/sentinel/follow-file.ts';
import type { Cursor } from '../../../src/loops/sentinel/ledger.ts';
import { seeded } from '../seeded.ts';
import { settingsWith } from './world.ts';

let folder: string;
let file: string;
let store: EventStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-follow-'));
  file = join(folder, 'events.ndjson');
  store = await openStore();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function openStore(): Promise<EventStore> {
  return openEventStore({ folder: join(folder, 'state'), settings: settingsWith(), lock: (place) => takeLock(join(place, 'lock')), syncFolder });
}

const line = (cost: number, id?: string) => `${JSON.stringify({ type: 'expansion', cost, ...(id === undefined ? {} : { id }) })}\n`;
const cost = () => store.ledger().state.totalCost;

/** Reads until nothing is new; what was told of the file. */
function catchUp(): string[] {
  const kinds: string[] = [];
  for (let fed = feed(file, store); fed !== null; fed = feed(file, store))
    kinds.push(...fed.notes.map(({ kind }) => kind), ...fed.findings.map(({ code }) => code));
  return kinds;
}

test('what is to be told is told before the place in the file moves on: a crash between the two loses neither', () => {
  writeFileSync(file, `${line(1, 'a')}nonsense\n${line(2, 'a')}`);
  const told: string[][] = [];
  const tell = ({ findings }: Telling): void => {
    told.push(findings.map(({ code }) => code));
    if (told.length === 1) throw new Error('the disk is full');
  };
  expect(() => feed(file, store, tell)).toThrow('the disk is full');
  expect([cost(), store.ledger().cursors]).toEqual([0, []]);
  expect(feed(file, store, tell)).toMatchObject({ counted: 1 });
  expect(feed(file, store, tell)).toBeNull();
  expect(told).toEqual([
    ['EVENT_SYNTAX', 'EVENT_ID_CONFLICT'],
    ['EVENT_SYNTAX', 'EVENT_ID_CONFLICT'],
  ]);
});

describe('a file that grows', () => {
  test('is waited for, and read line by line, from where it was left', () => {
    expect(feed(file, store)).toBeNull();
    writeFileSync(file, line(1) + line(2));
    expect(feed(file, store)).toMatchObject({ counted: 2, repeated: 0, findings: [], notes: [] });
    expect(feed(file, store)).toBeNull();
    appendFileSync(file, line(4));
    expect(feed(file, store)).toMatchObject({ counted: 1 });
    expect(store.ledger().state.lastCost?.from).toBe(`${file}:3`);
    expect(cost()).toBe(7);
  });

  test('has a last line that waits for its end, byte by byte', () => {
    const text = line(1) + line(2);
    for (const byte of text) {
      appendFileSync(file, byte);
      feed(file, store);
    }
    expect(cost()).toBe(3);
    expect(store.ledger().state.expansions).toBe(2);
  });

  test('may have a mark at its start, empty lines and other line ends', () => {
    writeFileSync(file, `\uFEFF${line(1).trim()}\r\n\r\n\n${line(2)}`);
    expect(catchUp()).toEqual([]);
    expect([cost(), store.ledger().state.lastCost?.from]).toEqual([3, `${file}:4`]);
  });

  test('with bad lines and ids of other events is told of each, and read on', () => {
    writeFileSync(file, `${line(1, 'a')}nonsense\n${line(2, 'a')}${line(1, 'a')}${line(-1)}${line(4)}`);
    expect(feed(file, store)).toMatchObject({
      counted: 2,
      repeated: 1,
      findings: [
        { code: 'EVENT_SYNTAX', source: { file, line: 2 } },
        { code: 'NUMBER_NEGATIVE', source: { line: 5 } },
        { code: 'EVENT_ID_CONFLICT', message: expect.stringContaining(`${file}:3`) },
      ],
    });
    expect([cost(), feed(file, store)]).toEqual([5, null]);
  });

  test('is read in pieces, and a line longer than a piece is left out', () => {
    writeFileSync(file, `${line(1)}${line(2)}${'x'.repeat(250)}\n${line(4)}${'y'.repeat(120)}`);
    const items: string[] = [];
    const notes: string[] = [];
    let cursor: Cursor | null = null;
    for (let batch = readOn(file, cursor, 60); batch !== null; batch = readOn(file, cursor, 60)) {
      items.push(...batch.items.map((item) => `${item.line} ${item.text}`));
      notes.push(...batch.notes.map(({ message }) => message.replace(file, 'f')));
      cursor = JSON.parse(JSON.stringify(batch.cursor)) as Cursor;
    }
    expect(items).toEqual([`1 ${line(1).trim()}`, `2 ${line(2).trim()}`, `4 ${line(4).trim()}`]);
    expect(notes).toEqual(['f:3 is longer than 60 bytes and was left out', 'f:5 is longer than 60 bytes and was left out']);
    expect(cursor).toMatchObject({ line: 4, phase: 'skipping' });
  });

  test('is a file, and can be opened', () => {
    mkdirSync(file);
    expect(() => feed(file, store)).toThrow(expect.objectContaining({ code: 'FILE_NOT_REGULAR' }));
    writeFileSync(join(folder, 'x'), '');
    expect(() => feed(join(folder, 'x', 'events.ndjson'), store)).toThrow(expect.objectContaining({ code: 'FILE_MISSING' }));
  });
});

describe('rotation', () => {
  beforeEach(() => {
    writeFileSync(file, line(1) + line(2));
    catchUp();
  });

  test('by another name: the former file to its end, also what comes late, then the new one', () => {
    appendFileSync(file, line(4));
    renameSync(file, `${file}.1`);
    expect(catchUp()).toEqual([]);
    expect(cost()).toBe(7);
    writeFileSync(file, line(16));
    feed(file, store);
    // Its writer has not heard of the change yet.
    appendFileSync(`${file}.1`, line(8));
    expect(catchUp()).toEqual(['rotated']);
    expect(cost()).toBe(31);
    appendFileSync(file, line(32));
    catchUp();
    expect(cost()).toBe(63);
  });

  test('while nobody reads: the former file is found, its last line without end too', async () => {
    appendFileSync(file, line(4).trim());
    renameSync(file, join(folder, 'events.ndjson.2026-10-01'));
    writeFileSync(file, line(8));
    store.close();
    store = await openStore();
    expect(catchUp()).toEqual(['rotated']);
    expect(cost()).toBe(15);
  });

  test('with half a line at its end: that is told, with its file and line', () => {
    appendFileSync(file, '{"type":"expansion","co');
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(8));
    expect(catchUp()).toEqual(['rotated', 'EVENT_SYNTAX']);
    expect(cost()).toBe(11);
  });

  test('by deletion: what may be lost is told, and the new file is read', () => {
    // Moved out of sight, so that the new file surely is another one.
    renameSync(file, join(folder, 'gone'));
    writeFileSync(file, line(8));
    expect(catchUp()).toEqual(['gap']);
    expect(cost()).toBe(11);
  });

  test('by emptying it: it is read from its start, and told', () => {
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
    expect(catchUp()).toEqual(['truncated']);
    appendFileSync(file, line(4));
    expect(catchUp()).toEqual([]);
    expect(cost()).toBe(7);
  });

  test('by emptying it and writing more than was there before, between two looks', () => {
    writeFileSync(file, line(4) + line(8) + line(16));
    expect(catchUp()).toEqual(['truncated']);
    expect(cost()).toBe(31);
  });

  test('more than once while nobody reads: the file between is told of, for it can’t be told what it is', () => {
    writeFileSync(`${file}.old`, line(64));
    utimesSync(`${file}.old`, 1, 1);
    renameSync(file, `${file}.2`);
    utimesSync(`${file}.2`, 1_000, 1_000);
    writeFileSync(`${file}.1`, line(4));
    writeFileSync(file, line(8));
    const notes = [];
    for (let fed = feed(file, store); fed !== null; fed = feed(file, store)) notes.push(...fed.notes);
    expect(notes.map(({ kind }) => kind)).toEqual(['rotated', 'gap']);
    expect(notes[1]?.message).toContain('events.ndjson.1 was not read');
    expect(cost()).toBe(11);
  });

  test('and nothing in its place yet: the former file is waited on', () => {
    renameSync(file, `${file}.1`);
    expect(feed(file, store)).toBeNull();
    appendFileSync(`${file}.1`, line(4));
    expect(feed(file, store)).toMatchObject({ counted: 1 });
  });
});

test('over random writes, rotations and restarts every line counts once', async () => {
  const seed = Number(process.env['MOORING_SEED'] ?? 20_260_731);
  const next = seeded(seed);
  let [written, held, rotations] = [0, '', 0];
  const steps = process.env['MOORING_FULL'] === '1' ? 3_000 : 300;
  for (let step = 0; step < steps; step++) {
    const what = next();
    if (what < 0.5) {
      const text = held + line(1);
      const cut = Math.floor(next() * (text.length + 1));
      appendFileSync(file, text.slice(0, cut));
      held = text.slice(cut);
      written++;
    } else if (what < 0.85) feed(file, store);
    else if (what < 0.93) {
      store.close();
      store = await openStore();
    } else if (written > 0) {
      appendFileSync(file, held);
      held = '';
      renameSync(file, `${file}.${++rotations}`);
      appendFileSync(file, '');
      // As logs are rotated: not again before the last one was read.
      catchUp();
    }
  }
  appendFileSync(file, held);
  catchUp();
  expect([cost(), store.ledger().state.expansions], `seed ${seed}`).toEqual([written, written]);
});
