// The text of a kind file → plain data with positions. Strict YAML: no aliases, tags, merge keys or second documents. Pure.
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Scalar, visit, type YAMLMap } from 'yaml';
import type { Code } from '../errors.ts';
import type { Finding, Source } from '../types.ts';
import { readPlainYaml } from './read-plain-yaml.ts';

export type KindPath = readonly (string | number)[];

/** Collects what is wrong with one file, each with its place. */
export type Reporter = {
  file: string;
  findings: Finding[];
  at(path: KindPath): Source;
  report(code: Code, path: KindPath, message: string, fix: string): void;
};

export type KindDocument = { data: unknown; reporter: Reporter };

const maximumLength = 8 << 20;
const maximumFaults = 10;

/** Parses a kind file. Whole numbers are bigint; what is wrong with the text is in the reporter, and then data is null. */
export function parseKindDocument(file: string, text: string): KindDocument {
  const plain = text.length > maximumLength ? null : readPlainYaml(text);
  const parsed = plain === null ? parseWithPlaces(file, text) : null;
  const findings = parsed?.findings ?? [];
  // Most files have no errors, so places are looked up when the first is asked for.
  let places = parsed;
  const at = (path: KindPath): Source => {
    places ??= parseWithPlaces(file, text);
    return places.at(path);
  };
  const report: Reporter['report'] = (code, path, message, fix) => void findings.push({ code, severity: 'error', message, fix, source: at(path) });
  return { data: parsed === null ? plain : parsed.data, reporter: { file, findings, at, report } };
}

function parseWithPlaces(file: string, text: string): { data: unknown; findings: Finding[]; at(path: KindPath): Source } {
  const lines = new LineCounter();
  const findings: Finding[] = [];
  const source = (offset: number): Source => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (offset: number, message: string) =>
    void findings.push({ code: 'KIND_SYNTAX', severity: 'error', message, fix: 'Write one plain YAML document.', source: source(offset) });
  const document = read(text, lines, fault);
  const data = findings.length === 0 && document !== null ? (document.toJS({ maxAliasCount: 0 }) as unknown) : null;
  return { data, findings, at: (path) => source(document === null ? 0 : offsetOf(document, path)) };
}

type Parsed = ReturnType<typeof parseDocument>;

function read(text: string, lines: LineCounter, fault: (offset: number, message: string) => void): Parsed | null {
  if (text.length > maximumLength) {
    fault(0, `The file is larger than ${maximumLength >> 20} MiB.`);
    return null;
  }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      intAsBigInt: true,
      uniqueKeys: false,
      strict: true,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    });
    for (const error of [...document.errors, ...document.warnings].slice(0, maximumFaults)) fault(error.pos[0], error.message);
    if (document.errors.length === 0) refuseFancy(document, fault);
    return document;
  } catch {
    // Deep nesting exhausts the parser's stack.
    fault(0, 'The file is nested too deeply.');
    return null;
  }
}

function refuseFancy(document: Parsed, fault: (offset: number, message: string) => void): void {
  visit(document, {
    Node(key, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node) || node.anchor !== undefined) fault(offset, 'Anchors and aliases are not read.');
      else if (node.tag?.startsWith('tag:yaml.org,2002:') === false) fault(offset, `The tag ${node.tag} is not read.`);
      else if (isMap(node)) refuseTwins(node, fault);
      else if (isScalar(node)) refuseScalar(node, key === 'key', (message) => fault(offset, message));
    },
  });
}

/** The library's own check compares every key with every other. */
function refuseTwins(map: YAMLMap, fault: (offset: number, message: string) => void): void {
  const seen = new Set<unknown>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) fault(key.range?.[0] ?? 0, `The key ${String(key.value)} stands twice.`);
    seen.add(key.value);
  }
}

function refuseScalar(node: Scalar, isKey: boolean, fault: (message: string) => void): void {
  if (isKey && typeof node.value !== 'string') fault(`The key ${String(node.source)} is not a text.`);
  else if (typeof node.value === 'number') fault(`The number ${String(node.source)} is not a whole one.`);
}

/** Where the key, or the list item, at `path` begins, or the nearest thing above it. */
function offsetOf(document: Parsed, path: KindPath): number {
  let node: unknown = document.contents;
  let offset = isNode(node) && node.range ? node.range[0] : 0;
  for (const step of path) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === step) : undefined;
    const place: unknown = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (isNode(place) && place.range) offset = place.range[0];
    node = isSeq(node) ? place : pair?.value;
  }
  return offset;
}
