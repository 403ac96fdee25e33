// What a merged pull request says of its apply: what was sent and did what, what moved, what comes next. Pure.
import type { Change, Finding, Receipt } from '../types.ts';
import { moveWords } from './change-row.ts';
import { count, groupDigits, type Lexicon, nameAddresses, showArgument } from './lexicon.ts';
import { code, prose } from './markdown.ts';
import { findingItem } from './pr-comment.ts';

export type ItemStatus = 'applied' | 'nothing' | 'superseded' | 'partly' | 'failed' | 'stale' | 'unapproved' | 'blocked';

export type ItemReport = {
  status: ItemStatus;
  environment: string;
  receipt: Receipt | null;
  findings: readonly Finding[];
  superseded: readonly Change[];
  /** The pull request that asks again, where there is one. */
  again: { number: number; url: string } | null;
  /** The one that somebody has closed instead: it is not asked again, and waits no longer. */
  refused: { number: number; by: string | null } | null;
  lexicon: Lexicon;
};

const headlines: Record<ItemStatus, string> = {
  applied: 'Applied',
  nothing: 'Nothing to send',
  superseded: 'Superseded',
  partly: 'Partly applied',
  failed: 'Not applied',
  stale: 'Not applied: the plan has moved since it was approved',
  unapproved: 'Not applied: not approved',
  blocked: 'Not applied: the plan has errors',
};

/** One or two sentences on what it means. */
const meanings: Record<ItemStatus, string> = {
  applied: 'Everything was sent once, confirmed, and read again: the chain is as this pull request says.',
  nothing: 'The chain is as this pull request says already. No transaction was sent.',
  superseded: 'Later commits ask for something else. No transaction was sent.',
  partly: 'Some transactions succeeded. The next apply goes on with the rest; what is done is not done twice.',
  failed: 'Nothing of it took effect. The next apply tries again.',
  stale: 'Nothing of it was sent.',
  unapproved: 'Nothing of it was sent.',
  blocked: 'Nothing of it was sent. The next apply looks at it again.',
};

/** A part may have been sent before the rest came to a halt. */
function meaningOf({ status, receipt }: ItemReport): string {
  if (receipt === null || !receipt.transactions.some(({ success }) => success)) return meanings[status];
  if (status === 'failed') return 'Its transactions are confirmed, and yet the chain is not as it asks. Nothing is sent again by itself.';
  const isHalted = status === 'stale' || status === 'unapproved' || status === 'blocked';
  return isHalted ? 'A part of it was sent by an earlier run, as below; the rest was not.' : meanings[status];
}

export function itemTitle({ status, environment }: Pick<ItemReport, 'status' | 'environment'>): string {
  return `${headlines[status]} (${environment})`;
}

export function itemComment(report: ItemReport, marker: string): string {
  const { receipt, findings, superseded, again, refused, lexicon } = report;
  const parts = [
    `## ${prose(itemTitle(report))}\n${meaningOf(report)}`,
    receipt === null ? '' : receiptPart(receipt, lexicon),
    findings.length === 0 ? '' : ['**Findings**', ...findings.slice(0, 100).map((finding) => nameAddresses(findingItem(finding), lexicon))].join('\n'),
    superseded.length === 0
      ? ''
      : ['**Not sent, since later commits ask for something else**', ...superseded.map((change) => `- ${changeText(change, lexicon)}`)].join('\n'),
    again === null ? '' : `**What happens next**: #${again.number} asks to approve what would be sent now.`,
    refused === null ? '' : `**What happens next**: nothing. #${refused.number}, which asked to approve what would be sent now, was closed.`,
  ];
  return `${marker}\n${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function changeText(change: Change, lexicon: Lexicon): string {
  return `${code(`${change.contract}.${change.field}`)}: ${code(moveWords(change, lexicon))}`;
}

const mostTransactions = 100;

function receiptPart(receipt: Receipt, lexicon: Lexicon): string {
  const shown = receipt.transactions.slice(0, mostTransactions).flatMap((transaction) => transactionItem(transaction, lexicon));
  const rest = receipt.transactions.length > mostTransactions ? [`- and ${receipt.transactions.length - mostTransactions} more`] : [];
  const changes = receipt.outcome === 'done' ? ['', '**Changed**', ...receipt.changes.slice(0, 200).map((change) => `- ${changeText(change, lexicon)}`)] : [];
  const signed = `Receipt of run ${code(receipt.run)}, ${count(receipt.transactions.length, 'transaction')}, signed by ${code(lexicon.names.get(receipt.signer) ?? receipt.signer)}; digest ${code(receipt.digest.slice(0, 12))}, ${prose(receipt.approvedBy)}.`;
  return ['**Transactions**', ...shown, ...rest, ...changes, '', signed].join('\n');
}

function transactionItem(transaction: Receipt['transactions'][number], lexicon: Lexicon): string[] {
  const { step, hash, success, block, gasUsed, events } = transaction;
  const name = step === null ? 'nothing, only to use up a nonce' : nameAddresses(step, lexicon);
  const link = lexicon.explorer === null ? code(hash) : `[${hash.slice(0, 12)}…](${lexicon.explorer}${hash})`;
  return [
    `- ${success ? '✅' : '❌'} ${code(name)} in ${link}, block ${groupDigits(block)}, gas ${groupDigits(gasUsed)}`,
    ...events.slice(0, 20).map((event) => `  - ${code(`${event.contract}.${event.event}(${argumentText(event.args, lexicon)})`)}`),
  ];
}

function argumentText(args: Readonly<Record<string, unknown>>, lexicon: Lexicon): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${showArgument(lexicon, value)}`)
    .join(', ');
}

/** A line for a terminal. */
export function itemLine(number: number, report: ItemReport): string {
  const why = report.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  const sent = report.receipt === null ? '' : `, ${count(report.receipt.transactions.length, 'transaction')}`;
  const next = [
    ...(report.again === null ? [] : [`; #${report.again.number} asks again`]),
    ...(report.refused === null ? [] : [`; #${report.refused.number} was closed: it is not asked again`]),
  ];
  return nameAddresses(`#${number} ${itemTitle(report)}${sent}${why.length === 0 ? '' : `: ${why.join('; ')}`}${next.join('')}`, report.lexicon);
}
