// What a contract's event history says about its sets and keys: who may be a member, which keys are unset. Only
// candidates: a getter at the pinned block has the last word. Pure.
import { MooringError } from '../errors.ts';
import { type AbiValue, decodeEvent } from '../kinds/abi.ts';
import { keyScalar } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { AbiEvent, Kind, KindField, SetHistory } from '../kinds/kind.ts';
import type { Address, ContractState, Hex, Log } from '../types.ts';
import { sameScalar } from '../values.ts';
import type { FoundLogs } from './event-history.ts';

/** Of one contract, by path (`orchestrators`, `roles.MINTER_ROLE`). A path that is in neither has no candidates. */
export type Candidates = {
  members: ReadonlyMap<string, readonly Address[]>;
  /** Keys whose value comes from elsewhere, because none was set or the last event unset it. */
  unset: ReadonlySet<string>;
  /** By field name: why the history could not be read. */
  unknown: ReadonlyMap<string, string>;
};

/** What to look at besides the history: keys and members that git declares. */
export type Declared = {
  kind: Kind;
  /** Declared keys of `keyedMembers` fields, by field. */
  keys?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Declared members, by path. */
  members?: ReadonlyMap<string, readonly Address[]> | undefined;
};

const adminRole = 'DEFAULT_ADMIN_ROLE';

/** The events that `findCandidates` needs. */
export function candidateEvents(kind: Kind): AbiEvent[] {
  const names = [...kind.fields.values()].flatMap((field) => {
    if (field.shape === 'members' || field.shape === 'keyedMembers') return setEvents(field.set);
    return field.shape === 'keyed' && field.unset !== undefined ? [field.unset.event] : [];
  });
  return [...new Set(names)].map((name) => eventOf(kind, name));
}

type Found = { members: Map<string, readonly Address[]>; unset: Set<string>; unknown: Map<string, string> };

/** `logsOf` gives the logs of one event in order. */
export function findCandidates(declared: Declared, logsOf: (event: AbiEvent) => FoundLogs): Candidates {
  const found: Found = { members: new Map(), unset: new Set(), unknown: new Map() };
  for (const field of declared.kind.fields.values()) {
    try {
      addCandidates(found, field, { declared, logsOf });
    } catch (error) {
      addUnreadable(found, field, { declared, error });
    }
  }
  return found;
}

/** Declared roles are named, so that each of them counts as unknown and not as missing. */
function addUnreadable(found: Found, field: KindField, { declared, error }: { declared: Declared; error: unknown }): void {
  if (!(error instanceof MooringError) || (error.code !== 'LOGS_INCOMPLETE' && error.code !== 'ABI_DECODE')) throw error;
  found.unknown.set(field.name, error.message);
  if (field.shape !== 'keyedMembers') return;
  for (const key of declared.keys?.get(field.name) ?? []) found.members.set(`${field.name}.${key}`, []);
}

function addCandidates(found: Found, field: KindField, { declared, logsOf }: { declared: Declared; logsOf: (event: AbiEvent) => FoundLogs }): void {
  if (field.shape === 'members' || field.shape === 'keyedMembers') {
    for (const [path, members] of membersOf(declared, field, logsOf)) found.members.set(path, members);
  }
  if (field.shape === 'keyed' && field.unset !== undefined) {
    for (const path of unsetOf(declared.kind, field, logsOf)) found.unset.add(path);
  }
}

/**
 * Whom the states of one contract (live first, then desired) name as members and which keys as unset, with `logs` added:
 * what to read again after a simulation.
 */
export function stateCandidates(kind: Kind, states: readonly Pick<ContractState, 'address' | 'fields'>[], logs: readonly Log[] = []): Candidates {
  const declared = states.flatMap(({ fields }) =>
    [...fields.values()].flatMap(({ path, value }) => (value.type === 'members' ? [[path, value.members] as const] : [])),
  );
  const members = new Map<string, readonly Address[]>();
  for (const [path, more] of declared) members.set(path, [...(members.get(path) ?? []), ...more]);
  const keys = new Map([...kind.fields.values()].map((field) => [field.name, keysIn(members, field)]));
  const touched = (event: AbiEvent): Log[] => logs.filter((log) => states.some(({ address }) => isOf(log, address, event.topic)));
  const found = findCandidates({ kind, keys, members }, touched);
  return { ...found, unset: unsetAfter(kind, states[0], touched) };
}

function keysIn(members: ReadonlyMap<string, unknown>, field: KindField): string[] {
  return [...members.keys()].filter((path) => path.startsWith(`${field.name}.`)).map((path) => path.slice(field.name.length + 1));
}

/** Keys that were unset and weren't touched, or were touched and are unset now. */
function unsetAfter(kind: Kind, before: Pick<ContractState, 'fields'> | undefined, logsOf: (event: AbiEvent) => Log[]): Set<string> {
  const unset = new Set([...(before?.fields.values() ?? [])].flatMap(({ path, value }) => (value.type === 'unset' ? [path] : [])));
  for (const field of kind.fields.values()) {
    if (field.shape !== 'keyed' || field.unset === undefined) continue;
    for (const [path, isUnset] of lastSettings(kind, field, logsOf)) isUnset ? unset.add(path) : unset.delete(path);
  }
  return unset;
}

type SetField = KindField & { shape: 'members' | 'keyedMembers' };
type KeyedField = KindField & { shape: 'keyed' };

function membersOf(declared: Declared, field: SetField, logsOf: (event: AbiEvent) => FoundLogs): Map<string, Address[]> {
  const { kind } = declared;
  const names = keyNames(field, declared.keys?.get(field.name) ?? []);
  const found = new Map<string, Set<Address>>(
    field.shape === 'members' ? [[field.name, new Set()]] : [...names.values()].map((key) => [`${field.name}.${key}`, new Set()]),
  );
  for (const event of setEvents(field.set).map((name) => eventOf(kind, name))) {
    for (const log of complete(logsOf(event))) {
      const args = decodeEvent(event, log);
      const path = pathOf(field, names, args);
      found.set(path, (found.get(path) ?? new Set()).add(toChecksum(String(args[field.set.member]))));
    }
  }
  for (const [path, members] of found) for (const member of declared.members?.get(path) ?? []) members.add(toChecksum(member));
  return new Map([...found].map(([path, members]) => [path, [...members]]));
}

/** Names of a role field's keys, by their bytes32. */
function keyNames(field: SetField, keys: readonly string[]): Map<string, string> {
  return new Map(field.shape === 'members' ? [] : keys.map((key) => [String(keyScalar(field, key)), key]));
}

/** A role that nobody named is named by its bytes32, but for the one that every contract has. */
function pathOf(field: SetField, names: ReadonlyMap<string, string>, args: Readonly<Record<string, AbiValue>>): string {
  if (field.shape === 'members') return field.name;
  const key = String(args[field.set.key ?? ''] ?? '').toLowerCase();
  return `${field.name}.${names.get(key) ?? (/^0x0+$/.test(key) ? adminRole : key)}`;
}

function unsetOf(kind: Kind, field: KeyedField, logsOf: (event: AbiEvent) => FoundLogs): string[] {
  const last = lastSettings(kind, field, logsOf);
  return [...field.keys.keys()].map((key) => `${field.name}.${key}`).filter((path) => last.get(path) ?? true);
}

/** By path: whether the last event for its key unset it. */
function lastSettings(kind: Kind, field: KeyedField, logsOf: (event: AbiEvent) => FoundLogs): Map<string, boolean> {
  const { unset } = field;
  const last = new Map<string, boolean>();
  if (unset === undefined) return last;
  const event = eventOf(kind, unset.event);
  for (const log of complete(logsOf(event))) {
    const args = decodeEvent(event, log);
    const key = [...field.keys].find(([, scalar]) => sameScalar(scalar, args[unset.key] as bigint))?.[0];
    if (key !== undefined) last.set(`${field.name}.${key}`, sameScalar(args[unset.value] as bigint, unset.unsetValue));
  }
  return last;
}

function complete(logs: FoundLogs): readonly Log[] {
  if ('unknown' in logs) throw new MooringError('LOGS_INCOMPLETE', logs.unknown);
  return logs;
}

export function setEvents(set: SetHistory): string[] {
  return 'event' in set ? [set.event] : [set.added, set.removed];
}

export function eventOf(kind: Kind, name: string): AbiEvent {
  const event = kind.events.get(name);
  if (event === undefined) throw new MooringError('INTERNAL', `${kind.name} has no event ${name}.`);
  return event;
}

/** A contract's log is its own only if the topic and the place both fit. */
export function isOf(log: Log, address: Address, topic: Hex): boolean {
  return log.topics[0] === topic && log.address.toLowerCase() === address.toLowerCase();
}
