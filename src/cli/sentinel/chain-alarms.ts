// What of a watch over the chain is alarming: changes of owners, pausers, roles, parameters and code that no receipt of ours
// explains. Pure.

import type { RunState } from '../../journal/reduce.ts';
import { fieldAt } from '../../kinds/fields.ts';
import type { KindField, Kinds } from '../../kinds/kind.ts';
import type { Caller } from '../../live/callers.ts';
import { roleType, type SightedField, type Sighting, type SightingType } from '../../live/sighting.ts';
import type { Seen } from '../../live/watch-chain.ts';
import type { SentinelAlert } from '../../loops/sentinel/state.ts';
import { diff } from '../../plan/diff.ts';
import type { Address, Change, CodeIdentity, ContractState, FieldValue, Hex, Risk, State } from '../../types.ts';

/** One change that nobody explains. `transaction` null: no event and no call shows who made it. */
export type Alarm = {
  type: Exclude<SightingType, 'fact'>;
  /** `arena.orchestrators[0x…]` */
  subject: string;
  risk: Risk;
  to: FieldValue | null | undefined;
  from?: FieldValue | null;
  transaction: Hex | null;
  sender: Address | null;
  block: bigint;
};

/** Hashes that our receipts and runs name; null where they could not be read. */
export type Known = ReadonlySet<Hex> | null;

/** Of events: each changed value by itself, or the event where it names none. */
export function alarmsOf(seen: readonly Seen[], { known, view, kinds }: { known: Known; view: State | null; kinds: Kinds }): Alarm[] {
  return seen.flatMap(({ sighting, note, sender }): Alarm[] => {
    const { type, contract, fields, event, transaction, block } = sighting;
    if (type === 'fact' || note === 'gone' || known?.has(transaction) === true) return [];
    const about = { type, transaction, sender, block };
    if (fields.length === 0) return [{ ...about, subject: type === 'code' ? `${contract}.code` : `${contract} (${event})`, risk: 'ambiguous', to: undefined }];
    const own = fields.filter(({ path }) => !isMovedElsewhere(contractIn(view, contract), path, kinds));
    return own.map((field) => ({ ...about, subject: subjectOf(contract, field), risk: field.risk, to: field.to }));
  });
}

function contractIn(view: State | null, name: string): ContractState | undefined {
  return view?.contracts.find((contract) => contract.name === name);
}

function subjectOf(contract: string, { path, member }: Pick<SightedField, 'path' | 'member'>): string {
  return `${contract}.${path}${member === undefined ? '' : `[${member}]`}`;
}

/** A value that another controller may move. */
function isMovedElsewhere(contract: ContractState | undefined, path: string, kinds: Kinds): boolean {
  const kind = contract === undefined ? undefined : kinds.get(contract.kind);
  const by = kind === undefined ? undefined : fieldAt(kind, path)?.field.ownedElsewhere;
  if (by === undefined || by === true) return by === true;
  const flag = contract?.fields.get(by)?.value;
  return flag?.type === 'scalar' && flag.value === true;
}

/** A value that differs between two readings, though no event names it. */
export type Silent = { subject: string; contract: string; address: Address; type: Alarm['type']; risk: Risk; from: FieldValue | null; to: FieldValue | null };

/** What differs between two readings and isn't among what events said of the blocks between them. */
export function silentChanges(before: State, now: State, { sightings, kinds }: { sightings: readonly Sighting[]; kinds: Kinds }): Silent[] {
  const { changes } = diff({ desired: now, live: before, kinds });
  const fields = changes.flatMap((change): Silent[] => {
    const field = fieldOf(change, kinds);
    if (field === null || change.to?.type === 'unknown' || isMovedElsewhere(contractIn(now, change.contract), change.field, kinds)) return [];
    if (sightings.some((sighting) => tells(sighting, change)) || (field.shape === 'aggregate' && isToldByParts(change, { sightings, changes }))) return [];
    const { contract, address, risk, from, to } = change;
    const type = roleType(field);
    return type === 'fact' ? [] : [{ subject: subjectOf(contract, { path: change.field, ...member(change) }), contract, address, type, risk, from, to }];
  });
  return [...fields, ...codeChanges(before, now)];
}

function member(change: Change): { member?: string } {
  return change.member === undefined ? {} : { member: change.member };
}

/** Null for other names of a field, and for what no setter writes: it moves by being used. */
function fieldOf({ kind, field }: Change, kinds: Kinds): KindField | null {
  const own = kinds.get(kind);
  const found = own === undefined ? undefined : fieldAt(own, field)?.field;
  if (found === undefined || found.aliasOf !== undefined) return null;
  return found.writable || found.role !== undefined || found.shape === 'aggregate' ? found : null;
}

function tells({ contract, fields }: Sighting, change: Change): boolean {
  return (
    contract === change.contract && fields.some(({ path, member: who }) => path === change.field && (change.member === undefined || who === change.member))
  );
}

/** An aggregate moves with its parts, which are watched by themselves. */
function isToldByParts(change: Change, { sightings, changes }: { sightings: readonly Sighting[]; changes: readonly Change[] }): boolean {
  return sightings.some(({ type }) => type === 'pause') || changes.some(({ contract, field }) => contract !== change.contract && field === change.field);
}

function codeChanges(before: State, now: State): Silent[] {
  return now.contracts.flatMap(({ name, address, code }): Silent[] => {
    const former = contractIn(before, name)?.code;
    if (former === undefined || code === undefined || sameCode(former, code)) return [];
    return [{ subject: `${name}.code`, contract: name, address, type: 'code', risk: 'ambiguous', from: codeValue(former), to: codeValue(code) }];
  });
}

function sameCode(a: CodeIdentity, b: CodeIdentity): boolean {
  return a.hash === b.hash && a.proxy?.implementation === b.proxy?.implementation && a.proxy?.hash === b.proxy?.hash;
}

function codeValue({ hash, proxy }: CodeIdentity): FieldValue {
  return { type: 'scalar', value: `${hash ?? 'none'}${proxy === undefined ? '' : ` for ${proxy.implementation} ${proxy.hash ?? 'none'}`}` };
}

/**
 * A silent change with who may have made it: the last stranger of those `near`, whose events or calls were of this contract in
 * the blocks between. Null where a step of ours did it.
 */
export function silentAlarm(
  silent: Silent,
  near: readonly Caller[],
  { known, done, block }: { known: Known; done: ReadonlySet<string>; block: bigint },
): Alarm | null {
  const { subject, type, risk, from, to } = silent;
  if (done.has(subject)) return null;
  const last = near.filter(({ transaction }) => known?.has(transaction) !== true).at(-1);
  return { type, subject, risk, from, to, transaction: last?.transaction ?? null, sender: last?.sender ?? null, block: last?.block ?? block };
}

/** Changes, and values put back, of steps that were mined behind a block: `arena.committeeSize`. */
export function doneSince(runs: readonly RunState[], block: bigint): Set<string> {
  return new Set(
    runs.flatMap((run) => {
      const steps = [...run.started.steps, ...run.continued.flatMap((more) => more.steps)];
      const mined = new Set(run.nonces.flatMap(({ mined: one }) => (one?.success === true && one.block.number > block ? [one.step] : [])));
      return steps.filter(({ id }) => mined.has(id)).flatMap(({ covers, corrects }) => [...covers, ...corrects]);
    }),
  );
}

export type AlarmWords = { nameOf: (address: Address) => string; valueText: (value: FieldValue) => string; areReceiptsKnown: boolean };

/** The message holds what tells one change from another, so that the same is never told twice; the rest is its detail. */
export function alarmAlert({ type, subject, risk, from, to, transaction, sender, block }: Alarm, words: AlarmWords): SentinelAlert {
  const isGrave = type === 'owner' || type === 'pauser' || type === 'code' || risk === 'increase';
  const author = sender === null ? 'somebody unknown' : words.nameOf(sender);
  const how = transaction === null ? 'without an event or a call that shows who' : `by ${author} in ${transaction}`;
  const why = words.areReceiptsKnown ? 'no receipt explains it' : 'whether a receipt explains it could not be read';
  const values = [...(from === undefined ? [] : [`from ${shown(from, words)}`]), ...(to === undefined ? [] : [`to ${shown(to, words)}`])];
  const detail = [...(values.length === 0 ? [] : [values.join(' ')]), `block ${block}`].join(', ');
  return { severity: isGrave ? 'critical' : 'warning', reason: `chain_${type}`, message: `${subject} was changed ${how}; ${why}.`, detail };
}

function shown(value: FieldValue | null, { valueText }: AlarmWords): string {
  return value === null ? 'none' : valueText(value);
}
