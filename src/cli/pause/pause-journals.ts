// Where the pauses of one key are recorded: apart from the applies' journal, which may be held for long or not be there,
// and whose transactions count as git's own, while a pause past git must not.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NextJournal } from '../../apply/pause/session.ts';
import { MooringError } from '../../errors.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { type RunState, reduceJournal } from '../../journal/reduce.ts';
import type { Address, JournalEvent, JournalStore } from '../../types.ts';
import type { Log } from '../log.ts';

export type PauseKey = { root: string; environment: string; signer: Address };

/** Journals of a key that can go bad one after another before somebody has to look. */
const most = 10;

/**
 * The journal to write to. One that is corrupt is left as it is, and a new one begun beside it: the chain still says what
 * is paused, and which nonces are taken. Throws JOURNAL_CORRUPT when there are too many of them.
 */
export async function openPauseJournal(key: PauseKey, log: Log, from = 1): Promise<{ journal: JournalStore; beside: NextJournal }> {
  for (let n = from; ; n++) {
    const journal = openFileStore(folderOf(key, n));
    try {
      await journal.read();
      return { journal, beside: async () => (n < most ? openPauseJournal(key, log, n + 1) : null) };
    } catch (error) {
      if (!isCorrupt(error) || n === most) throw error;
      log(`an earlier record of pauses can't be read, and a new one is begun: ${error.message}`, { code: error.code });
    }
  }
}

/** Everything that a key's journals say, for who asks which transactions were its own. */
export function readPauseJournals(key: PauseKey): Pick<JournalStore, 'read'> {
  return {
    async read() {
      const found: JournalEvent[] = [];
      for (let n = 1; n <= most; n++) found.push(...(await readOne(key, n)));
      return found;
    },
  };
}

async function readOne(key: PauseKey, n: number): Promise<readonly JournalEvent[]> {
  try {
    return await openFileStore(folderOf(key, n)).read();
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return [];
  }
}

/** Every record of a pause in this checkout, of all keys; what can't be read is left out, and told. SIDE EFFECTS: reads. */
export async function readAllPauses({ root, environment }: Omit<PauseKey, 'signer'>, log: Log): Promise<RunState[]> {
  const folder = join(root, '.mooring', environment, 'pauses');
  const runs: RunState[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    try {
      runs.push(...reduceJournal(await openFileStore(join(folder, name)).read()).runs);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      log(`a record of pauses can't be read: ${error.message}`, { code: error.code });
    }
  }
  return runs.sort((a, b) => a.started.at - b.started.at);
}

function folderOf({ root, environment, signer }: PauseKey, n: number): string {
  return join(root, '.mooring', environment, 'pauses', `${signer.toLowerCase()}${n === 1 ? '' : `-${n}`}`);
}

function isCorrupt(error: unknown): error is MooringError {
  return error instanceof MooringError && error.code === 'JOURNAL_CORRUPT';
}
