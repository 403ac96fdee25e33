// Who has approved the plan of a pull request, as GitHub and our own checks tell it.
import type { ApprovalState } from '../../render/pr-comment.ts';
import { approvedDigests, type DigestSince, type Judgement, judgeApprovals, plansBefore } from '../../scm/approvals.ts';
import { checkHistory } from '../../scm/github/checks.ts';
import type { GitHub } from '../../scm/github/client.ts';
import { standingOf } from '../../scm/github/people.ts';
import { listReviews, type Pull } from '../../scm/github/pulls.ts';
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

export type Judged = Judgement & { state: ApprovalState };

/**
 * Every plan of a pull request's head that was the current one, until it was merged, with what its check says of each change.
 * Throws GITHUB_*.
 */
export async function digestHistory(github: GitHub, { environment, pull }: { environment: string; pull: Pull }): Promise<(DigestSince & { text: string })[]> {
  const runs = await checkHistory(github, { sha: pull.head.sha, name: planCheckName(environment) });
  const plans = runs.map(({ key, startedAt, text }) => ({ digest: key, since: startedAt, text }));
  return plansBefore(plans, pull.merged?.at ?? null);
}

/** Digests that people have approved on its final head, before it was merged. Throws GITHUB_*. */
export async function digestsApproved(github: GitHub, { environment, pull }: { environment: string; pull: Pull }): Promise<string[]> {
  const [reviews, history] = await Promise.all([listReviews(github, pull.number), digestHistory(github, { environment, pull })]);
  return approvedDigests({ reviews, history, head: pull.head.sha, mergedAt: pull.merged?.at ?? null });
}

/** Throws GITHUB_*. Asks about the people only where somebody's word could count. */
export async function judgePull(
  github: GitHub,
  { pull, environment, digest, rules }: { pull: Pull; environment: string; digest: string; rules: readonly Approvals[] },
): Promise<Judged> {
  const [reviews, history] = await Promise.all([listReviews(github, pull.number), digestHistory(github, { environment, pull })]);
  const teams = [...new Set(rules.flatMap((rule) => rule.teams))];
  const people = [...new Set(reviews.filter(({ state, isBot }) => state === 'APPROVED' && !isBot).map(({ author }) => author))];
  const standing = new Map(rules.length === 0 ? [] : await Promise.all(people.map(async (login) => [login, await standingOf(github, login, teams)] as const)));
  const judgement = judgeApprovals({ digest, rules, author: pull.author, head: pull.head.sha, mergedAt: pull.merged?.at ?? null, reviews, history, standing });
  return { ...judgement, state: { approved: judgement.approved, rules: judgement.rules, uncounted: judgement.uncounted } };
}
