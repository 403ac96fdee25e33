// Where the arena's off-chain side keeps its files: the scoreboard, the rounds, the receipts and the log.
import { join, resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import { takeLock } from '../../journal/lock.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import { putWhole } from '../../loops/whole-file.ts';
import { type Context, type Options, text } from '../command.ts';
import { findRoot } from '../environment/find-root.ts';
import { environmentName } from '../environment/open.ts';

export type ArenaPlace = { folder: string; scoreboard: string };

/** `--dir`, or storage/orchestrator/<env> of the checkout. Throws ROOT_NOT_FOUND, ENVIRONMENT_NOT_FOUND. */
export function arenaPlace(context: Context, options: Options): ArenaPlace {
  const given = text(options, 'dir');
  if (given !== undefined) return placeIn(resolve(context.cwd, given));
  const root = findRoot(context, options);
  return placeIn(join(root, 'storage', 'orchestrator', environmentName(root, text(options, 'env'))));
}

function placeIn(folder: string): ArenaPlace {
  return { folder, scoreboard: join(folder, 'scoreboard.json') };
}

/** Puts a text in a file's place, whole or not at all. SIDE EFFECTS: writes, flushed. */
export function put(file: string, content: string): void {
  putWhole(file, content, syncFolder);
}

/** Runs `work` as the only one on these files. Throws ARENA_STATE_LOCKED. SIDE EFFECTS: a lock in the folder, made if need be. */
export async function holding<T>({ folder }: ArenaPlace, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(join(folder, 'lock')).catch((error: unknown) => {
    if (!(error instanceof MooringError) || error.code !== 'JOURNAL_LOCKED') throw error;
    throw new MooringError('ARENA_STATE_LOCKED', error.message.replace('the journal in', ''), { ...(error.fix === undefined ? {} : { fix: error.fix }) });
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
