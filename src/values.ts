// Canonical values: equality, ordering, units in and out. Pure; exact integers only, never a floating-point number.
import type { Address, FieldValue, Scalar } from './types.ts';

/** Key of `State.facts`: what `function()` of the contract at `address` answered. */
export function factKey(address: Address, functionName: string): string {
  return `${address.toLowerCase()}.${functionName}`;
}

/** Order of member sets: by lower-case address. */
export function compareAddresses(a: Address, b: Address): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sameScalar(a: Scalar, b: Scalar): boolean {
  return typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/**
 * Whether two values are the same. `unknown` equals nothing, itself included; a range equals only the same range
 * (whether a live value lies *within* one is `satisfies`).
 */
export function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (a.type === 'scalar') return b.type === 'scalar' && sameScalar(a.value, b.value);
  if (a.type === 'unset') return b.type === 'unset';
  if (a.type === 'range') return b.type === 'range' && a.min === b.min && a.max === b.max;
  if (a.type === 'members') return b.type === 'members' && sameMembers(a.members, b.members);
  if (a.type === 'entries') return b.type === 'entries' && sameEntries(a.entries, b.entries);
  if (a.type === 'mixed')
    return (
      b.type === 'mixed' &&
      a.parts.length === b.parts.length &&
      a.parts.every((part, i) => part.target === b.parts[i]?.target && part.value === b.parts[i]?.value)
    );
  return false;
}

function sameMembers(a: readonly Address[], b: readonly Address[]): boolean {
  if (a.length !== b.length) return false;
  const known = new Set(a.map((member) => member.toLowerCase()));
  return b.every((member) => known.has(member.toLowerCase()));
}

function sameEntries(a: ReadonlyMap<string, Scalar>, b: ReadonlyMap<string, Scalar>): boolean {
  if (a.size !== b.size) return false;
  const known = new Map([...a].map(([key, value]) => [key.toLowerCase(), value]));
  return [...b].every(([key, value]) => {
    const other = known.get(key.toLowerCase());
    return other !== undefined && sameScalar(other, value);
  });
}

/** Whether a live value is what `desired` asks for: equal, or within its range. Unknown never is. */
export function satisfies(live: FieldValue, desired: FieldValue): boolean {
  if (desired.type !== 'range') return sameValue(live, desired);
  return live.type === 'scalar' && typeof live.value === 'bigint' && live.value >= desired.min && live.value <= desired.max;
}

/** The bound of a range that is nearest to a value outside it. */
export function nearestBound(value: bigint, range: { min: bigint; max: bigint }): bigint {
  return value < range.min ? range.min : value > range.max ? range.max : value;
}

/** A value as plain JSON: integers as decimal strings, maps as objects, sets as lists; `undefined` members left out. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (value instanceof Set || Array.isArray(value)) return [...value].map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, toJson(item)]])));
}

/** Text that is the same for the same value: members sorted by name, integers as decimal strings, maps as objects. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (value instanceof Set || Array.isArray(value)) return `[${[...value].map(canonicalJson).join(',')}]`;
  const members = (value instanceof Map ? [...value].map(([key, item]): [string, unknown] => [String(key), item]) : Object.entries(value)).filter(
    ([, item]) => item !== undefined,
  );
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
    .join(',')}}`;
}

/** Whether a pattern with `*` for any run of characters matches a whole text. Linear, whatever the pattern. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= text.length - last.length;
}
