// Edits of a contract file in the nouns of state (paths, values, accounts), written as people write them. Pure.
import { MooringError } from '../../errors.ts';
import { fieldAt } from '../../kinds/fields.ts';
import type { KindField } from '../../kinds/kind.ts';
import type { Address, FieldValue } from '../../types.ts';
import { sameValue } from '../../values.ts';
import { addressOf } from '../read-address.ts';
import { type Declared, type DeclaredFor, readDeclared } from '../read-declared.ts';
import { entryOf, type YamlNode } from '../yaml-tree.ts';
import { type EditOperation, editDocument } from './edit.ts';
import { scalarData } from './field-lines.ts';
import { impossible } from './splice.ts';
import type { YamlData } from './yaml-data.ts';

/** `path` as in state: `feePct`, `roleMinimumStake.agent`. `set` of a set or a collection makes it that, complete. */
export type FieldEdit =
  | { path: string; set: FieldValue }
  /** A value as people write it. */
  | { path: string; write: string }
  | { path: string; add: Address }
  | { path: string; remove: Address }
  | { path: string; drop: true }
  | { path: string; observe: true };

/**
 * The contract file with all edits done; every other line, comments included, stays as it is. A field that the file has
 * under another name is edited there; one that is observed is declared instead. Throws MooringError INPUT_INVALID when
 * the file has errors, EDIT_IMPOSSIBLE when the result would not declare exactly what was meant.
 */
export function editContract(text: string, edits: readonly FieldEdit[], context: DeclaredFor): string {
  return edits.reduce((current, edit) => editOnce(current, edit, context), text);
}

function editOnce(text: string, edit: FieldEdit, context: DeclaredFor): string {
  const before = readDeclared(text, context);
  const path = nameInFile(before, edit.path, context);
  const operations = operationsOf({ ...edit, path }, before, context);
  const edited = editDocument(text, operations);
  const after = readAfter(edited, context);
  if (!isAsMeant(before, after, { ...edit, path })) throw impossible(`the edit of \`${path}\` would not declare what was meant`);
  return edited;
}

function readAfter(text: string, context: DeclaredFor): Declared {
  try {
    return readDeclared(text, context);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    throw new MooringError('EDIT_IMPOSSIBLE', 'the edited file would have errors', { findings: error.findings, fix: 'edit the file by hand' });
  }
}

/** The name under which the file has the field, which may be another name of it. */
function nameInFile({ declared }: Declared, path: string, { kind }: DeclaredFor): string {
  if (declared.has(path)) return path;
  const other = [...kind.fields.values()].find((field) => field.aliasOf === path || field.name === kind.fields.get(path)?.aliasOf);
  return other !== undefined && declared.has(other.name) ? other.name : path;
}

function operationsOf(edit: FieldEdit, before: Declared, context: DeclaredFor): EditOperation[] {
  const found = fieldAt(context.kind, edit.path);
  if (found === null) throw impossible(`${context.kind.name} has no field \`${edit.path}\``);
  const at = ['spec', found.field.name, ...(found.key === undefined ? [] : [found.key])];
  const target: Target = { at, field: found.field, node: nodeAt(before, at), context };
  if ('observe' in edit) return [{ observe: edit.path }];
  if ('drop' in edit) return [{ path: at, drop: true }];
  const declare: EditOperation[] = before.observed.has(edit.path) ? [{ path: ['observe'], remove: edit.path }] : [];
  if ('add' in edit) return [...declare, { path: at, add: account(edit.add, context) }];
  if ('remove' in edit) return [{ path: at, remove: textOf(target, edit.remove) ?? account(edit.remove, context) }];
  if ('write' in edit) return [...declare, { path: at, set: edit.write }];
  return [...declare, ...setOperations(target, edit.set)];
}

type Target = { at: readonly string[]; field: KindField; node: YamlNode | undefined; context: DeclaredFor };

function nodeAt({ file }: Declared, path: readonly string[]): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>((node, key) => (node?.type === 'map' ? entryOf(node, key)?.value : undefined), file.root);
}

function account(address: Address, { addresses }: DeclaredFor): string {
  return addresses.byAddress.get(address) ?? address;
}

/** How the file writes an account: the member of the list, or the key of the map, that stands for it. */
function textOf({ node, context }: Target, address: Address): string | undefined {
  const texts =
    node?.type === 'list'
      ? node.items.flatMap((item) => (item.type === 'text' ? [item.text] : []))
      : node?.type === 'map'
        ? node.entries.map((entry) => entry.key)
        : [];
  return texts.find((text) => addressOf(text, { quoted: true, book: context.addresses }) === address);
}

function setOperations(target: Target, value: FieldValue): EditOperation[] {
  const { at, field, node, context } = target;
  const naming = { field, names: context.addresses.byAddress, tokens: context.tokens };
  switch (value.type) {
    case 'scalar':
      return [{ path: at, set: scalarData(value.value, naming) }];
    case 'unset':
      return [{ path: at, set: 'unset' }];
    case 'range':
      return [{ path: at, set: new Map([['within', [scalarData(value.min, naming), scalarData(value.max, naming)]]]) }];
    case 'members':
      return node?.type === 'list' ? memberOperations(target, value.members) : [{ path: at, set: value.members.map((member) => account(member, context)) }];
    case 'entries': {
      const data = new Map<string, YamlData>([...value.entries].map(([key, item]) => [textOf(target, key) ?? account(key, context), scalarData(item, naming)]));
      return node?.type === 'map' ? entryOperations(target, data) : [{ path: at, set: data }];
    }
    default:
      throw impossible(`\`${field.name}\` cannot be declared as ${value.type}`);
  }
}

/** Member by member, so that the others keep their lines and comments. */
function memberOperations(target: Target, members: readonly Address[]): EditOperation[] {
  const { at, node, context } = target;
  const kept = members.flatMap((member) => textOf(target, member) ?? []);
  const texts = node?.type === 'list' ? node.items.flatMap((item) => (item.type === 'text' ? [item.text] : [])) : [];
  const added = members.filter((member) => textOf(target, member) === undefined).map((member) => account(member, context));
  return [...added.map((add) => ({ path: at, add })), ...texts.filter((text) => !kept.includes(text)).map((remove) => ({ path: at, remove }))];
}

function entryOperations({ at, node }: Target, data: ReadonlyMap<string, YamlData>): EditOperation[] {
  const keys = node?.type === 'map' ? node.entries.map((entry) => entry.key) : [];
  const same = (key: string) => node?.type === 'map' && entryText(node, key) === data.get(key);
  const set = [...data].filter(([key]) => !same(key)).map(([key, value]) => ({ path: [...at, key], set: value }));
  return [...set, ...keys.filter((key) => !data.has(key)).map((key) => ({ path: [...at, key], drop: true as const }))];
}

function entryText(node: YamlNode & { type: 'map' }, key: string): string | null {
  const value = entryOf(node, key)?.value;
  return value?.type === 'text' ? value.text : null;
}

/** Whether exactly the edited field is different, in the way that was asked for. */
function isAsMeant(before: Declared, after: Declared, edit: FieldEdit): boolean {
  const others = new Set([...before.declared.keys(), ...after.declared.keys()]);
  others.delete(edit.path);
  for (const path of others) if (!same(before.declared.get(path), after.declared.get(path))) return false;
  const value = after.declared.get(edit.path);
  if ('set' in edit) return same(value, edit.set) && !after.observed.has(edit.path);
  if ('write' in edit) return value !== undefined && !after.observed.has(edit.path);
  if ('drop' in edit) return value === undefined;
  if ('observe' in edit) return value === undefined && after.observed.has(edit.path);
  const member = 'add' in edit ? edit.add : edit.remove;
  return value?.type === 'members' && value.members.includes(member) === 'add' in edit && hasOnlyOne(before.declared.get(edit.path), value, member);
}

function same(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameValue(a, b);
}

/** Two sets that differ in one member at most. */
function hasOnlyOne(before: FieldValue | undefined, after: FieldValue, member: Address): boolean {
  const without = (value: FieldValue | undefined) => (value?.type === 'members' ? value.members.filter((other) => other !== member) : []);
  return sameValue({ type: 'members', members: without(before) }, { type: 'members', members: without(after) });
}
