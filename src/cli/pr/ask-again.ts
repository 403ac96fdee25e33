// A pull request that asks to approve differences which git declares already: a merged change whose plan has moved, or drift.
import { writeApproval } from '../../desired/edit/append-entry.ts';
import { approvalsTitleWords, titleLine } from '../../render/ask-again.ts';
import { dropBranch, putBranch } from '../../scm/bot-branch.ts';
import { markerLine, readMarker } from '../../scm/github/comments.ts';
import { remark } from '../../scm/github/issues.ts';
import { closedPullsOf, closePull, openOrUpdatePull, openPulls, type Pull, type Refusal, refusedAmong } from '../../scm/github/pulls.ts';
import type { Plan } from '../../types.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { redact } from '../secrets/secrets.ts';
import type { Repository } from './repository.ts';

export type Asking = {
  environment: string;
  /** What it is about, as part of the branch's name: `pr-12`, `drift-ab12cd34`. */
  about: string;
  /** The branch's head. */
  base: string;
  /** Of the differences that are to be sent. */
  plan: Plan;
  pullRequest: number | null;
  reason: string;
  /** Default: what is asked, with the reason. */
  title?: string;
  body: readonly string[];
};

const purpose = 'approve';

export function askingBranch(environment: string, about: string): string {
  return `mooring/approve/${environment}/${about}`;
}

/**
 * Opens it, or brings it up to date. Secrets are taken out. Throws BRANCH_TAKEN, GITHUB_*, GIT_*. SIDE EFFECTS: the remote, GitHub.
 */
export async function askAgain(repository: Repository, asking: Asking): Promise<Pull> {
  const { environment, about, base, plan, pullRequest, body } = asking;
  const { git, github, branch: target, context } = repository;
  const say = (text: string): string => redact(text, context.env);
  const reason = say(asking.reason);
  const branch = askingBranch(environment, about);
  const changes = plan.changes.map(({ id }) => id);
  const text = writeApproval({ digest: plan.digest, changes, pullRequest, reason });
  const title = asking.title === undefined ? approvalsTitleWords(plan, reason) : titleLine(say(asking.title));
  const files = new Map([[`desired-state/${environment}/approvals/${plan.digest}.yaml`, text]]);
  await putBranch(git, { branch, base, files, message: `${title}\n\n${reason}`, at: context.now() });
  const marker = markerLine(purpose, { env: environment, digest: plan.digest });
  return openOrUpdatePull(github, { branch, base: target, title, body: redactMarkdown(`${[marker, ...body].join('\n')}\n`, context.env) });
}

/** Whether somebody has closed, unmerged, what asked for this very plan; null where nobody has. Throws GITHUB_*. */
export async function refusalOf(
  { github, branch: base }: Repository,
  { environment, about, digest }: Pick<Asking, 'environment' | 'about'> & { digest: string },
): Promise<Refusal | null> {
  const closed = await closedPullsOf(github, { base, branch: askingBranch(environment, about) });
  return refusedAmong(
    github,
    closed.filter(({ body }) => readMarker(body, purpose)?.['digest'] === digest),
  );
}

/** Closes it with the reason, where it is open. SIDE EFFECTS: the remote, GitHub. */
export async function askNoMore(
  repository: Repository,
  { environment, about, base, reason }: Pick<Asking, 'environment' | 'about' | 'base' | 'reason'>,
): Promise<void> {
  const branch = askingBranch(environment, about);
  const [pull] = await openPulls(repository.github, { base: repository.branch, branch });
  if (pull === undefined) return;
  await remark(repository.github, pull.number, reason);
  await closePull(repository.github, pull.number);
  await dropBranch(repository.git, branch, base);
}
