// loops/arena.yaml of an environment that is loaded already.
import type { ArenaSettings } from '../../loop-types.ts';
import { type LoadedLoop, type LoopFile, loadLoop } from './load-loop.ts';
import { type ArenaContext, defaultArena, readArena } from './read-arena.ts';

export type LoadedArena = LoadedLoop<ArenaSettings>;

/**
 * Who takes part in rounds, and how. Throws MooringError INPUT_INVALID with all findings, sorted by place; FILE_NOT_REGULAR.
 * SIDE EFFECTS: reads through the source.
 */
export function loadArena({ contracts, kinds, book, tokens, ...place }: ArenaContext & LoopFile): LoadedArena {
  const context = { contracts, kinds, book, tokens };
  return loadLoop(place, { name: 'arena', defaults: () => defaultArena(context), read: (reading) => readArena(reading, context) });
}
