// What a YAML tree says without how it is written: for comparing, and for writing values in one line. Pure.
import type { YamlNode } from '../yaml-tree.ts';

/** Texts, lists, and maps in order; null where nothing is written. */
export type YamlData = string | null | readonly YamlData[] | ReadonlyMap<string, YamlData>;

export function toData(node: YamlNode): YamlData {
  if (node.type === 'text') return node.text;
  if (node.type === 'list') return node.items.map(toData);
  if (node.type === 'map') return new Map(node.entries.map((entry) => [entry.key, toData(entry.value)]));
  return null;
}

/** Same content in the same order. */
export function sameData(a: YamlData, b: YamlData): boolean {
  if (a instanceof Map && b instanceof Map) return a.size === b.size && samePairs([...a], [...b]);
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => sameData(item, b[i] ?? null));
  return a === b;
}

function samePairs(a: readonly (readonly [string, YamlData])[], b: readonly (readonly [string, YamlData])[]): boolean {
  return a.every(([key, value], i) => key === b[i]?.[0] && sameData(value, b[i]?.[1] ?? null));
}

export function isList(data: YamlData): data is readonly YamlData[] {
  return Array.isArray(data);
}

export function isMap(data: YamlData): data is ReadonlyMap<string, YamlData> {
  return data instanceof Map;
}

/** Texts that are the same whether or not a reader knows types, and that no reader takes for something else. */
const plain = /^(?!0[xX])(?![Nn]ull$|NULL$)(?!-(?: |$))[A-Za-z0-9_.-](?:[A-Za-z0-9_.%+ -]*[A-Za-z0-9_.%+-])?$/;

/** A value in one line: texts plain where that is safe (never an address), collections in flow style. */
export function inline(data: YamlData): string {
  if (data === null) return '""';
  if (typeof data === 'string') return plain.test(data) ? data : quote(data);
  if (isList(data)) return `[${data.map(inline).join(', ')}]`;
  return data.size === 0 ? '{}' : `{ ${[...data].map(([key, value]) => `${inline(key)}: ${inline(value)}`).join(', ')} }`;
}

/** In double quotes, with everything escaped that a file may not have as it is. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
