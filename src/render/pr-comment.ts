// What a pull request shows of its plan: the comment, and the texts of its checks. Pure.
import type { Approvals, Change, Finding, Plan, Simulation } from '../types.ts';
import { isRisky, moveWords, riskWord } from './change-row.ts';
import { approvalWords, count, type Lexicon } from './lexicon.ts';
import { code, prose } from './markdown.ts';
import { planMarkdown } from './plan-markdown.ts';
import { planTitle } from './plan-text.ts';

/** Who has approved so far. */
export type ApprovalState = {
  approved: boolean;
  rules: readonly { rule: Approvals; by: readonly string[]; met: boolean }[];
  uncounted: readonly { author: string; why: string }[];
};

export type PlanComment = {
  plan: Plan;
  lexicon: Lexicon;
  /** First line, hidden. */
  marker: string;
  /** Short commit. */
  head: string;
  standing: readonly Change[];
  approvals: ApprovalState;
};

const limit = 60_000;

/** Within GitHub's limit, shrunk by whole contracts. */
export function planComment({ plan, lexicon, marker, head, standing, approvals }: PlanComment): string {
  const options = { head, standing, approvals: approvalLines(approvals), limit: limit - marker.length - 1 };
  return `${marker}\n${planMarkdown(plan, lexicon, options)}`;
}

/** Instead of a plan: why there is none. */
export function problemComment({
  environment,
  marker,
  head,
  findings,
}: {
  environment: string;
  marker: string;
  head: string;
  findings: readonly Finding[];
}): string {
  const shown = findings.slice(0, 100).map(findingItem);
  const rest = findings.length > 100 ? [`- and ${findings.length - 100} more`] : [];
  return [
    marker,
    `## No plan for ${prose(environment)}`,
    `head ${code(head)}`,
    '',
    ...shown,
    ...rest,
    '',
    '**What happens next**: nothing, until this is settled.',
    '',
  ].join('\n');
}

export function findingItem(finding: Finding): string {
  const icon = { error: '❌', warning: '⚠️', info: 'ℹ️' }[finding.severity];
  const place = finding.source === undefined ? '' : `${code(`${finding.source.file}:${finding.source.line}`)} `;
  const fix = finding.fix === undefined ? '' : ` _Fix: ${prose(finding.fix)}_`;
  return `- ${icon} ${code(finding.code)} ${place}${prose(finding.message.slice(0, 500))}${fix}`;
}

/** Whether two comments say the same: the block that was looked at, gas and its price move by themselves. */
export function sameComment(a: string, b: string): boolean {
  return steady(a) === steady(b);
}

function steady(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/block [\d,]+( `0x[0-9a-f]+…[0-9a-f]+`)?/g, 'block')
    .replace(/gas [\d,]+/g, 'gas')
    .replace(/about (?:< )?[\d.]+ ETH/g, 'about')
    .trimEnd();
}

export function approvalLines({ rules, uncounted }: ApprovalState): string[] {
  if (rules.length === 0) return ['**Approvals**: policy asks for none.'];
  const lines = rules.map(({ rule, by, met }) => {
    const teams = rule.teams.length === 0 ? '' : ` from ${rule.teams.map(code).join(' or ')}`;
    return `- ${met ? '✅' : '⏳'} ${by.length} of ${count(rule.count, 'approval')}${teams}${by.length === 0 ? '' : `: ${by.map(code).join(', ')}`}`;
  });
  return ['**Approvals** of this very plan', ...lines, ...uncounted.map(({ author, why }) => `- not counted: ${code(author)} ${prose(why)}`)];
}

/** `2 of 2 approvals`, or what is missing. */
export function approvalTitle({ approved, rules }: ApprovalState): string {
  if (rules.length === 0) return 'Policy asks for no approval';
  if (approved) return `Approved: ${approvalWords(rules.map(({ rule }) => rule))}`;
  const missing = rules.filter(({ met }) => !met).map(({ rule, by }) => ({ ...rule, count: rule.count - by.length }));
  return `Waiting for ${approvalWords(missing)}`;
}

/** Title and body of the plan's check. */
export function planCheck(plan: Plan, lexicon: Lexicon): { title: string; summary: string; text: string } {
  const errors = plan.findings.filter((finding) => finding.severity === 'error');
  const proven = proofSentence(plan.simulation);
  const title = planTitle(plan).replace(/^Plan for [^:]*: /, '');
  const lines = [
    `Digest ${code(plan.digest)}`,
    '',
    proven,
    ...(errors.length === 0 ? [] : ['', ...errors.map(findingItem)]),
    '',
    'The comment on the pull request shows the whole plan.',
  ];
  return {
    title: title.slice(0, 1).toUpperCase() + title.slice(1),
    summary: lines.join('\n'),
    text: `${[...changeLines(plan, lexicon)].map(([id, move]) => `- ${code(id)}: ${code(move)}`).join('\n')}\n`,
  };
}

/** By id, what a plan would do to each field. */
function changeLines(plan: Plan, lexicon: Lexicon): Map<string, string> {
  return new Map(plan.changes.map((change) => [change.id, moveWords(change, lexicon)]));
}

/** What moved since a plan whose check had this text, in sentences. */
export function movedSince(text: string, plan: Plan, lexicon: Lexicon): string[] {
  const before = new Map([...text.matchAll(/^- `([^`]+)`: `([^`]+)`$/gm)].map(([, id = '', move = '']) => [id, move]));
  const now = changeLines(plan, lexicon);
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((id) => {
    const [then, today] = [before.get(id), now.get(id)];
    if (then === today) return [];
    if (then === undefined) return [`${id} is to change now (${today}) and was not when the plan was approved`];
    return [
      today === undefined
        ? `${id} was to change (${then}) when the plan was approved and is not any more`
        : `${id} was ${then} when the plan was approved and is ${today} now`,
    ];
  });
}

function proofSentence(proof: Simulation): string {
  if (proof.status === 'not needed') return 'Nothing has to be sent.';
  if (proof.status === 'unproven') return `Not proven: ${prose(proof.reason)}`;
  if (proof.status === 'failed') return 'The proof failed.';
  return `Proven: ${count(proof.steps.length, 'call')}, ${proof.asDeclared} of ${count(proof.declared, 'field')} end as declared.`;
}

export type LineNote = { path: string; line: number; level: 'notice' | 'warning' | 'failure'; title: string; message: string };

/** Notes on the YAML lines behind changes, edits and findings. */
export function lineNotes(plan: Pick<Plan, 'changes' | 'edits' | 'findings'>, lexicon: Lexicon): LineNote[] {
  const changes = plan.changes.map((change) => ({
    source: change.source,
    level: isRisky(change.risk) ? ('warning' as const) : ('notice' as const),
    title: `${change.contract}.${change.field} ${riskWord(change.risk)}`,
    message: moveWords(change, lexicon),
  }));
  const edits = plan.edits.map((edit) => ({
    source: edit.source,
    level: isRisky(edit.risk) ? ('warning' as const) : ('notice' as const),
    title: `${edit.subject} ${edit.what}`,
    message: [edit.from, edit.to].filter((text) => text !== null).join(' → ') || edit.what,
  }));
  return [...changes, ...edits, ...findingNotes(plan.findings)].flatMap(({ source, ...note }) =>
    source === undefined ? [] : [{ path: source.file, line: source.line, ...note }],
  );
}

function findingNotes(findings: readonly Finding[]) {
  const levels = { error: 'failure', warning: 'warning', info: 'notice' } as const;
  return findings.map(({ source, severity, code: title, message, fix }) => ({
    source,
    level: levels[severity],
    title,
    message: fix === undefined ? message : `${message}\n\n${fix}`,
  }));
}
