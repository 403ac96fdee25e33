// A fast reader for the plain part of YAML that kind files are written in: block maps and lists, one-line flow ones, plain
// and simply quoted scalars, comments. It either gives exactly what the YAML library gives, or null: then the library
// reads the text, and says what is wrong where. (docs/decisions/kind-loading.md: the library takes most of a plan's time.) Pure.

/** What YAML's core schema makes of a text, with whole numbers as bigint. */
export type PlainValue = string | bigint | boolean | PlainValue[] | { [key: string]: PlainValue };

type Line = { indent: number; text: string };
type Lines = { lines: readonly Line[]; next: number };
type Inline = { text: string; next: number };

/** Thrown and caught in this file only: the text is beyond the plain part. */
class Beyond extends Error {}

const deepest = 20;
const keyPattern = /^([A-Za-z_][A-Za-z0-9_.]*|"[^"\\]*"):(?: +(.*))?$/;
const wholeNumber = /^-?[0-9]+$/;
const strangeStart = /^($|[-?:,[\]{}#&*!|>'"%@`+.0-9]|(null|Null|NULL|~|True|TRUE|False|FALSE)$)/;
const space = 0x20;
const flow = {
  key: /([A-Za-z_][A-Za-z0-9_.]*|"[^"\\]*"): +/y,
  doubleQuoted: /"([^"\\]*)"/y,
  singleQuoted: /'([^']*)'(?!')/y,
  plain: /[^,[\]{}]*/y,
  listStart: /\[ */y,
  listNext: / *(, *(?=[^\],])|(?=\]))/y,
  mapStart: /\{ */y,
  mapNext: / *(, *(?=[^},])|(?=\}))/y,
};

/** The document's value, or null where it isn't plain or isn't right. */
export function readPlainYaml(text: string): PlainValue | null {
  // Neither tabs, carriage returns and other controls, nor anything that a trim or a line split could take for space.
  if (/[^\n\x20-\x7e\u00a1-\u167f\u2030-\u205e\u2100-\u2fff\u3001-\ud7ff]/.test(text)) return null;
  try {
    const lines = { lines: splitLines(text), next: 0 };
    const value = readBlock(lines, 0, 0);
    return lines.next === lines.lines.length ? value : null;
  } catch (error) {
    if (error instanceof Beyond) return null;
    throw error;
  }
}

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.includes('#') ? withoutComment(raw) : raw;
    let indent = 0;
    while (line.charCodeAt(indent) === space) indent += 1;
    let end = line.length;
    while (end > indent && line.charCodeAt(end - 1) === space) end -= 1;
    if (end === indent) continue;
    const content = line.slice(indent, end);
    if (/^(---|\.\.\.|%)/.test(content)) throw new Beyond();
    lines.push({ indent, text: content });
  }
  return lines;
}

function withoutComment(line: string): string {
  const start = /(^|\s)#/.exec(line)?.index;
  if (start === undefined) return line;
  const before = line.slice(0, start);
  if (/["']/.test(before)) throw new Beyond();
  return before;
}

function readBlock(lines: Lines, indent: number, depth: number): PlainValue {
  const first = lines.lines[lines.next];
  if (first === undefined || first.indent !== indent || depth > deepest) throw new Beyond();
  const value = isItem(first) ? readList(lines, indent, depth) : readMap(lines, indent, depth);
  const after = lines.lines[lines.next];
  if (after !== undefined && after.indent >= indent) throw new Beyond();
  return value;
}

function isItem(line: Line): boolean {
  return line.text.startsWith('- ');
}

function readList(lines: Lines, indent: number, depth: number): PlainValue[] {
  const items: PlainValue[] = [];
  for (let line = lines.lines[lines.next]; line?.indent === indent && isItem(line); line = lines.lines[lines.next]) {
    const rest = line.text.slice(2).replace(/^ +/, '');
    if (!keyPattern.test(rest)) {
      items.push(readInline(lines, rest, indent));
      continue;
    }
    // A map that begins behind the dash goes on where its first key stands.
    const inner = { indent: indent + line.text.length - rest.length, text: rest };
    items.push(readMapFrom(lines, inner, depth + 1));
  }
  return items;
}

function readMap(lines: Lines, indent: number, depth: number): PlainValue {
  const first = lines.lines[lines.next];
  if (first === undefined) throw new Beyond();
  return readMapFrom(lines, { ...first, indent }, depth);
}

/** A map whose first entry is `first`, at the current line. */
function readMapFrom(lines: Lines, first: Line, depth: number): PlainValue {
  const entries = new Map<string, PlainValue>();
  for (let line: Line | undefined = first; line?.indent === first.indent; line = lines.lines[lines.next]) {
    const match = keyPattern.exec(line.text);
    if (match === null || isItem(line)) throw new Beyond();
    const value = match[2] === undefined ? readNested(lines, first.indent, depth) : readInline(lines, match[2], first.indent);
    addEntry(entries, match[1] ?? '', value);
  }
  return Object.fromEntries(entries);
}

function readNested(lines: Lines, indent: number, depth: number): PlainValue {
  lines.next += 1;
  const below = lines.lines[lines.next];
  if (below === undefined || below.indent <= indent) throw new Beyond();
  return readBlock(lines, below.indent, depth + 1);
}

function addEntry(entries: Map<string, PlainValue>, written: string, value: PlainValue): void {
  const key = written.startsWith('"') ? written.slice(1, -1) : plainScalar(written);
  if (typeof key !== 'string' || key === '__proto__' || entries.has(key)) throw new Beyond();
  entries.set(key, value);
}

/** A value that ends with its line; the next line must not go on with it. */
function readInline(lines: Lines, text: string, indent: number): PlainValue {
  lines.next += 1;
  const after = lines.lines[lines.next];
  if (after !== undefined && after.indent > indent) throw new Beyond();
  if (!/^["'{[]/.test(text)) return plainScalar(text);
  const inline = { text, next: 0 };
  const value = readFlow(inline, 0);
  if (inline.next !== text.length) throw new Beyond();
  return value;
}

function readFlow(inline: Inline, depth: number): PlainValue {
  if (depth > deepest) throw new Beyond();
  const start = inline.text.charAt(inline.next);
  if (start === '{') return readFlowMap(inline, depth);
  if (start === '[') return readFlowList(inline, depth);
  if (start === '"') return takeMatch(inline, flow.doubleQuoted)[1] ?? '';
  if (start === "'") return takeMatch(inline, flow.singleQuoted)[1] ?? '';
  return plainScalar(takeMatch(inline, flow.plain)[0].replace(/ +$/, ''));
}

function readFlowList(inline: Inline, depth: number): PlainValue[] {
  const items: PlainValue[] = [];
  takeMatch(inline, flow.listStart);
  while (inline.text.charAt(inline.next) !== ']') {
    items.push(readFlow(inline, depth + 1));
    takeMatch(inline, flow.listNext);
  }
  inline.next += 1;
  return items;
}

function readFlowMap(inline: Inline, depth: number): PlainValue {
  const entries = new Map<string, PlainValue>();
  takeMatch(inline, flow.mapStart);
  while (inline.text.charAt(inline.next) !== '}') {
    const key = takeMatch(inline, flow.key)[1] ?? '';
    addEntry(entries, key, readFlow(inline, depth + 1));
    takeMatch(inline, flow.mapNext);
  }
  inline.next += 1;
  return Object.fromEntries(entries);
}

function takeMatch(inline: Inline, pattern: RegExp): RegExpExecArray {
  pattern.lastIndex = inline.next;
  const match = pattern.exec(inline.text);
  if (match === null) throw new Beyond();
  inline.next = pattern.lastIndex;
  return match;
}

/** Text, whole number or flag; what looks like another scalar, or like syntax, is beyond. */
function plainScalar(text: string): PlainValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (wholeNumber.test(text)) return BigInt(text);
  if (strangeStart.test(text) || /:( |$)/.test(text)) throw new Beyond();
  return text;
}
