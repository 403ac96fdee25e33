// A file or a body of events, NDJSON or a JSON list: each with its line, and every fault of all of them. Pure.
import { MooringError } from '../../errors.ts';
import type { Finding } from '../../types.ts';
import { parseEvent } from './parse-event.ts';
import type { SentinelEvent } from './state.ts';

/** The text of one event, and the line on which it starts (from 1). */
export type EventText = { text: string; line: number };

/** As read: what is wrong with any of them is a finding at its line. */
export type ParsedEvents = { events: readonly SentinelEvent[]; findings: readonly Finding[] };

/** Faults that are told of one file or body. */
const mostFindings = 100;

/** Reads what `splitEvents` finds in `text`. `file` is what people know it by. */
export function parseEvents(text: string, file: string): ParsedEvents {
  const split = splitEvents(text);
  if ('fault' in split) return { events: [], findings: [{ ...split.fault, severity: 'error', source: { file, line: split.line, column: 1 } }] };
  return parseEach(split.items, file);
}

export function parseEach(items: readonly EventText[], file: string): ParsedEvents {
  const events: SentinelEvent[] = [];
  const findings: Finding[] = [];
  for (const item of items) {
    const parsed = parseEvent(item.text, `${file}:${item.line}`);
    if (parsed.faults === undefined) events.push(parsed.event);
    else findings.push(...parsed.faults.map((fault) => ({ ...fault, severity: 'error' as const, source: { file, line: item.line, column: 1 } })));
  }
  return { events, findings };
}

/** The same; throws MooringError EVENTS_INVALID with the findings where there are any. */
export function parseAllEvents(text: string, file: string): readonly SentinelEvent[] {
  const { events, findings } = parseEvents(text, file);
  if (findings.length === 0) return events;
  const shown = findings.slice(0, mostFindings);
  const count = `${findings.length} error${findings.length === 1 ? '' : 's'}${shown.length < findings.length ? `, of which ${shown.length} are listed` : ''}`;
  throw new MooringError('EVENTS_INVALID', `${file} has ${count}; nothing of it was counted`, { findings: shown });
}

type Split = { items: readonly EventText[] } | { fault: { code: 'EVENT_SYNTAX'; message: string; fix: string }; line: number };

/** A list's items, one object's text, or each line that isn't empty. */
export function splitEvents(text: string): Split {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const start = body.search(/\S/);
  if (body[start] === '[') return splitList(body, start);
  if (body[start] === '{' && isWhole(body)) return { items: [{ text: body.trim(), line: lineAt(body, start) }] };
  const items = body.split('\n').map((line, index) => ({ text: line.trim(), line: index + 1 }));
  return { items: items.filter(({ text: item }) => item !== '') };
}

/** One object over several lines isn't NDJSON. */
function isWhole(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

function lineAt(body: string, offset: number): number {
  let line = 1;
  for (let at = body.indexOf('\n'); at >= 0 && at < offset; at = body.indexOf('\n', at + 1)) line++;
  return line;
}

/** Splits by structure alone, so that a fault in one item doesn't hide the others. */
function splitList(body: string, start: number): Split {
  const ends: number[] = [];
  let depth = 0;
  for (const { mark, at } of structureOf(body, start)) {
    if (mark === '[' || mark === '{') depth++;
    else if (mark !== ',') depth--;
    if (depth > 1 || (depth === 1 && mark !== ',')) continue;
    ends.push(at);
    if (depth === 0) return itemsBetween(body, start, ends);
  }
  return broken('the list of events does not end', lineAt(body, body.length));
}

/** Brackets and commas that aren't inside a string. One pass: no text makes it slow. */
function* structureOf(body: string, start: number): Generator<{ mark: string; at: number }> {
  let inString = false;
  for (let at = start; at < body.length; at++) {
    const mark = body[at] ?? '';
    if (inString && mark === '\\') at++;
    else if (mark === '"') inString = !inString;
    else if (!inString && '[]{},'.includes(mark)) yield { mark, at };
  }
}

function itemsBetween(body: string, start: number, ends: readonly number[]): Split {
  const close = ends.at(-1) ?? start;
  const rest = body.slice(close + 1).search(/\S/);
  if (rest >= 0) return broken('something stands behind the list of events', lineAt(body, close + 1 + rest));
  if (ends.length === 1 && body.slice(start + 1, close).trim() === '') return { items: [] };
  let [line, counted] = [1, 0];
  const items = ends.map((end, index) => {
    const from = (ends[index - 1] ?? start) + 1;
    const raw = body.slice(from, end);
    for (const at = from + Math.max(0, raw.search(/\S/)); counted < at; counted++) if (body[counted] === '\n') line++;
    return { text: raw.trim(), line };
  });
  return { items };
}

function broken(message: string, line: number): Split {
  return { fault: { code: 'EVENT_SYNTAX', message, fix: 'write a JSON list, or one JSON object on each line' }, line };
}
