// The outcome of an apply for a terminal: what was sent, what it did, what remains. Pure.
import type { Finding, Receipt, RunOutcome } from '../types.ts';
import { moveWords } from './change-row.ts';
import { findingLines } from './finding-text.ts';
import { count, groupDigits, type Lexicon, nameAddresses, paint } from './lexicon.ts';

export type RunResult = { outcome: RunOutcome; receipt: Receipt | null; findings: readonly Finding[] };

const headlines: Record<RunOutcome, string> = {
  done: 'Done: the chain is as git says.',
  partial: 'Partly done: some transactions succeeded, the rest was not sent.',
  stopped: 'Stopped: nothing of this plan took effect.',
};

/** Of a run that does not bring the chain to what git says. */
export type RunWords = { done: string; goOn: string };

export function runText(result: RunResult, lexicon: Lexicon, words?: RunWords): string {
  const { outcome, receipt, findings } = result;
  const style = outcome === 'done' ? 'green' : outcome === 'partial' ? 'yellow' : 'red';
  const head =
    receipt === null && outcome === 'done'
      ? 'Nothing to do: the chain is as git says. No transaction was sent.'
      : (outcome === 'done' && words?.done) || headlines[outcome];
  const lines = [paint(lexicon, style, head)];
  if (receipt !== null) lines.push(...receiptLines(receipt, lexicon));
  if (findings.length > 0) lines.push('', ...findings.flatMap((finding) => findingLines(finding, lexicon)));
  if (outcome !== 'done') lines.push('', words?.goOn ?? 'To go on: mooring plan shows what remains, mooring status what was sent.');
  return `${lines.join('\n')}\n`;
}

function receiptLines(receipt: Receipt, lexicon: Lexicon): string[] {
  const changed = receipt.changes.map((change) => `  ${change.contract}.${change.field}: ${moveWords(change, lexicon)}`);
  return [
    '',
    ...receipt.transactions.flatMap((transaction) => transactionLines(transaction, lexicon)),
    '',
    ...(receipt.outcome === 'done' ? ['Verified by reading everything again:', ...changed, ''] : []),
    paint(
      lexicon,
      'dim',
      `receipt of run ${receipt.run}, ${count(receipt.transactions.length, 'transaction')}, signed by ${lexicon.names.get(receipt.signer) ?? receipt.signer}`,
    ),
  ];
}

function transactionLines(transaction: Receipt['transactions'][number], lexicon: Lexicon): string[] {
  const mark = transaction.success ? paint(lexicon, 'green', '✓') : paint(lexicon, 'red', '✗');
  const events = transaction.events.map((event) => `${event.contract}.${event.event}`).join(', ');
  const link = lexicon.explorer === null ? transaction.hash : `${lexicon.explorer}${transaction.hash}`;
  return [
    `  ${mark} ${stepName(transaction.step, lexicon)} · ${link}`,
    paint(
      lexicon,
      'dim',
      `    block ${groupDigits(transaction.block)} · nonce ${transaction.nonce} · gas ${groupDigits(transaction.gasUsed)}${events === '' ? '' : ` · ${events}`}`,
    ),
  ];
}

/** A step by its id, with the address book's names: `arena.setOrchestrator[orchestrator-c]`. */
function stepName(step: string | null, lexicon: Lexicon): string {
  if (step === null) return 'nothing, only to use up a nonce';
  return nameAddresses(step, lexicon);
}
