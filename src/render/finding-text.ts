// Findings and errors for a terminal: where, what, the offending line, the fix. Pure; the caller supplies the lines.
import type { Finding, Severity, Source } from '../types.ts';
import { count, type Lexicon, paint } from './lexicon.ts';

/** The text of a source line, without its line break; undefined where it can't be had. */
export type Excerpt = (source: Source) => string | undefined;

const marks: Record<Severity, { word: string; style: 'red' | 'yellow' | 'cyan' }> = {
  error: { word: 'error', style: 'red' },
  warning: { word: 'warning', style: 'yellow' },
  info: { word: 'note', style: 'cyan' },
};

/** Findings whose line is not shown: it may hold a secret, or be that of a file which a link leads to. */
const unseen: ReadonlySet<string> = new Set(['SECRET_IN_FILE', 'FILE_NOT_REGULAR']);

export function findingLines(finding: Finding, lexicon: Lexicon, excerpt?: Excerpt): string[] {
  const mark = marks[finding.severity];
  const place = finding.source === undefined ? '' : `${position(finding.source)}: `;
  const subject = finding.contract === undefined || place !== '' ? '' : `${finding.contract}${finding.field === undefined ? '' : `.${finding.field}`}: `;
  const lines = [`  ${place}${paint(lexicon, mark.style, mark.word)} ${finding.code}: ${subject}${finding.message}`];
  if (finding.source !== undefined && excerpt !== undefined && !unseen.has(finding.code)) lines.push(...excerptLines(finding.source, excerpt, lexicon));
  if (finding.fix !== undefined) lines.push(`      fix: ${finding.fix}`);
  return lines;
}

export function position(source: Source): string {
  return `${source.file}:${source.line}:${source.column}`;
}

function excerptLines(source: Source, excerpt: Excerpt, lexicon: Lexicon): string[] {
  const text = excerpt(source);
  if (text === undefined) return [];
  const shown = clip(text, source.column);
  const number = String(source.line);
  return [
    paint(lexicon, 'dim', `      ${number} | ${shown.text}`),
    `      ${' '.repeat(number.length)} | ${' '.repeat(shown.caret)}${paint(lexicon, 'red', '^')}`,
  ];
}

/** At most 120 characters around the column: a hostile line may be a megabyte long. */
function clip(text: string, column: number): { text: string; caret: number } {
  const printable = [...text].map((character) => (character < ' ' || character === '\u007f' ? ' ' : character)).join('');
  const start = Math.max(0, column - 60);
  const piece = printable.slice(start, start + 120);
  return { text: (start > 0 ? '…' : '') + piece, caret: column - 1 - start + (start > 0 ? 1 : 0) };
}

/** What `validate` prints: every finding, then the count. */
export function findingsText(findings: readonly Finding[], lexicon: Lexicon, excerpt: Excerpt): string {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const warnings = findings.filter((finding) => finding.severity === 'warning').length;
  const tally = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  return `${[...findings.flatMap((finding) => [...findingLines(finding, lexicon, excerpt), '']), tally].join('\n')}\n`;
}
