// The written form of what the sentinel records: one sealed line an append, and one sealed snapshot. Pure.
import { firstSeal, sealed, unsealed } from '../sealed-text.ts';
import type { LedgerData, LogEntry } from './ledger.ts';

/** `seal` and `length` are those of the last whole line; `torn` is what a crash in the middle of an append left behind it. */
export type ReadLog = { entries: readonly LogEntry[]; seal: string; length: number; torn: Buffer | null };

export type CorruptLog = { line: number; offset: number; why: string };

/** What is known up to a point of the log: `segment` is the first that isn't part of it, `seal` the last line's before that. */
export type StoredSnapshot = { version: 1; segment: number; seal: string; data: LedgerData };

const newline = 0x0a;

/** `<seal> <entries as JSON>\n`: a tear never splits what one append was given. */
export function formatLine(entries: readonly LogEntry[], previous: string): { line: string; seal: string } {
  const line = sealed(JSON.stringify(entries), previous);
  return { line: `${line}\n`, seal: line.slice(0, firstSeal.length) };
}

/** Reads a segment that begins after the line with the seal `previous`, or names its first line that isn't what was written. */
export function readLog(bytes: Buffer, previous: string): ReadLog | CorruptLog {
  const entries: LogEntry[] = [];
  let seal = previous;
  let offset = 0;
  for (let line = 1; offset < bytes.length; line++) {
    const end = bytes.indexOf(newline, offset);
    const content = bytes.subarray(offset, end === -1 ? bytes.length : end);
    const isLast = end === -1 || end === bytes.length - 1;
    // Cut short there is no newline, or holes that the file system filled with zeros.
    if (end === -1 || (isLast && content.includes(0))) return { entries, seal, length: offset, torn: bytes.subarray(offset) };
    const text = unsealed(content.toString('utf8'), seal);
    if (text === null) return { line, offset, why: 'its seal does not fit it and the line before it' };
    entries.push(...(JSON.parse(text) as LogEntry[]));
    seal = content.toString('latin1', 0, 64);
    offset = end + 1;
  }
  return { entries, seal, length: offset, torn: null };
}

export function formatSnapshot(snapshot: StoredSnapshot): string {
  return `${sealed(JSON.stringify(snapshot))}\n`;
}

/** Null where the text isn't a snapshot as it was written. */
export function readSnapshot(text: string): StoredSnapshot | null {
  const content = unsealed(text.replace(/\n$/, ''));
  const snapshot = content === null ? null : (JSON.parse(content) as StoredSnapshot);
  return snapshot?.version === 1 ? snapshot : null;
}
