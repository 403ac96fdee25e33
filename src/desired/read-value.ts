// One field of a contract file, by the shape that its kind gives it. Rules between fields are not checked here.
import { formatScalar } from '../format.ts';
import { fieldAt, keyScalar, nearestName } from '../kinds/fields.ts';
import type { Kind, KindField } from '../kinds/kind.ts';
import type { Address, AddressBook, FieldState, FieldValue, Scalar } from '../types.ts';
import { compareAddresses } from '../values.ts';
import { readAddress, readAddressKey } from './read-address.ts';
import { emptyValue, expectMap, readBoolean, readList } from './read-node.ts';
import { readScalar, type ScalarFor } from './read-scalar.ts';
import { describeNode, locate, quoteShort, type Reading, report, type YamlEntry, type YamlNode } from './yaml-tree.ts';

/** What reading a contract file needs to know besides the file. */
export type ValueContext = { reading: Reading; kind: Kind; book: AddressBook; tokens: ReadonlyMap<string, number> };

/** The fields that one entry of `spec` declares: one, or one for each key. */
export function readField(context: ValueContext, entry: YamlEntry): FieldState[] {
  const field = context.kind.fields.get(entry.key);
  const inField = { ...context, reading: { ...context.reading, field: entry.key } };
  if (field === undefined) unknownField(inField, entry);
  else if (!field.writable)
    report(inField.reading, {
      code: 'FIELD_READ_ONLY',
      at: entry.keyAt,
      message: `\`${entry.key}\` has no setter`,
      fix: `move it to observe: \`observe: [${entry.key}]\``,
    });
  else if (entry.value.type === 'empty') emptyValue(inField.reading, entry);
  else return readShape(inField, field, entry);
  return [];
}

/** A finding about a name that isn't a field of the kind. */
export function unknownField(context: ValueContext, entry: Pick<YamlEntry, 'key' | 'keyAt'>): void {
  const { reading, kind } = context;
  const dotted = fieldAt(kind, entry.key);
  const near = nearestName(entry.key, kind.fields.keys());
  const nested = dotted?.key === undefined ? null : `write it as a map: \`${dotted.field.name}: { ${dotted.key}: … }\``;
  const fix = nested ?? (near === null ? `use a field of ${kind.name}: ${[...kind.fields.keys()].slice(0, 12).join(', ')}…` : `write \`${near}\``);
  report(reading, { code: 'FIELD_UNKNOWN', at: entry.keyAt, message: `${kind.name} has no field ${quoteShort(entry.key)}`, fix });
}

function readShape(context: ValueContext, field: KindField, entry: YamlEntry): FieldState[] {
  switch (field.shape) {
    case 'value':
      return stateOf(context, { path: field.name, at: entry.value, value: readSingle(context, field, entry.value) });
    case 'aggregate': {
      const flag = readBoolean(context.reading, entry.value);
      return stateOf(context, { path: field.name, at: entry.value, value: flag === null ? null : { type: 'scalar', value: flag } });
    }
    case 'members':
      return stateOf(context, { path: field.name, at: entry.keyAt, value: readMembers(context, field, entry.value) });
    case 'entries':
      return stateOf(context, { path: field.name, at: entry.keyAt, value: readEntries(context, field, entry.value) });
    case 'keyed':
    case 'keyedMembers':
      return readKeys(context, field, entry);
  }
}

function stateOf(context: ValueContext, { path, at, value }: { path: string; at: { start: number }; value: FieldValue | null }): FieldState[] {
  return value === null ? [] : [{ path, value, source: locate(context.reading.file, at.start) }];
}

/** A scalar, `unset`, or a range. */
function readSingle(context: ValueContext, field: KindField, node: YamlNode): FieldValue | null {
  if (node.type === 'map') return readRange(context, field, node);
  if (node.type === 'text' && node.style === 'plain' && node.text === 'unset') {
    if (field.shape === 'keyed' && field.unset !== undefined) return { type: 'unset' };
    report(context.reading, {
      code: 'UNSET_NOT_ALLOWED',
      at: node,
      message: `\`${field.name}\` cannot be unset`,
      fix: 'write a value, or delete the line to leave it unmanaged',
    });
    return null;
  }
  const value = readScalar(context, node, field);
  return value === null ? null : { type: 'scalar', value };
}

function readRange(context: ValueContext, field: ScalarFor, node: YamlNode & { type: 'map' }): FieldValue | null {
  const { reading } = context;
  const form = '`{ within: [lowest, highest] }`';
  const within = node.entries[0];
  const numeric = /^u?int/.test(field.type);
  if (!numeric || node.entries.length !== 1 || within?.key !== 'within') {
    report(reading, {
      code: 'RANGE_NOT_ALLOWED',
      at: node,
      message: numeric ? `found a map, expected a value or ${form}` : `found a map, and \`${field.name}\` is no number that could have a range`,
      fix: 'write one value',
    });
    return null;
  }
  const bounds = readList(reading, within.value, 'the two ends of a range').map((bound) => readScalar(context, bound, { ...field, zeroMeans: undefined }));
  const [min, max] = bounds;
  if (bounds.length !== 2 || typeof min !== 'bigint' || typeof max !== 'bigint') {
    if (bounds.length !== 2 && within.value.type === 'list')
      report(reading, { code: 'RANGE_NOT_ALLOWED', at: within.value, message: `a range has two ends, found ${bounds.length}`, fix: `write ${form}` });
    return null;
  }
  if (min <= max) return { type: 'range', min, max };
  const show = (bound: bigint) => formatScalar(bound, { unit: field.unit, tokens: context.tokens });
  report(reading, {
    code: 'RANGE_INVERTED',
    at: within.value,
    message: `the lowest value ${show(min)} is above the highest ${show(max)}`,
    fix: 'swap the two',
  });
  return null;
}

function readMembers(context: ValueContext, field: KindField, node: YamlNode): FieldValue | null {
  if (node.type !== 'list') {
    readList(context.reading, node, `the members of \`${field.name}\``);
    return null;
  }
  const members = new Map<Address, YamlNode>();
  for (const item of readList(context.reading, node, 'members')) {
    const address = readAddress(context.reading, item, context.book);
    if (address === null || zeroRefused(context.reading, field, { address, at: item })) continue;
    const first = members.get(address);
    if (first === undefined) members.set(address, item);
    else
      report(context.reading, {
        code: 'MEMBER_DUPLICATE',
        at: item,
        message: `${describeNode(item)} is the same account as ${describeNode(first)} before it`,
        fix: 'delete one of the two',
      });
  }
  return { type: 'members', members: [...members.keys()].sort(compareAddresses) };
}

function zeroRefused(reading: Reading, field: Pick<KindField, 'name' | 'nonZero'>, { address, at }: { address: Address; at: { start: number } }): boolean {
  if (field.nonZero !== true || !/^0x0{40}$/.test(address)) return false;
  report(reading, { code: 'ADDRESS_ZERO', at, message: `\`${field.name}\` refuses the zero address`, fix: 'write another account' });
  return true;
}

function readEntries(context: ValueContext, field: KindField & { shape: 'entries' }, node: YamlNode): FieldValue | null {
  const map = expectMap(context.reading, node, `the entries of \`${field.name}\``);
  if (map === null) return null;
  const entries = new Map<string, Scalar>();
  for (const entry of map.entries) {
    const key = readEntryKey(context, field, entry);
    if (entry.value.type === 'empty') emptyValue(context.reading, entry);
    const value = entry.value.type === 'empty' ? null : readScalar(context, entry.value, { ...field, type: field.valueType });
    if (key !== null && entries.has(key))
      report(context.reading, {
        code: 'MEMBER_DUPLICATE',
        at: entry.keyAt,
        message: `${quoteShort(entry.key)} is the same as a key before it`,
        fix: 'delete one of the two',
      });
    else if (key !== null && value !== null) entries.set(key, value);
  }
  return { type: 'entries', entries: new Map([...entries].sort(([a], [b]) => compareAddresses(a, b))) };
}

function readEntryKey(context: ValueContext, field: KindField & { shape: 'entries' }, entry: YamlEntry): string | null {
  if (field.keyType === 'address') {
    const address = readAddressKey(context.reading, entry, context.book);
    return address === null || zeroRefused(context.reading, field, { address, at: entry.keyAt }) ? null : address;
  }
  const { start, end, quoted } = entry.keyAt;
  const node: YamlNode = { type: 'text', text: entry.key, style: quoted ? 'quoted' : 'plain', start, end };
  const key = readScalar(context, node, { name: field.name, type: field.keyType, unit: 'none' });
  return key === null ? null : String(key);
}

function readKeys(context: ValueContext, field: KindField & { shape: 'keyed' | 'keyedMembers' }, entry: YamlEntry): FieldState[] {
  const map = expectMap(context.reading, entry.value, `\`${field.name}\` by key`);
  const seen = new Map<Scalar, string>();
  return (map?.entries ?? []).flatMap((item) => {
    const path = `${field.name}.${item.key}`;
    const inKey = { ...context, reading: { ...context.reading, field: path } };
    if (!knownKey(inKey, field, item)) return [];
    const first = seen.get(keyScalar(field, item.key));
    if (first !== undefined)
      report(inKey.reading, {
        code: 'MEMBER_DUPLICATE',
        at: item.keyAt,
        message: `${quoteShort(item.key)} is the same as ${quoteShort(first)} before it`,
        fix: 'delete one of the two',
      });
    seen.set(keyScalar(field, item.key), item.key);
    if (item.value.type === 'empty') emptyValue(inKey.reading, item);
    else if (field.shape === 'keyed') return stateOf(inKey, { path, at: item.value, value: readSingle(inKey, field, item.value) });
    else return stateOf(inKey, { path, at: item.keyAt, value: readMembers(inKey, field, item.value) });
    return [];
  });
}

function knownKey(context: ValueContext, field: KindField, entry: YamlEntry): boolean {
  if (field.shape === 'keyedMembers' && /^0x/i.test(entry.key) && !entry.keyAt.quoted) {
    report(context.reading, {
      code: 'HEX_UNQUOTED',
      at: entry.keyAt,
      message: `${quoteShort(entry.key)} is not quoted, and YAML makes a number of it`,
      fix: `quote it: "${entry.key}"`,
    });
    return false;
  }
  if (fieldAt(context.kind, `${field.name}.${entry.key}`)?.key !== undefined) return true;
  const keys = field.shape === 'keyed' ? [...field.keys.keys()] : [];
  const near = nearestName(entry.key, keys);
  const fix =
    field.shape === 'keyed'
      ? near === null
        ? `use one of ${keys.join(', ')}`
        : `write \`${near}\``
      : "write the role's name as in the contract, DEFAULT_ADMIN_ROLE, or a quoted bytes32";
  report(context.reading, { code: 'FIELD_KEY_UNKNOWN', at: entry.keyAt, message: `\`${field.name}\` has no key ${quoteShort(entry.key)}`, fix });
  return false;
}
