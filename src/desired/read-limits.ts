// Limits of policy.yaml: which fields they match, and their numbers in those fields' units.
import { fieldAt, nearestName, patternPaths, staticPaths } from '../kinds/fields.ts';
import type { Kind, KindField, Kinds } from '../kinds/kind.ts';
import type { ContractState, FieldLimit, Unit } from '../types.ts';
import { matchesPattern } from '../values.ts';
import { readQuantity } from './quantity.ts';
import { readBoolean, readList, readMap, readText } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** `contracts`: of a change, those before it as well; two may have one name then. */
export type PolicyContext = { contracts: readonly ContractState[]; kinds: Kinds; tokens: ReadonlyMap<string, number> };

/** A limit's number: in the unit and sign that all matched fields share. */
type NumberAs = { unit: Unit; type: string };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readLimits(reading: Reading, node: YamlNode, context: PolicyContext): FieldLimit[] {
  return readList(reading, node, 'limits').flatMap((item) => readLimit(reading, item, context));
}

function readLimit(reading: Reading, node: YamlNode, context: PolicyContext): FieldLimit[] {
  const fields = readMap(reading, node, { what: 'a limit', required: ['match'], optional: ['min', 'max', 'maxStep', 'maxRelativeStep', 'frozen'] });
  const matchNode = fields?.get('match')?.value;
  const match = matchNode === undefined ? null : readText(reading, matchNode, 'a pattern', 200);
  if (fields === null || matchNode === undefined || match === null) return [];
  const matched = fieldsMatched(reading, matchNode, { ...context, match });
  const as = numberAs(matched.map(({ field }) => field));
  const number = (key: string, fixed?: NumberAs): bigint | null => {
    const value = fields.get(key)?.value;
    return value === undefined ? null : readLimitNumber(reading, value, { as: fixed ?? as, tokens: context.tokens, unmatched: matched.length === 0 });
  };
  const frozenNode = fields.get('frozen')?.value;
  const values = {
    min: number('min'),
    max: number('max'),
    maxStep: number('maxStep', as === null ? undefined : { ...as, type: 'uint256' }),
    maxStepBps: number('maxRelativeStep', { unit: 'bps', type: 'uint64' }),
    frozen: frozenNode === undefined ? null : readBoolean(reading, frozenNode),
  };
  checkOrder(reading, fields.get('min')?.value ?? node, values);
  const limit = { ...withoutNulls(values), source: locate(reading.file, node.start) };
  return [match, ...otherNames(matched, match)].map((name) => ({ match: name, ...limit }));
}

/** What a pattern matches. SIDE EFFECTS: adds a finding where it is nothing. */
export function fieldsMatched(reading: Reading, at: YamlNode, context: PolicyContext & { match: string }): Matched[] {
  const matched = matchedFields(context, context.match);
  if (matched.length === 0) reportUnmatched(reading, at, context);
  return matched;
}

function withoutNulls(values: { [K in keyof FieldLimit]?: FieldLimit[K] | null }): Partial<FieldLimit> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function checkOrder(reading: Reading, at: YamlNode, { min, max }: { min: bigint | null; max: bigint | null }): void {
  if (min === null || max === null || min <= max) return;
  report(reading, { code: 'RANGE_INVERTED', at, message: 'the smallest allowed value is above the largest', fix: 'swap min and max' });
}

/** `owner`: the contract's name or its kind's. */
export type Matched = { owner: string; kind: Kind; field: KindField };

/** By the contract's name, and by its kind's or those of what that extends. */
function matchedFields({ contracts, kinds }: PolicyContext, match: string): Matched[] {
  const owners = [...kinds.values()].map((kind) => ({ owner: kind.name, names: kind.lineage, kind }));
  for (const { name, kind: kindName } of contracts) {
    const kind = kinds.get(kindName);
    if (kind !== undefined) owners.push({ owner: name, names: [name], kind });
  }
  return owners.flatMap(({ owner, names, kind }) => {
    const paths = patternPaths(kind).filter((path) => names.some((name) => matchesPattern(match, `${name}.${path}`)));
    return paths.flatMap((path) => fieldAt(kind, path.replace(/\.$/, ''))?.field ?? []).map((field) => ({ owner, kind, field }));
  });
}

/** Other names of what is matched: a limit holds whichever name a change is written under. */
function otherNames(matched: readonly Matched[], match: string): string[] {
  const names = matched.flatMap(({ owner, kind, field }) => {
    const aliases = [...kind.fields.values()].filter((other) => other.aliasOf === field.name || other.name === field.aliasOf);
    return aliases.map((other) => `${owner}.${other.name}`);
  });
  return [...new Set(names)].filter((name) => !matchesPattern(match, name));
}

function numberAs(fields: readonly KindField[]): NumberAs | null {
  const numeric = fields.filter((field) => /^u?int/.test(field.shape === 'entries' ? field.valueType : field.type));
  const units = new Set(numeric.map((field) => field.unit));
  const [unit] = units;
  if (units.size !== 1 || unit === undefined) return null;
  return { unit, type: numeric.some((field) => field.type.startsWith('int')) ? 'int256' : 'uint256' };
}

function readLimitNumber(
  reading: Reading,
  node: YamlNode,
  { as, tokens, unmatched }: { as: NumberAs | null; tokens: ReadonlyMap<string, number>; unmatched: boolean },
): bigint | null {
  const text = readText(reading, node, 'a number', 200);
  if (text === null || (as === null && unmatched)) return null;
  if (as === null) {
    report(reading, {
      code: 'LIMIT_UNITS',
      at: node,
      message: 'the matched fields are no numbers, or not all of one unit',
      fix: 'write one limit for each unit',
    });
    return null;
  }
  const value = readQuantity(text, { ...as, tokens });
  if (typeof value === 'bigint') return value;
  report(reading, { ...value, at: node });
  return null;
}

/** A name near a known one is a mistake; others may belong to a contract that was removed. */
function reportUnmatched(reading: Reading, at: YamlNode, { contracts, kinds, match }: PolicyContext & { match: string }): void {
  const [owner = '', ...rest] = match.split('.');
  const contract = contracts.find((candidate) => candidate.name === owner);
  const kind = kinds.get(contract?.kind ?? owner);
  const path = rest.join('.');
  if (!match.includes('*') && kind !== undefined) {
    const near = nearestName(path, staticPaths(kind));
    const keyed = kind.fields.has(path)
      ? `write \`${match}.*\` for all of its keys`
      : near === null
        ? `use a field of ${kind.name}`
        : `write \`${owner}.${near}\``;
    report(reading, { code: 'LIMIT_UNKNOWN', at, message: `${kind.name} has no field ${quoteShort(path)}`, fix: keyed });
    return;
  }
  const near = owner.includes('*') ? null : nearestName(owner, [...contracts.map((candidate) => candidate.name), ...kinds.keys()]);
  if (near !== null && near !== owner)
    report(reading, {
      code: 'LIMIT_UNKNOWN',
      at,
      message: `no contract or kind ${quoteShort(owner)} is declared`,
      fix: `write \`${[near, ...rest].join('.')}\``,
    });
  else
    report(reading, {
      code: 'LIMIT_UNMATCHED',
      severity: 'warning',
      at,
      message: `${quoteShort(match)} matches no field, so it limits nothing`,
      fix: 'write `contract.field` or `Kind.field`, or delete it',
    });
}
