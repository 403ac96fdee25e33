// The written form of what the sentinel records: one sealed line an append, and one sealed snapshot. Pure.
import { createHash } from 'node:crypto';
import type { LedgerData, LogEntry } from './ledger.ts';

/** What stands before the first line. */
export const firstSeal = '0'.repeat(64);

/** `seal` and `length` are those of the last whole line; `torn` is what a crash in the middle of an append left behind it. */
export type ReadLog = { entries: readonly LogEntry[]; seal: string; length: number; torn: Buffer | null };

export type CorruptLog = { line: number; offset: number; why: string };

/** What is known up to a point of the log: `segment` is the first that isn't part of it, `seal` the last line's before that. */
export type StoredSnapshot = { version: 1; segment: number; seal: string; data: LedgerData };

const newline = 0x0a;

/** `<seal> <entries as JSON>\n`: a tear never splits what one append was given. */
export function formatLine(entries: readonly LogEntry[], previous: string): { line: string; seal: string } {
  const text = JSON.stringify(entries);
  const seal = sealOf(text, previous);
  return { line: `${seal} ${text}\n`, seal };
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
    const text = unseal(content.toString('utf8'), seal);
    if (text === null) return { line, offset, why: 'its seal does not fit it and the line before it' };
    entries.push(...(JSON.parse(text) as LogEntry[]));
    seal = content.toString('latin1', 0, 64);
    offset = end + 1;
  }
  return { entries, seal, length: offset, torn: null };
}

export function formatSnapshot(snapshot: StoredSnapshot): string {
  return formatSealed(JSON.stringify(snapshot));
}

/** Null where the text isn't a snapshot as it was written. */
export function readSnapshot(text: string): StoredSnapshot | null {
  const content = unseal(text.replace(/\n$/, ''), firstSeal);
  const snapshot = content === null ? null : (JSON.parse(content) as StoredSnapshot);
  return snapshot?.version === 1 ? snapshot : null;
}

function formatSealed(text: string): string {
  return `${sealOf(text, firstSeal)} ${text}\n`;
}

/** What was written, if its seal says that it is unchanged. */
function unseal(content: string, previous: string): string | null {
  const text = content.slice(65);
  return content[64] === ' ' && content.slice(0, 64) === sealOf(text, previous) ? text : null;
}

function sealOf(text: string, previous: string): string {
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
}
