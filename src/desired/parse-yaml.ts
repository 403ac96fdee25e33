// Bytes from strangers to a tree: the only place that calls the YAML library. No meaning of any key here.
import { Composer, CST, type Document, isMap, isNode, isScalar, isSeq, Lexer, LineCounter, type Node, type Pair, Parser, Scalar } from 'yaml';
import type { Code } from '../errors.ts';
import type { Finding } from '../types.ts';
import { quoteShort, type Reading, report, type YamlEntry, type YamlFile, type YamlNode } from './yaml-tree.ts';

/** Largest file that is read, in bytes. */
export const fileLimit = 512 * 1024;
/** Collections inside one another, the document itself included. */
const depthLimit = 24;
/** Words, signs, spaces and line breaks: ten thousand commented fields have some hundred thousand. */
const pieceLimit = 150_000;

const options = {
  schema: 'failsafe',
  version: '1.2',
  stringKeys: true,
  uniqueKeys: false,
  merge: false,
  prettyErrors: false,
  logLevel: 'silent',
  strict: true,
} as const;

/**
 * Parses one YAML document of untrusted bytes with string values only.
 * Returns null when the tree can't be used; whatever is wrong is added to `findings` with its place.
 * SIDE EFFECTS: adds to `findings`.
 */
export function parseYaml(path: string, bytes: Uint8Array, findings: Finding[]): YamlFile | null {
  const text = decode(path, bytes, findings);
  return text === null ? null : parseText(path, text, findings);
}

/** The same for text that is already decoded (edits). */
export function parseText(path: string, text: string, findings: Finding[]): YamlFile | null {
  const lines = countLines(text);
  const file: YamlFile = { path, text, lines, root: { type: 'empty', start: 0, end: 0 } };
  const reading: Reading = { file, findings };
  const before = findings.length;
  if (!checkCharacters(reading)) return null;
  const document = compose(reading);
  if (document === null || findings.length > before) return null;
  const root = document.contents === null ? file.root : toTree(reading, document.contents);
  if (root.type === 'empty' || (root.type === 'text' && root.text === '')) {
    report(reading, { code: 'FILE_EMPTY', at: root, message: 'the file declares nothing', fix: 'write the document, or delete the file' });
  }
  return findings.length > before ? null : { ...file, root };
}

/** Every place where a line begins, also behind what the parser gives up on. */
function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

function decode(path: string, bytes: Uint8Array, findings: Finding[]): string | null {
  const source = { file: path, line: 1, column: 1 };
  if (bytes.length > fileLimit) {
    findings.push({
      code: 'FILE_TOO_LARGE',
      severity: 'error',
      message: `the file has more than ${fileLimit} bytes`,
      fix: 'split it: one contract a file',
      source,
    });
    return null;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    findings.push({ code: 'FILE_NOT_UTF8', severity: 'error', message: 'the file is not valid UTF-8', fix: 'save it as UTF-8', source });
    return null;
  }
}

/** Control and direction characters, and line breaks that editors and YAML count differently, can hide what a reviewer should see. */
const hidden = /\r(?!\n)|[^\P{Cc}\t\r\n]|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uD800-\uDFFF]/u;

function checkCharacters(reading: Reading): boolean {
  const found = hidden.exec(reading.file.text);
  if (found === null) return true;
  const name = `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  report(reading, { code: 'YAML_HIDDEN_CHARACTER', at: { start: found.index }, message: `the invisible character ${name} may not be used`, fix: 'delete it' });
  return false;
}

function compose(reading: Reading): Document | null {
  const composer = new Composer(options);
  const documents: Document[] = [];
  for (const document of composer.compose(guardedTokens(reading), true, reading.file.text.length)) {
    if (documents.push(document) > 1) break;
  }
  const second = documents[1];
  if (second !== undefined) {
    report(reading, {
      code: 'YAML_SEVERAL_DOCUMENTS',
      at: { start: second.range?.[0] ?? 0 },
      message: 'a second document starts here',
      fix: 'one document a file: delete the `---` between them',
    });
  }
  if (reading.findings.length > 0) return documents[0] ?? null;
  for (const error of documents[0]?.errors ?? []) {
    report(reading, {
      code: 'YAML_SYNTAX',
      at: { start: error.pos[0] },
      message: firstLine(error.message),
      fix: 'correct the YAML: two spaces for each level, `key: value`',
    });
  }
  return documents[0] ?? null;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** Lexeme type to what is wrong with it. */
const refused: Readonly<Record<string, { code: Code; message: string; fix: string }>> = {
  alias: { code: 'YAML_ALIAS', message: 'an alias (`*name`) may not be used', fix: 'write the value out; quote it if it starts with `*`' },
  anchor: { code: 'YAML_ANCHOR', message: 'an anchor (`&name`) may not be used', fix: 'write the value out; quote it if it starts with `&`' },
  tag: { code: 'YAML_TAG', message: 'a tag (`!name`) may not be used', fix: 'delete the tag; quote the value if it starts with `!`' },
  'directive-line': { code: 'YAML_DIRECTIVE', message: 'a directive (`%…`) may not be used', fix: 'delete the line' },
  'explicit-key-ind': { code: 'YAML_EXPLICIT_KEY', message: 'an explicit key (`? key`) may not be used', fix: 'write `key: value`' },
};

/**
 * The library's tokens, up to the first collection that lies too deep. Lexer and parser keep a stack of their own, so
 * the depth is known before anything recurses over the tree.
 */
function* guardedTokens(reading: Reading): Generator<CST.Token, void> {
  const { text } = reading.file;
  const parser = new Parser();
  let bodyNext = false;
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const type: string | null = bodyNext ? null : CST.tokenType(lexeme);
    bodyNext = type === 'scalar';
    if (type !== null) refuse(reading, type, parser.offset);
    yield* parser.next(lexeme);
    if (parser.stack.length > depthLimit) {
      report(reading, {
        code: 'YAML_TOO_DEEP',
        at: { start: parser.offset },
        message: `collections are nested more than ${depthLimit} deep`,
        fix: 'no value needs that depth: check brackets and indentation',
      });
    }
    if (++count === pieceLimit)
      report(reading, {
        code: 'FILE_TOO_LARGE',
        at: { start: parser.offset },
        message: `the file has more than ${pieceLimit} words and signs`,
        fix: 'split it: one contract a file',
      });
    if (reading.findings.length > 0 && hopeless(reading)) return;
  }
  yield* parser.end();
}

function refuse(reading: Reading, type: string, offset: number): void {
  const what = Object.hasOwn(refused, type) ? refused[type] : undefined;
  if (what !== undefined) report(reading, { ...what, at: { start: offset } });
}

/** Whether going on would recurse too deep, or only repeat what has been said. */
function hopeless(reading: Reading): boolean {
  const own = reading.findings.filter((finding) => finding.source?.file === reading.file.path);
  return own.length >= 20 || own.some((finding) => finding.code === 'YAML_TOO_DEEP' || finding.code === 'FILE_TOO_LARGE');
}

function toTree(reading: Reading, node: Node): YamlNode {
  const [start, end] = node.range ?? [0, 0];
  if (isMap(node))
    return { type: 'map', flow: node.flow === true, start, end, entries: node.items.flatMap((pair) => toEntry(reading, pair, start)).filter(unique(reading)) };
  if (isSeq(node))
    return { type: 'list', flow: node.flow === true, start, end, items: node.items.flatMap((item) => (isNode(item) ? [toTree(reading, item)] : [])) };
  if (!isScalar(node) || typeof node.value !== 'string') return { type: 'empty', start, end: start };
  // Other readers take these for nothing.
  if (node.type === Scalar.PLAIN && /^(?:~|null|Null|NULL)?$/.test(node.value)) return { type: 'empty', start, end: start };
  return { type: 'text', text: node.value, style: styles[node.type ?? 'PLAIN'] ?? 'plain', start, end };
}

const styles: Readonly<Record<string, 'plain' | 'quoted' | 'block'>> = {
  QUOTE_SINGLE: 'quoted',
  QUOTE_DOUBLE: 'quoted',
  BLOCK_FOLDED: 'block',
  BLOCK_LITERAL: 'block',
};

function toEntry(reading: Reading, pair: Pair<unknown, unknown>, mapStart: number): YamlEntry[] {
  const { key } = pair;
  if (!isScalar(key) || typeof key.value !== 'string') {
    report(reading, { code: 'YAML_KEY_NOT_TEXT', at: { start: mapStart }, message: 'a key of this map is not a plain text', fix: 'write `key: value`' });
    return [];
  }
  const [start, end] = key.range ?? [mapStart, mapStart];
  const quoted = key.type !== Scalar.PLAIN;
  checkKey(reading, { text: key.value, start, quoted });
  const value: YamlNode = isNode(pair.value) ? toTree(reading, pair.value) : { type: 'empty', start: end, end };
  return [{ key: key.value, keyAt: { start, end, quoted }, value }];
}

function checkKey(reading: Reading, key: { text: string; start: number; quoted: boolean }): void {
  if (!/^[\x20-\x7e]*$/.test(key.text)) {
    report(reading, {
      code: 'YAML_KEY_NOT_ASCII',
      at: key,
      message: `the key ${quoteShort(key.text)} has characters outside ASCII, which can look like others`,
      fix: 'type the key anew with plain letters',
    });
  } else if (key.text === '<<' && !key.quoted) {
    report(reading, { code: 'YAML_MERGE_KEY', at: key, message: 'a merge key (`<<`) may not be used', fix: 'write the values out' });
  } else if (key.text === '' && !key.quoted) {
    report(reading, { code: 'YAML_KEY_NOT_TEXT', at: key, message: 'a key is missing before the colon', fix: 'write `key: value`' });
  }
}

/** Own check instead of the library's, which compares every key with every other. */
function unique(reading: Reading): (entry: YamlEntry) => boolean {
  const seen = new Set<string>();
  return ({ key, keyAt }) => {
    if (!seen.has(key)) return seen.add(key) !== undefined;
    report(reading, { code: 'YAML_DUPLICATE_KEY', at: keyAt, message: `the key ${quoteShort(key)} stands here a second time`, fix: 'keep one of the two' });
    return false;
  };
}
