// The getters of one contract's fields, each with what its answer means. A getter that fails is `unknown`, never zero,
// empty or false. Pure.
import { MooringError } from '../errors.ts';
import { decodeRevert } from '../kinds/abi.ts';
import type { Kind, KindField } from '../kinds/kind.ts';
import { decodeEntries, decodeGetter, encodeGetter } from '../kinds/reads.ts';
import type { Address, CallRequest, CallResult, FieldValue } from '../types.ts';
import { compareAddresses } from '../values.ts';
import type { Candidates } from './candidates.ts';

/** Some calls and what their results, in the same order, say about one path; null: the contract doesn't have it. */
export type Reading = { path: string; calls: readonly CallRequest[]; decode(results: readonly CallResult[]): FieldValue | null };

type Target = { kind: Kind; address: Address };

/** Fields with getters of their own: not sets, which need candidates, nor aggregates, which need other contracts. */
export function valueReadings(target: Target): Reading[] {
  return [...target.kind.fields.values()].flatMap((field) => {
    if (field.shape === 'value') return [single(target, field, {})];
    if (field.shape === 'keyed') return [...field.keys.keys()].map((key) => single(target, field, { key }));
    return field.shape === 'entries' ? [entries(target, field)] : [];
  });
}

/** Every set, and every path of a keyed one that has candidates: each candidate asked for by getter. */
export function setReadings(target: Target, candidates: Candidates): Reading[] {
  return [...target.kind.fields.values()].flatMap((field) => {
    if (field.shape !== 'members' && field.shape !== 'keyedMembers') return [];
    const reason = candidates.unknown.get(field.name);
    const paths = [...candidates.members].filter(([path]) => path.startsWith(`${field.name}.`));
    if (reason !== undefined)
      return [field.name, ...paths.map(([path]) => path)].map((path): Reading => ({ path, calls: [], decode: () => ({ type: 'unknown', reason }) }));
    if (field.shape === 'members') return [members(target, field, { path: field.name, found: candidates.members.get(field.name) ?? [] })];
    return paths.map(([path, found]) => members(target, field, { path, found, key: path.slice(field.name.length + 1) }));
  });
}

function single({ kind, address }: Target, field: KindField, which: { key?: string }): Reading {
  const path = which.key === undefined ? field.name : `${field.name}.${which.key}`;
  return {
    path,
    calls: [{ to: address, data: encodeGetter(kind, field, which) }],
    decode: ([result]) => answer({ kind, field, result, read: (data) => ({ type: 'scalar', value: decodeGetter(kind, field, data) }) }),
  };
}

function entries({ kind, address }: Target, field: KindField & { shape: 'entries' }): Reading {
  return {
    path: field.name,
    calls: [{ to: address, data: encodeGetter(kind, field) }],
    decode: ([result]) => answer({ kind, field, result, read: (data) => ({ type: 'entries', entries: decodeEntries(kind, field, data) }) }),
  };
}

function members({ kind, address }: Target, field: KindField, set: { path: string; found: readonly Address[]; key?: string }): Reading {
  const candidates = [...new Set(set.found)].sort(compareAddresses);
  const key = set.key === undefined ? {} : { key: set.key };
  return {
    path: set.path,
    calls: candidates.map((member) => ({ to: address, data: encodeGetter(kind, field, { ...key, member }) })),
    decode(results) {
      const values = candidates.map((_, i) =>
        answer({ kind, field, result: results[i], read: (data) => ({ type: 'scalar', value: decodeGetter(kind, field, data) }) }),
      );
      if (values.includes(null)) return null;
      const failed = values.find((value) => value?.type === 'unknown');
      if (failed !== undefined) return failed;
      return { type: 'members', members: candidates.filter((_, i) => isTrue(values[i])) };
    },
  };
}

type Answer = { kind: Kind; field: KindField; result: CallResult | undefined; read: (data: string) => FieldValue };

function answer({ kind, field, result, read }: Answer): FieldValue | null {
  const getter = field.shape === 'aggregate' ? field.name : field.getter;
  if (result?.ok === true && result.data !== '0x') return attempt(() => read(result.data), getter);
  if (field.optional === true) return null;
  if (result?.ok === false) return { type: 'unknown', reason: `${getter}: ${decodeRevert(kind.errors, result.data)}` };
  return { type: 'unknown', reason: `${getter}: the address answered nothing` };
}

/** Data that isn't what the getter's signature says makes this value unknown, not the whole run fail. */
export function attempt(read: () => FieldValue, getter: string): FieldValue {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'ABI_DECODE') throw error;
    return { type: 'unknown', reason: `${getter}: ${error.message}` };
  }
}

function isTrue(value: FieldValue | null | undefined): boolean {
  return value?.type === 'scalar' && value.value === true;
}
