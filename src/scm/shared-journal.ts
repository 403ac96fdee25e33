// Reads and extends the chain of records on the journal's branch: compare and swap, fetch and try again, within bounds.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { Address, Hex } from '../types.ts';
import { fetchRef, type Git, type ObjectId } from './git.ts';
import { type Chain, type ChainRules, emptyChain, readChain } from './journal-chain.ts';
import { checkMemory, remember } from './journal-memory.ts';
import { type JournalRecord, type KeptReceipt, type RecordContent, recordMessage, sealOf } from './journal-record.ts';
import type { Lease } from './lease.ts';
import { queue } from './queue.ts';
import { addReceipt, receiptPath, writeRecord } from './write-record.ts';

export type SharedJournalOptions = ChainRules & {
  git: Git;
  /** The branch, without `refs/heads/`. */
  branch?: string;
  /** Signs records: an applying key. Null only reads. */
  signer: { address: Address; signMessage(message: string): Promise<Hex> } | null;
  /** What is wrong with a chain of receipts, in sentences. */
  checkReceipts(kept: readonly KeptReceipt[]): readonly string[];
  /** Milliseconds since the epoch. */
  now(): number;
  sleep?(ms: number): Promise<void>;
  /** How often a record is offered while others are faster, and while the remote doesn't answer. */
  attempts?: { lost: number; unanswered: number };
};

export type SharedJournal = {
  /** The whole chain as the remote has it now, checked. */
  refresh(): Promise<Chain>;
  /** Returns when the record is on the remote: the path of the receipt's file, '' for other records. */
  append(lease: Lease, content: RecordContent): Promise<string>;
  /** This environment's, oldest first, checked. */
  receipts(): Promise<KeptReceipt[]>;
};

type Offer = { id: string; lease: Lease; content: RecordContent };
type Tried = { won: Chain; file: string } | { again: 'lost' | 'unanswered'; why: MooringError };

export function openJournal(options: SharedJournalOptions): SharedJournal {
  const { git, branch = 'mooring/journal', sleep = (ms: number) => pause(ms), attempts = { lost: 40, unanswered: 4 } } = options;
  const ref = `refs/heads/${branch}`;
  const inTurn = queue();
  let chain: Chain | null = null;
  /** What this clone's memory of the branch says, as far as we know. */
  let remembered: ObjectId | null = null;
  async function keepInMind({ head }: Chain): Promise<void> {
    if (head === remembered) return;
    await remember(git, branch, head);
    remembered = head;
  }
  async function refresh(): Promise<Chain> {
    const head = await fetchRef(git, ref);
    if (chain === null) remembered = await checkMemory(git, branch, head);
    chain = await readChain(git, head, chain ?? emptyChain, options);
    await keepInMind(chain);
    return chain;
  }
  async function offer(given: Offer): Promise<string> {
    const left = { ...attempts };
    for (let tried = 0; ; tried++) {
      // The chain that is in memory will do for a first try: if it has grown since, the push is lost and nothing else happens.
      const known = tried === 0 ? chain : null;
      const result = await attempt(given, async () => known ?? (await refresh()));
      if ('won' in result) {
        chain = result.won;
        await keepInMind(chain);
        return result.file;
      }
      left[result.again] -= 1;
      if (left[result.again] <= 0) throw result.why;
      // Several writers that lost together must not meet again each time.
      await sleep(Math.random() * Math.min(1_000, 20 * (tried + 1)));
    }
  }
  async function attempt(given: Offer, read: () => Promise<Chain>): Promise<Tried> {
    try {
      const base = await read();
      // A push whose answer was lost may have taken place.
      if (base.records.some(({ id }) => id === given.id)) return { won: base, file: lastReceipt(base, given.content, options) };
      const { next, file } = await extend(base, given, options);
      const result = await given.lease.renew([{ ref, old: base.head, next: next.head }]);
      if (result.outcome === 'refused') throw notWritten(`the remote refuses it: ${result.reason}`);
      return result.outcome === 'won' ? { won: next, file } : { again: 'lost', why: notWritten('others were faster each time') };
    } catch (error) {
      if (error instanceof MooringError && unanswered.has(error.code)) return { again: 'unanswered', why: error };
      throw error;
    }
  }
  let waiting: Promise<Chain> | null = null;
  /** Whoever asks before a reading has begun shares it. */
  function refreshInTurn(): Promise<Chain> {
    waiting ??= inTurn(() => {
      waiting = null;
      return refresh();
    });
    return waiting;
  }
  return {
    refresh: refreshInTurn,
    append: (lease, content) => inTurn(() => offer({ id: randomUUID(), lease, content })),
    async receipts() {
      const kept = receiptsIn(await refreshInTurn(), options);
      demandGood(kept, options);
      return kept;
    },
  };
}

const unanswered: ReadonlySet<string> = new Set(['GIT_REMOTE', 'GIT_TIMEOUT']);

/** Writes the commit that would follow `base`. SIDE EFFECTS: objects on this machine. */
async function extend(base: Chain, { id, lease, content }: Offer, options: SharedJournalOptions): Promise<{ next: Chain; file: string }> {
  const { git, signer, codec, now } = options;
  if (signer === null) throw notWritten('no key is given to sign the record with');
  const receipts = content.type === 'receipt' ? [...receiptsIn(base, options), content.kept] : [];
  demandGood(receipts, options);
  const file = content.type === 'receipt' ? receiptPath(content.kept.receipt, receipts.length) : '';
  const before = base.records.at(-1)?.files ?? null;
  const files = content.type === 'receipt' ? await addReceipt(git, base.head, { path: file, kept: content.kept, codec }) : before;
  const under = Object.fromEntries(lease.tokens());
  const record: JournalRecord = { version: 1, number: base.records.length + 1, id, previous: base.seal, by: signer.address, under, files, content };
  const seal = sealOf(record, codec);
  const signature = await signer.signMessage(recordMessage(record, seal));
  const head = await writeRecord(git, { sealed: { record, seal, signature }, parent: base.head, at: now(), codec });
  return { next: { head, seal, records: [...base.records, record] }, file };
}

function receiptsIn({ records }: Chain, { environment }: SharedJournalOptions): KeptReceipt[] {
  return records.flatMap(({ content }) => (content.type === 'receipt' && content.kept.receipt.environment === environment ? [content.kept] : []));
}

function lastReceipt(chain: Chain, content: RecordContent, options: SharedJournalOptions): string {
  return content.type === 'receipt' ? receiptPath(content.kept.receipt, receiptsIn(chain, options).length) : '';
}

function demandGood(kept: readonly KeptReceipt[], { checkReceipts }: SharedJournalOptions): void {
  const wrong = kept.length === 0 ? [] : checkReceipts(kept);
  if (wrong.length === 0) return;
  throw new MooringError('RECEIPT_CORRUPT', `the shared journal: ${wrong.join('; ')}`, {
    fix: 'Receipts are evidence, not state: find out who wrote this one.',
  });
}

function notWritten(why: string): MooringError {
  return new MooringError('JOURNAL_WRITE', `the shared journal was not written: ${why}`, {
    fix: 'Nothing was sent on it. See that this key may push the journal branch and refs/mooring/, and apply again.',
  });
}
