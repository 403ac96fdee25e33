// The day-one checklist for a terminal, and as Markdown for the record. Pure.
import { type Lexicon, paint } from './lexicon.ts';
import { code, prose } from './markdown.ts';

/** `unknown`: it could not be told, which is never fine. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

export type Check = { id: string; verdict: Verdict; message: string; fix: string | null };

/** `at` in ISO. */
export type Checkup = { environment: string; at: string; checks: readonly Check[] };

const marks = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'], unknown: ['?', 'yellow'] } as const;

export function doctorText({ environment, checks }: Checkup, lexicon: Lexicon): string {
  const width = Math.max(0, ...checks.map(({ id }) => id.length));
  const lines = checks.flatMap(({ id, verdict, message, fix }) => {
    const [mark, style] = marks[verdict];
    const head = `  ${paint(lexicon, style, mark)} ${id.padEnd(width)}  ${verdict === 'ok' || verdict === 'warn' ? '' : `${verdict}: `}${message}`;
    return [head, ...(fix === null ? [] : [`${' '.repeat(width + 6)}fix: ${fix}`])];
  });
  return [paint(lexicon, 'bold', `${environment}: ${summary(checks)}`), '', ...lines, ''].join('\n');
}

export function doctorMarkdown({ environment, at, checks }: Checkup): string {
  const rows = checks.map(({ id, verdict, message, fix }) => `| ${verdict} | ${code(id)} | ${prose(message)} | ${fix === null ? '' : prose(fix)} |`);
  return [
    `# ${prose(environment)}, ${at}`,
    '',
    prose(summary(checks)),
    '',
    '| verdict | check | what was found | fix |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function summary(checks: readonly Check[]): string {
  const parts = (['fail', 'unknown', 'warn', 'ok'] as const).flatMap((verdict) => {
    const found = checks.filter((check) => check.verdict === verdict).length;
    return found === 0 ? [] : [`${found} ${verdict}`];
  });
  return parts.join(', ');
}
