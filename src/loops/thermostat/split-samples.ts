// A history as pieces of text, one a sample, each with its place: a JSON array, or NDJSON. Knows no meaning of any piece.

export type Piece = { text: string; line: number; column: number };

/** `fault`: where and why the text can't be split any further; what lies before it is in `pieces`. */
export type Split = { pieces: readonly Piece[]; fault: { line: number; column: number; message: string } | null };

/** Splits at most `most` pieces; one more says that there are more. */
export function splitSamples(text: string, most: number): Split {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return /^\s*\[/.test(body) ? splitArray(body, most) : { pieces: splitLines(body, most), fault: null };
}

function splitLines(text: string, most: number): Piece[] {
  const pieces: Piece[] = [];
  let line = 1;
  for (let from = 0; from < text.length && pieces.length <= most; line++) {
    const end = text.indexOf('\n', from);
    const content = text.slice(from, end < 0 ? text.length : end).trimEnd();
    const start = content.length - content.trimStart().length;
    if (start < content.length) pieces.push({ text: content.slice(start), line, column: start + 1 });
    from = end < 0 ? text.length : end + 1;
  }
  return pieces;
}

/** What JSON takes for blank. */
const blanks: ReadonlySet<string> = new Set([' ', '\n', '\r', '\t']);

/** Where a scan is: everything that a place in the text depends on. */
type Scan = {
  text: string;
  pieces: Piece[];
  depth: number;
  start: number;
  line: number;
  lineStart: number;
  startLine: number;
  startColumn: number;
};

/** The elements of the outermost array: nesting and strings are followed, and nothing else. */
function splitArray(text: string, most: number): Split {
  const scan: Scan = { text, pieces: [], depth: 0, start: -1, line: 1, lineStart: 0, startLine: 1, startColumn: 1 };
  for (let at = 0; at < text.length && scan.pieces.length <= most; at++) {
    const sign = text[at] ?? '';
    if (sign === '\n') [scan.line, scan.lineStart] = [scan.line + 1, at + 1];
    if (blanks.has(sign)) continue;
    if (sign === '"') {
      begin(scan, at);
      const end = endOfString(text, at);
      if (end < 0) return broken(scan, at, 'a text that begins here does not end');
      at = end;
    } else if (step(scan, at, sign)) return closed(scan, at);
  }
  return scan.pieces.length > most ? { pieces: scan.pieces, fault: null } : broken(scan, text.length, 'the array does not end');
}

/** The offset of the quote that ends a string; -1 where none does, or a line break comes first. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
    else if (text[at] === '\n') return -1;
  }
  return -1;
}

/** One sign. True at the end of the outermost array. */
function step(scan: Scan, at: number, sign: string): boolean {
  const closing = sign === ']' || sign === '}';
  if (closing) scan.depth -= 1;
  if ((sign === ',' && scan.depth === 1) || scan.depth === 0) take(scan, at);
  else if (scan.depth > 0) begin(scan, at);
  if (sign === '[' || sign === '{') scan.depth += 1;
  return closing && scan.depth === 0;
}

function begin(scan: Scan, at: number): void {
  if (scan.start < 0) [scan.start, scan.startLine, scan.startColumn] = [at, scan.line, at - scan.lineStart + 1];
}

function take(scan: Scan, at: number): void {
  if (scan.start >= 0) scan.pieces.push({ text: scan.text.slice(scan.start, at).trimEnd(), line: scan.startLine, column: scan.startColumn });
  else if (scan.text[at] === ',') scan.pieces.push({ text: '', line: scan.line, column: at - scan.lineStart + 1 });
  scan.start = -1;
}

/** Behind the array there is nothing. */
function closed(scan: Scan, at: number): Split {
  const rest = scan.text.slice(at + 1);
  if (rest.trim() === '') return { pieces: scan.pieces, fault: null };
  const blank = rest.slice(0, rest.length - rest.trimStart().length);
  const lines = blank.split('\n');
  const column = lines.length === 1 ? at - scan.lineStart + 2 + blank.length : (lines.at(-1)?.length ?? 0) + 1;
  return { pieces: scan.pieces, fault: { line: scan.line + lines.length - 1, column, message: 'something stands behind the array' } };
}

function broken(scan: Scan, at: number, message: string): Split {
  return { pieces: scan.pieces, fault: { line: scan.line, column: at - scan.lineStart + 1, message } };
}
