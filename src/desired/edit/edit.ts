// Edits of a YAML file that leave every other line as it is, comments and order included; checked by reading the result.
import { MooringError } from '../../errors.ts';
import type { Finding } from '../../types.ts';
import { parseText } from '../parse-yaml.ts';
import { entryOf, type YamlEntry, type YamlFile, type YamlMap } from '../yaml-tree.ts';
import { addEntry, addEntryLines, addItem, applySplices, impossible, openFlow, removeEntry, removeItem, replaceValue, type Splice } from './splice.ts';
import { inline, isList, isMap, sameData, toData, type YamlData } from './yaml-data.ts';

/** Keys from the document's root on. */
type Path = readonly string[];

/**
 * `set` gives a key a value and makes the key where there is none. `add` and `remove` are about one member of a list
 * (made where there is none). `drop` takes a key out. `append` adds entries, as YAML lines, at the end of a map.
 * `observe` moves a field from spec to observe (`level.agent`: one key of it).
 */
export type EditOperation =
  | { path: Path; set: YamlData }
  | { path: Path; add: string }
  | { path: Path; remove: string }
  | { path: Path; drop: true }
  | { path: Path; append: readonly string[] }
  | { observe: string };

/**
 * The text with all operations done in order. Throws MooringError EDIT_IMPOSSIBLE, and then nothing is changed, when an
 * operation has nothing to act on or its result would not read as exactly what was meant.
 */
export function editDocument(text: string, operations: readonly EditOperation[]): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return (
    mark +
    operations.reduce(
      (current, operation) => ('observe' in operation ? observe(current, operation.observe) : editOnce(current, operation)),
      text.slice(mark.length),
    )
  );
}

type Simple = Exclude<EditOperation, { observe: string }>;

/** A field whose only declared key goes is dropped whole. */
function observe(text: string, name: string): string {
  const dot = name.indexOf('.');
  const keyed = ['spec', name.slice(0, dot)];
  const path = dot < 0 ? ['spec', name] : keysAt(parseEditable(text), keyed).length === 1 ? keyed : [...keyed, name.slice(dot + 1)];
  return editOnce(editOnce(text, { path, drop: true }), { path: ['observe'], add: name });
}

function keysAt(file: YamlFile, path: Path): string[] {
  const place = placeOf(file, [...path, '']);
  return place.missing.length === 1 ? place.map.entries.map((entry) => entry.key) : [];
}

function editOnce(text: string, operation: Simple): string {
  const file = parseEditable(text);
  const edited = applySplices(text, splicesOf(file, operation));
  const wanted = applyToData(toData(file.root), operation, operation.path);
  if (!sameData(toData(parseEditable(edited).root), wanted)) throw impossible(`the edit of \`${operation.path.join('.')}\` would change something else`);
  return edited;
}

/** Throws MooringError EDIT_IMPOSSIBLE with the findings where the text has any. */
export function parseEditable(text: string): YamlFile {
  const findings: Finding[] = [];
  const file = parseText('the edited file', text, findings);
  if (file === null) throw new MooringError('EDIT_IMPOSSIBLE', 'the file does not read as YAML', { findings, fix: 'edit the file by hand' });
  return file;
}

/** The map that holds the last key of a path, how far the path exists, and the entry that owns that map. */
type Place = { owner: YamlEntry | null; map: YamlMap; missing: Path };

function placeOf(file: YamlFile, path: Path): Place {
  if (file.root.type !== 'map' || path.length === 0) throw impossible('the document is no map');
  let place: Place = { owner: null, map: file.root, missing: path };
  for (;;) {
    const entry = entryOf(place.map, place.missing[0] ?? '');
    if (entry?.value.type !== 'map' || place.missing.length === 1) return place;
    place = { owner: entry, map: entry.value, missing: place.missing.slice(1) };
  }
}

function splicesOf(file: YamlFile, operation: Simple): Splice[] {
  const place = placeOf(file, operation.path);
  const [key = '', ...rest] = place.missing;
  const entry = rest.length === 0 ? entryOf(place.map, key) : undefined;
  if (rest.length > 0 && entryOf(place.map, key) !== undefined) throw impossible(`\`${key}\` is no map`);
  if ('set' in operation)
    return entry === undefined ? addEntry(file.text, place.map, { key, data: nest(rest, operation.set) }) : replaceValue(file.text, entry, operation.set);
  if ('add' in operation) return addMember(file, { place, key, rest, entry, member: operation.add });
  if (entry === undefined) throw impossible(`there is no \`${operation.path.join('.')}\``);
  if ('remove' in operation) return removeMember(file, entry, operation.remove);
  if ('drop' in operation) return removeEntry(file.text, { owner: place.owner, map: place.map, index: place.map.entries.indexOf(entry) });
  if (entry.value.type !== 'map') throw impossible(`\`${key}\` is no map`);
  return appendTo(file.text, entry, { map: entry.value, lines: operation.append });
}

/** Lines go behind the last entry of a block map; an empty `{}` and a map in one line are written anew, one line an entry. */
function appendTo(text: string, entry: YamlEntry, { map, lines }: { map: YamlMap; lines: readonly string[] }): Splice[] {
  if (!map.flow) return addEntryLines(text, map, lines);
  const own = map.entries.map((item) => `${inline(item.key)}: ${inline(toData(item.value))}`);
  return openFlow(text, entry, [...own, ...lines]);
}

function nest(keys: Path, data: YamlData): YamlData {
  return keys.reduceRight<YamlData>((inner, key) => new Map([[key, inner]]), data);
}

type Member = { place: Place; key: string; rest: Path; entry: YamlEntry | undefined; member: string };

function addMember(file: YamlFile, { place, key, rest, entry, member }: Member): Splice[] {
  if (entry === undefined) return addEntry(file.text, place.map, { key, data: nest(rest, [member]) });
  if (entry.value.type !== 'list') throw impossible(`\`${key}\` is no list`);
  if (entry.value.items.some((item) => item.type === 'text' && item.text === member)) throw impossible(`${member} is in \`${key}\` already`);
  return addItem(file.text, entry.value, member);
}

function removeMember(file: YamlFile, owner: YamlEntry, member: string): Splice[] {
  if (owner.value.type !== 'list') throw impossible(`\`${owner.key}\` is no list`);
  const index = owner.value.items.findIndex((item) => item.type === 'text' && item.text === member);
  if (index < 0) throw impossible(`${member} is not in \`${owner.key}\``);
  return removeItem(file.text, { owner, list: owner.value, index });
}

/** What the document should say after the operation. */
function applyToData(data: YamlData, operation: Simple, path: Path): YamlData {
  if (path.length === 0) return changed(data, operation);
  const [key = '', ...rest] = path;
  const map = isMap(data) ? data : new Map<string, YamlData>();
  const result = new Map(map);
  if ('drop' in operation && rest.length === 0) result.delete(key);
  else result.set(key, applyToData(map.get(key) ?? null, operation, rest));
  return result;
}

function changed(data: YamlData, operation: Simple): YamlData {
  if ('set' in operation) return operation.set;
  if ('add' in operation) return [...(data !== null && isList(data) ? data : []), operation.add];
  if ('append' in operation) {
    const added = toData(parseEditable(operation.append.join('\n')).root);
    return new Map([...(data !== null && isMap(data) ? data : []), ...(isMap(added) ? added : [])]);
  }
  if (!('remove' in operation) || data === null || !isList(data)) return data;
  const index = data.indexOf(operation.remove);
  return data.filter((_, i) => i !== index);
}
