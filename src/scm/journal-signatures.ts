// Whose signatures make a piece of the journal good. Pure.
import type { Address, Hex } from '../types.ts';
import { type JournalRecord, recordMessage, type SealedRecord } from './journal-record.ts';

export type SignatureRules = {
  /** The address that signed a message (EIP-191). */
  recover(message: string, signature: Hex): Address;
  /** Whether a key of this address may write the journal: a signer of any environment that shares it. */
  trusted(address: Address): boolean;
  /** What is read here: of runs, receipts and marks of this environment, only its own signers' word counts. */
  environment: string;
  /** Whether a key of this address is a signer of that environment. */
  own(address: Address): boolean;
  /**
   * Who could write until their keys were replaced, by all the records there are; asked for only where a record is not to be
   * believed otherwise.
   */
  former?(records: readonly JournalRecord[]): Promise<Former>;
};

/** The keys of now, and those that they took the place of. */
export type Former = Pick<SignatureRules, 'trusted' | 'own'>;

type Forged = { index: number; why: string };

/** Which of the added records is the first that can't be believed, and why; null where all can. `before`: records already checked. */
export function firstForged(added: readonly SealedRecord[], { before, rules }: { before: readonly JournalRecord[]; rules: SignatureRules }): Forged | null {
  // A seal stands for everything up to it, and its writer had checked that.
  const good = added.findLastIndex((sealed) => isSigned(sealed, rules));
  if (good + 1 < added.length) return { index: good + 1, why: 'is not signed by a key that may write the journal' };
  const runs = runsOf([...before, ...added.map(({ record }) => record)], rules.environment);
  // Whoever signs for another environment had checked what is about that one.
  const vouched = added.findLastIndex((sealed) => rules.own(sealed.record.by) && isSigned(sealed, rules));
  const foreign = added.findIndex(({ record }, i) => i > vouched && decidesFor(record, { runs, environment: rules.environment }));
  return foreign < 0 ? null : { index: foreign, why: `is about ${rules.environment}, and none of its signers has signed it` };
}

function isSigned({ record, seal, signature }: SealedRecord, { recover, trusted }: SignatureRules): boolean {
  try {
    const signer = recover(recordMessage(record, seal), signature);
    return signer.toLowerCase() === record.by.toLowerCase() && trusted(signer);
  } catch {
    return false;
  }
}

function runsOf(records: readonly JournalRecord[], environment: string): ReadonlySet<string> {
  const events = records.flatMap(({ content }) => (content.type === 'events' ? content.events : []));
  return new Set(events.flatMap((event) => (event.type === 'run-started' && event.environment === environment ? [event.run] : [])));
}

const deciding: ReadonlySet<string> = new Set(['run-started', 'continued', 'run-finished']);

/** What is begun, ended or marked for an environment. What a shared key's nonces came to may be noted by whoever holds it. */
function decidesFor({ content }: JournalRecord, { runs, environment }: { runs: ReadonlySet<string>; environment: string }): boolean {
  if (content.type === 'receipt') return content.kept.receipt.environment === environment;
  if (content.type === 'mark') return content.name.endsWith(`/${environment}`);
  return content.events.some((event) => deciding.has(event.type) && runs.has(event.run));
}
