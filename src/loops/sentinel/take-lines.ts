// Whole lines out of the bytes that a growing file has so far. Pure.
import type { EventText } from './parse-events.ts';

/** `length` bytes are done with; `line` counts the lines up to there; `tooLong` is one that was left out. */
export type TakenLines = { items: readonly EventText[]; length: number; line: number; skipping: boolean; tooLong: number | null };

/** `skipping`: in the middle of a line that is left out. `full`: there may be more bytes than these. */
export type TakeFrom = { line: number; skipping: boolean; full: boolean };

const newline = 0x0a;

export function takeLines(bytes: Buffer, { line, skipping, full }: TakeFrom): TakenLines {
  const end = bytes.lastIndexOf(newline);
  if (end < 0) {
    // A line that doesn't end within all that is read at once never will.
    if (full) return { items: [], length: bytes.length, line, skipping: true, tooLong: skipping ? null : line + 1 };
    return { items: [], length: skipping ? bytes.length : 0, line, skipping, tooLong: null };
  }
  const texts = bytes.subarray(0, end).toString('utf8').split('\n');
  const items = texts.flatMap((text, index) => {
    const clean = (line + index === 0 ? text.replace(/^\uFEFF/, '') : text).trim();
    return (index === 0 && skipping) || clean === '' ? [] : [{ text: clean, line: line + index + 1 }];
  });
  return { items, length: end + 1, line: line + texts.length, skipping: false, tooLong: null };
}
