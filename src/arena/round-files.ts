// The folder of the arena's off-chain side: `rounds/<id>.json` to go on from, `runs/<id>.json` as receipts, the scoreboard, and
// the log. Each file is there whole or not at all, but for the log, which only grows.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../errors.ts';
import type { LogLine } from './log-line.ts';
import { formatReceipt } from './receipt.ts';
import { formatRecord, parseRecord, type RoundRecord } from './round-record.ts';
import type { Scoreboard } from './scoreboard.ts';
import { type PutWhole, readScoreboard, writeScoreboard } from './scoreboard-file.ts';

export type RoundFiles = {
  /** In their order; read once, since whoever holds the folder's lock is alone. Throws ROUND_RECORD_CORRUPT. */
  rounds(): readonly RoundRecord[];
  /** Throws SCOREBOARD_CORRUPT. */
  board(): Scoreboard;
  /** SIDE EFFECTS: the record, then its receipt. */
  keep(record: RoundRecord): void;
  keepBoard(board: Scoreboard): void;
  log(line: LogLine): void;
};

/** SIDE EFFECTS: makes the folder. */
export function openRoundFiles(folder: string, put: PutWhole): RoundFiles {
  const [rounds, runs] = [join(folder, 'rounds'), join(folder, 'runs')];
  for (const name of [rounds, runs]) mkdirSync(name, { recursive: true, mode: 0o700 });
  const scoreboard = join(folder, 'scoreboard.json');
  const board = (): Scoreboard => readScoreboard(scoreboard);
  let known: readonly RoundRecord[] | null = null;
  return {
    rounds() {
      known ??= readRounds(rounds);
      return known;
    },
    board,
    keep(record) {
      put(join(rounds, `${record.id}.json`), formatRecord(record));
      if (known !== null) known = [...known.filter(({ id }) => id !== record.id), record].sort((a, b) => a.sequence - b.sequence);
      put(join(runs, `${record.id}.json`), formatReceipt(record, board()));
    },
    keepBoard: (next) => writeScoreboard(scoreboard, next, put),
    log: (line) => appendFileSync(join(folder, 'orchestrator.ndjson'), `${JSON.stringify(line)}\n`, { mode: 0o600 }),
  };
}

function readRounds(folder: string): RoundRecord[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const records = names.map((name) => {
    const record = parseRecord(readFileSync(join(folder, name), 'utf8'), name.slice(0, -'.json'.length));
    if (record !== null) return record;
    throw new MooringError('ROUND_RECORD_CORRUPT', `${join(folder, name)} is not the record of a round`, {
      fix: 'Nothing was changed. Put a copy of the file back. Deleted, its round would be planned anew, and start a second one on chain.',
    });
  });
  return records.sort((a, b) => a.sequence - b.sequence);
}
