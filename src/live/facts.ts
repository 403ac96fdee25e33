// Readings of contracts that aren't managed themselves, but that rules, routes and aggregates need: a module's `paused()`,
// `owner()` and `pauser()`, the `version()` of a named contract. Pure.
import { decodeResult, encodeCall, parseFunction } from '../kinds/abi.ts';
import type { AbiFunction, Kind } from '../kinds/kind.ts';
import type { Address, CallResult, ContractState, FieldValue, Scalar } from '../types.ts';
import { factKey } from '../values.ts';
import { attempt } from './readings.ts';

export type FactRequest = { address: Address; fn: AbiFunction };
export type Facts = ReadonlyMap<string, FieldValue>;

/** Who may act on an aggregate's part: read of every part, whether its kind says so or not. */
const partFunctions = ['function owner() view returns (address)', 'function pauser() view returns (address)'].map(parseFunction);

/** What has to be known about other contracts. `probes`: further addresses that rules may be asked about, e.g. desired ones. */
export function neededFacts(kind: Kind, fields: ContractState['fields'], probes: readonly Address[] = []): FactRequest[] {
  const found = [...partFacts(kind, fields), ...ruleFacts(kind, fields, probes)].filter(({ address }) => !/^0x0*$/.test(address));
  return [...new Map(found.map((fact) => [factKey(fact.address, fact.fn.name), fact])).values()];
}

function partFacts(kind: Kind, fields: ContractState['fields']): FactRequest[] {
  return [...kind.fields.values()].flatMap((field) => {
    if (field.shape !== 'aggregate') return [];
    const getter = kind.foreign.get(field.getter);
    const functions = getter === undefined ? partFunctions : [getter, ...partFunctions];
    return partsOf(kind, fields, field.over).flatMap(({ address }) => functions.map((fn) => ({ address, fn })));
  });
}

function ruleFacts(kind: Kind, fields: ContractState['fields'], probes: readonly Address[]): FactRequest[] {
  return kind.rules.flatMap((rule) => {
    const fn = rule.rule === 'answers' ? kind.foreign.get(rule.function) : undefined;
    if (rule.rule !== 'answers' || fn === undefined) return [];
    const live = fields.get(rule.field)?.value;
    const addresses = live?.type === 'scalar' && typeof live.value === 'string' ? [live.value, ...probes] : probes;
    return addresses.map((address) => ({ address, fn }));
  });
}

export function factCall({ address, fn }: FactRequest): { to: Address; data: string } {
  return { to: address, data: encodeCall(fn, []) };
}

export function factValue({ fn }: FactRequest, result: CallResult | undefined): FieldValue {
  if (result?.ok !== true || result.data === '0x') return { type: 'unknown', reason: `${fn.signature} did not answer` };
  return attempt(() => ({ type: 'scalar', value: decodeResult(fn, result.data)[0] as Scalar }), fn.signature);
}

/** Addresses that `over` fields name, each once, unset ones left out. `field` is the first that names it. */
export function partsOf(kind: Kind, fields: ContractState['fields'], over: readonly string[]): { field: string; address: Address }[] {
  const found = new Map<string, { field: string; address: Address }>();
  for (const name of over) {
    const value = fields.get(kind.fields.get(name)?.aliasOf ?? name)?.value ?? fields.get(name)?.value;
    if (value?.type !== 'scalar' || typeof value.value !== 'string' || /^0x0*$/.test(value.value)) continue;
    if (!found.has(value.value)) found.set(value.value, { field: name, address: value.value });
  }
  return [...found.values()];
}

/** One flag over many contracts: true, false, mixed, or unknown while one of them is. */
export function aggregate(
  kind: Kind,
  fields: ContractState['fields'],
  { over, getter, facts }: { over: readonly string[]; getter: string; facts: Facts },
): FieldValue {
  const unread = over.map((name) => fields.get(name)?.value).find((value) => value?.type === 'unknown');
  if (unread !== undefined) return unread;
  const parts = partsOf(kind, fields, over).map(({ field, address }) => ({ field, target: address, value: facts.get(factKey(address, getter)) }));
  const missing = parts.find(({ value }) => value?.type !== 'scalar');
  if (missing !== undefined) return { type: 'unknown', reason: `${getter}() of ${missing.field} (${missing.target}) is not known` };
  if (parts.length === 0) return { type: 'unknown', reason: 'it has no parts' };
  const flags = parts.map(({ field, target, value }) => ({ field, target, value: value?.type === 'scalar' && value.value === true }));
  const first = flags[0]?.value === true;
  return flags.every(({ value }) => value === first) ? { type: 'scalar', value: first } : { type: 'mixed', parts: flags };
}
