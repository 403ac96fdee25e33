// What an event of a managed contract says about who may do what there, in the words of its kind. Pure.
import { type AbiValue, decodeEvent, parseEvent } from '../kinds/abi.ts';
import { keyScalar, riskOf, toCanonical } from '../kinds/fields.ts';
import type { AbiEvent, Kind, KindField, Kinds, SetHistory, ValueHistory } from '../kinds/kind.ts';
import type { Action, Address, FieldValue, Hex, Log, Risk, Scalar } from '../types.ts';
import { sameScalar, toJson } from '../values.ts';

/** `fact`: what happens while a contract is used as it is meant to be (a round, a slash). All others change what it is. */
export type SightingType = 'owner' | 'pauser' | 'pause' | 'role' | 'parameter' | 'code' | 'fact';

/** A value that an event changed: `arena.paused`, `stakeManager.roleMinimumStake.agent`. */
export type SightedField = { path: string; member?: string; to: FieldValue | null; risk: Risk };

export type Sighting = {
  type: SightingType;
  contract: string;
  /** Empty where the event doesn't say which values it changed. */
  fields: readonly SightedField[];
  event: string;
  /** Plain JSON. */
  args: Readonly<Record<string, unknown>>;
  transaction: Hex;
  block: bigint;
  blockHash: Hex;
  logIndex: number;
};

/** A contract to watch. `roles`: ids of roles that have names. */
export type WatchedContract = { name: string; kind: string; address: Address; roles?: readonly string[] };

/** What every contract may say of itself, whether its kind lists it or not. */
const general: readonly { event: AbiEvent; type: SightingType }[] = (
  [
    ['owner', 'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)'],
    ['owner', 'event AdminChanged(address previousAdmin, address newAdmin)'],
    ['pause', 'event Paused(address account)'],
    ['pause', 'event Unpaused(address account)'],
    ['role', 'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)'],
    ['role', 'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)'],
    ['role', 'event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole)'],
    ['code', 'event Upgraded(address indexed implementation)'],
    ['code', 'event BeaconUpgraded(address indexed beacon)'],
  ] as const
).map(([type, text]) => ({ event: parseEvent(text), type }));

/** Null where neither the kind nor anybody knows the event. */
export function sightingOf(log: Log, contract: WatchedContract, kinds: Kinds): Sighting | null {
  const kind = kinds.get(contract.kind);
  const own = kind === undefined ? undefined : [...kind.events.values()].find(({ topic }) => topic === log.topics[0]);
  const known = general.find(({ event }) => event.topic === log.topics[0]);
  const event = own ?? known?.event;
  if (event === undefined) return null;
  const args = argsOf(event, log);
  const fields = kind === undefined || own === undefined || args === null ? [] : fieldsOf(kind, own, { args, roles: contract.roles ?? [] });
  const type = typeOf(kind, { event, fields }) ?? known?.type ?? 'fact';
  return {
    type,
    contract: contract.name,
    fields: fields.map(({ sighted }) => sighted),
    event: event.name,
    args: args === null ? { topics: log.topics, data: log.data } : (toJson(args) as Record<string, unknown>),
    transaction: log.transactionHash,
    block: log.blockNumber,
    blockHash: log.blockHash,
    logIndex: log.logIndex,
  };
}

/**
 * Without those that say less than another of the same transaction and contract: one change often has an event of its own
 * and a general one (`ParametersUpdated`) besides.
 */
export function withoutEchoes(sightings: readonly Sighting[]): Sighting[] {
  const placeOf = ({ transaction, contract }: Sighting): string => `${transaction} ${contract}`;
  const exact = new Set(sightings.filter(({ fields }) => fields.length > 0).map(placeOf));
  return sightings.filter((sighting) => sighting.type === 'fact' || sighting.type === 'code' || sighting.fields.length > 0 || !exact.has(placeOf(sighting)));
}

/** Topics of a kind's events that are facts. */
export function factTopics(kind: Kind): Hex[] {
  return [...kind.events.values()].filter((event) => isFact(kind, event)).map(({ topic }) => topic);
}

/** Topics of all others, and of what every contract may say. */
export function changeTopics(kind: Kind): Hex[] {
  const own = [...kind.events.values()].filter((event) => !isFact(kind, event)).map(({ topic }) => topic);
  return [...new Set([...own, ...general.map(({ event }) => event.topic)])];
}

function isFact(kind: Kind, event: AbiEvent): boolean {
  return !general.some((other) => other.event.topic === event.topic) && tiedFields(kind, event).length === 0 && !isEmitted(kind, event);
}

/** An event that isn't as its kind says still happened. */
function argsOf(event: AbiEvent, log: Log): Readonly<Record<string, AbiValue>> | null {
  try {
    return decodeEvent(event, log);
  } catch {
    return null;
  }
}

type Found = { field: KindField; sighted: SightedField };

function typeOf(kind: Kind | undefined, { event, fields }: { event: AbiEvent; fields: readonly Found[] }): SightingType | null {
  const field = fields[0]?.field ?? (kind === undefined ? undefined : tiedFields(kind, event)[0]);
  if (field !== undefined) return roleType(field);
  const isKnown = general.some((other) => other.event.topic === event.topic);
  return kind !== undefined && !isKnown && isEmitted(kind, event) ? 'parameter' : null;
}

/** What a change of the field is a change of. */
export function roleType({ role, shape }: Pick<KindField, 'role' | 'shape'>): SightingType {
  if (role === 'access') return 'role';
  return role ?? (shape === 'members' || shape === 'keyedMembers' ? 'role' : 'parameter');
}

function isEmitted(kind: Kind, event: AbiEvent): boolean {
  return kind.setters.some(({ emits }) => emits.includes(event.name));
}

/** Fields whose history the event belongs to; other names of a field left out. */
function tiedFields(kind: Kind, event: AbiEvent): KindField[] {
  return [...kind.fields.values()].filter((field) => field.aliasOf === undefined && (historiesIn(field, event).length > 0 || setIn(field, event) !== null));
}

function historiesIn(field: KindField, { name }: AbiEvent): readonly ValueHistory[] {
  return field.history.filter((history) => history.event === name);
}

function setIn(field: KindField, { name }: AbiEvent): SetHistory | null {
  if (field.shape !== 'members' && field.shape !== 'keyedMembers') return null;
  const { set } = field;
  return ('event' in set ? set.event === name : set.added === name || set.removed === name) ? set : null;
}

type Told = { args: Readonly<Record<string, AbiValue>>; roles: readonly string[] };

function fieldsOf(kind: Kind, event: AbiEvent, told: Told): Found[] {
  return tiedFields(kind, event).flatMap((field): Found[] => {
    const set = setIn(field, event);
    if (set !== null) return [{ field, sighted: memberOf(field, { set, event, told }) }];
    return historiesIn(field, event).flatMap((history) => {
      const sighted = sightedValue(field, history, told);
      return sighted === null ? [] : [{ field, sighted }];
    });
  });
}

function memberOf(field: KindField, { set, event, told: { args, roles } }: { set: SetHistory; event: AbiEvent; told: Told }): SightedField {
  const isIn = 'event' in set ? args[set.flag] === true : set.added === event.name;
  const key = set.key === undefined ? null : String(args[set.key]).toLowerCase();
  const path = key === null ? field.name : `${field.name}.${roleName(field, key, roles)}`;
  return { path, member: String(args[set.member]), to: scalar(isIn), risk: isIn ? field.risk.up : field.risk.down };
}

function roleName(field: KindField, key: string, roles: readonly string[]): string {
  return ['DEFAULT_ADMIN_ROLE', ...roles].find((name) => sameScalar(keyScalar(field, name), key)) ?? key;
}

/** Null where the event says that the value stays. */
function sightedValue(field: KindField, history: ValueHistory, { args }: Told): SightedField | null {
  const canonical = (name: string | undefined): Scalar | undefined => {
    const value = name === undefined ? undefined : args[name];
    return value === undefined || Array.isArray(value) ? undefined : toCanonical(field, value);
  };
  const before = canonical(history.previous);
  const after = history.constant ?? canonical(history.value);
  if (before !== undefined && after !== undefined && sameScalar(before, after)) return null;
  const from = before === undefined ? null : scalar(before);
  if (field.shape === 'entries') {
    const isGone = history.constant !== undefined;
    const to = isGone || after === undefined ? null : scalar(after);
    return { path: field.name, member: String(args[history.key ?? '']), to, risk: riskOf(field, isGone ? 'remove' : 'add', from, to) };
  }
  const action: Action = 'set';
  const to = after === undefined ? null : scalar(after);
  return { path: pathOf(field, history, args), to, risk: riskOf(field, action, from, to) };
}

function pathOf(field: KindField, { key }: ValueHistory, args: Told['args']): string {
  const value = key === undefined ? undefined : args[key];
  if (field.shape !== 'keyed' || value === undefined || Array.isArray(value)) return field.name;
  const name = [...field.keys].find(([, scalarKey]) => sameScalar(scalarKey, value))?.[0];
  return `${field.name}.${name ?? String(value)}`;
}

function scalar(value: Scalar): FieldValue {
  return { type: 'scalar', value };
}
