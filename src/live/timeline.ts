// What a contract's events say about one value over time: a field, a key, a member of a set, an entry of a collection,
// or one part of an aggregate. Pure.
import { MooringError } from '../errors.ts';
import { type AbiValue, decodeEvent, parseEvent } from '../kinds/abi.ts';
import { fieldAt, keyScalar, toCanonical } from '../kinds/fields.ts';
import type { AbiEvent, Kind, KindField, Kinds, ValueHistory } from '../kinds/kind.ts';
import { encodeGetter } from '../kinds/reads.ts';
import type { Address, CallRequest, Change, ContractState, FieldValue, Log, Scalar, State } from '../types.ts';
import { sameScalar } from '../values.ts';
import { eventOf, setEvents } from './candidates.ts';
import type { EventHistory } from './event-history.ts';
import { partsOf } from './facts.ts';

/** Null: unset, or not in the collection. Undefined: the event doesn't say. */
export type Past = Scalar | null | undefined;

/** One event that touched the value. */
export type Touch = { log: Log; before: Past; after: Past };

/** One value whose history is asked for, and how its events read. */
export type Place = {
  change: Change;
  field: KindField;
  /** Where the events come from: the contract itself, or the part of an aggregate. */
  address: Address;
  fromBlock: bigint;
  /** The part of an aggregate. */
  part?: Address;
  /** The live value. */
  current: Past;
  events: readonly Watched[];
  /** Reads the value at another block; null where no getter gives it alone. */
  getter: { call: CallRequest; kind: Kind } | null;
  /** What it was before the first event, where that is certain. */
  initial: Past;
};

/** Reads one event: null where it is about another key or member. */
type Watched = { event: AbiEvent; read(args: Readonly<Record<string, AbiValue>>): { before: Past; after: Past } | null };

/** Pause events as OpenZeppelin has them: for parts of an aggregate that aren't managed themselves. */
const pauseEvents = [
  { event: parseEvent('event Paused(address account)'), after: true },
  { event: parseEvent('event Unpaused(address account)'), after: false },
];

/** The values that a change is about: one, or those parts of an aggregate that differ from what is wanted. */
export function placesOf(change: Change, state: State, kinds: Kinds): Place[] {
  const contract = state.contracts.find(({ name }) => name === change.contract);
  const kind = contract === undefined ? undefined : kinds.get(contract.kind);
  const found = kind === undefined ? null : fieldAt(kind, change.field);
  if (contract === undefined || kind === undefined || found === null) return [];
  const { field, key } = found;
  if (field.shape === 'aggregate') return aggregatePlaces({ change, contract, kind, field }, state, kinds);
  const which = { ...(key === undefined ? {} : { key }), ...(change.member === undefined ? {} : { member: change.member }) };
  return [
    {
      change,
      field,
      address: contract.address,
      fromBlock: contract.fromBlock,
      current: currentOf(contract.fields.get(change.field)?.value, change.member),
      events: isSet(field) ? setWatches(kind, field, which) : valueWatches(kind, field, which),
      getter: field.shape === 'entries' ? null : { call: { to: contract.address, data: encodeGetter(kind, field, which) }, kind },
      initial: initialOf(field),
    },
  ];
}

/** Sets and collections begin empty, keys that can be unset begin unset; other values the constructor may set. */
function initialOf(field: KindField): Past {
  if (isSet(field)) return false;
  return field.shape === 'entries' || (field.shape === 'keyed' && field.unset !== undefined) ? null : undefined;
}

/** Every touch, in order. Throws LOGS_INCOMPLETE, ABI_DECODE. */
export function timelineOf(place: Place, history: EventHistory): Touch[] {
  const touches = place.events.flatMap((watched) => {
    const logs = history.of(place.address, watched.event.topic);
    if ('unknown' in logs) throw new MooringError('LOGS_INCOMPLETE', logs.unknown);
    return logs.flatMap((log) => {
      const said = watched.read(decodeEvent(watched.event, log));
      return said === null ? [] : [{ log, ...said }];
    });
  });
  return touches.sort((a, b) => (a.log.blockNumber === b.log.blockNumber ? a.log.logIndex - b.log.logIndex : a.log.blockNumber < b.log.blockNumber ? -1 : 1));
}

type SetField = KindField & { shape: 'members' | 'keyedMembers' };
type Which = { key?: string; member?: string };

function isSet(field: KindField): field is SetField {
  return field.shape === 'members' || field.shape === 'keyedMembers';
}

function currentOf(value: FieldValue | undefined, member: string | undefined): Past {
  if (value?.type === 'scalar') return value.value;
  if (value?.type === 'unset') return null;
  if (value?.type === 'members') return value.members.some((one) => one.toLowerCase() === member?.toLowerCase());
  if (value?.type !== 'entries') return undefined;
  return [...value.entries].find(([key]) => key.toLowerCase() === member?.toLowerCase())?.[1] ?? null;
}

function setWatches(kind: Kind, field: SetField, { key, member = '' }: Which): Watched[] {
  const { set } = field;
  const names = setEvents(set);
  return names.map((name) => ({
    event: eventOf(kind, name),
    read(args) {
      if (!same(args[set.member], member) || (key !== undefined && !same(args[set.key ?? ''], keyScalar(field, key)))) return null;
      return { before: undefined, after: 'event' in set ? args[set.flag] === true : name === set.added };
    },
  }));
}

/** Histories of the field, and of the fields that are other names of it. */
function valueWatches(kind: Kind, field: KindField, which: Which): Watched[] {
  const root = field.aliasOf ?? field.name;
  const names = [...kind.fields.values()].filter((other) => other === field || other.name === root || other.aliasOf === root);
  const histories = new Map(
    names
      .flatMap((other) => other.history)
      .map((history) => [JSON.stringify(history, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)), history]),
  );
  return [...histories.values()].map((history) => ({ event: eventOf(kind, history.event), read: (args) => readValue(field, history, { args, which }) }));
}

function readValue(
  field: KindField,
  history: ValueHistory,
  { args, which }: { args: Readonly<Record<string, AbiValue>>; which: Which },
): { before: Past; after: Past } | null {
  if (history.key !== undefined) {
    const key = field.shape === 'entries' ? which.member : which.key === undefined ? undefined : keyScalar(field, which.key);
    if (key === undefined || !same(args[history.key], key)) return null;
  }
  const canonical = (name: string | undefined): Past =>
    name === undefined || args[name] === undefined || Array.isArray(args[name]) ? undefined : unsetOr(field, toCanonical(field, args[name]));
  // Of entries a constant says that the entry is gone.
  if (history.constant !== undefined) return { before: undefined, after: field.shape === 'entries' ? null : history.constant };
  return { before: canonical(history.previous), after: canonical(history.value) };
}

function unsetOr(field: KindField, value: Scalar): Past {
  return field.shape === 'keyed' && field.unset !== undefined && sameScalar(value, field.unset.unsetValue) ? null : value;
}

function same(a: AbiValue | undefined, b: Scalar): boolean {
  return a !== undefined && !Array.isArray(a) && sameScalar(a, b);
}

type Aggregate = { change: Change; contract: ContractState; kind: Kind; field: KindField & { shape: 'aggregate' } };

function aggregatePlaces({ change, contract, kind, field }: Aggregate, state: State, kinds: Kinds): Place[] {
  const value = contract.fields.get(field.name)?.value;
  const wanted = change.to?.type === 'scalar' ? change.to.value : undefined;
  return partsOf(kind, contract.fields, field.over).flatMap(({ address }) => {
    const part = value?.type === 'mixed' ? value.parts.find(({ target }) => target === address)?.value : value?.type === 'scalar' ? value.value : undefined;
    if (part === wanted) return [];
    const managed = state.contracts.find((other) => other.address === address);
    const own = managed === undefined ? undefined : kinds.get(managed.kind);
    const ownField = own?.fields.get(field.getter);
    const events =
      own !== undefined && ownField !== undefined && ownField.history.length > 0
        ? valueWatches(own, ownField, {})
        : pauseEvents.map(({ event, after }): Watched => ({ event, read: () => ({ before: undefined, after }) }));
    const getter = { call: { to: address, data: encodeGetter(kind, field) }, kind };
    return [{ change, field, address, part: address, fromBlock: managed?.fromBlock ?? contract.fromBlock, current: part, events, getter, initial: undefined }];
  });
}
