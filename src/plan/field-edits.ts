// What a pull request does to declared fields besides changing the chain: managed or not, declared as they are live. Pure.
import { formatValue, shownNames } from '../format.ts';
import { fieldAt, riskOf } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Action, ContractState, Edit, FieldState, FieldValue, Risk, Scalar } from '../types.ts';
import { sameScalar, sameValue } from '../values.ts';
import { type EditsInput, edit, sourceOf } from './edit.ts';

type Managed = { contract: ContractState; path: string; state: FieldState };

/** Of one contract before and after, field by field; members and entries one by one. What changes on the chain is left out. */
export function fieldEdits(input: EditsInput, old: ContractState, next: ContractState): Edit[] {
  return [...new Set([...managed(old), ...managed(next)])].flatMap((path) => {
    const [from, to] = [managedField(old, path), managedField(next, path)];
    if (from !== null && to !== null) return sameValue(from.state.value, to.state.value) ? [] : redeclared(input, from, to);
    if (to !== null) return managedAnew(input, to);
    return from === null ? [] : [leftAlone(input, next, from)];
  });
}

/** Its changes on the chain are told as such, what is live already is told here. */
function managedAnew(input: EditsInput, field: Managed): Edit[] {
  const to = unchanged(input, field);
  return to === null ? [] : [declared(input, { from: null, to, what: 'is managed from now on', risk: 'reduce' })];
}

function redeclared(input: EditsInput, from: Managed, to: Managed): Edit[] {
  const types = [from.state.value.type, to.state.value.type];
  if (types.includes('range')) return [rangeEdit(input, from, to)];
  const [old, next] = [partsOf(from.state.value), partsOf(to.state.value)];
  if (old !== null && next !== null) return partEdits(input, to, { old, next });
  return isChanged(input, to) ? [] : [declared(input, { from, to, what: 'is declared as it is on chain', risk: riskBetween(input, from, to) })];
}

function isChanged({ own }: EditsInput, { contract, path }: Managed): boolean {
  return own.some((change) => change.contract === contract.name && change.field === path);
}

function managed(contract: ContractState): string[] {
  return [...contract.fields.keys()].filter((path) => !contract.observe.has(path));
}

function managedField(contract: ContractState, path: string): Managed | null {
  const state = contract.fields.get(path);
  return state === undefined || contract.observe.has(path) ? null : { contract, path, state };
}

function leftAlone(input: EditsInput, next: ContractState, from: Managed): Edit {
  const what = next.observe.has(from.path) ? 'is only observed from now on' : 'is no longer managed';
  return edit({
    subject: `${next.name}.${from.path}`,
    what,
    from: show(input, from),
    to: null,
    risk: 'increase',
    ...sourceOf(next.fields.get(from.path) ?? next),
  });
}

function declared(input: EditsInput, { from, to, what, risk }: { from: Managed | null; to: Managed; what: string; risk: Risk }): Edit {
  const subject = `${to.contract.name}.${to.path}`;
  return edit({ subject, what, from: from === null ? null : show(input, from), to: show(input, to), risk, ...sourceOf(to.state) });
}

function riskBetween({ kinds }: EditsInput, from: Managed, to: Managed): Risk {
  const field = fieldOf(kinds, to);
  return field === undefined ? 'ambiguous' : riskOf(field, 'set', from.state.value, to.state.value);
}

function fieldOf(kinds: Kinds, { contract, path }: Managed) {
  const kind = kinds.get(contract.kind);
  return kind === undefined ? undefined : fieldAt(kind, path)?.field;
}

/** Whoever else moves the value may move it further than before, or less. */
function rangeEdit(input: EditsInput, from: Managed, to: Managed): Edit {
  const [old, next] = [boundsOf(from.state.value), boundsOf(to.state.value)];
  const wider = old === null || next === null || next.min < old.min || next.max > old.max;
  const what = next === null ? 'is declared in another way' : wider ? 'may move further' : 'may move less';
  return declared(input, { from, to, what, risk: wider ? 'increase' : 'reduce' });
}

function boundsOf(value: FieldValue): { min: bigint; max: bigint } | null {
  if (value.type === 'range') return value;
  return value.type === 'scalar' && typeof value.value === 'bigint' ? { min: value.value, max: value.value } : null;
}

/** Members of a set (each true) or entries of a collection, by lower-case key. */
type Parts = ReadonlyMap<string, { key: string; value: Scalar }>;

/** Null of a value without parts. */
function partsOf(value: FieldValue): Parts | null {
  if (value.type === 'members') return new Map(value.members.map((key) => [key.toLowerCase(), { key, value: true }]));
  if (value.type === 'entries') return new Map([...value.entries].map(([key, entry]) => [key.toLowerCase(), { key, value: entry }]));
  return null;
}

function isPartChanged({ own }: EditsInput, { contract, path }: Managed, key: string): boolean {
  return own.some((change) => change.contract === contract.name && change.field === path && change.member?.toLowerCase() === key.toLowerCase());
}

/** Each by itself: that another one changes on the chain hides nothing. */
function partEdits(input: EditsInput, to: Managed, { old, next }: { old: Parts; next: Parts }): Edit[] {
  return [...new Set([...next.keys(), ...old.keys()])].flatMap((lower) => {
    const [from, declaredNow] = [old.get(lower), next.get(lower)];
    const key = (declaredNow ?? from)?.key ?? lower;
    if (from !== undefined && declaredNow !== undefined && sameScalar(from.value, declaredNow.value)) return [];
    return isPartChanged(input, to, key) ? [] : [partEdit(input, to, { key, from: from?.value ?? null, to: declaredNow?.value ?? null })];
  });
}

function partEdit(input: EditsInput, field: Managed, { key, from, to }: { key: string; from: Scalar | null; to: Scalar | null }): Edit {
  const action: Action = from === null ? 'add' : to === null ? 'remove' : 'set';
  const isSet = field.state.value.type === 'members';
  const noun = isSet ? 'member' : 'entry';
  const role = { add: ` ${isSet ? 'a' : 'an'} ${noun},`, remove: ` no ${noun},`, set: '', do: '' }[action];
  const kindField = fieldOf(input.kinds, field);
  const shown = (value: Scalar | null): string | null => (value === null ? null : showScalar(input, field, isSet ? key : value));
  return edit({
    subject: `${field.contract.name}.${field.path}[${key}]`,
    what: `is declared${role} as it is on chain`,
    from: shown(from),
    to: shown(to),
    risk: kindField === undefined ? 'ambiguous' : riskOf(kindField, action, scalarOf(from), scalarOf(to)),
    ...sourceOf(field.state),
  });
}

function scalarOf(value: Scalar | null): FieldValue | null {
  return value === null ? null : { type: 'scalar', value };
}

/** All but the parts that change on the chain; null where nothing is left to tell. */
function unchanged(input: EditsInput, to: Managed): Managed | null {
  const { value } = to.state;
  if (!isChanged(input, to)) return to;
  const stays = (key: string): boolean => !isPartChanged(input, to, key);
  if (value.type === 'members') return withValue(to, { type: 'members', members: value.members.filter(stays) });
  return value.type === 'entries' ? withValue(to, { type: 'entries', entries: new Map([...value.entries].filter(([key]) => stays(key))) }) : null;
}

function withValue(field: Managed, value: FieldValue): Managed | null {
  return partsOf(value)?.size === 0 ? null : { ...field, state: { ...field.state, value } };
}

function showScalar(input: EditsInput, field: Managed, value: Scalar): string {
  return show(input, { ...field, state: { ...field.state, value: { type: 'scalar', value } } });
}

function show({ kinds, after, before }: EditsInput, field: Managed): string {
  const words = after ?? before;
  const names = words === null ? {} : { names: shownNames(words.addresses), tokens: words.environment.tokens };
  return formatValue(field.state.value, { unit: fieldOf(kinds, field)?.unit ?? 'none', ...names });
}
