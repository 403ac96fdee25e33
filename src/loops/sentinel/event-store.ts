// Where the sentinel's events are recorded before they count: on disk when `count` returns, whole or not at all.
import { mkdirSync } from 'node:fs';
import { MooringError } from '../../errors.ts';
import type { SentinelSettings } from '../../loop-types.ts';
import { firstSeal } from '../sealed-text.ts';
import {
  type Admission,
  admit,
  applyEntries,
  applyEntry,
  type Cursor,
  type EventResult,
  emptyLedger,
  type Ledger,
  type LogEntry,
  type PausedFlag,
  type Pending,
  refuseConflicts,
  sameSettings,
} from './ledger.ts';
import { formatLine } from './log-lines.ts';
import { type SeenIds, seenIds } from './seen-ids.ts';
import type { SentinelEvent } from './state.ts';
import { type LogFile, openLog, putSnapshot, type ReadFiles, readFiles, segmentFile, setAside } from './state-files.ts';

export type StoreOptions = {
  folder: string;
  /** Those that are declared now. */
  settings: SentinelSettings;
  /** Takes the folder's lock for this process, or throws. */
  lock: (folder: string) => Promise<{ isHeld(): boolean; release(): void }>;
  /** Makes the names in a folder durable. */
  syncFolder: (folder: string) => void;
  /** Bytes of log behind which a snapshot is taken. */
  snapshotEvery?: number;
  /** A snapshot could not be written; nothing is lost. */
  onTrouble?: (error: unknown) => void;
};

export type Counted = { results: readonly EventResult[]; decisions: readonly Pending[] };

/** Every method throws LOOP_STATE_WRITE where the disk refuses; nothing has changed then. */
export type EventStore = {
  ledger(): Ledger;
  /** What a crash left of an append, and where its bytes are now. It was never acknowledged. */
  torn: string | null;
  /**
   * Counts events, all or nothing. Seen ids are skipped. Throws EVENT_ID_CONFLICT. The decisions are also among
   * `ledger().pending`, until they are settled.
   */
  count(events: readonly SentinelEvent[]): Counted;
  /**
   * Counts what was read of a file, and how far, in one: conflicting events are left out, for the file goes on. `before`: makes
   * durable what is to be told of them; where it throws, nothing is counted, and the file is read there again.
   */
  countRead(events: readonly SentinelEvent[], cursor: Cursor, before?: (results: readonly EventResult[]) => void): Counted;
  /** Says that flags which a decision wanted paused are. */
  paused(decision: number, flags: readonly PausedFlag[]): void;
  /** Says that decisions are carried out. */
  settle(decisions: readonly number[]): void;
  close(): void;
};

const usualSnapshot = 8 * 1024 * 1024;

/** Opens the store in `folder`, which need not be there. SIDE EFFECTS: takes the lock until `close`, writes. */
export async function openEventStore(options: StoreOptions): Promise<EventStore> {
  const { folder, settings } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await options.lock(folder);
  try {
    const read = readFiles(folder) ?? nothing;
    const torn = read.log.torn === null ? null : setAside(segmentFile(folder, read.segment), read.log.torn, read.log.length);
    const book = openBook(options, read);
    const append = (entries: readonly LogEntry[]): void => {
      if (!lock.isHeld()) throw new MooringError('LOOP_STATE_WRITE', `the lock on ${folder} is lost`, { fix: 'start the sentinel again' });
      if (entries.length > 0) book.append(entries);
    };
    const counted = ({ fresh, results }: Admission, more: readonly LogEntry[]): Counted => {
      const before = book.ledger().decided;
      append([...fresh.map((event) => ({ type: 'event' as const, event })), ...more]);
      return { results, decisions: book.ledger().pending.filter(({ number }) => number > before) };
    };
    if (!sameSettings(book.ledger().settings, settings)) append([{ type: 'settings', settings }]);
    return {
      ledger: book.ledger,
      torn,
      count(events) {
        const admission = admit(book.seen, events);
        refuseConflicts(events, admission.results);
        return counted(admission, []);
      },
      countRead(events, cursor, before) {
        const admission = admit(book.seen, events);
        before?.(admission.results);
        return counted(admission, [{ type: 'cursor', cursor }]);
      },
      paused: (decision, flags) => append([{ type: 'paused', decision, flags }]),
      settle: (decisions) => append(decisions.map((decision) => ({ type: 'done', decision }))),
      close() {
        book.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The ledger as it is on disk, without taking the lock: null where nothing was ever recorded. Throws LOOP_STATE_CORRUPT. SIDE EFFECTS: reads. */
export function readLedger(folder: string): Ledger | null {
  const read = readFiles(folder);
  return read === null ? null : startOf(read).ledger;
}

function startOf(read: ReadFiles): { ledger: Ledger; seen: SeenIds } {
  const { seen: kept, ...start } = read.snapshot?.data ?? { ...emptyLedger, seen: [] };
  const seen = seenIds(kept);
  return { ledger: applyEntries(start, seen, read.log.entries), seen };
}

type Book = { ledger(): Ledger; seen: SeenIds; append(entries: readonly LogEntry[]): void; close(): void };

const nothing: ReadFiles = { snapshot: null, segment: 1, log: { entries: [], seal: firstSeal, length: 0, torn: null } };

/** The ledger and the end of its log, which only move together. */
function openBook({ folder, syncFolder, snapshotEvery = usualSnapshot, onTrouble }: StoreOptions, read: ReadFiles): Book {
  const { seen, ...start } = startOf(read);
  let { ledger } = start;
  let { segment } = read;
  let { seal } = read.log;
  let log = openLater(folder, { segment, length: read.log.length, syncFolder });
  function compact(): void {
    putSnapshot(folder, { version: 1, segment: segment + 1, seal, data: { ...ledger, seen: seen.data() } }, syncFolder);
    log.close();
    segment += 1;
    log = openLater(folder, { segment, length: 0, syncFolder });
  }
  return {
    ledger: () => ledger,
    seen,
    append(entries) {
      // Reckoned first: what can't be reduced is not written either.
      const next = entries.reduce(applyEntry, ledger);
      const written = formatLine(entries, seal);
      orRefuse(folder, () => log.append(written.line));
      [ledger, seal] = [next, written.seal];
      for (const entry of entries) if (entry.type === 'event') seen.add(entry.event);
      // What was written counts, whether or not a snapshot succeeds: the next append tries again.
      if (log.length() >= snapshotEvery) attempt(() => orRefuse(folder, compact), onTrouble);
    },
    close: () => log.close(),
  };
}

/** A segment that is opened, and made where there is none, with the first append. */
function openLater(folder: string, { segment, length, syncFolder }: { segment: number; length: number; syncFolder: (folder: string) => void }): LogFile {
  let log: LogFile | null = null;
  return {
    append(line) {
      if (log === null) {
        log = openLog(segmentFile(folder, segment), length);
        syncFolder(folder);
      }
      log.append(line);
    },
    length: () => log?.length() ?? length,
    close: () => log?.close(),
  };
}

function orRefuse(folder: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new MooringError('LOOP_STATE_WRITE', `${folder} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the folder writable, and send the events again: what was refused was not counted.',
      cause: error,
    });
  }
}

function attempt(act: () => void, onTrouble: ((error: unknown) => void) | undefined): void {
  try {
    act();
  } catch (error) {
    onTrouble?.(error);
  }
}
