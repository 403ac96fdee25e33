// Two readings of one block, by two RPCs: they must agree in everything. Pure.
import { MooringError } from '../errors.ts';
import type { CodeIdentity, ContractState, FieldState, FieldValue } from '../types.ts';
import { sameValue } from '../values.ts';
import type { Candidates } from './candidates.ts';
import type { Facts } from './facts.ts';
import { agreePast } from './past-acts.ts';

/** Everything that one RPC told. */
export type Opinion = { contracts: readonly ContractState[]; facts: Facts; candidates: ReadonlyMap<string, Candidates> };

const shownPlaces = 10;

/**
 * The first opinion, with what either couldn't read as unknown. Throws PROVIDERS_DISAGREE, naming the places: a value,
 * code, or the event history behind a set, also where that makes no difference to the set.
 */
export function agree(first: Opinion, second: Opinion): Opinion {
  const others = new Map(second.contracts.map((contract) => [contract.name, contract]));
  const places: string[] = [];
  const contracts = first.contracts.map((contract) => {
    const other = others.get(contract.name);
    if (!sameCode(contract.code, other?.code)) places.push(`the code of ${contract.name}`);
    const fields = agreeFields(contract.fields, other?.fields ?? new Map(), (path) => places.push(`${contract.name}.${path}`));
    places.push(
      ...differingSets(first.candidates.get(contract.name), second.candidates.get(contract.name)).map(
        (path) => `the event history of ${contract.name}.${path}`,
      ),
    );
    const past = agreePast(contract.past, other?.past);
    if (past === null) places.push(`what was ever slashed on ${contract.name}`);
    return { ...contract, fields, ...(past === undefined || past === null ? {} : { past }) };
  });
  const facts = new Map<string, FieldValue>();
  for (const [key, value] of first.facts)
    facts.set(
      key,
      agreeValue(value, second.facts.get(key), () => places.push(key)),
    );
  if (places.length > 0) throw disagreement(places);
  return { ...first, contracts, facts };
}

function agreeFields(first: ContractState['fields'], second: ContractState['fields'], differs: (path: string) => void): Map<string, FieldState> {
  const fields = new Map<string, FieldState>();
  for (const [path, field] of first) fields.set(path, { ...field, value: agreeValue(field.value, valueAt(second, path), () => differs(path)) });
  for (const path of second.keys()) {
    if (first.has(path)) continue;
    const values = [valueAt(first, path), valueAt(second, path)];
    if (!values.some((value) => value?.type === 'unknown')) differs(path);
    else if (values[0] === undefined) fields.set(path, { path, value: { type: 'unknown', reason: 'the second RPC could not read it' } });
  }
  return fields;
}

/** Of a role also what is known of all roles: a history that can't be read leaves one entry for the whole field. */
function valueAt(fields: ContractState['fields'], path: string): FieldValue | undefined {
  const whole = fields.get(path.split('.')[0] ?? path)?.value;
  return fields.get(path)?.value ?? (whole?.type === 'unknown' ? whole : undefined);
}

function agreeValue(first: FieldValue, second: FieldValue | undefined, differs: () => void): FieldValue {
  if (second?.type === 'unknown') return { type: 'unknown', reason: `the second RPC could not read it: ${second.reason}` };
  if (first.type === 'unknown') return first;
  if (second === undefined || !sameValue(first, second)) differs();
  return first;
}

/** Paths whose candidates differ: one of the RPCs left events out. */
function differingSets(first: Candidates | undefined, second: Candidates | undefined): string[] {
  const paths = new Set([...(first?.members.keys() ?? []), ...(second?.members.keys() ?? [])]);
  const readable = [...paths].filter((path) => !isUnknown(first, path) && !isUnknown(second, path));
  return readable.filter((path) => setText(first, path) !== setText(second, path));
}

function isUnknown(candidates: Candidates | undefined, path: string): boolean {
  return candidates?.unknown.has(path.split('.')[0] ?? path) ?? true;
}

function setText(candidates: Candidates | undefined, path: string): string {
  return [...(candidates?.members.get(path) ?? [])].sort().join();
}

function sameCode(first: CodeIdentity | undefined, second: CodeIdentity | undefined): boolean {
  return first?.hash === second?.hash && first?.proxy?.implementation === second?.proxy?.implementation && first?.proxy?.hash === second?.proxy?.hash;
}

function disagreement(places: readonly string[]): MooringError {
  const more = places.length > shownPlaces ? ` and ${places.length - shownPlaces} more` : '';
  return new MooringError(
    'PROVIDERS_DISAGREE',
    `The two RPCs give different answers about the same block: ${places.slice(0, shownPlaces).join(', ')}${more}.`,
    {
      fix: 'Find out which of them is wrong, and replace it. An answer that one of them cut short shows as an event history that differs.',
    },
  );
}
