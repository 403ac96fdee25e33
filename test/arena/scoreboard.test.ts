// The scoreboard: its form, what counts once, and a file that is never quietly begun anew.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recount } from '../../src/arena/recount.ts';
import type { RoundRecord } from '../../src/arena/round-record.ts';
import { countResults, formatScoreboard, mostNotes, parseScoreboard, reconcileSlashes, type Scoreboard } from '../../src/arena/scoreboard.ts';
import { readScoreboard, writeScoreboard } from '../../src/arena/scoreboard-file.ts';

const [ann, bob] = ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'];
const empty: Scoreboard = new Map();
const plain = (board: Scoreboard): unknown => JSON.parse(formatScoreboard(board));

describe('a scoreboard', () => {
  test('is written with sorted keys, and reads back as it was', () => {
    const board = countResults(
      empty,
      [
        { agent: bob, won: true, note: 'x/1' },
        { agent: ann, won: false, note: 'x/1' },
      ],
      1_700_000_000,
    );
    expect(formatScoreboard(board).indexOf(ann)).toBeLessThan(formatScoreboard(board).indexOf(bob));
    expect(plain(board)).toEqual({
      [ann]: { wins: 0, losses: 1, slashes: 0, notes: ['x/1'], updatedAt: 1_700_000_000 },
      [bob]: { wins: 1, losses: 0, slashes: 0, notes: ['x/1'], updatedAt: 1_700_000_000 },
    });
    expect(formatScoreboard(parseScoreboard(formatScoreboard(board)) as Scoreboard)).toBe(formatScoreboard(board));
  });

  test('counts a note once, however often it is told, and an address in any case as one agent', () => {
    const once = countResults(empty, [{ agent: ann, won: true, note: 'x/1' }], 1);
    expect(countResults(once, [{ agent: ann.toLowerCase(), won: true, note: 'x/1' }], 2)).toEqual(once);
    expect(countResults(once, [{ agent: ann.toLowerCase(), won: true, note: 'x/2' }], 2).get(ann)?.wins).toBe(2);
  });

  test('keeps the newest notes', () => {
    const many = Array.from({ length: mostNotes + 5 }, (_, i) => ({ agent: ann, won: true, note: `x/${i}` }));
    const board = countResults(empty, many, 1);
    expect([board.get(ann)?.wins, board.get(ann)?.notes.length, board.get(ann)?.notes[0]]).toEqual([mostNotes + 5, mostNotes, 'x/5']);
  });

  test('takes slashes from the chain, up and down, and the second time nothing changes', () => {
    const before = reconcileSlashes(countResults(empty, [{ agent: ann, won: true, note: 'x/1' }], 1), new Map([[ann.toLowerCase(), 2]]), 2);
    expect(before.changes).toEqual([{ agent: ann, from: 0, to: 2 }]);
    const after = reconcileSlashes(before.board, new Map([[bob, 1]]), 3);
    expect(after.changes).toEqual([
      { agent: ann, from: 2, to: 0 },
      { agent: bob, from: 0, to: 1 },
    ]);
    expect(reconcileSlashes(after.board, new Map([[bob, 1]]), 4)).toEqual({ board: after.board, changes: [] });
  });

  test.each([
    '',
    'null',
    '[]',
    '{"a":1}',
    '{"a":{"wins":-1,"losses":0,"slashes":0,"notes":[],"updatedAt":0}}',
    '{"a":{"wins":1,"losses":0,"slashes":0,"notes":[1],"updatedAt":0}}',
    '{"a":{"wins":1.5,"losses":0,"slashes":0,"notes":[],"updatedAt":0}}',
    '{"a":{"wins":1,"losses":0,"slashes":0,"notes":[],"updatedAt":"x"}}',
  ])('is not %s', (text) => {
    expect(parseScoreboard(text)).toHaveProperty('why');
  });
});

describe('counted again from the records of rounds', () => {
  const round = (sequence: number, stage: RoundRecord['stage'] = 'done'): RoundRecord =>
    ({ id: `x-${sequence}`, sequence, stage, verdict: { winners: [ann], losers: [{ agent: bob, why: 'slow' }] } }) as unknown as RoundRecord;
  const rounds = Array.from({ length: mostNotes + 5 }, (_, i) => round(i + 1));
  const { board: whole } = recount(empty, rounds, 1);

  test('is every round, once', () => {
    expect([whole.get(ann)?.wins, whole.get(ann)?.losses, whole.get(bob)?.wins, whole.get(bob)?.losses]).toEqual([105, 0, 0, 105]);
    expect(recount(whole, rounds, 2)).toEqual({ board: whole, counted: [] });
  });

  test('is not a round of which only the note is gone', () => {
    const { board: older } = recount(empty, rounds.slice(0, -2), 1);
    const { board, counted } = recount(older, rounds, 2);
    expect([counted, board.get(ann)?.wins]).toEqual([['x-104', 'x-105'], 105]);
  });

  test('is not a round that goes on', () => {
    expect(recount(empty, [round(1, 'judged'), round(2, 'planned')], 1).counted).toEqual([]);
  });
});

describe('the file', () => {
  let folder: string;
  let file: string;
  const put = (name: string, text: string): void => writeFileSync(name, text);
  const board = countResults(empty, [{ agent: ann, won: true, note: 'x/1' }], 1);
  const codeOf = (): unknown => {
    try {
      return readScoreboard(file);
    } catch (error) {
      return (error as { code: unknown }).code;
    }
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mooring-board-'));
    file = join(folder, 'scoreboard.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('begins empty, and keeps the board before', () => {
    expect(readScoreboard(file)).toEqual(empty);
    writeScoreboard(file, board, put);
    const next = countResults(board, [{ agent: ann, won: true, note: 'x/2' }], 2);
    writeScoreboard(file, next, put);
    expect(readScoreboard(file)).toEqual(next);
    expect(readFileSync(`${file}.previous`, 'utf8')).toBe(formatScoreboard(board));
  });

  test('that is broken is an error with one copy of it, and stays as it is', () => {
    writeFileSync(file, '{"torn');
    for (let i = 0; i < 3; i++) expect(codeOf()).toBe('SCOREBOARD_CORRUPT');
    const copies = readdirSync(folder).filter((name) => name.includes('corrupt'));
    expect(copies.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['{"torn']);
    expect(readFileSync(file, 'utf8')).toBe('{"torn');
  });

  test('that is gone while the copy before it is there is not begun anew', () => {
    writeScoreboard(file, board, put);
    writeScoreboard(file, countResults(board, [{ agent: bob, won: true, note: 'x/2' }], 2), put);
    rmSync(file);
    expect(codeOf()).toBe('SCOREBOARD_CORRUPT');
    expect(existsSync(file)).toBe(false);
  });
});
