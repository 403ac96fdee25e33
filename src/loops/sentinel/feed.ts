// From lines of a followed file to counted events: each once, and what can't be counted told with its line.
import type { Finding } from '../../types.ts';
import type { EventStore } from './event-store.ts';
import { type FollowNote, readOn } from './follow-file.ts';
import type { EventResult, Pending } from './ledger.ts';
import { parseEach } from './parse-events.ts';
import type { SentinelEvent } from './state.ts';

export type Fed = {
  counted: number;
  repeated: number;
  /** Lines that were left out for good. */
  findings: readonly Finding[];
  notes: readonly FollowNote[];
  decisions: readonly Pending[];
};

/** What people should know of what was read. */
export type Telling = Pick<Fed, 'findings' | 'notes'>;

/**
 * Reads on once in `file`; null where nothing is new. `tell` makes durable what people should know, before the place in the
 * file moves on; throws as it does. SIDE EFFECTS: reads, and records in the store.
 */
export function feed(file: string, store: EventStore, tell: (telling: Telling) => void = () => {}): Fed | null {
  const cursor = store.ledger().cursors.find((known) => known.file === file) ?? null;
  const batch = readOn(file, cursor);
  if (batch === null) return null;
  const { events, findings } = parseEach(batch.items, file);
  const { notes } = batch;
  const allOf = (results: readonly EventResult[]): Finding[] => [
    ...findings,
    ...events.flatMap((event, i) => (results[i] === 'conflict' ? conflictOf(event) : [])),
  ];
  const { results, decisions } = store.countRead(events, batch.cursor, (known) => tell({ findings: allOf(known), notes }));
  const count = (result: EventResult): number => results.filter((found) => found === result).length;
  return { counted: count('counted'), repeated: count('seen'), findings: allOf(results), notes, decisions };
}

function conflictOf({ id, from }: SentinelEvent): Finding {
  const message = `${from} has the id of another event: ${JSON.stringify(id)}`;
  return { code: 'EVENT_ID_CONFLICT', severity: 'error', message, fix: 'give each event an id of its own' };
}
