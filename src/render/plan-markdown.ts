// A plan as the body of a pull-request comment: summary, table, a folded part for each contract, what happens next. Pure.
import { createHash } from 'node:crypto';
import type { Change, Edit, Plan, Step } from '../types.ts';
import { changeRow, isRisky, moveWords, riskWord } from './change-row.ts';
import { approvalWords, count, groupDigits, type Lexicon, shortHex, showEther, showValue } from './lexicon.ts';
import { code, fenced, prose } from './markdown.ts';
import { callText, liftedReductions, planTitle } from './plan-text.ts';

export type MarkdownOptions = {
  /** Short commit, where the plan belongs to one. */
  head?: string;
  /** Largest length in UTF-16 units; GitHub takes 65,536. */
  limit?: number;
  /** Differences that were there before a pull request, where it is the plan of one. */
  standing?: readonly Change[];
  /** Lines on who has approved, in place of who must. */
  approvals?: readonly string[];
};

const defaultLimit = 60_000;

/** Shrinks by whole contracts, never inside a fence; the summary and every risky row stay. */
export function planMarkdown(plan: Plan, lexicon: Lexicon, options: MarkdownOptions = {}): string {
  const limit = options.limit ?? defaultLimit;
  const contracts = [...new Set(plan.changes.map((change) => change.contract))];
  const full = assemble(plan, lexicon, options, { rows: plan.changes, detailed: contracts, left: 0 });
  if (full.length <= limit) return full;
  return shrink(plan, lexicon, { ...options, limit }, contracts);
}

type Amount = { rows: readonly Change[]; detailed: readonly string[]; left: number /** Fewer of what is least important. */; brief?: boolean };

function shrink(plan: Plan, lexicon: Lexicon, options: MarkdownOptions & { limit: number }, contracts: readonly string[]): string {
  const fits = (amount: Amount): boolean => assemble(plan, lexicon, options, amount).length <= options.limit;
  const largest = (low: number, high: number, make: (n: number) => Amount): number => {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = Math.ceil((from + to) / 2);
      if (fits(make(middle))) from = middle;
      else to = middle - 1;
    }
    return from;
  };
  const risky = plan.changes.filter((change) => isRisky(change.risk));
  const calm = contracts.filter((contract) => plan.changes.some((change) => change.contract === contract && !isRisky(change.risk)));
  const withRows = (n: number): Amount => {
    const shown = new Set(calm.slice(0, n));
    const rows = plan.changes.filter((change) => isRisky(change.risk) || shown.has(change.contract));
    return { rows, detailed: [], left: contracts.length, brief: true };
  };
  const rows = fits(withRows(calm.length)) ? plan.changes : withRows(largest(0, calm.length, withRows)).rows;
  const withDetails = (n: number): Amount => ({ rows, detailed: contracts.slice(0, n), left: contracts.length - n, brief: true });
  const text = assemble(plan, lexicon, options, withDetails(largest(0, contracts.length, withDetails)));
  // So many risky rows that even they don't fit: say so rather than hide one behind a cut.
  return text.length <= options.limit ? text : tooLarge(plan, lexicon, options, risky.length);
}

function tooLarge(plan: Plan, lexicon: Lexicon, options: MarkdownOptions, risky: number): string {
  const amount: Amount = { rows: [], detailed: [], left: new Set(plan.changes.map((change) => change.contract)).size, brief: true };
  const edits = plan.edits.filter((edit) => isRisky(edit.risk)).length;
  const what = [risky === 0 ? '' : count(risky, 'risky change'), edits === 0 ? '' : count(edits, 'risky edit')].filter((part) => part !== '').join(' and ');
  const note = `**This plan is too large for one comment: ${what} can't all be shown here.** Split the pull request, or read the whole plan with ${code(`mooring plan --env ${plan.environment}`)}.`;
  const bare = { ...plan, edits: [], findings: [], unmanaged: [], sideEffects: [] };
  const { standing: _standing, ...rest } = options;
  return assemble(bare, lexicon, rest, amount).replace('\n\n', `\n\n${note}\n\n`);
}

function assemble(plan: Plan, lexicon: Lexicon, options: MarkdownOptions, amount: Amount): string {
  const parts = [
    head(plan, options),
    rowTable(plan, amount, lexicon),
    amount.detailed.map((contract) => details(plan, contract, lexicon)).join('\n\n'),
    amount.left === 0
      ? ''
      : `_${count(amount.left, 'contract')} not shown in detail: the comment would be too long. ${code(`mooring plan --env ${plan.environment}`)} shows everything._`,
    editTable(plan, amount),
    lifts(plan, lexicon),
    sideEffects(plan, lexicon),
    findings(plan),
    standing(options.standing ?? [], lexicon),
    unmanaged(plan),
    approvals(plan, options),
    next(plan),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function head(plan: Plan, options: MarkdownOptions): string {
  const place = [
    options.head === undefined ? '' : `head ${code(options.head)}`,
    plan.block.hash === '0x' ? '' : `block ${groupDigits(plan.block.number)}`,
    `digest ${code(plan.digest.slice(0, 12))}`,
    proofWords(plan),
  ];
  return `## ${prose(planTitle(plan))}\n${place.filter((part) => part !== '').join(' · ')}`;
}

function proofWords(plan: Plan): string {
  const proof = plan.simulation;
  if (proof.status === 'not needed') return '';
  if (proof.status === 'unproven') return `**not proven**: ${prose(proof.reason)}`;
  if (proof.status === 'failed')
    return `**proof failed**: ${proof.steps.filter((step) => !step.ok).length} of ${count(proof.steps.length, 'call')} would revert, ${proof.asDeclared} of ${count(proof.declared, 'field')} end as declared`;
  return `proven: ${count(proof.steps.length, 'call')} ${proof.steps.length === 1 ? 'succeeds' : 'succeed'}, ${proof.asDeclared} of ${count(proof.declared, 'field')} end as declared`;
}

function rowTable(plan: Plan, amount: Amount, lexicon: Lexicon): string {
  if (amount.rows.length === 0) return '';
  const rows = amount.rows.map((change) => {
    const row = changeRow(change, lexicon);
    const risk = isRisky(change.risk) ? `⚠️ **${row.risk}**` : row.risk;
    const [live, desired] = apart([row.live, row.desired], [code(row.live), code(row.desired)]);
    return `| ${code(row.contract)} | ${code(row.field)} | ${live} | ${desired} | ${risk} |`;
  });
  const hidden = plan.changes.length - amount.rows.length;
  const tail = hidden === 0 ? [] : ['', `_and ${count(hidden, 'change')} that lower risk_`];
  return ['| Contract | Field | Live | Desired | Risk |', '|---|---|---|---|---|', ...rows, ...tail].join('\n');
}

/** Edits of the files that change nothing on the chain by themselves; those without risk are folded, and counted where it must be brief. */
function editTable(plan: Plan, { brief = false }: Amount): string {
  const row = (edit: Edit): string =>
    `| ${code(edit.subject)} | ${prose(edit.what)} | ${sides(edit, brief).join(' | ')} | ${isRisky(edit.risk) ? `⚠️ **${riskWord(edit.risk)}**` : 'none by itself'} |`;
  const head = ['| What | | Before | After | Risk |', '|---|---|---|---|---|'];
  const risky = plan.edits.filter((edit) => isRisky(edit.risk));
  const calm = plan.edits.filter((edit) => !isRisky(edit.risk));
  const folded = ['', `<details><summary>${count(calm.length, 'edit')} without risk</summary>`, '', ...head, ...calm.map(row), '', '</details>'];
  const rest = calm.length === 0 ? [] : brief ? ['', `_and ${count(calm.length, 'edit')} without risk_`] : folded;
  return plan.edits.length === 0
    ? ''
    : ['**Besides, without a transaction**', ...(risky.length === 0 ? [] : ['', ...head, ...risky.map(row)]), ...rest].join('\n');
}

/** Characters of a written value, which may be as long as a file: how many are shown whole, and how many of its ends otherwise. */
const lengths = { risky: 1_000, calm: 120, start: 80, end: 30 };

function sides({ from, to, risk }: Edit, brief: boolean): readonly [string, string] {
  const most = isRisky(risk) && !brief ? lengths.risky : lengths.calm;
  const show = (text: string | null): string => (text === null ? '—' : text.length > most ? shortened(text) : code(text));
  return apart([from ?? '', to ?? ''], [show(from), show(to)]);
}

/** Two texts that differ never look the same: what can't be seen of them is told by length and hash. */
function apart([from, to]: readonly [string, string], shown: readonly [string, string]): readonly [string, string] {
  return from === to || shown[0] !== shown[1] ? shown : [`${shown[0]} ${fingerprint(from)}`, `${shown[1]} ${fingerprint(to)}`];
}

function shortened(text: string): string {
  const [start, end] = [text.slice(0, lengths.start), text.slice(-lengths.end)];
  return `${code(`${start.toWellFormed()} … ${end.toWellFormed()}`)} ${fingerprint(text)}`;
}

function fingerprint(text: string): string {
  return `(${count(text.length, 'character')}, SHA-256 ${code(createHash('sha256').update(text).digest('hex'))})`;
}

const mostStanding = 30;

function standing(changes: readonly Change[], lexicon: Lexicon): string {
  if (changes.length === 0) return '';
  const shown = changes.slice(0, mostStanding).map((change) => `- ${code(`${change.contract}.${change.field}`)}: ${code(moveWords(change, lexicon))}`);
  const rest = changes.length > mostStanding ? [`- and ${changes.length - mostStanding} more`] : [];
  return [
    `<details><summary>Not of this pull request, and not sent with it: ${count(changes.length, 'difference')} that stood before</summary>`,
    '',
    ...shown,
    ...rest,
    '',
    '</details>',
  ].join('\n');
}

function details(plan: Plan, contract: string, lexicon: Lexicon): string {
  const changes = plan.changes.filter((change) => change.contract === contract);
  const ids = new Set(changes.map((change) => change.id));
  const steps = plan.steps.filter((step) => step.covers.some((id) => ids.has(id)) || (step.call.contract === contract && step.corrects.length > 0));
  const diff = changes.map((change) => `${isRisky(change.risk) ? '!' : ' '} ${change.field}: ${moveWords(change, lexicon)}`);
  return [
    `<details><summary>${prose(contract)}: ${count(changes.length, 'change')}, ${count(steps.length, 'transaction')}</summary>`,
    '',
    ...fenced('diff', diff),
    '',
    ...steps.flatMap((step) => stepItem(plan, step, lexicon)),
    '',
    '</details>',
  ].join('\n');
}

function stepItem(plan: Plan, step: Step, lexicon: Lexicon): string[] {
  const proofs = plan.simulation.status === 'proven' || plan.simulation.status === 'failed' ? plan.simulation.steps : [];
  const proof = proofs.find((candidate) => candidate.step === step.id);
  const place = plan.steps.indexOf(step) + 1;
  const through = step.route.via === 'relay' ? ` through ${code(step.route.relayName)}` : '';
  const outcome = proof === undefined ? '' : proof.ok ? ` · gas ${groupDigits(proof.gas)}` : ` · **would revert: ${code(proof.error ?? 'no reason given')}**`;
  const from = lexicon.names.get(step.route.signer) ?? step.route.signer;
  return [
    `${place}. ${code(callText(step, lexicon))} from ${code(from)}${through}${outcome}`,
    ...(step.carries.length === 0 ? [] : [`   unchanged, carried along: ${step.carries.map(code).join(', ')}`]),
  ];
}

function lifts(plan: Plan, lexicon: Lexicon): string {
  const lifted = liftedReductions(plan);
  if (lifted.length === 0) return '';
  const who = (address: string): string => code(lexicon.names.get(address) ?? address);
  return [
    '**Reverses emergency measures, as `lifts.yaml` says**',
    ...lifted.map(
      (one) => `- ${code(`${one.contract}.${one.field}`)}: reduced by ${who(one.sender)} in block ${groupDigits(one.block)}, ${code(one.transaction)}`,
    ),
  ].join('\n');
}

function sideEffects(plan: Plan, lexicon: Lexicon): string {
  if (plan.sideEffects.length === 0) return '';
  const lines = plan.sideEffects.map((effect) => {
    const outcome = effect.corrected ? 'put back by a later transaction' : effect.managed ? '**not put back**' : 'not declared in git';
    return `- ${code(`${effect.contract}.${effect.field}`)}: ${code(showValue(lexicon, effect.from, effect.unit))} → ${code(showValue(lexicon, effect.to, effect.unit))} (${outcome})`;
  });
  return ['**Side effects**', ...lines].join('\n');
}

function findings(plan: Plan): string {
  if (plan.findings.length === 0) return '';
  const icons = { error: '❌', warning: '⚠️', info: 'ℹ️' } as const;
  const lines = plan.findings.map((finding) => {
    const subject = finding.contract === undefined ? '' : `${code(finding.field === undefined ? finding.contract : `${finding.contract}.${finding.field}`)} `;
    return `- ${icons[finding.severity]} ${code(finding.code)} ${subject}${prose(finding.message)}${finding.fix === undefined ? '' : ` _Fix: ${prose(finding.fix)}_`}`;
  });
  return ['**Findings**', ...lines].join('\n');
}

function unmanaged(plan: Plan): string {
  if (plan.unmanaged.length === 0) return '';
  const byContract = Map.groupBy(plan.unmanaged, (item) => item.contract);
  if (byContract.size > 20) return `On chain but not managed by git: ${count(plan.unmanaged.length, 'field')} of ${count(byContract.size, 'contract')}.`;
  const lines = [...byContract].map(([contract, items]) => `- ${code(contract)}: ${items.map((item) => code(item.field)).join(', ')}`);
  return [`<details><summary>On chain but not managed by git: ${count(plan.unmanaged.length, 'field')}</summary>`, '', ...lines, '', '</details>'].join('\n');
}

function approvals(plan: Plan, options: MarkdownOptions): string {
  if (options.approvals !== undefined) return options.approvals.join('\n');
  return plan.approvals.length === 0 ? '' : `**Who must approve**: ${approvalWords(plan.approvals, code)}.`;
}

function next(plan: Plan): string {
  const errors = plan.findings.filter((finding) => finding.severity === 'error').length;
  if (errors > 0) return `**What happens next**: nothing, until ${errors === 1 ? 'the error above is' : `the ${errors} errors above are`} settled.`;
  if (plan.steps.length === 0) return '**What happens next**: nothing has to be sent.';
  const proof = plan.simulation;
  const gas = proof.status === 'proven' ? proof.steps.reduce((sum, step) => sum + step.gas, 0n) : 0n;
  const cost = proof.status === 'proven' && proof.feePerGas !== null ? ` (gas ${groupDigits(gas)}, about ${showEther(gas * proof.feePerGas)})` : '';
  return `**What happens next**: once approved and merged, ${count(plan.steps.length, 'transaction')}${cost} ${plan.steps.length === 1 ? 'goes' : 'go'} out as shown, if the live values are still these at block ${groupDigits(plan.block.number)} ${code(shortHex(plan.block.hash))}. If they moved, nothing is sent and approval is asked again.`;
}
