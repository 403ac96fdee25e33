// The shared journal: runs and receipts on a branch of their own, so that a machine that vanishes loses nothing. Nothing
// here decides what is sent, and no signed bytes get here.
import { MooringError } from '../errors.ts';
import type { Hex, JournalEvent, JournalStore } from '../types.ts';
import { type Heartbeat, keepAlive } from './heartbeat.ts';
import type { KeptReceipt } from './journal-record.ts';
import type { Lease } from './lease.ts';
import type { RawStore } from './raw-files.ts';
import { openJournal, type SharedJournal, type SharedJournalOptions } from './shared-journal.ts';
import { mapTransactions, rawOf, unknownRaw, withoutRaw } from './without-raw.ts';

export type GitStoreOptions = SharedJournalOptions & {
  /** Raw bytes stay on this machine, here. */
  raw: RawStore;
  /** Takes the leases of this environment's chain and signers. */
  takeLease(): Promise<Lease>;
  /** Milliseconds between two heartbeats: a third of what a waiter takes for death, or less. */
  heartbeatMs: number;
  /** Told of what doesn't stop the work: a heartbeat or a release that the remote didn't answer. */
  onTrouble?(error: MooringError): void;
};

export type GitStore = JournalStore & {
  /** The lease that is held, or null. */
  lease(): Lease | null;
  /** Notes a fact that replaces the one of that name before, such as the last applied commit. Wants the lock. */
  mark(name: string, value: string): Promise<void>;
  marks(): Promise<ReadonlyMap<string, string>>;
};

type Held = { lease: Lease; heartbeat: Heartbeat };

/**
 * Opens the shared journal. `append`, `keepReceipt` and `mark` want the lock, and return when their record is on the remote.
 * `read` gives the events of all machines, in order; a transaction whose raw bytes aren't on this one has `unknownRaw`
 * for them: it can't be sent again, only its nonce burnt.
 * Errors: JOURNAL_CORRUPT where the branch isn't what was written; RECEIPT_CORRUPT; JOURNAL_WRITE where the remote refuses,
 * or others were faster too often; JOURNAL_NOT_LOCKED; LEASE_BUSY; LEASE_LOST, nothing being recorded; GIT_REMOTE, after
 * which the record may be there or not: the next read tells.
 */
export function openGitStore(options: GitStoreOptions): GitStore {
  const journal = openJournal(options);
  /** Raw bytes that this process has seen: a record that quotes one of them is blotted. */
  const secrets = new Set<Hex>();
  let held: Held | null = null;
  function demandLease(): Lease {
    if (held === null) throw new MooringError('JOURNAL_NOT_LOCKED', 'the shared journal is not locked');
    return held.lease;
  }
  return {
    lease: () => held?.lease ?? null,
    async append(events) {
      const lease = demandLease();
      const raw = rawOf(events);
      for (const transaction of raw) secrets.add(transaction.raw);
      // First here: what is recorded and not here could never be sent again.
      await options.raw.keep(raw);
      await journal.append(lease, { type: 'events', events: withoutRaw(events, secrets) });
    },
    read: async () => withKnownRaw(await eventsOf(journal), options.raw, secrets),
    keepReceipt: async (receipt, signature) => ({ file: await journal.append(demandLease(), { type: 'receipt', kept: { receipt, signature } }) }),
    receipts: async () => (await journal.receipts()).map(({ receipt }: KeptReceipt) => receipt),
    async mark(name, value) {
      await journal.append(demandLease(), { type: 'mark', name, value });
    },
    marks: () => marksOf(journal),
    isHeld: async () => (held === null ? false : held.lease.isHeld()),
    async lock() {
      if (held !== null) throw new MooringError('JOURNAL_LOCKED', 'this process holds the shared journal already');
      const lease = await options.takeLease();
      const heartbeat = keepAlive(lease, { everyMs: options.heartbeatMs, onTrouble: (error) => options.onTrouble?.(error) });
      const taken = { lease, heartbeat };
      held = taken;
      return {
        async release() {
          if (held === taken) held = null;
          await letGo(taken, options);
        },
      };
    },
  };
}

/** A lease that can't be released now ends by itself; what was done stays done. */
async function letGo({ lease, heartbeat }: Held, options: GitStoreOptions): Promise<void> {
  await heartbeat.stop();
  try {
    await lease.release();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    options.onTrouble?.(error);
  }
}

async function eventsOf(journal: SharedJournal): Promise<JournalEvent[]> {
  const { records } = await journal.refresh();
  return records.flatMap(({ content }) => (content.type === 'events' ? content.events : []));
}

async function marksOf(journal: SharedJournal): Promise<Map<string, string>> {
  const { records } = await journal.refresh();
  return new Map(records.flatMap(({ content }) => (content.type === 'mark' ? [[content.name, content.value] as const] : [])));
}

/** Whatever a record says of raw bytes, only this machine's count. */
async function withKnownRaw(events: readonly JournalEvent[], store: RawStore, secrets: Set<Hex>): Promise<JournalEvent[]> {
  const hashes = new Set<Hex>();
  const each = (event: JournalEvent, raw: (hash: Hex) => Hex) => mapTransactions(event, (transaction) => ({ ...transaction, raw: raw(transaction.hash) }));
  for (const event of events)
    each(event, (hash) => {
      hashes.add(hash);
      return unknownRaw;
    });
  const known = new Map<Hex, Hex>();
  for (const hash of hashes) known.set(hash, (await store.find(hash)) ?? unknownRaw);
  for (const raw of known.values()) if (raw !== unknownRaw) secrets.add(raw);
  return events.map((event) => each(event, (hash) => known.get(hash) ?? unknownRaw));
}
