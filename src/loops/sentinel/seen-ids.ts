// Which ids were counted lately, in bounded memory, and with what: an id that comes back with other content is no repetition. Pure.
import { createHash } from 'node:crypto';
import type { SentinelEvent } from './state.ts';

/** Ids that are remembered at least; at most twice as many. */
export const remembered = 50_000;

/** Oldest first: id and fingerprint. Plain JSON. */
export type SeenIdsData = readonly (readonly [id: string, fingerprint: string])[];

export type SeenIds = {
  /** What an event with an id is: `new` ones must be added by whoever counts them. */
  look(event: SentinelEvent): 'new' | 'seen' | 'conflict';
  add(event: SentinelEvent): void;
  data(): SeenIdsData;
};

/**
 * Two generations: when the younger is full, the older is forgotten. An event whose id has been forgotten counts again, so
 * whoever repeats an event does so within the next `limit` events that have ids.
 */
export function seenIds(data: SeenIdsData = [], limit = remembered): SeenIds {
  let older = new Map<string, string>();
  let younger = new Map<string, string>();
  const put = (id: string, fingerprint: string): void => {
    if (younger.size >= limit) [older, younger] = [younger, new Map()];
    younger.set(id, fingerprint);
  };
  for (const [id, fingerprint] of data) put(id, fingerprint);
  return {
    look(event) {
      const kept = event.id === null ? undefined : (younger.get(event.id) ?? older.get(event.id));
      if (kept === undefined) return 'new';
      return kept === fingerprintOf(event) ? 'seen' : 'conflict';
    },
    add(event) {
      if (event.id !== null) put(event.id, fingerprintOf(event));
    },
    data: () => [...older, ...younger],
  };
}

/** Over what counts; not where it came from. */
function fingerprintOf({ type, agent, cost, value, reward, success }: SentinelEvent): string {
  return createHash('sha256')
    .update(JSON.stringify([type, agent, cost, value, reward, success]))
    .digest('hex')
    .slice(0, 16);
}
