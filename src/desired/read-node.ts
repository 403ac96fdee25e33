// Reading one node of a document as what it should be: map, list, text, choice, number, flag, time. Every mismatch is a finding.
import { nearestName } from '../kinds/fields.ts';
import { readQuantity } from './quantity.ts';
import { describeNode, quoteShort, type Reading, report, type YamlEntry, type YamlMap, type YamlNode } from './yaml-tree.ts';

export const apiVersion = 'mooring/v1';

/** Keys of a map. Unknown keys are errors, so that a misspelt one is never ignored. */
export type Shape = { what: string; required: readonly string[]; optional?: readonly string[] };

export type Fields = ReadonlyMap<string, YamlEntry>;

/** The document's entries, when its apiVersion and kind are right. `kind` null: any (the caller looks it up). */
export function readDocument(reading: Reading, kind: string | null, shape: Shape): Fields | null {
  const fields = readMap(reading, reading.file.root, { ...shape, required: ['apiVersion', 'kind', ...shape.required] });
  if (fields === null) return null;
  const version = fields.get('apiVersion');
  if (version !== undefined && !isText(version.value, apiVersion)) {
    report(reading, {
      code: 'DOCUMENT_VERSION',
      at: version.value,
      message: `found ${describeNode(version.value)}, expected ${apiVersion}`,
      fix: `write \`apiVersion: ${apiVersion}\``,
    });
  }
  const found = fields.get('kind');
  if (kind !== null && found !== undefined && !isText(found.value, kind)) {
    report(reading, {
      code: 'DOCUMENT_KIND',
      at: found.value,
      message: `found kind ${describeNode(found.value)}, expected ${kind}`,
      fix: `write \`kind: ${kind}\``,
    });
  }
  return fields;
}

function isText(node: YamlNode, text: string): boolean {
  return node.type === 'text' && node.text === text;
}

/** Entries of a map by key, without those that are unknown or have no value. Null when it is no map. */
export function readMap(reading: Reading, node: YamlNode, shape: Shape): Fields | null {
  const map = expectMap(reading, node, shape.what);
  if (map === null) return null;
  const known = [...shape.required, ...(shape.optional ?? [])];
  const fields = new Map<string, YamlEntry>();
  for (const entry of map.entries) {
    if (!known.includes(entry.key)) unknownKey(reading, entry, { what: shape.what, known });
    else if (entry.value.type === 'empty') emptyValue(reading, entry);
    fields.set(entry.key, entry);
  }
  for (const key of shape.required) {
    if (fields.has(key)) continue;
    const fix = key === 'apiVersion' ? 'add `apiVersion: mooring/v1`' : `add \`${key}: …\``;
    report(reading, { code: 'KEY_MISSING', at: node, message: `${shape.what} has no \`${key}\``, fix });
  }
  return new Map([...fields].filter(([key, entry]) => known.includes(key) && entry.value.type !== 'empty'));
}

/** A finding about a key that isn't one of those known, with the nearest. */
export function unknownKey(reading: Reading, entry: YamlEntry, { what, known }: { what: string; known: readonly string[] }): void {
  const near = nearestName(entry.key, known);
  const fix = near === null ? `use one of ${known.join(', ')}` : `write \`${near}\``;
  report(reading, { code: 'KEY_UNKNOWN', at: entry.keyAt, message: `${what} has no key ${quoteShort(entry.key)}`, fix });
}

export function emptyValue(reading: Reading, entry: YamlEntry): void {
  report(reading, {
    code: 'VALUE_EMPTY',
    at: entry.keyAt,
    message: `\`${entry.key}\` has no value`,
    fix: 'write a value (`[]` for an empty list), or delete the line',
  });
}

export function expectMap(reading: Reading, node: YamlNode, what: string): YamlMap | null {
  if (node.type === 'map') return node;
  report(reading, { code: 'MAP_EXPECTED', at: node, message: `found ${describeNode(node)}, expected ${what} as a map`, fix: 'write `key: value` lines' });
  return null;
}

/** Items of a list; an item without a value is a finding and left out. */
export function readList(reading: Reading, node: YamlNode, what: string): readonly YamlNode[] {
  if (node.type !== 'list') {
    report(reading, {
      code: 'LIST_EXPECTED',
      at: node,
      message: `found ${describeNode(node)}, expected ${what} as a list`,
      fix: 'write `[a, b]`, or a `- ` line for each',
    });
    return [];
  }
  return node.items.filter((item) => {
    if (item.type === 'empty')
      report(reading, { code: 'VALUE_EMPTY', at: item, message: 'an item of this list has no value', fix: 'write a value, or delete it' });
    return item.type !== 'empty';
  });
}

/** A text, bounded in length. */
export function readText(reading: Reading, node: YamlNode, what: string, longest = 2_000): string | null {
  if (node.type === 'text' && node.text !== '' && node.text.length <= longest) return node.text;
  const found = node.type === 'text' && node.text !== '' ? `a text of ${node.text.length} characters` : describeNode(node);
  report(reading, { code: 'TEXT_EXPECTED', at: node, message: `found ${found}, expected ${what}`, fix: `write ${what}` });
  return null;
}

/** The text of a key; null also where the key is missing, which the map's reader has told. */
export function readTextAt(reading: Reading, fields: Fields | null, { key, what = `\`${key}\`` }: { key: string; what?: string }): string | null {
  const node = fields?.get(key)?.value;
  return node === undefined ? null : readText(reading, node, what);
}

export function readChoice<T extends string>(reading: Reading, node: YamlNode, choices: readonly T[]): T | null {
  const found = choices.find((choice) => isText(node, choice));
  if (found !== undefined) return found;
  report(reading, {
    code: 'VALUE_NOT_ALLOWED',
    at: node,
    message: `found ${describeNode(node)}, expected ${choices.join(', ')}`,
    fix: `write one of ${choices.join(', ')}`,
  });
  return null;
}

export function readBoolean(reading: Reading, node: YamlNode): boolean | null {
  if (node.type === 'text' && node.style === 'plain' && (node.text === 'true' || node.text === 'false')) return node.text === 'true';
  report(reading, {
    code: 'BOOLEAN_EXPECTED',
    at: node,
    message: `found ${describeNode(node)}, expected true or false`,
    fix: 'write true or false, without quotes',
  });
  return null;
}

/** A block's number under a key; null where it is missing or refused. */
export function readBlock(reading: Reading, fields: Fields | null, key: string): bigint | null {
  const node = fields?.get(key)?.value;
  return node === undefined ? null : readWhole(reading, node, { min: 0n, max: (1n << 53n) - 1n });
}

/** A whole number between `min` and `max`, exactly. */
export function readWhole(reading: Reading, node: YamlNode, { min, max }: { min: bigint; max: bigint }): bigint | null {
  const text = readText(reading, node, 'a whole number');
  if (text === null) return null;
  if (node.type === 'text' && node.style !== 'plain') {
    report(reading, {
      code: 'NUMBER_SYNTAX',
      at: node,
      message: `found the text ${quoteShort(text)}, expected a whole number`,
      fix: 'write the number without quotes',
    });
    return null;
  }
  const value = readQuantity(text, { unit: 'none', type: 'uint256', tokens: new Map() });
  if (typeof value !== 'bigint') report(reading, { ...value, at: node });
  else if (value < min || value > max)
    report(reading, {
      code: value < min ? 'VALUE_TOO_SMALL' : 'VALUE_TOO_LARGE',
      at: node,
      message: `found ${value}, expected ${min} to ${max}`,
      fix: `write a number from ${min} to ${max}`,
    });
  else return value;
  return null;
}

/** Seconds since the epoch of `2026-01-31T00:00:00Z`. */
export function readTime(reading: Reading, node: YamlNode | undefined): bigint | null {
  const text = node === undefined ? null : readText(reading, node, 'a time');
  if (node === undefined || text === null) return null;
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // A day that doesn't exist (the 31st of February) is moved by Date.parse, not refused.
  if (!Number.isNaN(time) && new Date(time).toISOString() === text.replace('Z', '.000Z')) return BigInt(time / 1_000);
  report(reading, { code: 'TIME_SYNTAX', at: node, message: `found ${quoteShort(text)}, expected a time in UTC`, fix: 'write it as 2026-01-31T00:00:00Z' });
  return null;
}
