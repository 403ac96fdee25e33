// Configuration as flat lists of texts by place, for telling what a change of it is: every file but those that declare
// state, names, acts or approvals. Says what is written; knows no meaning of any key.
import { createHash } from 'node:crypto';
import { MooringError } from '../errors.ts';
import type { Source } from '../types.ts';
import { quote } from './edit/yaml-data.ts';
import type { FileSource } from './file-source.ts';
import { parseYaml } from './parse-yaml.ts';
import { locate, type YamlFile, type YamlNode } from './yaml-tree.ts';

/** A written value and its place. */
export type FlatItem = { text: string; source: Source };

/** By path in the file: keys and positions joined by dots. A file that isn't told in parts has one item, at ''. */
export type FlatFile = ReadonlyMap<string, FlatItem>;

const single = ['environment.yaml', 'policy.yaml', 'lifts.yaml', 'ignores.yaml'] as const;
const folders = ['kinds', 'loops'] as const;

/** No reader of any of these files reads more. */
const readLimit = 8 * 1024 * 1024;

/**
 * The environment's configuration by file (from the source's root) and path in it. An empty list or map is `[]` or `{}`, a
 * key without a value an empty text. A file that can't be read as YAML, and every kind, is one item with its SHA-256, so
 * that any change of it shows. SIDE EFFECTS: reads through the source.
 */
export function flattenFiles({
  source,
  environment,
  directory = 'desired-state',
}: {
  source: FileSource;
  environment: string;
  directory?: string;
}): Map<string, FlatFile> {
  const base = `${directory}/${environment}`;
  const names = [
    ...single.filter((name) => source.kindOf(`${base}/${name}`) !== 'missing'),
    ...folders.flatMap((folder) =>
      source
        .list(`${base}/${folder}`)
        .filter((name) => /\.ya?ml$/.test(name))
        .map((name) => `${folder}/${name}`),
    ),
  ];
  return new Map(names.map((name) => [`${base}/${name}`, flattenFile(source, `${base}/${name}`, name.startsWith('kinds/'))]));
}

function flattenFile(source: FileSource, path: string, whole: boolean): FlatFile {
  const bytes = readQuietly(source, path);
  const file = typeof bytes === 'string' || whole ? null : parseYaml(path, bytes, []);
  if (file !== null) return new Map(itemsOf(file, file.root, ''));
  const text = typeof bytes === 'string' ? bytes : `sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
  return new Map([['', { text, source: { file: path, line: 1, column: 1 } }]]);
}

/** The code where there is no file to read: loading the environment tells more. */
function readQuietly(source: FileSource, path: string): Uint8Array | string {
  try {
    return source.read(path, readLimit);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return error.code;
  }
}

function itemsOf(file: YamlFile, node: YamlNode, path: string): [string, FlatItem][] {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (node.type === 'map' && node.entries.length > 0) return node.entries.flatMap(({ key, value }) => itemsOf(file, value, below(keyText(key))));
  if (node.type === 'list' && node.items.length > 0) return node.items.flatMap((item, i) => itemsOf(file, item, below(String(i))));
  return [[path, { text: leafText(node), source: locate(file, node.start) }]];
}

/** Keys that could be taken for a position or for several keys are quoted, so that two places never have one path. */
function keyText(key: string): string {
  return /^(?!\d+$)[A-Za-z0-9_$-]+$/.test(key) ? key : quote(key).replaceAll('.', '\\u002e');
}

/** As written, without its quotes but where it would look like something else. */
function leafText(node: YamlNode): string {
  if (node.type === 'map') return '{}';
  if (node.type === 'list') return '[]';
  if (node.type === 'empty') return '';
  return node.text.startsWith('"') || ['', '{}', '[]'].includes(node.text) ? quote(node.text) : node.text;
}
