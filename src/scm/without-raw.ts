// What of a journal's events may be shared: everything but the raw bytes of signed transactions. Pure.
import type { Hex, JournalEvent, SignedTransaction } from '../types.ts';
import type { RawTransaction } from './raw-files.ts';

/** Stands for bytes that aren't on this machine: nothing can be sent with it. */
export const unknownRaw: Hex = '0x';

/** Applies `change` to every signed transaction of an event. */
export function mapTransactions(event: JournalEvent, change: (transaction: SignedTransaction) => SignedTransaction): JournalEvent {
  if (event.type === 'signed') return { ...event, transactions: event.transactions.map(change) };
  if (event.type === 'replacement-signed' || event.type === 'burn-signed') return { ...event, transaction: change(event.transaction) };
  return event;
}

/** The raw bytes in some events. */
export function rawOf(events: readonly JournalEvent[]): RawTransaction[] {
  const found: RawTransaction[] = [];
  for (const event of events)
    mapTransactions(event, (transaction) => {
      if (transaction.raw !== unknownRaw) found.push({ hash: transaction.hash, raw: transaction.raw });
      return transaction;
    });
  return found;
}

/**
 * The events without raw bytes, and without a repetition of any of `secrets` (raw bytes too) in some other place: a node may
 * quote a transaction in its complaint about it.
 */
export function withoutRaw(events: readonly JournalEvent[], secrets: Iterable<Hex>): JournalEvent[] {
  const patterns = [...secrets].filter((raw) => raw.length > 20).map((raw) => new RegExp(`(?:0x)?${raw.slice(2)}`, 'gi'));
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return patterns.reduce((text, pattern) => text.replace(pattern, '…'), value);
    if (Array.isArray(value)) return value.map(clean);
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [clean(key), clean(item)]));
    if (value instanceof Set) return new Set([...value].map(clean));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]));
  };
  return events.map((event) => clean(mapTransactions(event, (transaction) => ({ ...transaction, raw: unknownRaw }))) as JournalEvent);
}
