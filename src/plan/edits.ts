// What a pull request does besides changing the chain, as edits with a risk each: contracts, names, lifts, ignores. Pure.
import { formatTime, formatValue } from '../format.ts';
import { fieldAt, riskOf } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Change, ContractState, Desired, Edit, FieldState, FieldValue, Ignore, Lift, Risk, Source } from '../types.ts';
import { canonicalJson, sameValue } from '../values.ts';
import { type Flat, settingEdits } from './setting-edits.ts';

export type EditsInput = {
  environment: string;
  /** Null where the environment isn't there before, or after. */
  before: Desired | null;
  after: Desired | null;
  /** Every other file of the environment's folder. */
  settings: { before: Flat; after: Flat };
  kinds: Kinds;
  /** What changes on the chain is no edit, too. */
  own: readonly Change[];
};

/** In the order of files and places. */
export function editsOf(input: EditsInput): Edit[] {
  const { before, after } = input;
  const edits = [
    ...contractEdits(input),
    ...nameEdits(before, after),
    ...entryEdits(before?.lifts ?? [], after?.lifts ?? [], lifts),
    ...entryEdits(before?.ignores ?? [], after?.ignores ?? [], ignores),
    ...settingEdits(input.settings.before, input.settings.after),
  ];
  return edits.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

type Made = Omit<Edit, 'id' | 'file'>;

function edit(made: Made): Edit {
  const file = made.source?.file ?? '';
  return { id: `${file} ${made.subject} ${made.what}`, file, ...made };
}

function contractEdits(input: EditsInput): Edit[] {
  const before = new Map((input.before?.state.contracts ?? []).map((contract) => [contract.name, contract]));
  const after = new Map((input.after?.state.contracts ?? []).map((contract) => [contract.name, contract]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, next] = [before.get(name), after.get(name)];
    if (old === undefined) return next === undefined ? [] : [managedAnew(next)];
    return next === undefined ? [noLongerManaged(old)] : [...headEdits(old, next), ...fieldEdits(input, old, next)];
  });
}

/** Its `adoptedAt` says which reductions of risk count as git's own, so somebody has to judge it. */
function managedAnew(contract: ContractState): Edit {
  const adopted = contract.adoptedAt === undefined ? '' : `, and what was live up to block ${contract.adoptedAt} counts as what git asked for`;
  return edit({
    subject: contract.name,
    what: `is managed from now on${adopted}`,
    from: null,
    to: placeOf(contract),
    risk: contract.adoptedAt === undefined ? 'reduce' : 'ambiguous',
    ...sourceOf(contract),
  });
}

function noLongerManaged(contract: ContractState): Edit {
  return edit({ subject: contract.name, what: 'is no longer managed', from: placeOf(contract), to: null, risk: 'increase', ...sourceOf(contract) });
}

function placeOf({ kind, address }: ContractState): string {
  return `${kind} at ${address}`;
}

function headEdits(old: ContractState, next: ContractState): Edit[] {
  return (['kind', 'address', 'fromBlock', 'adoptedAt'] as const).flatMap((key) => {
    const [from, to] = [textOf(old[key]), textOf(next[key])];
    if (from === to) return [];
    return [edit({ subject: `${next.name}.${key}`, what: 'is another', from, to, risk: 'ambiguous', ...sourceOf(next) })];
  });
}

function textOf(value: bigint | string | undefined): string | null {
  return value === undefined ? null : String(value);
}

function sourceOf({ source }: { source?: Source }): { source?: Source } {
  return source === undefined ? {} : { source };
}

type Managed = { contract: ContractState; path: string; state: FieldState };

function fieldEdits(input: EditsInput, old: ContractState, next: ContractState): Edit[] {
  return [...new Set([...managed(old), ...managed(next)])].flatMap((path) => {
    const [from, to] = [managedField(old, path), managedField(next, path)];
    if (from !== null && to !== null) return sameValue(from.state.value, to.state.value) ? [] : redeclared(input, from, to);
    if (to !== null) return isChanged(input, to) ? [] : [declared(input, { from: null, to, what: 'is managed from now on', risk: 'reduce' })];
    return from === null ? [] : [leftAlone(input, next, from)];
  });
}

function redeclared(input: EditsInput, from: Managed, to: Managed): Edit[] {
  const types = [from.state.value.type, to.state.value.type];
  if (types.includes('range')) return [rangeEdit(input, from, to)];
  if (types.every((type) => type === 'members')) return memberEdits(input, from, to);
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

function memberEdits(input: EditsInput, from: Managed, to: Managed): Edit[] {
  const members = ({ state }: Managed): readonly string[] => (state.value.type === 'members' ? state.value.members : []);
  const changed = new Set(input.own.map((change) => change.id));
  const field = fieldOf(input.kinds, to);
  const one = (member: string, action: 'add' | 'remove'): Edit[] => {
    const id = `${to.contract.name}.${to.path}[${member}]`;
    if (changed.has(id)) return [];
    const name = show(input, { ...to, state: { ...to.state, value: { type: 'scalar', value: member } } });
    const risk = field === undefined ? 'ambiguous' : riskOf(field, action, null, null);
    const sides = action === 'add' ? { from: null, to: name } : { from: name, to: null };
    return [
      edit({ subject: id, what: `is declared ${action === 'add' ? 'a member' : 'no member'}, as it is on chain`, ...sides, risk, ...sourceOf(to.state) }),
    ];
  };
  const missing = (all: readonly string[], some: readonly string[]): string[] => all.filter((member) => !some.includes(member));
  return [
    ...missing(members(to), members(from)).flatMap((member) => one(member, 'add')),
    ...missing(members(from), members(to)).flatMap((member) => one(member, 'remove')),
  ];
}

function show({ kinds, after, before }: EditsInput, field: Managed): string {
  const words = after ?? before;
  const names = words === null ? {} : { names: words.addresses.byAddress, tokens: words.environment.tokens };
  return formatValue(field.state.value, { unit: fieldOf(kinds, field)?.unit ?? 'none', ...names });
}

/** A contract's own name is told with its file. */
function nameEdits(before: Desired | null, after: Desired | null): Edit[] {
  const names = (desired: Desired | null) =>
    new Map([...(desired?.addresses.byName ?? [])].filter(([, { source }]) => source.file.endsWith('/addresses.yaml')));
  const [old, next] = [names(before), names(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((name) => {
    const [from, to] = [old.get(name), next.get(name)];
    if (from?.address === to?.address) return [];
    const what = from === undefined ? 'is a new name' : to === undefined ? 'is no name any more' : 'stands for another address';
    const source = (to ?? from)?.source;
    const risk = from === undefined ? 'reduce' : 'ambiguous';
    return [edit({ subject: name, what, from: from?.address ?? null, to: to?.address ?? null, risk, ...(source === undefined ? {} : { source }) })];
  });
}

type Entries<T> = { subject(entry: T): string; text(entry: T): string; added: string; gone: string; goneRisk: Risk };

const lifts: Entries<Lift> = {
  subject: (lift) => `${placeText(lift)} ${lift.transaction}`,
  text: ({ reason, by }) => `${reason} (${by})`,
  added: 'may be reversed',
  gone: 'is taken out of the list, which is only ever added to',
  goneRisk: 'ambiguous',
};

const ignores: Entries<Ignore> = {
  subject: placeText,
  text: ({ until, owner, reason }) => `until ${formatTime(until)}, ${owner}: ${reason}`,
  added: 'is not taken for drift',
  gone: 'is taken for drift again',
  goneRisk: 'reduce',
};

function placeText({ contract, field, member }: { contract: string; field: string; member?: string }): string {
  return `${contract}.${field}${member === undefined ? '' : `[${member}]`}`;
}

function entryEdits<T extends { source?: Source }>(old: readonly T[], next: readonly T[], how: Entries<T>): Edit[] {
  const key = ({ source: _source, ...content }: T): string => canonicalJson(content);
  const absent = (entry: T, others: readonly T[]): boolean => !others.some((other) => key(other) === key(entry));
  const added = next.filter((entry) => absent(entry, old));
  const gone = old.filter((entry) => absent(entry, next));
  return [
    ...added.map((entry) => edit({ subject: how.subject(entry), what: how.added, from: null, to: how.text(entry), risk: 'increase', ...sourceOf(entry) })),
    ...gone.map((entry) => edit({ subject: how.subject(entry), what: how.gone, from: how.text(entry), to: null, risk: how.goneRisk, ...sourceOf(entry) })),
  ];
}
