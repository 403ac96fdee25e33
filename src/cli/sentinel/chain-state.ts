// How far the chain was watched, on disk: written after what was seen is safely told, so that nothing is skipped.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { decodeValue, encodeValue } from '../../journal/codec.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import type { Sighting } from '../../live/sighting.ts';
import type { ChainCursor } from '../../live/watch-chain.ts';
import { sealed, unsealed } from '../../loops/sealed-text.ts';
import { putWhole, readIfThere } from '../../loops/whole-file.ts';
import type { State } from '../../types.ts';

export type ChainState = {
  version: 1;
  chainId: bigint;
  cursor: ChainCursor;
  /** Every value as it was last read; null before the first reading. */
  view: State | null;
  /** What events said of the blocks behind the view. */
  since: readonly Sighting[];
};

export type ChainStateFile = {
  state(): ChainState | null;
  /** On disk when it returns; throws LOOP_STATE_WRITE, and nothing has changed then. */
  put(state: ChainState): void;
};

/** Opens chain.json in `folder`; whoever does holds that folder's lock. Throws LOOP_STATE_CORRUPT. SIDE EFFECTS: reads, writes. */
export function openChainState(folder: string, chainId: bigint): ChainStateFile {
  const file = join(folder, 'chain.json');
  let state = read(file, chainId);
  return {
    state: () => state,
    put(next) {
      write(file, next, folder);
      state = next;
    },
  };
}

function read(file: string, chainId: bigint): ChainState | null {
  const bytes = readIfThere(file);
  if (bytes === null) return null;
  const text = unsealed(bytes.toString('utf8').replace(/\n$/, ''));
  const state = text === null ? null : (decodeValue(text) as ChainState);
  if (state?.version === 1 && state.chainId === chainId) return state;
  throw new MooringError('LOOP_STATE_CORRUPT', `${file} is not what was written there, or is about another chain`, {
    fix: 'Nothing was changed. Move it away: the watch then begins at the newest block, and `mooring drift` tells what was changed before.',
  });
}

function write(file: string, state: ChainState, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    putWhole(file, `${sealed(encodeValue(state))}\n`, syncFolder);
  } catch (error) {
    throw new MooringError('LOOP_STATE_WRITE', `${file} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the folder writable.',
      cause: error,
    });
  }
}
