// Says on a merged pull request what became of it, and asks again where that is needed.
import { type ItemReport, itemComment } from '../../render/apply-comment.ts';
import { askingBody } from '../../render/ask-again.ts';
import { prose } from '../../render/markdown.ts';
import { sameComment } from '../../render/pr-comment.ts';
import { markerLine, putComment } from '../../scm/github/comments.ts';
import { putLabels } from '../../scm/github/issues.ts';
import type { Pull } from '../../scm/github/pulls.ts';
import type { Plan } from '../../types.ts';
import { redact } from '../secrets.ts';
import type { Outcome, Status } from './apply-item.ts';
import { askAgain, askNoMore } from './ask-again.ts';
import type { Item } from './merged-items.ts';
import { labelPrefix } from './report-plan.ts';
import type { Repository } from './repository.ts';

const labels: Partial<Record<Status, string>> = {
  applied: `${labelPrefix}applied`,
  partly: `${labelPrefix}partly applied`,
  failed: `${labelPrefix}failed`,
  stale: `${labelPrefix}stale`,
  unapproved: `${labelPrefix}not approved`,
  blocked: `${labelPrefix}failed`,
};

const outcomeLabels = new Set(Object.values(labels));

export type Asked = {
  environment: string;
  /** The branch's head. */
  head: string;
  item: Item;
  outcome: Outcome;
  /** The plan of the differences that are still to be made, on today's branch; null where none are left. */
  remaining: Plan | null;
};

/** SIDE EFFECTS: GitHub, and the branch of the pull request that asks again. */
export async function reportItem(repository: Repository, asked: Asked): Promise<ItemReport> {
  const { environment, item, outcome } = asked;
  const again = await ask(repository, asked);
  const report: ItemReport = { ...outcome, environment, again: again === null ? null : { number: again.number, url: again.url } };
  if (outcome.silent === true) return report;
  const marker = markerLine('apply', { env: environment, status: outcome.status });
  const body = redact(itemComment(report, marker), repository.context.env);
  await putComment(repository.github, item.pull, { purpose: 'apply', environment, body, same: sameComment });
  await label(repository, item.request, outcome.status);
  return report;
}

async function label({ github }: Repository, pull: Pull, status: Status): Promise<void> {
  const own = labels[status];
  const risks = pull.labels.filter((name) => name.startsWith(labelPrefix) && !outcomeLabels.has(name));
  await putLabels(github, pull.number, { prefix: labelPrefix, has: pull.labels, wanted: [...risks, ...(own === undefined ? [] : [own])] });
}

/** A pull request that asks again is there exactly as long as it is needed. */
async function ask(repository: Repository, { environment, head, item, outcome, remaining }: Asked): Promise<Pull | null> {
  const about = `pr-${item.pull}`;
  const isNeeded = outcome.status === 'stale' || outcome.status === 'unapproved';
  if (!isNeeded || remaining === null || remaining.changes.length === 0) {
    if (!outcome.waits)
      await askNoMore(repository, { environment, about, base: head, reason: `#${item.pull} has been settled: nothing is left to approve here.` });
    return null;
  }
  const what = outcome.status === 'stale' ? 'its plan has moved since it was approved' : 'it was merged without approval of its plan';
  const reason = `#${item.pull}: ${what}`;
  const why = [`#${item.pull} was merged, and ${what}, so nothing of it was sent.`, ...outcome.findings.map(({ message }) => `- ${prose(message)}`)];
  return askAgain(repository, {
    environment,
    about,
    base: head,
    plan: remaining,
    pullRequest: item.pull,
    reason,
    body: askingBody(remaining, outcome.lexicon, why),
  });
}
