// A pull request that asks to approve differences which git declares already: a merged change whose plan has moved, or drift.
import { writeApproval } from '../../desired/append-entry.ts';
import { approvalsTitleWords, titleLine } from '../../render/ask-again.ts';
import { dropBranch, putBranch } from '../../scm/bot-branch.ts';
import { remark } from '../../scm/github/issues.ts';
import { closePull, openOrUpdatePull, openPulls, type Pull } from '../../scm/github/pulls.ts';
import type { Plan } from '../../types.ts';
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

export function askingBranch(environment: string, about: string): string {
  return `mooring/approve/${environment}/${about}`;
}

/** Opens it, or brings it up to date. Throws BRANCH_TAKEN, GITHUB_*, GIT_*. SIDE EFFECTS: the remote, GitHub. */
export async function askAgain(repository: Repository, asking: Asking): Promise<Pull> {
  const { environment, about, base, plan, pullRequest, reason, body } = asking;
  const { git, github, branch: target, context } = repository;
  const branch = askingBranch(environment, about);
  const changes = plan.changes.map(({ id }) => id);
  const text = writeApproval({ digest: plan.digest, changes, pullRequest, reason });
  const title = asking.title === undefined ? approvalsTitleWords(plan, reason) : titleLine(asking.title);
  const files = new Map([[`desired-state/${environment}/approvals/${plan.digest}.yaml`, text]]);
  await putBranch(git, { branch, base, files, message: `${title}\n\n${reason}`, at: context.now() });
  return openOrUpdatePull(github, { branch, base: target, title, body: `${body.join('\n')}\n` });
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
