// What the sentinel's recorded entries amount to: state, ids, how far files were read, and what was decided but not yet
// carried out. Pure; knows nothing of files.
import { isDeepStrictEqual } from 'node:util';
import { MooringError } from '../../errors.ts';
import type { FieldAction, SentinelSettings } from '../../loop-types.ts';
import type { Hex } from '../../types.ts';
import { applySettings } from './apply-settings.ts';
import { reduce } from './reduce.ts';
import { type SeenIds, type SeenIdsData, seenIds } from './seen-ids.ts';
import { type Decision, initialState, type SentinelEvent, type SentinelState } from './state.ts';

/**
 * How far a growing file was read: `offset` bytes, `line` whole lines; `tail` tells whether the same bytes still stand before
 * that. `skipping`: in the middle of a line that is left out. `replaced`: another file has its name, seen once.
 */
export type Cursor = { file: string; identity: string; offset: number; line: number; tail: string; phase: 'reading' | 'skipping' | 'replaced' };

export type LogEntry =
  /** From here on these settings hold. */
  | { type: 'settings'; settings: SentinelSettings }
  | { type: 'event'; event: SentinelEvent }
  | { type: 'cursor'; cursor: Cursor }
  /** These flags were paused for this decision, and aren't again: people may have decided otherwise since. */
  | { type: 'paused'; decision: number; flags: readonly PausedFlag[] }
  /** The decision of this number is carried out. */
  | { type: 'done'; decision: number };

/** A flag that was seen paused; without a transaction, it was before. */
export type PausedFlag = { target: Pick<FieldAction, 'contract' | 'field'>; state: 'paused' | 'already'; transaction?: Hex };

/** A decision that has anything in it; numbered from 1. `paused`: what was paused for it so far. */
export type Pending = { number: number; decision: Decision; paused?: readonly PausedFlag[] };

export type Ledger = {
  settings: SentinelSettings | null;
  state: SentinelState;
  decided: number;
  pending: readonly Pending[];
  cursors: readonly Cursor[];
};

export const emptyLedger: Ledger = { settings: null, state: initialState, decided: 0, pending: [], cursors: [] };

/** Whether a flag that was asked for still is: its reasons may have fallen since. */
export function isAsked({ state }: Ledger, { contract, field }: Pick<FieldAction, 'contract' | 'field'>): boolean {
  return state.asked.some((action) => action.contract === contract && action.field === field);
}

/** The ledger and its ids as plain JSON. */
export type LedgerData = Ledger & { seen: SeenIdsData };

/** The ledger after the entries; `seen` learns their ids. Throws LOOP_STATE_CORRUPT for events before any settings. */
export function applyEntries(ledger: Ledger, seen: SeenIds, entries: readonly LogEntry[]): Ledger {
  for (const entry of entries) if (entry.type === 'event') seen.add(entry.event);
  return entries.reduce(applyEntry, ledger);
}

/** Without learning ids: to see what would come of them. */
export function applyEntry(ledger: Ledger, entry: LogEntry): Ledger {
  switch (entry.type) {
    case 'settings': {
      const turn = applySettings(entry.settings, ledger.state);
      return decide({ ...ledger, settings: entry.settings, state: turn.state }, turn.decision);
    }
    case 'event': {
      if (ledger.settings === null) throw new MooringError('LOOP_STATE_CORRUPT', 'an event was recorded before any settings');
      const turn = reduce(ledger.settings, ledger.state, entry.event);
      return decide({ ...ledger, state: turn.state }, turn.decision);
    }
    case 'cursor':
      return { ...ledger, cursors: [...ledger.cursors.filter(({ file }) => file !== entry.cursor.file), entry.cursor] };
    case 'paused':
      return {
        ...ledger,
        pending: ledger.pending.map((one) => (one.number === entry.decision ? { ...one, paused: [...(one.paused ?? []), ...entry.flags] } : one)),
      };
    case 'done':
      return { ...ledger, pending: ledger.pending.filter(({ number }) => number !== entry.decision) };
  }
}

function decide(ledger: Ledger, decision: Decision): Ledger {
  if (decision.measures.length === 0 && decision.alerts.length === 0) return ledger;
  const number = ledger.decided + 1;
  return { ...ledger, decided: number, pending: [...ledger.pending, { number, decision }] };
}

/** `seen`: counted before. `conflict`: its id stands for another event, so it can't be told what it is. */
export type EventResult = 'counted' | 'seen' | 'conflict';

export type Admission = { fresh: readonly SentinelEvent[]; results: readonly EventResult[] };

/** Looks ids up, those of the same batch too. */
export function admit(seen: SeenIds, events: readonly SentinelEvent[]): Admission {
  const batch = seenIds([], events.length + 1);
  const fresh: SentinelEvent[] = [];
  const results = events.map((event): EventResult => {
    const known = batch.look(event) === 'new' ? seen.look(event) : batch.look(event);
    if (known !== 'new') return known;
    batch.add(event);
    fresh.push(event);
    return 'counted';
  });
  return { fresh, results };
}

/** Throws EVENT_ID_CONFLICT, naming the ids, where one stands for two events. */
export function refuseConflicts(events: readonly SentinelEvent[], results: readonly EventResult[]): void {
  const ids = events.flatMap(({ id }, index) => (results[index] === 'conflict' ? [JSON.stringify(id)] : []));
  if (ids.length === 0) return;
  throw new MooringError('EVENT_ID_CONFLICT', `the id ${ids.slice(0, 10).join(', ')} was used for another event; nothing was counted`, {
    fix: 'give each event an id of its own, and repeat an event only as it was',
  });
}

export function sameSettings(a: SentinelSettings | null, b: SentinelSettings): boolean {
  return isDeepStrictEqual(a, b);
}
