// Says on a merged pull request what became of it, and asks again where that is needed.
import { type ItemReport, itemComment } from '../../render/apply-comment.ts';
import { askingBody, refusedBody } from '../../render/ask-again.ts';
import { prose } from '../../render/markdown.ts';
import { sameComment } from '../../render/pr-comment.ts';
import { markerLine, putComment } from '../../scm/github/comments.ts';
import { putLabels } from '../../scm/github/issues.ts';
import type { Pull, Refusal } from '../../scm/github/pulls.ts';
import type { Plan } from '../../types.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { redact } from '../secrets/secrets.ts';
import type { Outcome, Status } from './apply-outcome.ts';
import { askAgain, askNoMore, refusalOf } from './ask-again.ts';
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

const refusedLabel = `${labelPrefix}refused`;
const outcomeLabels = new Set([...Object.values(labels), refusedLabel]);

export type Asked = {
  environment: string;
  /** The branch's head. */
  head: string;
  item: Item;
  outcome: Outcome;
  /** The plan of the differences that are still to be made, on today's branch; null where none are left. */
  remaining: Plan | null;
};

/**
 * Where the report's `refused` isn't null, somebody has said no to what would be sent: then it waits no longer, whatever the
 * outcome says. SIDE EFFECTS: GitHub, and the branch of the pull request that asks again.
 */
export async function reportItem(repository: Repository, asked: Asked): Promise<ItemReport> {
  const { environment, item } = asked;
  const outcome = withoutSecrets(asked.outcome, repository.context);
  const { again, refused } = await ask(repository, { ...asked, outcome });
  const report: ItemReport = { ...outcome, environment, again: again === null ? null : { number: again.number, url: again.url }, refused };
  if (outcome.silent === true) return report;
  const marker = markerLine('apply', { env: environment, status: outcome.status });
  const body = redactMarkdown(itemComment(report, marker), repository.context.env);
  await putComment(repository.github, item.pull, { purpose: 'apply', environment, body, same: sameComment });
  await label(repository, item.request, refused === null ? labels[outcome.status] : refusedLabel);
  return report;
}

/** Before anything is escaped: an escaped secret isn't found. */
function withoutSecrets(outcome: Outcome, { env }: Repository['context']): Outcome {
  const findings = outcome.findings.map((finding) => ({
    ...finding,
    message: redact(finding.message, env),
    ...(finding.fix === undefined ? {} : { fix: redact(finding.fix, env) }),
  }));
  return { ...outcome, findings };
}

async function label({ github }: Repository, pull: Pull, own: string | undefined): Promise<void> {
  const risks = pull.labels.filter((name) => name.startsWith(labelPrefix) && !outcomeLabels.has(name));
  await putLabels(github, pull.number, { prefix: labelPrefix, has: pull.labels, wanted: [...risks, ...(own === undefined ? [] : [own])] });
}

type Answer = { again: Pull | null; refused: Refusal | null };

/** A pull request that asks again is there exactly as long as it is needed, and nobody has said no to it. */
async function ask(repository: Repository, { environment, head, item, outcome, remaining }: Asked): Promise<Answer> {
  const about = `pr-${item.pull}`;
  const asking = { environment, about, base: head };
  const isNeeded = outcome.status === 'stale' || outcome.status === 'unapproved';
  if (!isNeeded || remaining === null || remaining.changes.length === 0) {
    if (!outcome.waits) await askNoMore(repository, { ...asking, reason: `#${item.pull} has been settled: nothing is left to approve here.` });
    return { again: null, refused: null };
  }
  const refused = await refusalOf(repository, { environment, about, digest: remaining.digest });
  if (refused !== null) {
    await askNoMore(repository, { ...asking, reason: `The plan is again the one that was refused in #${refused.number}: nothing is left to approve here.` });
    await tellRefusal(repository, { environment, item, refused, digest: remaining.digest });
    return { again: null, refused };
  }
  const what = outcome.status === 'stale' ? 'its plan has moved since it was approved' : 'it was merged without approval of its plan';
  const reason = `#${item.pull}: ${what}`;
  const sent = outcome.receipt === null ? 'nothing of it was sent' : 'only a part of it was sent';
  const why = [`#${item.pull} was merged, and ${what}, so ${sent}.`, ...outcome.findings.map(({ message }) => `- ${prose(message)}`)];
  const body = askingBody(remaining, outcome.lexicon, why);
  return { again: await askAgain(repository, { ...asking, plan: remaining, pullRequest: item.pull, reason, body }), refused: null };
}

/** Once: a later apply finds the remark. */
async function tellRefusal(
  { github }: Repository,
  { environment, item, refused, digest }: { environment: string; item: Item; refused: Refusal; digest: string },
): Promise<void> {
  const marker = markerLine('refused', { env: environment, digest });
  const body = [marker, ...refusedBody(refused, { environment, digest }), ''].join('\n');
  await putComment(github, item.pull, { purpose: 'refused', environment, body, same: sameComment });
}
