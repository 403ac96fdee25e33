// Reads the fields that conditions speak of, by their getters, at one block. Reads only.
import { fieldAt } from '../kinds/fields.ts';
import type { Kind, KindField } from '../kinds/kind.ts';
import { decodeEntries, decodeGetter, encodeGetter } from '../kinds/reads.ts';
import type { Address, BlockRef, CallRequest, CallResult, Condition, FieldValue, Scalar, Unit } from '../types.ts';
import { satisfies } from '../values.ts';
import type { ManagedContract, Session } from './session.ts';

export type Broken = { condition: Condition; unit: Unit; live: FieldValue | null };

type Place = { condition: Condition; contract: ManagedContract; kind: Kind; field: KindField; key: string | undefined };
type Read = CallRequest & { decode(data: string): FieldValue | null };

/**
 * The conditions that don't hold at `block`. What no getter tells is left out: a whole member set, and "unset" where
 * only history knows it; the fresh plan has just compared those. Throws RPC_*.
 */
export async function brokenConditions(
  session: Pick<Session, 'chain' | 'kinds' | 'contracts'>,
  conditions: readonly Condition[],
  block: BlockRef,
): Promise<Broken[]> {
  const places = conditions.flatMap((condition) => placeOf(session, condition) ?? []);
  const simple = places.filter(({ field }) => field.shape !== 'aggregate');
  const results = await session.chain.calls(simple.map(readOf), block);
  const broken = simple.flatMap((place, i) => brokenBy(place, decoded(readOf(place), results[i])));
  for (const place of places.filter(({ field }) => field.shape === 'aggregate')) broken.push(...brokenBy(place, await readAggregate(session, place, block)));
  return broken;
}

function placeOf(session: Pick<Session, 'kinds' | 'contracts'>, condition: Condition): Place | null {
  const contract = session.contracts.find(({ name }) => name === condition.contract);
  const kind = contract === undefined ? undefined : session.kinds.get(contract.kind);
  const at = kind === undefined ? null : fieldAt(kind, condition.field);
  if (contract === undefined || kind === undefined || at === null) return null;
  const isSet = at.field.shape === 'members' || at.field.shape === 'keyedMembers';
  if (condition.value?.type === 'unset' || (isSet && condition.member === undefined)) return null;
  return { condition, contract, kind, field: at.field, key: at.key };
}

function readOf({ condition, contract, kind, field, key }: Place): Read {
  const { member } = condition;
  const data = encodeGetter(kind, field, { ...(key === undefined ? {} : { key }), ...(member === undefined ? {} : { member }) });
  return { to: contract.address, data, decode: (answer) => decodeAs({ kind, field, member }, answer) };
}

function decodeAs({ kind, field, member }: { kind: Kind; field: KindField; member: string | undefined }, data: string): FieldValue | null {
  if (field.shape !== 'entries') return scalar(decodeGetter(kind, field, data));
  const entries = decodeEntries(kind, field, data);
  if (member === undefined) return { type: 'entries', entries };
  const found = [...entries].find(([key]) => key.toLowerCase() === member.toLowerCase());
  return found === undefined ? null : scalar(found[1]);
}

async function readAggregate(session: Pick<Session, 'chain'>, { contract, kind, field }: Place, block: BlockRef): Promise<FieldValue> {
  const over = (field.shape === 'aggregate' ? field.over : []).flatMap((name) => kind.fields.get(name) ?? []);
  const targets = await session.chain.calls(
    over.map((part) => ({ to: contract.address, data: encodeGetter(kind, part) })),
    block,
  );
  const addresses = targets.map((result, i) => addressIn(kind, over[i], result));
  const flags = await session.chain.calls(
    addresses.map((to) => ({ to, data: encodeGetter(kind, field) })),
    block,
  );
  const parts = flags.map((result, i) => ({
    field: over[i]?.name ?? '',
    target: addresses[i] ?? '',
    value: result.ok && decodeGetter(kind, field, result.data) === true,
  }));
  if (flags.some((result) => !result.ok)) return { type: 'unknown', reason: 'a part could not be read' };
  const [first] = parts;
  return first !== undefined && parts.every((part) => part.value === first.value) ? scalar(first.value) : { type: 'mixed', parts };
}

function addressIn(kind: Kind, field: KindField | undefined, result: CallResult): Address {
  return field !== undefined && result.ok ? String(decodeGetter(kind, field, result.data)) : `0x${'0'.repeat(40)}`;
}

function decoded(read: Read, result: CallResult | undefined): FieldValue | null {
  if (result === undefined || !result.ok) return { type: 'unknown', reason: 'the getter failed' };
  try {
    return read.decode(result.data);
  } catch {
    return { type: 'unknown', reason: 'the getter answered something else' };
  }
}

function brokenBy({ condition, field }: Place, live: FieldValue | null): Broken[] {
  const holds = condition.value === null || live === null ? condition.value === live : satisfies(live, condition.value);
  return holds ? [] : [{ condition, unit: field.unit, live }];
}

function scalar(value: Scalar): FieldValue {
  return { type: 'scalar', value };
}
