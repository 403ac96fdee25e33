// The journal file's format: one line an append, each sealed by a hash over itself and the line before. Pure.
import { createHash } from 'node:crypto';
import type { JournalEvent } from '../types.ts';
import { decodeValue, encodeValue } from './codec.ts';

/** Hash that seals a line, hex; the first line's predecessor is this. */
export const firstSeal = '0'.repeat(64);

export type ReadLines = {
  events: readonly JournalEvent[];
  /** Seal of the last good line. */
  seal: string;
  /** Bytes up to the end of the last good line. */
  length: number;
  /** What a crash in the middle of an append left behind it: never acknowledged, so nothing was sent on it. */
  torn: Buffer | null;
};

/** Where a line is wrong: one-based line, byte offset of its start. */
export type CorruptLine = { line: number; offset: number; why: string };

const newline = 0x0a;

/** `<seal> <events as JSON>\n`: all events of one append share a line, so a tear never splits them. */
export function formatLine(events: readonly JournalEvent[], previous: string): { line: string; seal: string } {
  const text = encodeValue(events);
  const seal = sealOf(text, previous);
  return { line: `${seal} ${text}\n`, seal };
}

/** Reads a whole journal file: its events, or the first line that isn't what was written there. */
export function readLines(bytes: Buffer): ReadLines | CorruptLine {
  const events: JournalEvent[] = [];
  let seal = firstSeal;
  let offset = 0;
  for (let line = 1; offset < bytes.length; line++) {
    const end = bytes.indexOf(newline, offset);
    const last = end === -1 || end === bytes.length - 1;
    const content = bytes.subarray(offset, end === -1 ? bytes.length : end);
    // A write that a crash cut short has no newline, or holes that the file system filled with zeros.
    if (end === -1 || (last && content.includes(0))) return { events, seal, length: offset, torn: bytes.subarray(offset) };
    const read = readLine(content.toString('utf8'), seal);
    if ('why' in read) return { line, offset, why: read.why };
    events.push(...read.events);
    seal = read.seal;
    offset = end + 1;
  }
  return { events, seal, length: offset, torn: null };
}

function readLine(content: string, previous: string): { events: readonly JournalEvent[]; seal: string } | { why: string } {
  const match = /^([0-9a-f]{64}) (.*)$/s.exec(content);
  const [, seal, text] = match ?? [];
  if (seal === undefined || text === undefined) return { why: 'it is not a sealed line' };
  if (sealOf(text, previous) !== seal) return { why: 'its seal does not fit its content and the line before it' };
  try {
    return { events: decodeValue(text) as readonly JournalEvent[], seal };
  } catch (error) {
    return { why: `it cannot be read (${(error as Error).message})` };
  }
}

function sealOf(text: string, previous: string): string {
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
}
