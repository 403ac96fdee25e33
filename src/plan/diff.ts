// Desired and live state compared: changes, what git doesn't manage, and what can't be compared. Pure.

import { fieldAt, riskOf } from '../kinds/fields.ts';
import type { Kind, KindField, Kinds } from '../kinds/kind.ts';
import type { Action, Change, FieldState, FieldValue, Finding, Scalar, State, Unmanaged } from '../types.ts';
import { nearestBound, sameScalar, sameValue } from '../values.ts';
import { actChanges, checkActs } from './acts.ts';
import { checkContracts } from './check-contracts.ts';
import { type Scope, scopeOf, type Target } from './scope.ts';
import { unmanagedOf } from './unmanaged.ts';

export type Diff = { changes: Change[]; unmanaged: Unmanaged[]; findings: Finding[] };

/**
 * Every difference between what git declares and what the chain holds, in an order that doesn't depend on the files'.
 * Of a member: `from` and `to` are the scalars true and false; of an entry: its value, or null where there is none. A
 * declared range that the live value left moves to its nearest bound.
 */
export function diff(input: { desired: State; live: State; kinds: Kinds }): Diff {
  return diffScope(scopeOf(input));
}

export function diffScope(scope: Scope): Diff {
  const changes: Change[] = [];
  for (const target of scope.byName.values()) {
    diffContract(target, changes);
    changes.push(...actChanges(scope, target));
  }
  return { changes: changes.sort(byPlace(scope)), unmanaged: unmanagedOf(scope), findings: [...checkContracts(scope), ...checkActs(scope)] };
}

function diffContract(target: Target, changes: Change[]): void {
  if (target.desired === null) return;
  for (const [path, declared] of target.desired.fields) {
    if (target.desired.observe.has(path)) continue;
    const live = target.live.fields.get(path)?.value;
    if (live === undefined || live.type === 'unknown' || sameValue(live, declared.value)) continue;
    const field = fieldAt(target.kind, path)?.field;
    if (field !== undefined) diffField({ target, field, declared, live, changes });
  }
}

type FieldDiff = { target: Target; field: KindField; declared: FieldState; live: FieldValue; changes: Change[] };

function diffField(input: FieldDiff): void {
  const { declared, live } = input;
  if (declared.value.type === 'members' && live.type === 'members') return diffMembers(input, declared.value.members, live.members);
  if (declared.value.type === 'entries' && live.type === 'entries') return diffEntries(input, declared.value.entries, live.entries);
  const to = declared.value.type === 'range' ? outsideOf(live, declared.value) : declared.value;
  if (to !== null) add(input, { action: 'set', from: live, to });
}

/** Null where the live value lies within the range. */
function outsideOf(live: FieldValue, range: { min: bigint; max: bigint }): FieldValue | null {
  if (live.type !== 'scalar' || typeof live.value !== 'bigint') return null;
  const bound = nearestBound(live.value, range);
  return bound === live.value ? null : { type: 'scalar', value: bound };
}

function diffMembers(input: FieldDiff, wanted: readonly string[], live: readonly string[]): void {
  const has = new Set(live.map((member) => member.toLowerCase()));
  const wants = new Set(wanted.map((member) => member.toLowerCase()));
  for (const member of wanted) if (!has.has(member.toLowerCase())) add(input, { action: 'add', member, from: flag(false), to: flag(true) });
  for (const member of live) if (!wants.has(member.toLowerCase())) add(input, { action: 'remove', member, from: flag(true), to: flag(false) });
}

function diffEntries(input: FieldDiff, wanted: ReadonlyMap<string, Scalar>, live: ReadonlyMap<string, Scalar>): void {
  const has = new Map([...live].map(([key, value]) => [key.toLowerCase(), value]));
  const wants = new Set([...wanted.keys()].map((key) => key.toLowerCase()));
  for (const [member, value] of wanted) {
    const before = has.get(member.toLowerCase());
    if (before === undefined) add(input, { action: 'add', member, from: null, to: scalar(value) });
    else if (!sameScalar(before, value)) add(input, { action: 'set', member, from: scalar(before), to: scalar(value) });
  }
  for (const [member, value] of live) if (!wants.has(member.toLowerCase())) add(input, { action: 'remove', member, from: scalar(value), to: null });
}

function add(input: FieldDiff, move: { action: Action; member?: string; from: FieldValue | null; to: FieldValue | null }): void {
  const { target, field, declared, changes } = input;
  changes.push({
    id: `${target.name}.${declared.path}${move.member === undefined ? '' : `[${move.member}]`}`,
    contract: target.name,
    kind: target.kind.name,
    address: target.address,
    field: declared.path,
    ...move,
    unit: field.unit,
    ...(field.zeroMeans === undefined ? {} : { zeroMeans: field.zeroMeans }),
    ...(declared.value.type === 'range' ? { within: { min: declared.value.min, max: declared.value.max } } : {}),
    risk: riskOf(field, move.action, move.from, move.to),
    ...(declared.source === undefined ? {} : { source: declared.source }),
  });
}

function flag(value: boolean): FieldValue {
  return { type: 'scalar', value };
}

function scalar(value: Scalar): FieldValue {
  return { type: 'scalar', value };
}

/** By contract name, then in the order of the kind's fields, then by key and member: moving lines in YAML moves nothing. */
function byPlace(scope: Scope): (a: Change, b: Change) => number {
  const places = new Map<Kind, ReadonlyMap<string, number>>();
  const placeOf = (change: Change): number => {
    const kind = scope.byName.get(change.contract)?.kind;
    if (kind === undefined) return 0;
    const order = places.get(kind) ?? new Map([...kind.fields.keys()].map((name, index) => [name, index]));
    places.set(kind, order);
    return order.get(fieldAt(kind, change.field)?.field.name ?? change.field) ?? 0;
  };
  return (a, b) => compareText(a.contract, b.contract) || placeOf(a) - placeOf(b) || compareText(a.id.toLowerCase(), b.id.toLowerCase());
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
