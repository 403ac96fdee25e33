// One event from JSON that strangers write: every fault with its code, nothing guessed. Pure.
import type { Code } from '../../errors.ts';
import type { SentinelEvent } from './state.ts';

/** What is wrong with an event, without the values that it holds. */
export type EventFault = { code: Code; message: string; fix: string };

export type ParsedEvent = { event: SentinelEvent; faults?: never } | { faults: readonly EventFault[] };

/** Longest text of one event. */
export const eventLimit = 16 * 1024;
/** Beyond it an amount is a mistake; so many of them as could be counted still have a finite sum. */
export const largestAmount = 1e30;
const longestId = 128;
const longestAgent = 200;

const amounts = { cost: ['cost', 'spend'], value: ['value', 'gmv', 'revenue'] } as const;
const known = ['type', 'kind', 'id', 'agent', 'cost', 'spend', 'value', 'gmv', 'revenue', 'reward', 'success'] as const;

type Members = Readonly<Record<string, unknown>>;
/** Adds to what is wrong. */
type Say = (fault: EventFault) => void;

/**
 * An event of one JSON object, as text. `from` says where it comes from, for people. Keys that no event has are left
 * alone, unless they look like a misspelt one: then something would be lost unseen. Of several names of one amount the
 * first that isn't 0 counts, as in the reference.
 */
export function parseEvent(text: string, from: string | null): ParsedEvent {
  if (text.length > eventLimit) {
    const message = `the event has ${text.length} characters, more than ${eventLimit}`;
    return { faults: [{ code: 'EVENT_TOO_LARGE', message, fix: 'leave out what the sentinel does not need' }] };
  }
  const value = parseJson(text);
  return 'fault' in value ? { faults: [value.fault] } : readEvent(value.members, from);
}

function parseJson(text: string): { members: Members } | { fault: EventFault } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { members: value as Members };
    return { fault: { code: 'EVENT_SYNTAX', message: 'an event is one JSON object', fix: 'write {"type": "expansion", "cost": 1.5}' } };
  } catch {
    // The parser's own message may quote what it read.
    const number = /[:[,]\s*-?(?:NaN|Infinity|nan|inf)\b/.test(text);
    if (number) return { fault: { code: 'NUMBER_NOT_FINITE', message: 'NaN and Infinity are not JSON', fix: 'send finite numbers, or leave the key out' } };
    return { fault: { code: 'EVENT_SYNTAX', message: 'this is not JSON', fix: 'write one JSON object' } };
  }
}

function readEvent(members: Members, from: string | null): ParsedEvent {
  const faults: EventFault[] = [];
  const say: Say = (fault) => void faults.push(fault);
  checkKeys(members, say);
  const event: SentinelEvent = {
    type: readType(members, say) ?? 'expansion',
    agent: readName(members, { key: 'agent', longest: longestAgent }, say),
    cost: readAmount(members, 'cost', say),
    value: readAmount(members, 'value', say),
    reward: readNumber(members, 'reward', say),
    success: readFlag(members, say),
    id: readName(members, { key: 'id', longest: longestId }, say),
    from,
  };
  return faults.length === 0 ? { event } : { faults };
}

function checkKeys(members: Members, say: Say): void {
  for (const key of Object.keys(members)) {
    const near = known.find((name) => name !== key && isMisspelt(key, name));
    if (near === undefined || (known as readonly string[]).includes(key)) continue;
    say({
      code: 'KEY_UNKNOWN',
      message: `an event has no key ${JSON.stringify(key)}`,
      fix: `write "${near}", or give the key a name that is not so near to it`,
    });
  }
}

/** One letter too many, too few, wrong or swapped, but the first; or another case. */
function isMisspelt(key: string, name: string): boolean {
  const written = key.toLowerCase();
  if (written === name) return true;
  if (name.length < 4 || written[0] !== name[0] || Math.abs(written.length - name.length) > 1) return false;
  let start = 0;
  while (start < name.length && written[start] === name[start]) start++;
  const [a, b] = [written.slice(start), name.slice(start)];
  if (a.length !== b.length) return a.length > b.length ? a.slice(1) === b : a === b.slice(1);
  return a.slice(1) === b.slice(1) || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2));
}

/** Null is as good as missing. What JSON makes has no prototype of its own, and no object inherits one of these keys. */
function member(members: Members, key: string): unknown {
  return members[key] ?? undefined;
}

function readType(members: Members, say: Say): SentinelEvent['type'] | null {
  const [type, kind] = [member(members, 'type'), member(members, 'kind')];
  const found = type ?? kind;
  const fix = 'write "type": "expansion" or "type": "evaluation"';
  if (found === undefined) say({ code: 'KEY_MISSING', message: 'the event has no "type"', fix });
  else if (type !== undefined && kind !== undefined && type !== kind) say({ code: 'EVENT_TYPE', message: '"type" and "kind" differ', fix });
  else if (found === 'expansion' || found === 'evaluation') return found;
  else say({ code: 'EVENT_TYPE', message: 'the type is neither expansion nor evaluation', fix });
  return null;
}

function readAmount(members: Members, name: keyof typeof amounts, say: Say): number | null {
  const found = amounts[name].flatMap((key) => {
    const value = readNumber(members, key, say);
    if (value === null) return [];
    if (Math.abs(value) > largestAmount)
      say({ code: 'VALUE_TOO_LARGE', message: `"${key}" is beyond ${largestAmount}`, fix: 'check the unit it is counted in' });
    // A negative value is a refund and only makes things look worse; a negative cost would hide spending.
    if (name === 'cost' && value < 0)
      say({ code: 'NUMBER_NEGATIVE', message: `"${key}" is negative`, fix: 'tell what came back as value, not as a negative cost' });
    return [value];
  });
  return found.find((value) => value !== 0) ?? found[0] ?? null;
}

function readNumber(members: Members, key: string, say: Say): number | null {
  const value = member(members, key);
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // JSON may write 1e999, which no double holds.
  if (typeof value === 'number') say({ code: 'NUMBER_NOT_FINITE', message: `"${key}" is larger than any number here`, fix: 'send a finite number' });
  else say({ code: 'NUMBER_SYNTAX', message: `"${key}" is ${nameOfType(value)}, expected a number`, fix: 'write a JSON number, without quotes' });
  return null;
}

function readFlag(members: Members, say: Say): boolean | null {
  const value = member(members, 'success');
  if (value === undefined || typeof value === 'boolean') return value ?? null;
  say({ code: 'BOOLEAN_EXPECTED', message: `"success" is ${nameOfType(value)}, expected true or false`, fix: 'write true or false, without quotes' });
  return null;
}

/** Characters that people would not see, or that would change how they see the rest. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

function readName(members: Members, { key, longest }: { key: string; longest: number }, say: Say): string | null {
  const value = member(members, key);
  if (value === undefined || value === '') return null;
  const fix = `write a text of at most ${longest} visible characters`;
  if (typeof value !== 'string') say({ code: 'EVENT_TEXT', message: `"${key}" is ${nameOfType(value)}, expected a text`, fix });
  else if (value.length > longest) say({ code: 'EVENT_TEXT', message: `"${key}" has ${value.length} characters`, fix });
  else if (hidden.test(value)) say({ code: 'EVENT_TEXT', message: `"${key}" has invisible characters`, fix });
  else return value;
  return null;
}

function nameOfType(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
