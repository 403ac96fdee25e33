// What a parsed YAML file is to the rest of this room: a tree of maps, lists and texts with offsets. No parsing here.
import type { LineCounter } from 'yaml';
import type { Code } from '../errors.ts';
import type { Finding, Source } from '../types.ts';

type Span = { start: number; end: number };

/** `end` is the offset after the node's last character; comments and line breaks behind it don't belong to it. */
export type YamlNode = Span &
  (
    | { type: 'text'; text: string; style: 'plain' | 'quoted' | 'block' }
    | { type: 'map'; flow: boolean; entries: readonly YamlEntry[] }
    | { type: 'list'; flow: boolean; items: readonly YamlNode[] }
    /** Nothing after the colon or dash. */
    | { type: 'empty' }
  );

export type YamlText = YamlNode & { type: 'text' };
export type YamlMap = YamlNode & { type: 'map' };
export type YamlList = YamlNode & { type: 'list' };

export type YamlEntry = { key: string; keyAt: Span & { quoted: boolean }; value: YamlNode };

export type YamlFile = { path: string; text: string; lines: LineCounter; root: YamlNode };

/** What a reader says about a place in a file. */
export type Problem = {
  code: Code;
  at: { start: number };
  message: string;
  fix?: string;
  severity?: Finding['severity'];
};

/** Where a reader is: the file, where its findings go, and what they are about. */
export type Reading = { file: YamlFile; findings: Finding[]; contract?: string; field?: string };

/** One-based line and column of an offset. */
export function locate(file: Pick<YamlFile, 'path' | 'lines'>, offset: number): Source {
  const { line, col } = file.lines.linePos(offset);
  return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** SIDE EFFECTS: adds to the reading's findings. */
export function report(reading: Reading, problem: Problem): void {
  reading.findings.push({
    code: problem.code,
    severity: problem.severity ?? 'error',
    message: problem.message,
    ...(problem.fix === undefined ? {} : { fix: problem.fix }),
    ...(reading.contract === undefined ? {} : { contract: reading.contract }),
    ...(reading.field === undefined ? {} : { field: reading.field }),
    source: locate(reading.file, problem.at.start),
  });
}

/** A node in a few words, for "found …". */
export function describeNode(node: YamlNode): string {
  if (node.type === 'map') return 'a map';
  if (node.type === 'list') return 'a list';
  if (node.type === 'empty') return 'nothing';
  return quoteShort(node.text);
}

/** A text from a file as part of a message: one line, bounded, quoted. */
export function quoteShort(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return JSON.stringify(shown);
}

export function entryOf(map: YamlMap, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}
