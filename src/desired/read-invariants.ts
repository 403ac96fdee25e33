// Invariants of policy.yaml: comparisons that must hold in the state that a plan leaves.
import { fieldAt, nearestName, staticPaths } from '../kinds/fields.ts';
import type { KindField } from '../kinds/kind.ts';
import type { Invariant } from '../types.ts';
import { readQuantity } from './quantity.ts';
import type { PolicyContext } from './read-limits.ts';
import { readChoice, readList, readMap, readText } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

const operators = ['<', '<=', '=', '!=', '>=', '>'] as const;

/** SIDE EFFECTS: adds to the reading's findings. */
export function readInvariants(reading: Reading, node: YamlNode, context: PolicyContext): Invariant[] {
  return readList(reading, node, 'invariants').flatMap((item) => readInvariant(reading, item, context) ?? []);
}

function readInvariant(reading: Reading, node: YamlNode, context: PolicyContext): Invariant | null {
  const fields = readMap(reading, node, { what: 'an invariant', required: ['name', 'left', 'op', 'right'] });
  const [name, left, op, right] = ['name', 'left', 'op', 'right'].map((key) => fields?.get(key)?.value);
  if (fields === null || name === undefined || left === undefined || op === undefined || right === undefined) return null;
  const nameText = readText(reading, name, 'a name', 200);
  const field = readFieldPath(reading, left, context);
  const operator = readChoice(reading, op, operators);
  const value = field === null ? null : readRight(reading, right, { ...context, field: field.field });
  if (nameText === null || field === null || operator === null || value === null) return null;
  return { name: nameText, left: field.path, op: operator, right: value, source: locate(reading.file, node.start) };
}

/** `contract.path` of a declared contract. */
function readFieldPath(reading: Reading, node: YamlNode, { contracts, kinds }: PolicyContext): { path: string; field: KindField } | null {
  const path = readText(reading, node, 'a field as `contract.field`', 200);
  if (path === null) return null;
  const dot = path.indexOf('.');
  const [found] = contracts.flatMap((contract) => {
    const kind = contract.name === path.slice(0, dot) ? kinds.get(contract.kind) : undefined;
    return (kind === undefined ? null : fieldAt(kind, path.slice(dot + 1))) ?? [];
  });
  if (found !== undefined) return { path, field: found.field };
  const names = contracts.flatMap((candidate) => {
    const known = kinds.get(candidate.kind);
    return known === undefined ? [] : staticPaths(known).map((item) => `${candidate.name}.${item}`);
  });
  const near = nearestName(path, names);
  report(reading, {
    code: 'LIMIT_UNKNOWN',
    at: node,
    message: `${quoteShort(path)} is not a field of a declared contract`,
    fix: near === null ? 'write `contract.field`' : `write \`${near}\``,
  });
  return null;
}

/** A flag, a number in the unit of the left field, or another field. */
function readRight(reading: Reading, node: YamlNode, context: PolicyContext & { field: KindField }): string | bigint | boolean | null {
  const text = readText(reading, node, 'a value or a field', 200);
  if (text === null) return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^[A-Za-z][A-Za-z0-9_-]*\./.test(text)) return readFieldPath(reading, node, context)?.path ?? null;
  const value = readQuantity(text, { unit: context.field.unit, type: 'int256', tokens: context.tokens });
  if (typeof value === 'bigint') return value;
  report(reading, { ...value, at: node });
  return null;
}
