// Where revocations at once are recorded: apart from the applies' journal, whose transactions count as git's own, while what
// is revoked past git is to stay revoked. What is spoilt there is left as it is, and holds up no revocation.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MooringError } from '../../errors.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { keepReceipt, readReceipts } from '../../journal/receipt-files.ts';
import { type RunState, reduceJournal } from '../../journal/reduce.ts';
import type { JournalStore } from '../../types.ts';
import { type Opened, stateFolder } from '../environment/open.ts';
import type { Log } from '../log.ts';

type Place = Pick<Opened, 'root' | 'name'>;

/** Journals, and folders of receipts, that can go bad one after another before somebody has to look. */
const most = 10;
/** For how long another revocation is waited for. */
const turnMs = 70_000;

/** The journal to write to: the first that can be read. Throws JOURNAL_CORRUPT, RECEIPT_CORRUPT when there are too many of them. */
export async function openRevocationJournal(place: Place, log: Log): Promise<JournalStore> {
  for (let n = 1; ; n++) {
    const folder = folderOf(place, n);
    const store = openFileStore(folder);
    try {
      reduceJournal(await store.read());
      return withReceipts(store, receiptsFolder(folder, log));
    } catch (error) {
      if (!isSpoilt(error, 'JOURNAL_CORRUPT') || n === most) throw error;
      log(`an earlier record of revocations can't be read, and a new one is begun: ${error.message}`, { code: error.code });
    }
  }
}

/** Receipts are evidence: where they are spoilt, new ones are kept beside them. */
function receiptsFolder(journal: string, log: Log): string {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? journal : join(journal, `receipts-${n}`);
    try {
      readReceipts(folder);
      return folder;
    } catch (error) {
      if (!isSpoilt(error, 'RECEIPT_CORRUPT') || n === most) throw error;
      log(`receipts of earlier revocations can't be read, and new ones are kept beside them: ${error.message}`, { code: error.code });
    }
  }
}

function withReceipts(store: JournalStore, folder: string): JournalStore {
  return {
    ...store,
    receipts: async () => readReceipts(folder).map(({ receipt }) => receipt),
    async keepReceipt(receipt, signature) {
      if (!(await store.isHeld())) throw new MooringError('JOURNAL_NOT_LOCKED', `the journal beside ${folder} is not locked`);
      return { file: keepReceipt(folder, receipt, signature) };
    },
  };
}

/** Every record of a revocation in this checkout, and which of them have a receipt; what can't be read is left out, and told. */
export async function readRevocations(place: Place, log: Log): Promise<{ runs: RunState[]; kept: ReadonlySet<string> }> {
  const runs: RunState[] = [];
  const kept = new Set<string>();
  for (let n = 1; n <= most; n++) {
    const folder = folderOf(place, n);
    try {
      runs.push(...reduceJournal(await openFileStore(folder).read()).runs);
    } catch (error) {
      tell(error, log);
    }
    for (const run of receiptsIn(folder, log)) kept.add(run);
  }
  return { runs, kept };
}

function receiptsIn(journal: string, log: Log): string[] {
  const folders = Array.from({ length: most }, (_, i) => (i === 0 ? journal : join(journal, `receipts-${i + 1}`)));
  return folders.filter(existsSync).flatMap((folder) => {
    try {
      return readReceipts(folder).map(({ receipt }) => receipt.run);
    } catch (error) {
      tell(error, log);
      return [];
    }
  });
}

function tell(error: unknown, log: Log): void {
  if (!isSpoilt(error, 'JOURNAL_CORRUPT') && !isSpoilt(error, 'RECEIPT_CORRUPT')) throw error;
  log(`a record of revocations can't be read: ${error.message}`, { code: error.code });
}

function folderOf(place: Place, n: number): string {
  return join(stateFolder(place), n === 1 ? 'revocations' : `revocations-${n}`);
}

function isSpoilt(error: unknown, code: 'JOURNAL_CORRUPT' | 'RECEIPT_CORRUPT'): error is MooringError {
  return error instanceof MooringError && error.code === code;
}

/** Another revocation is waited for: what it leaves is then taken up. Throws JOURNAL_LOCKED, JOURNAL_WRITE. */
export async function takeTurn(journal: Pick<JournalStore, 'lock'>, { now, log }: { now(): number; log: Log }): Promise<{ release(): Promise<void> }> {
  const since = now();
  for (let told = false; ; told = true) {
    try {
      return await journal.lock();
    } catch (error) {
      if (!(error instanceof MooringError)) throw noPlace(error);
      if (error.code !== 'JOURNAL_LOCKED' || now() - since > turnMs) throw error;
      if (!told) log(`another revocation is at work; waiting for it: ${error.message}`);
      await sleep(100);
    }
  }
}

function noPlace(error: unknown): MooringError {
  return new MooringError('JOURNAL_WRITE', `a revocation has no place where it could be recorded: ${(error as Error).message}`, {
    fix: 'Nothing was sent. Make room, or run it from a copy of the checkout on a disk that can be written (--root).',
    cause: error,
  });
}
