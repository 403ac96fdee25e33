// Compares what the simulation left with what git asked for: missing changes, side effects, unreadable fields. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { AddressBook, Change, ContractState, FieldValue, Finding, Plan, Scalar, State, Unit } from '../types.ts';
import { compareAddresses, sameScalar, sameValue, satisfies } from '../values.ts';
import { aggregateAfter } from './aggregate-after.ts';

export type Comparison = {
  reread: number;
  declared: number;
  asDeclared: number;
  missing: readonly Change[];
  /** Fields that moved and that no change of the plan is about. */
  moved: readonly Moved[];
  findings: readonly Finding[];
};

export type Moved = { contract: string; field: string; from: FieldValue; to: FieldValue; unit: Unit; managed: boolean };

type After = Pick<State, 'contracts' | 'facts'>;
/** `names` of addresses, for contracts that aren't managed. */
type Input = { plan: Plan; desired: State; live: State; after: After; kinds: Kinds; names: AddressBook['byAddress'] };

/** Key of a field across contracts. */
export function placeOf(place: { contract: string; field: string }): string {
  return `${place.contract}.${place.field}`;
}

/** Every field of every managed contract, before and after, and what is known of others. */
export function compareStates(input: Input): Comparison {
  const found = { reread: 0, declared: 0, asDeclared: 0, missing: [] as Change[], moved: [] as Moved[], findings: [] as Finding[] };
  const desired = new Map(input.desired.contracts.map((contract) => [contract.name, contract]));
  const after = new Map(input.after.contracts.map((contract) => [contract.name, contract]));
  const changes = Map.groupBy(input.plan.changes, (change) => `${change.contract}.${change.field}`);
  for (const before of input.live.contracts) {
    const now = after.get(before.name);
    for (const path of new Set([...before.fields.keys(), ...(now?.fields.keys() ?? [])])) {
      const declared = declaredValue(desired.get(before.name), path);
      const values = { before: before.fields.get(path)?.value, now: now?.fields.get(path)?.value, declared };
      if (values.now !== undefined) found.reread += 1;
      if (declared !== undefined) found.declared += 1;
      if (declared !== undefined && values.now !== undefined && satisfies(values.now, declared)) found.asDeclared += 1;
      compareField(input, found, { contract: before, path, ...values, changes: changes.get(`${before.name}.${path}`) ?? [] });
    }
  }
  found.moved.push(...movedFacts(input));
  return found;
}

/** What moved in contracts that aren't managed. A part of an aggregate shows in the aggregate already. */
function movedFacts({ live, after, kinds, names }: Input): Moved[] {
  if (live.facts.size === 0) return [];
  const managed = new Set(live.contracts.map((contract) => contract.address.toLowerCase()));
  const aggregated = new Set(
    live.contracts.flatMap(({ kind }) => [...(kinds.get(kind)?.fields.values() ?? [])].flatMap((field) => (field.shape === 'aggregate' ? [field.getter] : []))),
  );
  return [...live.facts].flatMap(([key, from]) => {
    const { address, fn } = partsOfKey(key);
    const to = after.facts.get(key);
    if (managed.has(address) || aggregated.has(fn) || from.type === 'unknown' || to === undefined || sameValue(from, to)) return [];
    return [{ contract: nameOf(address, names), field: fn, from, to, unit: 'none' as const, managed: false }];
  });
}

/** Every value that was read, by place. */
export function valuesByPlace({ contracts, facts }: After, names: AddressBook['byAddress']): Map<string, FieldValue> {
  const values = new Map<string, FieldValue>();
  for (const [key, value] of facts) values.set(placeOf({ contract: nameOf(partsOfKey(key).address, names), field: partsOfKey(key).fn }), value);
  for (const contract of contracts)
    for (const { path, value } of contract.fields.values()) values.set(placeOf({ contract: contract.name, field: path }), value);
  return values;
}

function partsOfKey(key: string): { address: string; fn: string } {
  const dot = key.indexOf('.');
  return { address: key.slice(0, dot), fn: key.slice(dot + 1) };
}

function nameOf(address: string, names: AddressBook['byAddress']): string {
  const checksummed = toChecksum(address);
  return names.get(checksummed) ?? checksummed;
}

type Place = {
  contract: ContractState;
  path: string;
  before: FieldValue | undefined;
  now: FieldValue | undefined;
  declared: FieldValue | undefined;
  changes: readonly Change[];
};

function declaredValue(contract: ContractState | undefined, path: string): FieldValue | undefined {
  return contract?.observe.has(path) === true ? undefined : contract?.fields.get(path)?.value;
}

function compareField(input: Input, found: { missing: Change[]; moved: Moved[]; findings: Finding[] }, place: Place): void {
  const { before, now, changes } = place;
  // What nobody could read before blocks the plan already.
  if (before?.type === 'unknown') return;
  if (now === undefined || now.type === 'unknown') {
    found.findings.push(unreadable(place));
    return;
  }
  const [done, missing] = partition(changes, (change) => happened(change, now, place.declared));
  found.missing.push(...missing);
  // A whole value that should change is either there or missing; of a set, every other member is looked at too.
  if (changes.some((change) => change.member === undefined) || isAlias(input, place)) return;
  const whole = aggregateAfter({ ...place, plan: input.plan, kinds: input.kinds });
  const from = whole ?? withMembers(before, done) ?? { type: 'unset' };
  if (!sameValue(from, now)) found.moved.push(movedField(input, place, from, now));
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** Another name of a field that is compared itself. */
function isAlias(input: Input, { contract, path }: Place): boolean {
  const of = input.kinds.get(contract.kind)?.fields.get(path)?.aliasOf;
  return of !== undefined && contract.fields.has(of);
}

function happened(change: Change, now: FieldValue, declared: FieldValue | undefined): boolean {
  if (change.member !== undefined) return sameMember(memberValue(now, change.member), change.to);
  if (declared?.type === 'range' && satisfies(now, declared)) return true;
  return change.to !== null && satisfies(now, change.to);
}

/** What a set or collection holds for one key; null where it isn't in. */
function memberValue(value: FieldValue, member: string): Scalar | null {
  const key = member.toLowerCase();
  if (value.type === 'members') return value.members.some((one) => one.toLowerCase() === key);
  if (value.type !== 'entries') return null;
  return [...value.entries].find(([one]) => one.toLowerCase() === key)?.[1] ?? null;
}

function sameMember(actual: Scalar | null, wanted: FieldValue | null): boolean {
  if (wanted?.type !== 'scalar') return actual === null;
  return actual !== null && sameScalar(actual, wanted.value);
}

/** The value before, with what the plan adds, sets and removes. */
function withMembers(before: FieldValue | undefined, changes: readonly Change[]): FieldValue | undefined {
  if (before?.type === 'members') {
    const gone = new Set(changes.map((change) => change.member?.toLowerCase()));
    const added = changes.flatMap((change) => (change.action === 'add' && change.member !== undefined ? [change.member] : []));
    return { type: 'members', members: [...before.members.filter((member) => !gone.has(member.toLowerCase())), ...added].sort(compareAddresses) };
  }
  if (before?.type !== 'entries') return before;
  const entries = new Map([...before.entries].map(([key, value]) => [key.toLowerCase(), value]));
  for (const { member = '', to } of changes) {
    if (to?.type === 'scalar') entries.set(member.toLowerCase(), to.value);
    else entries.delete(member.toLowerCase());
  }
  return { type: 'entries', entries };
}

/**
 * Managed: git declares it, and it is not simply elsewhere within a declared range. What a sticky reduction holds back
 * is managed too: a step that moves it to the declared value does what nobody approved.
 */
function movedField(input: Input, place: Place, from: FieldValue, to: FieldValue): Moved {
  const { contract, path, declared } = place;
  const kind = input.kinds.get(contract.kind);
  const unit = (kind === undefined ? undefined : fieldAt(kind, path)?.field.unit) ?? 'none';
  const managed = declared !== undefined && !(declared.type === 'range' && satisfies(from, declared) && satisfies(to, declared));
  return { contract: contract.name, field: path, from, to, unit, managed };
}

function unreadable({ contract, path, now }: Place): Finding {
  const why = now?.type === 'unknown' ? `: ${now.reason}` : '';
  return {
    code: 'PROOF_UNREADABLE' satisfies Code,
    severity: 'error',
    message: `${contract.name}.${path} can be read now and could not be read after the last step${why}.`,
    fix: 'See which step makes its getter fail; nothing was sent.',
    contract: contract.name,
    field: path,
  };
}
