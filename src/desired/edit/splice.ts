// Changes of a text that touch only the lines they are about: where a node lies, and what to put there. Pure.
import { MooringError } from '../../errors.ts';
import type { YamlEntry, YamlList, YamlMap, YamlNode } from '../yaml-tree.ts';
import { inline, type YamlData } from './yaml-data.ts';

/** Replaces `text[start, end)`. */
export type Splice = { start: number; end: number; text: string };

export function applySplices(text: string, splices: readonly Splice[]): string {
  const fromBehind = [...splices].sort((a, b) => b.start - a.start || b.end - a.end);
  return fromBehind.reduce((result, splice) => result.slice(0, splice.start) + splice.text + result.slice(splice.end), text);
}

export function impossible(message: string): MooringError {
  return new MooringError('EDIT_IMPOSSIBLE', message, { fix: 'edit the file by hand' });
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** After the line break of the line that `offset` is in. */
function nextLine(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found < 0 ? text.length : found + 1;
}

/** After the last character of what a node says: block collections end with their last item. */
function contentEnd(text: string, node: YamlNode): number {
  if (node.type === 'map' && !node.flow) return entryEnd(text, node.entries.at(-1)) ?? node.end;
  if (node.type === 'list' && !node.flow) {
    const last = node.items.at(-1);
    return last === undefined ? node.end : contentEnd(text, last);
  }
  return node.end;
}

function entryEnd(text: string, entry: YamlEntry | undefined): number | null {
  if (entry === undefined) return null;
  return entry.value.type === 'empty' ? colonAfter(text, entry) : contentEnd(text, entry.value);
}

/** After the colon behind a key. */
function colonAfter(text: string, entry: YamlEntry): number {
  const colon = text.indexOf(':', entry.keyAt.end);
  if (colon < 0 || text.slice(entry.keyAt.end, colon).trim() !== '') throw impossible(`no colon behind \`${entry.key}\``);
  return colon + 1;
}

/** Where a line behind this content begins; a block scalar ends with its own line break. */
function lineAfter(text: string, end: number): number {
  return end > 0 && text[end - 1] === '\n' ? end : nextLine(text, end);
}

/** Lines after the one that `end` is in. */
function insertLines(text: string, end: number, lines: readonly string[]): Splice {
  const eol = eolOf(text);
  const at = lineAfter(text, end);
  const complete = at === 0 || text[at - 1] === '\n';
  const body = lines.map((line) => line + eol).join('');
  return { start: at, end: at, text: complete ? body : eol + body.slice(0, -eol.length) };
}

/** Takes away whole lines; nothing else may be on them, but for a comment at the end. */
function deleteLines(text: string, start: number, end: number): Splice {
  const from = lineStart(text, start);
  if (text.slice(from, start).trim() !== '') throw impossible('something else is on the same line');
  return { start: from, end: lineAfter(text, end), text: '' };
}

/** Gives an existing entry a new value; a comment on the key's line stays. */
export function replaceValue(text: string, entry: YamlEntry, data: YamlData): Splice[] {
  const { value } = entry;
  const oneLine = (value.type === 'text' && value.style !== 'block') || ((value.type === 'map' || value.type === 'list') && value.flow);
  if (oneLine) return [{ start: value.start, end: value.end, text: inline(data) }];
  const head = behindColon(text, entry, data);
  if (value.type === 'empty') return [head];
  if (value.type === 'text') throw impossible(`\`${entry.key}\` is a text of several lines`);
  return [head, { start: nextLine(text, head.end), end: lineAfter(text, contentEnd(text, value)), text: '' }];
}

function behindColon(text: string, entry: YamlEntry, data: YamlData): Splice {
  const colon = colonAfter(text, entry);
  return { start: colon, end: colon, text: ` ${inline(data)}` };
}

/** A new entry at the end of a map. */
export function addEntry(text: string, map: YamlMap, { key, data }: { key: string; data: YamlData }): Splice[] {
  return addEntryLines(text, map, [`${inline(key)}: ${inline(data)}`]);
}

/** New entries at the end of a map, as lines that are indented as far as its first key. */
export function addEntryLines(text: string, map: YamlMap, lines: readonly string[]): Splice[] {
  const first = map.entries[0];
  if (map.flow && lines.length === 1)
    return addFlow(
      text,
      map,
      lines[0] ?? '',
      map.entries.map((entry) => entryEnd(text, entry) ?? 0),
    );
  if (map.flow || first === undefined) throw impossible('a map in one line cannot take several lines');
  const indent = ' '.repeat(first.keyAt.start - lineStart(text, first.keyAt.start));
  return [
    insertLines(
      text,
      contentEnd(text, map),
      lines.map((line) => (line === '' ? '' : indent + line)),
    ),
  ];
}

/** A new item at the end of a list. */
export function addItem(text: string, list: YamlList, data: YamlData): Splice[] {
  if (list.flow)
    return addFlow(
      text,
      list,
      inline(data),
      list.items.map((item) => item.end),
    );
  const indent = ' '.repeat(list.start - lineStart(text, list.start));
  return [insertLines(text, contentEnd(text, list), [`${indent}- ${inline(data)}`])];
}

/** A new item of several lines at the end of the list that an entry has. An empty `[]` becomes a list of lines. */
export function addItemLines(text: string, entry: YamlEntry, { list, lines }: { list: YamlList; lines: readonly string[] }): Splice[] {
  if (!list.flow) {
    const indent = ' '.repeat(list.start - lineStart(text, list.start));
    const indented = lines.map((line) => indent + line);
    return [insertLines(text, behindComments(text, contentEnd(text, list), indent), indented)];
  }
  if (list.items.length > 0) throw impossible('a list in one line cannot take several lines');
  if (text.slice(list.start + 1, list.end - 1).trim() !== '') throw impossible('only a comment stands between the brackets');
  return openFlow(text, entry, lines);
}

/** After the comment lines that stand deeper than the dashes of a list: they are about its last item. */
function behindComments(text: string, end: number, indent: string): number {
  const comment = new RegExp(`^${indent} +#`);
  let at = end;
  while (comment.test(text.slice(lineAfter(text, at)))) at = nextLine(text, lineAfter(text, at));
  return at;
}

/** Writes the one-line collection of an entry as lines below its key; a comment behind it stays on the key's line. */
export function openFlow(text: string, entry: YamlEntry, lines: readonly string[]): Splice[] {
  const { start, end } = entry.value;
  const indent = ' '.repeat(entry.keyAt.start - lineStart(text, entry.keyAt.start) + 2);
  const eol = eolOf(text);
  const trimmed = /[^\S\n]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const tail = /^[^\n]*/.exec(text.slice(end))?.[0] ?? '';
  const body = lines.map((line) => (line === '' ? eol : `${eol}${indent}${line}`)).join('');
  return [{ start: start - trimmed, end: end + tail.length, text: tail.trimEnd() + body + (tail.endsWith('\r') ? '\r' : '') }];
}

function addFlow(text: string, node: YamlNode, item: string, ends: readonly number[]): Splice[] {
  const last = ends.at(-1);
  if (last !== undefined) return [{ start: last, end: last, text: `, ${item}` }];
  if (text.slice(node.start + 1, node.end - 1).trim() !== '') throw impossible('only a comment stands between the brackets');
  return [{ start: node.start, end: node.end, text: node.type === 'map' ? `{ ${item} }` : `[${item}]` }];
}

/** Takes one item out of a list; the last one leaves `[]`. `owner` is the entry whose value the list is. */
export function removeItem(text: string, { owner, list, index }: { owner: YamlEntry; list: YamlList; index: number }): Splice[] {
  const item = list.items[index];
  if (item === undefined) throw impossible('no such item');
  if (list.flow) return removeFlow(text, { node: list, spans: list.items, index });
  const before = text.slice(lineStart(text, item.start), item.start);
  if (!/^\s*-\s*$/.test(before)) throw impossible('the item does not stand on a line of its own');
  const lines = deleteLines(text, item.start - (before.length - before.indexOf('-')), contentEnd(text, item));
  return list.items.length > 1 ? [lines] : [behindColon(text, owner, []), lines];
}

/** Takes one entry out of a map; the last one leaves `{}`. `owner` is null for the document's own map. */
export function removeEntry(text: string, { owner, map, index }: { owner: YamlEntry | null; map: YamlMap; index: number }): Splice[] {
  const entry = map.entries[index];
  if (entry === undefined) throw impossible('no such key');
  if (map.flow)
    return removeFlow(text, { node: map, spans: map.entries.map((other) => ({ start: other.keyAt.start, end: entryEnd(text, other) ?? 0 })), index });
  const lines = { ...deleteLines(text, entry.keyAt.start, entryEnd(text, entry) ?? entry.keyAt.end), start: ownStart(text, map, index) };
  if (map.entries.length > 1) return [lines];
  if (owner === null) throw impossible('nothing would be left');
  return [behindColon(text, owner, new Map()), lines];
}

/**
 * Where what belongs to an entry begins: with the comment above it, where its neighbour has one of its own too. Else the
 * comment may be about both.
 */
function ownStart(text: string, map: YamlMap, index: number): number {
  const starts = map.entries.map((entry) => ({ line: lineStart(text, entry.keyAt.start), comment: commentStart(text, entry.keyAt.start) }));
  const own = starts[index];
  const neighbour = starts[index + 1] ?? starts[index - 1];
  if (own === undefined) return 0;
  return neighbour !== undefined && neighbour.comment < neighbour.line ? own.comment : own.line;
}

/** Start of the comment lines directly above a line, with the same indentation; the line's own start where there are none. */
function commentStart(text: string, offset: number): number {
  let start = lineStart(text, offset);
  const indent = text.slice(start, offset);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.startsWith(`${indent}#`, above)) break;
    start = above;
  }
  return start;
}

type Spans = readonly { start: number; end: number }[];

function removeFlow(text: string, { node, spans, index }: { node: YamlNode; spans: Spans; index: number }): Splice[] {
  const span = spans[index];
  if (span === undefined) throw impossible('no such item');
  const previous = spans[index - 1];
  const next = spans[index + 1];
  const [from, to] = previous !== undefined ? [previous.end, span.end] : next !== undefined ? [span.start, next.start] : [node.start + 1, node.end - 1];
  if (!/[#\n]/.test(text.slice(from, to))) return [{ start: from, end: to, text: '' }];
  const comma = /^\s*,/.exec(text.slice(span.end))?.[0].length ?? 0;
  const end = span.end + comma;
  const alone = text.slice(lineStart(text, span.start), span.start).trim() === '' && /^[^\S\n]*(#.*)?$/.test(text.slice(end, nextLine(text, end)).trimEnd());
  return [alone ? deleteLines(text, span.start, end) : { start: span.start, end, text: '' }];
}
