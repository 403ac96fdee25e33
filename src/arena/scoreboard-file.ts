// Where the scoreboard is kept: whole or not at all, with the copy before it; a broken one is set aside and told, never begun anew.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MooringError } from '../errors.ts';
import { formatScoreboard, parseScoreboard, type Scoreboard } from './scoreboard.ts';

/** Puts a text in a file's place: whole, or not at all; on disk when it returns. */
export type PutWhole = (file: string, text: string) => void;

/** Empty where there never was one. Throws SCOREBOARD_CORRUPT. SIDE EFFECTS: keeps a copy of a broken one beside it. */
export function readScoreboard(file: string): Scoreboard {
  if (!existsSync(file)) {
    if (!existsSync(previousOf(file))) return new Map();
    throw corrupt(file, 'it is gone, and the copy before it is there', null);
  }
  const bytes = readFileSync(file);
  const board = parseScoreboard(bytes.toString('utf8'));
  if (!('why' in board)) return board;
  throw corrupt(file, board.why, setAside(file, bytes));
}

/** SIDE EFFECTS: keeps the board that was there as `<file>.previous`, and puts the new one in its place. */
export function writeScoreboard(file: string, board: Scoreboard, put: PutWhole): void {
  const text = formatScoreboard(board);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  if (before === text) return;
  if (before !== null) put(previousOf(file), before);
  put(file, text);
}

function previousOf(file: string): string {
  return `${file}.previous`;
}

/** Named by what is in it: the same broken file is kept once. */
function setAside(file: string, bytes: Buffer): string {
  const aside = `${file}.corrupt-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
  if (!existsSync(aside)) writeFileSync(aside, bytes, { flag: 'wx', mode: 0o600, flush: true });
  return aside;
}

function corrupt(file: string, why: string, aside: string | null): MooringError {
  const copy = aside === null ? '' : `A copy of it is in ${aside}. `;
  const previous = existsSync(previousOf(file)) ? `Put ${previousOf(file)} in its place` : 'Put a copy of it back';
  return new MooringError('SCOREBOARD_CORRUPT', `${file}: ${why}`, {
    fix: `Nothing was changed. ${copy}${previous}, then run mooring arena reconcile: it counts the rounds again that the copy lacks, and takes the slashes from the chain.`,
  });
}
