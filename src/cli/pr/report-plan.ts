// Puts a plan where its reviewers are: checks, comment, labels, requested reviews; takes back approvals of another plan.

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
import { redact } from '../secrets.ts';
import { approvedCheckName, judgePull, planCheckName } from './judge.ts';
import type { Planned } from './plan-environment.ts';
import type { Repository } from './repository.ts';

export const labelPrefix = 'mooring: ';

const riskLabels = { increase: `${labelPrefix}raises risk`, ambiguous: `${labelPrefix}needs judgement`, reduce: `${labelPrefix}lowers risk` } as const;

/** Risk labels of a plan. */
export function labelsOf(plan: Plan): string[] {
  const risks = new Set([...plan.changes, ...plan.edits].map(({ risk }) => risk));
  return (['increase', 'ambiguous', 'reduce'] as const).filter((risk) => risks.has(risk)).map((risk) => riskLabels[risk]);
}

/** SIDE EFFECTS: GitHub. Returns the exit code that this environment asks for. */
export async function reportPlanned(repository: Repository, pull: Pull, planned: Planned): Promise<number> {
  const { change } = planned;
  if (change === null) return reportProblem(repository, pull, planned);
  const { github } = repository;
  const { plan } = change;
  const blocked = isBlocked(plan);
  await putPlanCheck(repository, pull, planned, plan);
  await turnRed(repository, pull.head.sha, planned.environment, plan.digest);
  const judged = await judgePull(github, { pull, environment: planned.environment, digest: plan.digest, rules: plan.approvals });
  await putApproved(repository, pull.head.sha, { environment: planned.environment, key: plan.digest, blocked, state: judged.state });
  const say = (text: string): string => redact(text, repository.context.env);
  const marker = markerLine('plan', { env: planned.environment, digest: plan.digest });
  const comment = planComment({ plan, lexicon: planned.lexicon, marker, head: pull.head.sha.slice(0, 7), standing: change.standing, approvals: judged.state });
  await putComment(github, pull.number, { purpose: 'plan', environment: planned.environment, body: say(comment), same: sameComment });
  for (const review of judged.outdated)
    await dismissReview(github, pull.number, {
      review,
      message: `The plan for ${planned.environment} has changed since; its digest is ${plan.digest.slice(0, 12)} now.`,
    });
  await requestTeams(github, pull.number, [...new Set(plan.approvals.flatMap(({ teams }) => teams))]);
  return planExit(plan.findings);
}

export function isBlocked(plan: Plan): boolean {
  return planExit(plan.findings) !== exitCodes.done || plan.simulation.status === 'failed' || plan.simulation.status === 'unproven';
}

async function putPlanCheck({ github, context }: Repository, pull: Pull, planned: Planned, plan: Plan): Promise<void> {
  const { title, summary, text } = planCheck(plan, planned.lexicon);
  const say = (text: string): string => redact(text, context.env);
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
  await putCheck(github, {
    name,
    sha,
    key: digest,
    conclusion: 'failure',
    title: 'The approvals are being counted',
    summary: 'If this stays, the run has ended before its time: run it again.',
  });
}

type Approved = { environment: string; key: string; blocked: boolean; state: ApprovalState };

/** The required check. SIDE EFFECTS: GitHub. */
export async function putApproved({ github }: Repository, sha: string, { environment, key, blocked, state }: Approved): Promise<void> {
  const title = blocked ? 'The plan has errors' : approvalTitle(state);
  const conclusion: Conclusion = !blocked && state.approved ? 'success' : 'failure';
  await putCheck(github, { name: approvedCheckName(environment), sha, key, conclusion, title, summary: approvalLines(state).join('\n') });
}

/** Nothing that is required is left pending: without a plan both checks are red, and say why. */
async function reportProblem({ github, context }: Repository, pull: Pull, { environment, findings, lexicon }: Planned): Promise<number> {
  const say = (text: string): string => redact(text, context.env);
  const title = `No plan: ${findings.length === 1 ? (findings[0]?.code ?? '') : `${findings.length} findings`}`;
  const summary = say(findings.slice(0, 50).map(findingItem).join('\n'));
  const notes = lineNotes({ changes: [], edits: [], findings }, lexicon).map((note) => ({ ...note, message: say(note.message) }));
  const check = { sha: pull.head.sha, key: '', conclusion: 'failure' as const, title, summary };
  await putCheck(github, { ...check, name: planCheckName(environment), annotations: notes });
  await putCheck(github, { ...check, name: approvedCheckName(environment) });
  const marker = markerLine('plan', { env: environment, digest: null });
  const body = problemComment({ environment, marker, head: pull.head.sha.slice(0, 7), findings });
  await putComment(github, pull.number, { purpose: 'plan', environment, body: say(body), same: sameComment });
  return planExit(errorsOf(findings)) || exitCodes.failure;
}

function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.severity === 'error');
}

/** Red until there is a plan: a run that dies leaves nothing pending and nothing green. SIDE EFFECTS: GitHub. */
export async function announce({ github }: Repository, pull: Pull, environment: string): Promise<void> {
  const name = approvedCheckName(environment);
  if ((await checkHistory(github, { sha: pull.head.sha, name })).length > 0) return;
  const summary = 'If this stays, the run that was to plan has ended before its time: run it again.';
  await putCheck(github, { name, sha: pull.head.sha, key: '', conclusion: 'failure', title: 'The plan is being made', summary });
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
