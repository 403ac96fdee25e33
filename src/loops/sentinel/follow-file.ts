// Reads on in a file of events that another program appends to: whole lines only, across rotation, truncation and restarts.
// All that it knows is in the cursor, so going on after a crash is the same as going on.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MooringError } from '../../errors.ts';
import type { Cursor } from './ledger.ts';
import type { EventText } from './parse-events.ts';
import { takeLines } from './take-lines.ts';

/**
 * What people should know. `truncated`: the file holds other bytes than were read, and is read from its start. `rotated`:
 * another file has its name. `gap`: that happened, and the rest of the former file is nowhere. `too long`: a line was left out.
 */
export type FollowNote = { kind: 'truncated' | 'rotated' | 'gap' | 'too long'; message: string };

/** Whole lines that weren't read before, and where to go on once they are counted. */
export type FollowBatch = { items: readonly EventText[]; cursor: Cursor; notes: readonly FollowNote[] };

/** Bytes that are read at once; a line that is longer is left out. */
const usualChunk = 1024 * 1024;
/** Bytes before the cursor that tell whether the file is still the one that was read. */
const tailBytes = 1024;

/** `modified` in nanoseconds since the epoch. */
type Open = { descriptor: number; identity: string; modified: bigint };

/**
 * What is new behind `cursor` (null: from the start), or null where nothing is, the file itself perhaps. A last line without
 * its end waits. Throws FILE_NOT_REGULAR, FILE_MISSING where it can't be opened. SIDE EFFECTS: reads.
 */
export function readOn(file: string, cursor: Cursor | null, chunk = usualChunk): FollowBatch | null {
  const current = openFile(file);
  try {
    if (cursor === null || (current !== null && current.identity === cursor.identity))
      return current === null ? null : readCurrent(file, current, { cursor, chunk });
    return readFormer(file, current, { cursor, chunk });
  } finally {
    if (current !== null) closeSync(current.descriptor);
  }
}

function readCurrent(file: string, current: Open, { cursor, chunk }: { cursor: Cursor | null; chunk: number }): FollowBatch | null {
  const start = startOf(file, current);
  if (cursor === null || isSame(current, cursor)) return readFrom(current, cursor ?? start, { chunk, notes: [] });
  const message = `${file} no longer holds what was read of it (${cursor.line} lines); it is read from its start`;
  const notes: readonly FollowNote[] = [{ kind: 'truncated', message }];
  return readFrom(current, start, { chunk, notes }) ?? { items: [], cursor: start, notes };
}

/** The file of the cursor has lost its name: its rest first, then the one that has the name now. */
function readFormer(file: string, current: Open | null, { cursor, chunk }: { cursor: Cursor; chunk: number }): FollowBatch | null {
  const former = findFormer(file, cursor);
  try {
    if (former !== null) {
      const batch = readFrom(former, cursor.phase === 'replaced' ? { ...cursor, phase: 'reading' } : cursor, { chunk, notes: [] });
      if (batch !== null) return batch;
    }
    if (current === null) return null;
    const start = startOf(file, current);
    if (former === null) {
      const message = `${file} was replaced after line ${cursor.line}, and what followed in the former file can't be found`;
      const notes: readonly FollowNote[] = [{ kind: 'gap', message }];
      return readFrom(current, start, { chunk, notes }) ?? { items: [], cursor: start, notes };
    }
    // Whoever writes may not have heard of the change yet: the former file is looked at once more.
    if (cursor.phase !== 'replaced') return { items: [], cursor: { ...cursor, phase: 'replaced' }, notes: [] };
    return { items: lastLine(former, cursor), cursor: start, notes: [rotated(file, cursor), ...missed(file, { former, current })] };
  } finally {
    if (former !== null) closeSync(former.descriptor);
  }
}

function startOf(file: string, { identity }: Open): Cursor {
  return { file, identity, offset: 0, line: 0, tail: '', phase: 'reading' };
}

function readFrom(open: Open, from: Cursor, { chunk, notes }: { chunk: number; notes: readonly FollowNote[] }): FollowBatch | null {
  const bytes = readBytes(open, from.offset, chunk);
  const taken = takeLines(bytes, { line: from.line, skipping: from.phase === 'skipping', full: bytes.length === chunk });
  if (taken.length === 0) return null;
  const offset = from.offset + taken.length;
  const tooLong: readonly FollowNote[] =
    taken.tooLong === null ? [] : [{ kind: 'too long', message: `${from.file}:${taken.tooLong} is longer than ${chunk} bytes and was left out` }];
  const cursor: Cursor = { ...from, offset, line: taken.line, tail: tailAt(open, offset), phase: taken.skipping ? 'skipping' : 'reading' };
  return { items: taken.items, cursor, notes: [...notes, ...tooLong] };
}

/** What stands behind the last line break of a file to which nobody writes any more. */
function lastLine(open: Open, { offset, line, phase }: Cursor): EventText[] {
  const text = readBytes(open, offset, usualChunk).toString('utf8').trim();
  return text === '' || phase === 'skipping' ? [] : [{ text, line: line + 1 }];
}

function isSame(open: Open, { offset, tail }: Cursor): boolean {
  return tailAt(open, offset) === tail;
}

function tailAt(open: Open, offset: number): string {
  if (offset === 0) return '';
  const start = Math.max(0, offset - tailBytes);
  return createHash('sha256')
    .update(readBytes(open, start, offset - start))
    .digest('hex')
    .slice(0, 16);
}

function rotated(file: string, { line }: Cursor): FollowNote {
  return { kind: 'rotated', message: `${file} was replaced; all ${line} lines of the former one were read` };
}

/** Replaced more than once while nobody read: which of the files between belong to it isn't guessed. */
function missed(file: string, { former, current }: { former: Open; current: Open }): FollowNote[] {
  const between = namesBeside(file).filter((name) => {
    const open = openQuietly(join(dirname(file), name));
    if (open === null) return false;
    closeSync(open.descriptor);
    return open.identity !== former.identity && open.identity !== current.identity && open.modified > former.modified;
  });
  const message = `${file} was replaced more than once: what is in ${between.join(', ')} was not read`;
  return between.length === 0 ? [] : [{ kind: 'gap', message }];
}

/** A file beside it with the identity and the bytes that the cursor tells of: `events.ndjson.1`. */
function findFormer(file: string, cursor: Cursor): Open | null {
  for (const name of namesBeside(file)) {
    const open = openQuietly(join(dirname(file), name));
    if (open === null) continue;
    if (open.identity === cursor.identity && isSame(open, cursor)) return open;
    closeSync(open.descriptor);
  }
  return null;
}

function namesBeside(file: string): string[] {
  return readdirSync(dirname(file)).filter((name) => name !== basename(file) && name.startsWith(basename(file)));
}

function openQuietly(file: string): Open | null {
  try {
    return openFile(file);
  } catch {
    return null;
  }
}

function openFile(file: string): Open | null {
  let descriptor: number;
  try {
    // A pipe without a writer must not hold the loop.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new MooringError('FILE_MISSING', `${file} can't be opened (${code})`, { fix: 'let the sentinel read it' });
  }
  const stats = fstatSync(descriptor, { bigint: true });
  if (stats.isFile()) return { descriptor, identity: `${stats.dev}:${stats.ino}`, modified: stats.mtimeNs };
  closeSync(descriptor);
  throw new MooringError('FILE_NOT_REGULAR', `${file} is not a file`, { fix: 'name the file that events are appended to' });
}

function readBytes({ descriptor }: Open, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  for (let got = -1; got !== 0 && done < length; done += got) got = readSync(descriptor, bytes, done, length - done, from + done);
  return bytes.subarray(0, done);
}
