// loops/sentinel.yaml of an environment that is loaded already.
import type { SentinelSettings } from '../../loop-types.ts';
import { type LoadedLoop, type LoopFile, loadLoop } from './load-loop.ts';
import { defaultSentinel, readSentinel, type SentinelContext } from './read-sentinel.ts';

export type LoadedSentinel = LoadedLoop<SentinelSettings>;

/**
 * The sentinel's settings, and where each is written. Throws MooringError INPUT_INVALID with all findings, sorted by place;
 * FILE_NOT_REGULAR. SIDE EFFECTS: reads through the source.
 */
export function loadSentinel({ contracts, kinds, ...place }: SentinelContext & LoopFile): LoadedSentinel {
  const context = { contracts, kinds };
  return loadLoop(place, { name: 'sentinel', defaults: () => defaultSentinel(context), read: (reading) => readSentinel(reading, context) });
}
