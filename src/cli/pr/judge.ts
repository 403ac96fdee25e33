// Who has approved the plan of a pull request, as GitHub and our own checks tell it.
import type { ApprovalState } from '../../render/pr-comment.ts';
import { approvedDigests, type DigestSince, type Judgement, judgeApprovals, plansBefore } from '../../scm/approvals.ts';
import { checkHistory } from '../../scm/github/checks.ts';
import type { GitHub } from '../../scm/github/client.ts';
import { standingOf } from '../../scm/github/people.ts';
import { listReviews, type Pull, type Review } from '../../scm/github/pulls.ts';
import type { Approvals } from '../../types.ts';

export function planCheckName(environment: string): string {
  return `mooring / plan (${environment})`;
}

/** The check that the branch's protection requires: over all environments, so that a new one can't be brought in beside it. */
export const allApprovedCheckName = 'mooring / approved';

/** The same for one environment. */
export function approvedCheckName(environment: string): string {
  return `mooring / approved (${environment})`;
}

export type Judged = Judgement & {
  state: ApprovalState;
  /** Every plan of the pull request's head that was the current one until it was merged, with what its check says of each change. */
  history: readonly Shown[];
  /** Of these, what people have approved on the final head before the merge. */
  approvedDigests: readonly string[];
};

type Shown = DigestSince & { text: string };
type About = { pull: Pull; environment: string };

/** What reviewers and our own checks have said of a pull request, for judging it once or more. */
export type Said = About & { reviews: readonly Review[]; history: readonly Shown[] };

/** Throws GITHUB_*. */
export async function whatWasSaid(github: GitHub, { pull, environment }: About): Promise<Said> {
  const [reviews, runs] = await Promise.all([listReviews(github, pull.number), checkHistory(github, { sha: pull.head.sha, name: planCheckName(environment) })]);
  const plans = runs.map(({ key, startedAt, text }) => ({ digest: key, since: startedAt, text }));
  return { pull, environment, reviews, history: plansBefore(plans, pull.merged?.at ?? null) };
}

type Question = { digest: string; rules: readonly Approvals[] };

/** Throws GITHUB_*. Asks about the people only where somebody's word could count. */
export async function judgePull(github: GitHub, { pull, environment, ...question }: About & Question): Promise<Judged> {
  return judgeSaid(github, await whatWasSaid(github, { pull, environment }), question);
}

/** The same of what was read before. Throws GITHUB_*. */
export async function judgeSaid(github: GitHub, { pull, reviews, history }: Said, { digest, rules }: Question): Promise<Judged> {
  const teams = [...new Set(rules.flatMap((rule) => rule.teams))];
  const people = [...new Set(reviews.filter(({ state, isBot }) => state === 'APPROVED' && !isBot).map(({ author }) => author))];
  const standing = new Map(rules.length === 0 ? [] : await Promise.all(people.map(async (login) => [login, await standingOf(github, login, teams)] as const)));
  const told = { reviews, history, head: pull.head.sha, mergedAt: pull.merged?.at ?? null };
  const judgement = judgeApprovals({ ...told, digest, rules, author: pull.author, standing });
  const { approved, rules: met, uncounted } = judgement;
  return { ...judgement, state: { approved, rules: met, uncounted }, history, approvedDigests: approvedDigests(told) };
}
