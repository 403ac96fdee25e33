// What a pull request does besides changing the chain, as edits with a risk each: contracts, names, lifts, ignores. Pure.
import { formatTime } from '../format.ts';
import type { ContractState, Desired, Edit, Ignore, Lift, Resume, Risk, Source } from '../types.ts';
import { canonicalJson } from '../values.ts';
import { actEdits } from './act-edits.ts';
import { type EditsInput, edit, isUsed, sourceOf } from './edit.ts';
import { fieldEdits } from './field-edits.ts';
import { lapsedLimits } from './lapsed-limits.ts';
import { settingEdits } from './setting-edits.ts';

/** In the order of files and places. */
export function editsOf(input: EditsInput): Edit[] {
  const { before, after } = input;
  const edits = [
    ...contractEdits(input),
    ...nameEdits(input),
    ...entryEdits(before?.lifts ?? [], after?.lifts ?? [], lifts),
    ...entryEdits(before?.ignores ?? [], after?.ignores ?? [], ignores),
    ...actEdits(input),
    ...entryEdits(before?.resumes ?? [], after?.resumes ?? [], resumes),
    ...lapsedLimits(input),
    ...settingEdits(input.settings.before, input.settings.after),
  ];
  return edits.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function contractEdits(input: EditsInput): Edit[] {
  const before = new Map((input.before?.state.contracts ?? []).map((contract) => [contract.name, contract]));
  const after = new Map((input.after?.state.contracts ?? []).map((contract) => [contract.name, contract]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, next] = [before.get(name), after.get(name)];
    if (old === undefined) return next === undefined ? [] : [managedAnew(input, next)];
    return next === undefined ? [noLongerManaged(old)] : [...headEdits(old, next), ...fieldEdits(input, old, next)];
  });
}

/** Its `adoptedAt` says which reductions of risk count as git's own, and its name who something is given to: then somebody has to judge it. */
function managedAnew(input: EditsInput, contract: ContractState): Edit {
  const adopted = contract.adoptedAt === undefined ? '' : `, and what was live up to block ${contract.adoptedAt} counts as what git asked for`;
  return edit({
    subject: contract.name,
    what: `is managed from now on${adopted}`,
    from: null,
    to: placeOf(contract),
    risk: contract.adoptedAt === undefined && !isUsed(input, contract.address) ? 'reduce' : 'ambiguous',
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

/** A contract's own name is told with its file. A new one says nothing by itself, but whoever uses it at once has given it, too. */
function nameEdits(input: EditsInput): Edit[] {
  const names = (desired: Desired | null) =>
    new Map([...(desired?.addresses.byName ?? [])].filter(([, { source }]) => source.file.endsWith('/addresses.yaml')));
  const [old, next] = [names(input.before), names(input.after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((name) => {
    const [from, to] = [old.get(name), next.get(name)];
    if (from?.address === to?.address) return [];
    const source = (to ?? from)?.source;
    const sides = { from: from?.address ?? null, to: to?.address ?? null };
    return [edit({ subject: name, ...sides, ...nameMove(input, sides), ...(source === undefined ? {} : { source }) })];
  });
}

function nameMove(input: EditsInput, { from, to }: Pick<Edit, 'from' | 'to'>): Pick<Edit, 'what' | 'risk'> {
  if (to === null) return { what: 'is no name any more', risk: 'ambiguous' };
  if (from !== null) return { what: 'stands for another address', risk: 'ambiguous' };
  return isUsed(input, to) ? { what: 'is a new name, and a change here uses it', risk: 'ambiguous' } : { what: 'is a new name', risk: 'reduce' };
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

const resumes: Entries<Resume> = {
  subject: ({ incident }) => `incident ${incident}`,
  text: ({ components, rootCause, roles, parameters, firstRound, by }) =>
    `${components.join(', ')}; root cause: ${rootCause}; roles: ${roles}; parameters: ${parameters}; first round: ${firstRound} (${by})`,
  added: 'may be resumed',
  gone: 'is no longer resumed',
  goneRisk: 'ambiguous',
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
