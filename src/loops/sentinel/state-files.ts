// The files behind the sentinel's store: a snapshot, and the log since then. Every write is on disk when it returns.
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { firstSeal } from '../sealed-text.ts';
import { putWhole, readIfThere } from '../whole-file.ts';
import { formatSnapshot, type ReadLog, readLog, readSnapshot, type StoredSnapshot } from './log-lines.ts';

/** What a folder holds: the snapshot, if there is one, and the segment behind it, read. */
export type ReadFiles = { snapshot: StoredSnapshot | null; segment: number; log: ReadLog };

const snapshotName = 'snapshot.json';
const segmentName = /^log-(\d{6})\.jsonl$/;

export function segmentFile(folder: string, segment: number): string {
  return join(folder, `log-${String(segment).padStart(6, '0')}.jsonl`);
}

/** Null where the folder holds nothing. Throws LOOP_STATE_CORRUPT, naming file, line and byte; nothing is changed. SIDE EFFECTS: reads. */
export function readFiles(folder: string): ReadFiles | null {
  const segments = segmentsIn(folder);
  const text = readIfThere(join(folder, snapshotName))?.toString('utf8') ?? null;
  if (text === null && segments.length === 0) return null;
  const snapshot = text === null ? null : readSnapshot(text);
  if (text !== null && snapshot === null) throw corrupt(`${join(folder, snapshotName)} is not what was written there`);
  const segment = snapshot?.segment ?? 1;
  const newer = segments.find((other) => other > segment);
  if (newer !== undefined) throw corrupt(`${segmentFile(folder, newer)} is there, but what comes before it is not`);
  const file = segmentFile(folder, segment);
  const bytes = readIfThere(file);
  // A snapshot's own segment begins with the first append behind it.
  if (bytes === null && snapshot === null) throw corrupt(`${file} is missing`);
  const log = readLog(bytes ?? Buffer.alloc(0), snapshot?.seal ?? firstSeal);
  if ('why' in log) throw corrupt(`${file}:${log.line} (byte ${log.offset}): ${log.why}`);
  return { snapshot, segment, log };
}

function segmentsIn(folder: string): number[] {
  const names = attempt(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => Number(segmentName.exec(name)?.[1] ?? Number.NaN)).filter((segment) => !Number.isNaN(segment));
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function corrupt(what: string): MooringError {
  return new MooringError('LOOP_STATE_CORRUPT', what, {
    fix:
      'Nothing was changed. Put the folder back from a copy. Without one, move the folder away: the sentinel then starts with nothing spent, so first lower budgetCap ' +
      'in loops/sentinel.yaml by what was spent already.',
  });
}

/** A segment that is open for appending. */
export type LogFile = {
  /** Appends, flushed; on failure puts the end back where it was and throws. */
  append(line: string): void;
  length(): number;
  close(): void;
};

/** Opens a segment behind its `length` good bytes; what a crash left there is cut off with the next append. SIDE EFFECTS: opens, may create. */
export function openLog(file: string, length: number): LogFile {
  const descriptor = openSync(file, length === 0 ? 'a+' : 'r+', 0o600);
  closeSync(descriptor);
  const writing = openSync(file, 'r+');
  let end = length;
  return {
    append(line) {
      const bytes = Buffer.from(line, 'utf8');
      writeAt(writing, bytes, end);
      end += bytes.length;
    },
    length: () => end,
    close: () => closeSync(writing),
  };
}

function writeAt(descriptor: number, bytes: Buffer, end: number): void {
  const { size, nlink } = fstatSync(descriptor);
  if (size < end || nlink === 0) throw new Error('the file was cut or deleted by somebody else');
  try {
    if (size > end) ftruncateSync(descriptor, end);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, end + done);
    fdatasyncSync(descriptor);
  } catch (error) {
    // Where this fails too, a torn line stays, which readers tolerate and the next append cuts off.
    attemptQuietly(() => ftruncateSync(descriptor, end));
    throw error;
  }
}

function attemptQuietly(act: () => void): void {
  try {
    act();
  } catch {}
}

/** Keeps a torn line's bytes beside the log. SIDE EFFECTS: writes a file. Returns its path. */
export function setAside(file: string, torn: Buffer, length: number): string {
  const aside = `${file}.torn-${length}-${torn.length}`;
  writeFileSync(aside, torn, { mode: 0o600, flush: true });
  return aside;
}

/**
 * Puts a snapshot in the place of the last one, whole or not at all, and forgets segments that are older than the one
 * before it. SIDE EFFECTS: writes, renames, deletes.
 */
export function putSnapshot(folder: string, snapshot: StoredSnapshot, syncFolder: (folder: string) => void): void {
  putWhole(join(folder, snapshotName), formatSnapshot(snapshot), syncFolder);
  for (const segment of segmentsIn(folder)) if (segment < snapshot.segment - 1) rmSync(segmentFile(folder, segment), { force: true });
}
