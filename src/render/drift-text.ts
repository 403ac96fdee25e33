// A drift report for a terminal: is git what the chain says, and if not, who moved what. Pure.
import { formatTime } from '../format.ts';
import type { Author, DecodedCall, DriftItem, DriftReport } from '../types.ts';
import { type ChangeRow, changeRow } from './change-row.ts';
import { findingLines } from './finding-text.ts';
import { count, groupDigits, type Lexicon, paint, shortHex, showArgument } from './lexicon.ts';
import { table } from './table.ts';

const headlines = {
  'in sync': 'in sync: every declared field is as git says',
  pending: 'pending: git is ahead, the chain has not been changed yet',
  drifted: 'drifted: the chain was changed behind git’s back',
  unknown: 'unknown: some fields could not be read',
} as const;

export function driftText(report: DriftReport, lexicon: Lexicon): string {
  const style = report.status === 'in sync' ? 'green' : report.status === 'unknown' ? 'red' : 'yellow';
  const lines = [
    paint(lexicon, style, `${report.environment} is ${headlines[report.status]}`),
    paint(lexicon, 'dim', `chain ${report.chainId} · block ${groupDigits(report.block.number)} ${shortHex(report.block.hash)}`),
  ];
  for (const status of ['emergency', 'drifted', 'pending', 'unknown', 'ignored'] as const) lines.push(...section(report, status, lexicon));
  const others = report.findings.filter((finding) => !report.items.some((item) => item.finding === finding));
  if (others.length > 0) lines.push('', paint(lexicon, 'bold', 'Findings:'), ...others.flatMap((finding) => findingLines(finding, lexicon)));
  if (report.unmanaged.length > 0)
    lines.push('', paint(lexicon, 'dim', `Besides, on chain but not managed by git: ${count(report.unmanaged.length, 'field')}; mooring plan lists them.`));
  lines.push(...nextLines(report));
  return `${lines.join('\n')}\n`;
}

const titles = {
  emergency: 'Emergency measures, which no plan reverses by itself:',
  drifted: 'Changed on the chain, not by git:',
  pending: 'Declared in git, not yet applied:',
  unknown: 'Could not be told:',
  ignored: 'Not taken for drift, until a day that ignores.yaml names:',
} as const;

function section(report: DriftReport, status: DriftItem['status'], lexicon: Lexicon): string[] {
  const items = report.items.filter((item) => item.status === status);
  return items.length === 0 ? [] : ['', paint(lexicon, 'bold', titles[status]), ...items.flatMap((item) => itemLines(item, lexicon))];
}

function itemLines(item: DriftItem, lexicon: Lexicon): string[] {
  const row = changeRow(item.change, lexicon);
  const lines = table([[`${row.contract}.${row.field}`, ...sides(item, row)]]);
  if (item.author !== null) lines.push(...authorLines(item.author, lexicon));
  if (item.ignore !== undefined) lines.push(`      until ${formatTime(item.ignore.until)}, ${item.ignore.owner} answers for it: ${item.ignore.reason}`);
  if (item.finding?.fix !== undefined) lines.push(`      fix: ${item.finding.fix}`);
  return lines;
}

/** Of a member only one side has something to say. */
function sides({ change }: DriftItem, row: ChangeRow): string[] {
  if (change.action === 'remove') return [`${row.live} is on the chain, not in git`];
  if (change.action === 'add') return [`${row.desired.replace(/^\+ /, '')} is in git, not on the chain`];
  return [`git says ${row.desired}`, `chain says ${row.live}`];
}

/** What people can do about each kind of difference. */
function nextLines(report: DriftReport): string[] {
  const has = (status: DriftItem['status']): boolean => report.items.some((item) => item.status === status);
  const lines = [
    ...(has('drifted')
      ? [
          'To put back what was changed: mooring propose revert (without GitHub: mooring plan, then apply). To accept it, only if somebody answers for it: write the live values into YAML (mooring import --force writes all of them).',
        ]
      : []),
    ...(has('pending') ? ['To send what is pending: mooring plan, then apply.'] : []),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** `arena.setCommitteeParameters(5, 1000000000000000000)`. */
export function callWords(call: DecodedCall, lexicon: Lexicon): string {
  return `${call.contract}.${call.function}(${call.args.map((arg) => showArgument(lexicon, arg.value)).join(', ')})`;
}

/** Who, when, by which call, in which transaction. */
function authorLines(author: Author, lexicon: Lexicon): string[] {
  const when = formatTime(author.timestamp);
  const who = author.senderName === null ? author.sender : `${author.senderName} (${author.sender})`;
  const call = author.call === null ? 'a call that no known kind explains' : callWords(author.call, lexicon);
  const link = lexicon.explorer === null ? author.transaction : `${lexicon.explorer}${author.transaction}`;
  return [`      by ${who} at ${when}, block ${groupDigits(author.block)}`, `      with ${call}`, `      in ${link}`];
}
