// Everything that a State says about contracts, as one list of calls and the meaning of their results: what a snapshot
// reads, and what a simulation reads again behind its steps. Pure.
import { MooringError } from '../errors.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import type { Address, CallRequest, CallResult, ContractState, FieldState, FieldValue } from '../types.ts';
import { factKey } from '../values.ts';
import type { Candidates } from './candidates.ts';
import { aggregate, type FactRequest, type Facts, factCall, factValue } from './facts.ts';
import { type Reading, setReadings, valueReadings } from './readings.ts';

/** A contract to read. A `ContractState`, live or desired, will do. */
export type ReadTarget = { name: string; kind: string; address: Address; fromBlock: bigint; adoptedAt?: bigint | undefined };

export type ReadProgram = {
  /** Values of all contracts, then sets, then facts. */
  calls: readonly CallRequest[];
  /** `results` in the order of `calls`. The contracts have no code identity; sets without candidates are left out. */
  decode(results: readonly CallResult[]): { contracts: ContractState[]; facts: Facts };
};

export type ReadInput = {
  kinds: Kinds;
  contracts: readonly ReadTarget[];
  /** By contract name; of a contract that is missing here, sets and unset keys are not read. */
  candidates: ReadonlyMap<string, Candidates>;
  /** What to ask other contracts; aggregates need it (see `neededFacts`). */
  facts: readonly FactRequest[];
};

/** Throws INTERNAL for a contract of a kind that isn't in `kinds`. */
export function readProgram({ kinds, contracts, candidates, facts }: ReadInput): ReadProgram {
  const parts = contracts.map((contract): Part => {
    const target = { kind: kindOf(kinds, contract), address: contract.address };
    const known = candidates.get(contract.name);
    return { contract, kind: target.kind, known, values: valueReadings(target), sets: known === undefined ? [] : setReadings(target, known) };
  });
  // Values of all contracts first, so that they can be read before it is known who may be in a set.
  const readings = [...parts.flatMap(({ values }) => values), ...parts.flatMap(({ sets }) => sets)];
  const calls = [...readings.flatMap((reading) => reading.calls), ...facts.map(factCall)];
  return {
    calls,
    decode(results) {
      const values = valuesOf(readings, results);
      const answers = results.slice(calls.length - facts.length);
      const found = new Map(facts.map((fact, i) => [factKey(fact.address, fact.fn.name), factValue(fact, answers[i])]));
      return { contracts: parts.map((part) => stateOf(part, { values, facts: found })), facts: found };
    },
  };
}

type Part = { contract: ReadTarget; kind: Kind; known: Candidates | undefined; values: readonly Reading[]; sets: readonly Reading[] };
type Found = { values: ReadonlyMap<Reading, FieldValue | null>; facts: Facts };

function valuesOf(readings: readonly Reading[], results: readonly CallResult[]): Map<Reading, FieldValue | null> {
  const values = new Map<Reading, FieldValue | null>();
  let at = 0;
  for (const reading of readings) {
    values.set(reading, reading.decode(results.slice(at, at + reading.calls.length)));
    at += reading.calls.length;
  }
  return values;
}

function stateOf({ contract, kind, known, values: single, sets }: Part, { values, facts }: Found): ContractState {
  const read = new Map<string, FieldState>();
  for (const reading of [...single, ...sets]) {
    const value = values.get(reading) ?? null;
    if (value !== null) read.set(reading.path, { path: reading.path, value });
  }
  for (const field of kind.fields.values()) {
    if (field.shape === 'aggregate') read.set(field.name, { path: field.name, value: aggregate(kind, read, { ...field, facts }) });
    if (field.shape !== 'keyed' || field.unset === undefined || known === undefined) continue;
    for (const key of field.keys.keys()) applyUnset(read, `${field.name}.${key}`, { known, field: field.name });
  }
  const { name, address, fromBlock, adoptedAt } = contract;
  return { name, kind: contract.kind, address, fromBlock, ...(adoptedAt === undefined ? {} : { adoptedAt }), fields: inOrder(kind, read), observe: new Set() };
}

/** As the kind lists them. */
function inOrder(kind: Kind, read: ReadonlyMap<string, FieldState>): Map<string, FieldState> {
  const byField = Map.groupBy(read.values(), ({ path }) => (kind.fields.has(path) ? path : (path.split('.')[0] ?? path)));
  const states = [...kind.fields.keys()].flatMap((name) => byField.get(name) ?? []);
  return new Map(states.map((state) => [state.path, state]));
}

/** Only history tells an unset key from one that was set to what it would inherit. */
function applyUnset(fields: Map<string, FieldState>, path: string, { known, field }: { known: Candidates; field: string }): void {
  const reason = known.unknown.get(field);
  if (reason !== undefined) fields.set(path, { path, value: { type: 'unknown', reason } });
  else if (known.unset.has(path) && fields.get(path)?.value.type === 'scalar') fields.set(path, { path, value: { type: 'unset' } });
}

export function kindOf(kinds: Kinds, contract: Pick<ReadTarget, 'name' | 'kind'>): Kind {
  const kind = kinds.get(contract.kind);
  if (kind === undefined) throw new MooringError('INTERNAL', `${contract.name} is of kind ${contract.kind}, which was not loaded.`);
  return kind;
}
