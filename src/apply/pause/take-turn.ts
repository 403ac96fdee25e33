// Of pauses with one key in one checkout, one at a time. A lock that nobody may hold any more must not stop a pause.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../../errors.ts';
import { UnseenHolder } from '../../journal/lock.ts';
import type { JournalStore } from '../../types.ts';
import type { PauseOptions } from './session.ts';

type Turn = { journal: JournalStore; lock: { release(): Promise<void> } };

/** For a holder that may be dead: long enough for a pause on another machine to get its transactions out. */
const unseenMs = 3_000;

/**
 * Another pause with the same key is waited for: it may be about to do the same. One that can't be told to live only for a
 * moment, and then a journal is begun beside its own: to pause twice does no harm, and nonces keep the two apart.
 * Throws JOURNAL_LOCKED, JOURNAL_WRITE, JOURNAL_CORRUPT.
 */
export async function takeTurn(options: Pick<PauseOptions, 'journal' | 'beside' | 'now' | 'sleep' | 'waitMs' | 'log'>): Promise<Turn> {
  const { journal, beside, now, sleep = (ms: number) => pause(ms), waitMs = 60_000, log } = options;
  const since = now();
  for (let told = false; ; told = true) {
    const taken = await tryLock(journal);
    if (!(taken instanceof MooringError)) return { journal, lock: taken };
    const next = taken.cause instanceof UnseenHolder && now() - since > unseenMs ? await beside?.() : null;
    if (next != null) {
      log(`whoever holds that record may be long gone, and a new one is begun beside it. ${taken.fix}`);
      return takeTurn({ ...options, ...next });
    }
    if (now() - since > waitMs + 10_000) throw taken;
    if (!told) log(`another pause with this key is at work; waiting for it: ${taken.message}`);
    await sleep(100);
  }
}

/** The lock, or why another has it. */
async function tryLock(journal: JournalStore): Promise<Turn['lock'] | MooringError> {
  try {
    return await journal.lock();
  } catch (error) {
    if (!(error instanceof MooringError)) throw noPlace(error);
    if (error.code !== 'JOURNAL_LOCKED') throw error;
    return error;
  }
}

function noPlace(error: unknown): MooringError {
  return new MooringError('JOURNAL_WRITE', `a pause has no place where it could be recorded: ${(error as Error).message}`, {
    fix: 'Nothing was sent. Make room, or run it from a copy of the checkout on a disk that can be written (--root).',
    cause: error,
  });
}
