// Puts a plan where its reviewers are: checks, comment, labels, requested reviews; takes back approvals of another plan.

import { createHash } from 'node:crypto';
import { exitCodes } from '../../errors.ts';
import {
  type ApprovalState,
  approvalLines,
  approvalTitle,
  findingItem,
  lineNotes,
  planCheck,
  planComment,
  problemComment,
  sameComment,
} from '../../render/pr-comment.ts';
import { type Conclusion, checkHistory, putCheck } from '../../scm/github/checks.ts';
import { markerLine, putComment } from '../../scm/github/comments.ts';
import { putLabels } from '../../scm/github/issues.ts';
import { dismissReview, type Pull, requestTeams } from '../../scm/github/pulls.ts';
import type { Finding, Plan } from '../../types.ts';
import { planExit } from '../exits.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { allApprovedCheckName, approvedCheckName, judgePull, planCheckName } from './judge.ts';
import type { Planned } from './plan-environment.ts';
import type { Repository } from './repository.ts';

export const labelPrefix = 'mooring: ';

const riskLabels = { increase: `${labelPrefix}raises risk`, ambiguous: `${labelPrefix}needs judgement`, reduce: `${labelPrefix}lowers risk` } as const;

/** Risk labels of a plan. */
export function labelsOf(plan: Plan): string[] {
  const risks = new Set([...plan.changes, ...plan.edits].map(({ risk }) => risk));
  return (['increase', 'ambiguous', 'reduce'] as const).filter((risk) => risks.has(risk)).map((risk) => riskLabels[risk]);
}

/** What the check of one environment says. */
export type Verdict = { environment: string; key: string; approved: boolean; title: string };

/** `notes`: what could not be done and stops nothing. */
export type Reported = { exit: number; verdict: Verdict; notes: readonly string[] };

/** SIDE EFFECTS: GitHub. Returns the exit code that this environment asks for, and what its required check says. */
export async function reportPlanned(repository: Repository, pull: Pull, planned: Planned): Promise<Reported> {
  const { change } = planned;
  if (change === null) return reportProblem(repository, pull, planned);
  const { github } = repository;
  const { plan } = change;
  const blocked = isBlocked(plan);
  await putPlanCheck(repository, pull, planned, plan);
  await turnRed(repository, pull.head.sha, planned.environment, plan.digest);
  const judged = await judgePull(github, { pull, environment: planned.environment, digest: plan.digest, rules: plan.approvals });
  const verdict = await putApproved(repository, pull.head.sha, { environment: planned.environment, key: plan.digest, blocked, state: judged.state });
  const say = (text: string): string => redactMarkdown(text, repository.context.env);
  const marker = markerLine('plan', { env: planned.environment, digest: plan.digest });
  const comment = planComment({ plan, lexicon: planned.lexicon, marker, head: pull.head.sha.slice(0, 7), standing: change.standing, approvals: judged.state });
  await putComment(github, pull.number, { purpose: 'plan', environment: planned.environment, body: say(comment), same: sameComment });
  for (const review of judged.outdated)
    await dismissReview(github, pull.number, {
      review,
      message: `The plan for ${planned.environment} has changed since; its digest is ${plan.digest.slice(0, 12)} now.`,
    });
  // Whose word is still missing. Last, since one that can't be asked must not keep the rest from being written.
  const missing = judged.state.rules.filter(({ met }) => !met).flatMap(({ rule }) => rule.teams);
  const unasked = await requestTeams(github, pull.number, [...new Set(missing)]);
  return {
    exit: planExit(plan.findings),
    verdict,
    notes: unasked.map((team) => `${team} can't be asked to review: is it a team with access to the repository?`),
  };
}

export function isBlocked(plan: Plan): boolean {
  return planExit(plan.findings) !== exitCodes.done || plan.simulation.status === 'failed' || plan.simulation.status === 'unproven';
}

async function putPlanCheck({ github, context }: Repository, pull: Pull, planned: Planned, plan: Plan): Promise<void> {
  const { title, summary, text } = planCheck(plan, planned.lexicon);
  const say = (text: string): string => redactMarkdown(text, context.env);
  await putCheck(
    github,
    {
      name: planCheckName(planned.environment),
      sha: pull.head.sha,
      key: plan.digest,
      conclusion: isBlocked(plan) ? 'failure' : 'success',
      title,
      summary: say(summary),
      text: say(text),
      annotations: lineNotes(plan, planned.lexicon).map((note) => ({ ...note, title: say(note.title), message: say(note.message) })),
    },
    sameComment,
  );
}

/** What was green for another plan is red before anybody is asked about this one. */
async function turnRed({ github }: Repository, sha: string, environment: string, digest: string): Promise<void> {
  const name = approvedCheckName(environment);
  const newest = (await checkHistory(github, { sha, name })).at(-1);
  if (newest?.key === digest) return;
  const red = {
    conclusion: 'failure' as const,
    title: 'The approvals are being counted',
    summary: 'If this stays, the run has ended before its time: run it again.',
  };
  await putCheck(github, { ...red, name: allApprovedCheckName, sha, key: digest });
  await putCheck(github, { ...red, name, sha, key: digest });
}

type Approved = { environment: string; key: string; blocked: boolean; state: ApprovalState };

/** The check of one environment. SIDE EFFECTS: GitHub. */
export async function putApproved({ github }: Repository, sha: string, { environment, key, blocked, state }: Approved): Promise<Verdict> {
  const title = blocked ? 'The plan has errors' : approvalTitle(state);
  const conclusion: Conclusion = !blocked && state.approved ? 'success' : 'failure';
  await putCheck(github, { name: approvedCheckName(environment), sha, key, conclusion, title, summary: approvalLines(state).join('\n') });
  return { environment, key, approved: conclusion === 'success', title };
}

/**
 * The required check, over all environments that are touched: its name stays the same whatever environment a pull request
 * brings. SIDE EFFECTS: GitHub.
 */
export async function putAllApproved({ github }: Repository, sha: string, verdicts: readonly Verdict[]): Promise<void> {
  const open = verdicts.filter(({ approved }) => !approved);
  const text = verdicts.map(({ environment, key }) => `${environment} ${key}`).join('\n');
  const title =
    verdicts.length === 0
      ? 'This pull request touches no environment'
      : open.length === 0
        ? `Approved: ${verdicts.map(({ environment }) => environment).join(', ')}`
        : open.map(({ environment, title: why }) => `${environment}: ${why}`).join('; ');
  await putCheck(github, {
    ...{ name: allApprovedCheckName, sha, title: title.slice(0, 250) },
    key: createHash('sha256').update(text).digest('hex'),
    conclusion: open.length === 0 ? 'success' : 'failure',
    summary: verdicts.length === 0 ? 'Nothing to approve.' : verdicts.map(({ environment, title: why }) => `- ${environment}: ${why}`).join('\n'),
  });
}

/** Nothing that is required is left pending: without a plan both checks are red, and say why. */
async function reportProblem({ github, context }: Repository, pull: Pull, { environment, findings, lexicon }: Planned): Promise<Reported> {
  const say = (text: string): string => redactMarkdown(text, context.env);
  const title = `No plan: ${findings.length === 1 ? (findings[0]?.code ?? '') : `${findings.length} findings`}`;
  const summary = say(findings.slice(0, 50).map(findingItem).join('\n'));
  const notes = lineNotes({ changes: [], edits: [], findings }, lexicon).map((note) => ({ ...note, message: say(note.message) }));
  const check = { sha: pull.head.sha, key: '', conclusion: 'failure' as const, title, summary };
  await putCheck(github, { ...check, name: planCheckName(environment), annotations: notes });
  await putCheck(github, { ...check, name: approvedCheckName(environment) });
  const marker = markerLine('plan', { env: environment, digest: null });
  const body = problemComment({ environment, marker, head: pull.head.sha.slice(0, 7), findings });
  await putComment(github, pull.number, { purpose: 'plan', environment, body: say(body), same: sameComment });
  return { exit: planExit(errorsOf(findings)) || exitCodes.failure, verdict: { environment, key: '', approved: false, title }, notes: [] };
}

function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.severity === 'error');
}

/** Red until there is a plan: a run that dies leaves nothing pending and nothing green. SIDE EFFECTS: GitHub. */
export async function announce(repository: Repository, pull: Pull, environment: string): Promise<void> {
  await announceAs(repository, pull.head.sha, approvedCheckName(environment));
}

/** The same for the check over all environments. SIDE EFFECTS: GitHub. */
export async function announceAll(repository: Repository, sha: string): Promise<void> {
  await announceAs(repository, sha, allApprovedCheckName);
}

async function announceAs({ github }: Repository, sha: string, name: string): Promise<void> {
  if ((await checkHistory(github, { sha, name })).length > 0) return;
  const summary = 'If this stays, the run that was to plan has ended before its time: run it again.';
  await putCheck(github, { name, sha, key: '', conclusion: 'failure', title: 'The plan is being made', summary });
}

/** A required check must be there for every pull request, also for one that has nothing to do with the environment. SIDE EFFECTS: GitHub. */
export async function reportUntouched({ github }: Repository, pull: Pull, environment: string): Promise<void> {
  const title = 'This pull request does not touch the environment';
  await putCheck(github, {
    name: approvedCheckName(environment),
    sha: pull.head.sha,
    key: 'untouched',
    conclusion: 'success',
    title,
    summary: 'Nothing to approve.',
  });
}

/** SIDE EFFECTS: GitHub. */
export async function reportLabels({ github }: Repository, pull: Pull, plans: readonly Plan[]): Promise<void> {
  const wanted = [...new Set(plans.flatMap(labelsOf))];
  await putLabels(github, pull.number, { prefix: labelPrefix, has: pull.labels, wanted });
}
