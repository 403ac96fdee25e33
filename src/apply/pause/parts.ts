// From what is asked to be paused to single flags: an aggregate's parts, another name of a flag, the setter that sets it.
import { fieldAt, riskOf } from '../../kinds/fields.ts';
import type { Kind, KindField, KindSetter, Kinds } from '../../kinds/kind.ts';
import { decodeGetter, encodeGetter } from '../../kinds/reads.ts';
import { settersOf } from '../../kinds/writes.ts';
import type { ManyNodes, Opinions, Waiting } from '../../live/many-nodes.ts';
import type { Address, Scalar } from '../../types.ts';
import type { ManagedContract } from '../session.ts';
import { type Asked, isSamePart, type Part, type PauseTarget } from './types.ts';

/** Of what an aggregate's part is when no file declares it. */
const moduleKind = 'PausableModule';

export type PartsInput = {
  chain: Pick<ManyNodes, 'opinions'>;
  targets: readonly PauseTarget[];
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  names: ReadonlyMap<Address, string>;
};

/** One entry for each flag that the targets name, in their order. Throws RPC_* when no node answers. */
export async function askedParts(input: PartsInput): Promise<Asked[]> {
  const lists = await Promise.all(input.targets.map((target) => partsOf(input, target)));
  return lists.flat();
}

/** The different flags among what was asked. */
export function uniqueParts(asked: readonly Asked[]): Part[] {
  const flags = asked.flatMap((item) => ('flag' in item ? [item.flag] : []));
  return flags.filter((flag, i) => flags.findIndex((other) => isSamePart(other, flag)) === i);
}

/** Whether this value of this field is a pause: a flag of that role, and the value that reduces risk. */
export function isPause(kind: Kind, field: string, value: boolean): boolean {
  const found = fieldAt(kind, field)?.field;
  if (found?.role !== 'pause') return false;
  return riskOf(found, 'set', { type: 'scalar', value: !value }, { type: 'scalar', value }) === 'reduce';
}

async function partsOf(input: PartsInput, target: PauseTarget): Promise<Asked[]> {
  const { contract, address } = target;
  const base = { target, part: null, contract, address, since: null };
  const kind = input.kinds.get(target.kind);
  const field = kind === undefined ? undefined : fieldAt(kind, target.field)?.field;
  if (kind === undefined) return [{ ...base, why: `there is no kind ${target.kind}` }];
  if (field === undefined) return [{ ...base, why: `${target.kind} has no field ${target.field}` }];
  if (!isPause(kind, target.field, target.value)) return [{ ...base, why: `${target.field} set to ${target.value} is not a pause` }];
  return field.shape === 'aggregate'
    ? modulesOf(input, { target, kind, field })
    : [{ ...base, ...flagOf({ contract, kind, address, field, value: target.value }) }];
}

type Flag = { contract: string; kind: Kind; address: Address; field: KindField; value: boolean };

function flagOf({ contract, kind, address, field, value }: Flag): { flag: Part } | { why: string } {
  // Two names of one flag would pause it twice.
  const name = field.aliasOf ?? field.name;
  const setter = pauseSetter(kind, name, value);
  return setter === null ? { why: `${kind.name} has no function that sets ${name} alone` } : { flag: { contract, kind, address, field: name, value, setter } };
}

/** What sets this flag, to this value, and nothing else. */
export function pauseSetter(kind: Kind, field: string, value: boolean): KindSetter | null {
  const only = (setter: KindSetter): boolean => setter.effects.every((effect) => effect.effect === 'copy');
  const found = settersOf(kind, field).find(
    (setter) => only(setter) && ((setter.does === 'assign' && setter.assigns === value) || (setter.does === 'set' && setter.fields.length === 1)),
  );
  return found ?? null;
}

type Aggregate = { target: PauseTarget; kind: Kind; field: KindField & { shape: 'aggregate' } };

async function modulesOf(input: PartsInput, { target, kind, field }: Aggregate): Promise<Asked[]> {
  const requests = field.over.map((over) => ({ to: target.address, data: encodeGetter(kind, fieldOf(kind, over)) }));
  const answers = await callEach(input.chain, requests);
  return field.over.flatMap((over, i): Asked[] => {
    const values = (answers[i] ?? []).map((answer) => valueIn(kind, fieldOf(kind, over), answer));
    const addresses = [...new Set(values.filter((value) => typeof value === 'string'))];
    const unread = { target, part: over, contract: `${target.contract}.${over}`, address: target.address, since: null };
    if (addresses.length === 0) return [{ ...unread, why: `which contract ${target.contract}.${over} is can't be read` }];
    // Where nodes differ, each of them: which it is doesn't matter to a pause that is tried out before.
    return addresses.map((address) => moduleAt(input, { target, field, over, address }));
  });
}

type ModuleAt = Omit<Aggregate, 'kind'> & { over: string; address: Address };

function moduleAt(input: PartsInput, { target, field, over, address }: ModuleAt): Asked {
  const known = input.contracts.find((contract) => contract.address.toLowerCase() === address.toLowerCase());
  const moduleOf = input.kinds.get(known?.kind ?? moduleKind) ?? input.kinds.get(moduleKind);
  const base = { target, part: over, contract: known?.name ?? input.names.get(address) ?? `${target.contract}.${over}`, address, since: null };
  const flag = moduleOf === undefined ? undefined : [...moduleOf.fields.values()].find((one) => one.getter === field.getter && one.role === 'pause');
  if (moduleOf === undefined || flag === undefined) return { ...base, why: `how to pause it is not known: it is no ${moduleKind}` };
  return { ...base, ...flagOf({ contract: base.contract, kind: moduleOf, address, field: flag, value: target.value }) };
}

function fieldOf(kind: Kind, name: string): KindField {
  return kind.fields.get(name) as KindField;
}

export type ViewCall = { to: Address; data: string; from?: Address };

/** What each node that could answer a call at the head says, however many say the same. Throws RPC_* when no node answers. */
export async function callEach(chain: Pick<ManyNodes, 'opinions'>, calls: readonly ViewCall[], waiting?: WaitingFor): Promise<string[][]> {
  if (calls.length === 0) return [];
  const until = waiting?.until;
  const how = waiting === undefined ? undefined : { for: waiting.for, ...(until === undefined ? {} : { until: (heard: Opinions) => until(textsIn(heard)) }) };
  const opinions = await chain.opinions(
    calls.map((call) => ({ method: 'eth_call', params: [call, 'latest'] })),
    how,
  );
  return textsIn(opinions);
}

/** As `Waiting`, of answers to calls. */
export type WaitingFor = { for: NonNullable<Waiting['for']>; until?: (answers: string[][]) => boolean };

function textsIn(opinions: Opinions): string[][] {
  return opinions.map((own) => own.flatMap((answer) => ('result' in answer && typeof answer.result === 'string' ? answer.result : [])));
}

/** The call that reads a flag. */
export function flagCall({ address, kind, field }: Part): ViewCall {
  return { to: address, data: encodeGetter(kind, fieldOf(kind, field)) };
}

/** A flag's value; null where its getter didn't answer one. */
export function flagIn({ kind, field }: Part, answer: string | null): Scalar | null {
  return valueIn(kind, fieldOf(kind, field), answer);
}

/** A getter's value; null where it didn't answer one. */
export function valueIn(kind: Kind, field: KindField, answer: string | null): Scalar | null {
  try {
    return answer === null ? null : decodeGetter(kind, field, answer);
  } catch {
    return null;
  }
}
