// The format of the shared journal: one record a commit, sealed over the one before and signed. Pure.
import { createHash } from 'node:crypto';
import type { Address, Hex, JournalEvent, Receipt } from '../types.ts';
import type { ObjectId } from './git.ts';

/** Lossless text for values, equal for equal values: the journal's own codec, handed in. */
export type Codec = { encode(value: unknown): string; decode(text: string): unknown };

export type KeptReceipt = { receipt: Receipt; signature: Hex };

type Content =
  | { type: 'events'; events: readonly JournalEvent[] }
  | { type: 'receipt'; kept: KeptReceipt }
  /** A fact that later ones of its name replace, such as the last applied commit. */
  | { type: 'mark'; name: string; value: string };

export type JournalRecord = {
  version: 1;
  /** From 1, without gaps. */
  number: number;
  /** Random: an append that isn't sure whether it took place finds itself by it. */
  id: string;
  /** Seal of the record before. */
  previous: string;
  /** Who signed this record. */
  by: Address;
  /** Fencing tokens of the leases that it was recorded under, by ref. */
  under: Readonly<Record<string, ObjectId>>;
  /** Tree of the receipts' files beside it; null where there are none yet. */
  files: ObjectId | null;
  content: Content;
};

export type SealedRecord = { record: JournalRecord; seal: string; signature: Hex };

/** What the first record follows. */
export const firstSeal = '0'.repeat(64);

/** SHA-256 over the record, which names the seal before: so a seal stands for everything up to it. */
export function sealOf(record: JournalRecord, codec: Codec): string {
  return createHash('sha256').update(codec.encode(record)).digest('hex');
}

/** The text that is signed (EIP-191). */
export function recordMessage({ number }: JournalRecord, seal: string): string {
  return `Mooring journal, record ${number}\nsha256 ${seal}`;
}

/** As people read it in the branch; every value still goes through the lossless codec. */
export function formatRecord(sealed: SealedRecord, codec: Codec): string {
  return `${JSON.stringify(JSON.parse(codec.encode(sealed)), null, 2)}\n`;
}

/** The record of a file, or why it is none, given what it must follow. Signatures are not looked at. */
export function readRecord(text: string, expected: { number: number; previous: string }, codec: Codec): SealedRecord | { why: string } {
  let sealed: Partial<SealedRecord>;
  try {
    sealed = codec.decode(text) as Partial<SealedRecord>;
  } catch (error) {
    return { why: `it cannot be read (${(error as Error).message.split('\n', 1)[0]})` };
  }
  const { record, seal, signature } = sealed;
  if (record === undefined || record.version !== 1 || typeof seal !== 'string' || typeof signature !== 'string') return { why: 'it is not a record' };
  if (sealOf(record, codec) !== seal) return { why: 'its seal does not fit its content' };
  if (record.previous !== expected.previous) return { why: 'it does not follow the record before it' };
  if (record.number !== expected.number) return { why: `it is record ${record.number}, and ${expected.number} is due` };
  if (!['events', 'receipt', 'mark'].includes(record.content?.type)) return { why: 'its content is of no kind that is known' };
  return { record, seal, signature };
}

/** One line for people: the commit's subject. */
export function subjectOf(content: Content): string {
  if (content.type === 'receipt') return `Receipt of run ${content.kept.receipt.run}: ${content.kept.receipt.outcome}`;
  if (content.type === 'mark') return `${content.name}: ${content.value}`;
  const runs = [...new Set(content.events.map((event) => event.run))];
  return `Run ${runs.join(', ')}: ${[...new Set(content.events.map((event) => event.type))].join(', ')}`.slice(0, 200);
}

export type { Content as RecordContent };
