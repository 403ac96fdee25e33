// From lines of a followed file to counted events: each once, and what can't be counted told with its line.
import type { Finding } from '../../types.ts';
import type { EventStore } from './event-store.ts';
import { type FollowNote, readOn } from './follow-file.ts';
import type { Pending } from './ledger.ts';
import { parseEach } from './parse-events.ts';

export type Fed = {
  counted: number;
  repeated: number;
  /** Lines that were left out for good. */
  findings: readonly Finding[];
  notes: readonly FollowNote[];
  decisions: readonly Pending[];
};

/** Reads on once in `file`; null where nothing is new. SIDE EFFECTS: reads, and records in the store. */
export function feed(file: string, store: EventStore): Fed | null {
  const cursor = store.ledger().cursors.find((known) => known.file === file) ?? null;
  const batch = readOn(file, cursor);
  if (batch === null) return null;
  const { events, findings } = parseEach(batch.items, file);
  const { results, decisions } = store.countRead(events, batch.cursor);
  const conflicts = events.flatMap(({ id, from }, index): Finding[] => {
    if (results[index] !== 'conflict') return [];
    return [
      {
        code: 'EVENT_ID_CONFLICT',
        severity: 'error',
        message: `${from} has the id of another event: ${JSON.stringify(id)}`,
        fix: 'give each event an id of its own',
      },
    ];
  });
  const count = (result: string): number => results.filter((found) => found === result).length;
  return { counted: count('counted'), repeated: count('seen'), findings: [...findings, ...conflicts], notes: batch.notes, decisions };
}
