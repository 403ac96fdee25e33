// Where runs are recorded: a folder with the journal's lines, receipts and lock. Nothing here decides what is sent.
import { closeSync, existsSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../errors.ts';
import type { JournalEvent, JournalStore } from '../types.ts';
import { firstSeal, formatLine, type ReadLines, readLines } from './lines.ts';
import { type Held, takeLock } from './lock.ts';
import { keepReceipt, readReceipts } from './receipt-files.ts';
import { syncFolder } from './sync-folder.ts';

type Files = { folder: string; journal: string };

/**
 * Opens the journal in `folder`, which need not be there yet. `append` and `keepReceipt` want the lock.
 * Errors: JOURNAL_LOCKED; JOURNAL_CORRUPT where a line isn't what was written (nothing is changed then);
 * JOURNAL_WRITE where the disk refuses (what was there before stays readable).
 */
export function openFileStore(folder: string): JournalStore {
  const files: Files = { folder, journal: join(folder, 'journal.jsonl') };
  let lock: Held | null = null;
  let end: Pick<ReadLines, 'seal' | 'length'> | null = null;
  function demandLock(): void {
    if (lock === null || !lock.isHeld()) throw new MooringError('JOURNAL_NOT_LOCKED', `the journal in ${folder} is not locked`);
  }
  return {
    async append(events) {
      demandLock();
      end = appendLine(files, events, end);
    },
    read: async () => load(files).events,
    async keepReceipt(receipt, signature) {
      demandLock();
      return { file: keepReceipt(folder, receipt, signature) };
    },
    receipts: async () => readReceipts(folder).map((kept) => kept.receipt),
    async lock() {
      if (lock?.isHeld()) throw new MooringError('JOURNAL_LOCKED', `this process holds the journal in ${folder} already`);
      const taken = await takeLock(join(folder, 'lock'));
      // Whoever held it before may have appended.
      [lock, end] = [taken, null];
      return { release: async () => taken.release() };
    },
    isHeld: async () => lock?.isHeld() === true,
  };
}

function load({ journal }: Files): ReadLines {
  if (!existsSync(journal)) return { events: [], seal: firstSeal, length: 0, torn: null };
  const bytes = readAll(journal);
  const read = readLines(bytes);
  if (!('why' in read)) return read;
  throw new MooringError('JOURNAL_CORRUPT', `${journal}:${read.line} (byte ${read.offset} of ${bytes.length}): ${read.why}`, {
    fix:
      `Nothing was changed, and the ${read.line - 1} lines before it are intact. Keep a copy of the file. If you have a good copy (a backup, another checkout), put it back. ` +
      `Otherwise first make sure that no transaction of the signers is waiting (compare their latest and pending nonces), then cut the file: truncate -s ${read.offset} ${journal}. ` +
      'What the cut lines recorded is on the chain; the next plan finds it there.',
  });
}

/** SIDE EFFECTS: appends one line, flushed to disk; cuts a torn line off first and keeps its bytes beside the journal. */
function appendLine(files: Files, events: readonly JournalEvent[], known: Pick<ReadLines, 'seal' | 'length'> | null): Pick<ReadLines, 'seal' | 'length'> {
  try {
    const created = !existsSync(files.journal);
    if (created) mkdirSync(files.folder, { recursive: true, mode: 0o700 });
    const end = known ?? prepare(files);
    const { line, seal } = formatLine(events, end.seal);
    const bytes = Buffer.from(line, 'utf8');
    write(files.journal, bytes, end.length);
    if (created) syncFolder(files.folder);
    return { seal, length: end.length + bytes.length };
  } catch (error) {
    if (error instanceof MooringError) throw error;
    throw new MooringError('JOURNAL_WRITE', `${files.journal} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the folder writable, and apply again: nothing that was not recorded has been sent.',
      cause: error,
    });
  }
}

function prepare(files: Files): Pick<ReadLines, 'seal' | 'length'> {
  const read = load(files);
  if (read.torn !== null) setAside(files, read.torn, read.length);
  return read;
}

function setAside(files: Files, torn: Buffer, length: number): void {
  let aside = `${files.journal}.torn-${length}`;
  for (let n = 2; existsSync(aside); n++) aside = `${files.journal}.torn-${length}-${n}`;
  writeFileSync(aside, torn, { flag: 'wx', mode: 0o600, flush: true });
  syncFolder(files.folder);
}

/** Writes `bytes` as the file's end from `length` on; on failure puts the end back where it was. */
function write(file: string, bytes: Buffer, length: number): void {
  // Not O_APPEND: the end is where the last good line ends. 'r+' never creates, so a vanished journal isn't begun anew unseen.
  const descriptor = openSync(file, length === 0 ? 'a' : 'r+', 0o600);
  try {
    if (fstatSync(descriptor).size < length) throw new Error(`it has become shorter than the ${length} bytes that were there`);
    ftruncate(descriptor, length);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, length + done);
    fdatasyncSync(descriptor);
  } catch (error) {
    restore(descriptor, length);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function ftruncate(descriptor: number, length: number): void {
  if (fstatSync(descriptor).size > length) ftruncateSync(descriptor, length);
}

function restore(descriptor: number, length: number): void {
  try {
    ftruncate(descriptor, length);
  } catch {
    // A torn line stays, which the next reader tolerates.
  }
}

/** Reads exactly what the file has now: another process may be appending. */
function readAll(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(descriptor, bytes, done, bytes.length - done, done);
      if (got === 0) break;
      done += got;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(descriptor);
  }
}
