// A field of a contract as commented YAML lines, unindented, in the units and names that people read. Pure.
import { formatScalar } from '../../format.ts';
import type { Kind, KindField } from '../../kinds/kind.ts';
import type { Address, FieldValue, Scalar } from '../../types.ts';
import { inline, quote } from './yaml-data.ts';

export type Naming = { names: ReadonlyMap<Address, string>; tokens: ReadonlyMap<string, number> };

/** Paths of one field with their values; an unkeyed field has one. */
type Values = readonly (readonly [path: string, value: FieldValue])[];

const width = 112;

/** Comment and entry of one field, with all of its keys that are given. */
export function fieldLines(kind: Kind, field: KindField, { values, ...naming }: Naming & { values: Values }): string[] {
  const key = inline(field.name);
  if (field.shape !== 'keyed' && field.shape !== 'keyedMembers') {
    return [...commentLines(field.description), ...values.flatMap(([, value]) => entryLines(key, value, { kind, field, ...naming }))];
  }
  const keyed = keyLines(kind, field, { values, ...naming }).map((line) => `  ${line}`);
  return [...commentLines(field.description), `${key}:`, ...keyed];
}

/** Entries of a keyed field alone: to add to those that are there. */
export function keyLines(kind: Kind, field: KindField, { values, ...naming }: Naming & { values: Values }): string[] {
  return values.flatMap(([path, value]) => entryLines(inline(path.slice(field.name.length + 1)), value, { kind, field, ...naming }));
}

type Context = Naming & { kind: Kind; field: KindField };

function entryLines(key: string, value: FieldValue, context: Context): string[] {
  switch (value.type) {
    case 'scalar':
      return [`${key}: ${scalarText(value.value, context)}`];
    case 'unset':
      return [`${key}: unset`];
    case 'range':
      return [`${key}: { within: [${scalarText(value.min, context)}, ${scalarText(value.max, context)}] }`];
    case 'members':
      return listLines(
        key,
        value.members.map((member) => `- ${accountText(member, context)}`),
        '[]',
      );
    case 'entries':
      return listLines(
        key,
        [...value.entries].map(([entry, item]) => `${entryKey(entry, context)}: ${scalarText(item, context)}`),
        '{}',
      );
    default:
      return [];
  }
}

function listLines(key: string, items: readonly string[], empty: string): string[] {
  return items.length === 0 ? [`${key}: ${empty}`] : [`${key}:`, ...items.map((item) => `  ${item}`)];
}

function entryKey(key: string, context: Context): string {
  return context.field.shape === 'entries' && context.field.keyType === 'address' ? accountText(key, context) : inline(key);
}

/** A name of the address book, or the quoted address. */
function accountText(address: Address, { names }: Pick<Naming, 'names'>): string {
  return inline(names.get(address) ?? address);
}

/** One value as YAML: `60%`, `150 AGIALPHA`, a name, quoted bytes. */
function scalarText(value: Scalar, context: Naming & { field: KindField }): string {
  const { field } = context;
  const type = field.shape === 'entries' ? field.valueType : field.type;
  return typeof value === 'string' && type !== 'address' ? quote(value) : inline(scalarData(value, context));
}

/** One value as the text that a file holds, without quotes. */
export function scalarData(value: Scalar, { field, names, tokens }: Naming & { field: KindField }): string {
  return typeof value === 'string' ? (names.get(value) ?? value) : formatScalar(value, { unit: field.unit, tokens }).replace(' %', '%');
}

/** Text from a kind or a chain as comment lines: printable characters only, wrapped, a number never parted from its `%`. */
export function commentLines(text: string): string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

/** One line without control and direction characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+|\s+/gu, ' ').trim();
}
