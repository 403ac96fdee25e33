// Whether what would be sent for a merged pull request was approved: by whom policy asks, for this very plan.
import type { RunState } from '../../journal/reduce.ts';
import { approvalsOf } from '../../plan/policy.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import { movedSince } from '../../render/pr-comment.ts';
import type { Approvals, Finding, Plan, Policy } from '../../types.ts';
import { judgePull, judgeSaid, whatWasSaid } from './judge.ts';
import type { Item } from './merged-items.ts';
import type { Repository } from './repository.ts';

/** `approval`: the digest that was approved. `by` begins with `approvalOf`. */
export type Grant = { approval: string; by: string };
export type Refused = { refused: 'stale' | 'unapproved'; findings: readonly Finding[] };

export type Asked = {
  environment: string;
  plan: Plan;
  lexicon: Lexicon;
  /** What was there before the pull request. */
  policy: Policy;
  /** The run that was begun for it and isn't complete: what it was begun for must still count as approved. */
  begun: RunState | null;
};

/** How a run's `approvedBy` begins: what tells whose approval it spent. */
export function approvalOf(pull: number): string {
  return `pull request #${pull}, `;
}

/** Under the policy that was there before it. The journal is evidence, never an approval: GitHub is asked each time. Throws GITHUB_*. */
export async function grantOf({ github }: Pick<Repository, 'github'>, item: Item, asked: Asked): Promise<Grant | Refused> {
  const { environment, plan, begun } = asked;
  const { request: pull } = item;
  const digest = begun === null ? plan.digest : (begun.started.approval ?? begun.started.digest);
  const rules = begun === null ? plan.approvals : [...plan.approvals, ...approvalsOf(asked.policy, begun.started.changes, plan.edits)];
  if (!item.exact) return { refused: 'unapproved', findings: [inexact(item)] };
  const judged = await judgePull(github, { pull, environment, digest, rules });
  const { history } = judged;
  const shown = history.filter((known) => known.digest !== '').at(-1)?.digest;
  // Where policy asks for nobody, what was shown last is what merging has agreed to.
  const agreed = rules.length > 0 ? judged.approved : shown === digest;
  const people = [...new Set(judged.state.rules.flatMap(({ by }) => by))];
  const whose = people.length === 0 ? 'for which policy asks no approval' : `approved by ${people.join(', ')}`;
  if (agreed) return { approval: digest, by: `${approvalOf(item.pull)}${whose}` };
  if (begun !== null) return { refused: 'unapproved', findings: [begunWithout(digest)] };
  const others = rules.length === 0 ? [shown ?? ''] : judged.approvedDigests;
  const other = others.filter((known) => known !== '' && known !== digest);
  if (other.length === 0) return { refused: 'unapproved', findings: [missing(judged.state.rules)] };
  return { refused: 'stale', findings: staleBy(asked, { other, text: history.filter((known) => other.includes(known.digest)).at(-1)?.text ?? '' }) };
}

/** Whether those whom policy asks approved any plan of it: edits alone need that, too. Throws GITHUB_*. */
export async function isSettled(
  { github }: Pick<Repository, 'github'>,
  { request: pull }: Item,
  { environment, plan }: Pick<Asked, 'environment' | 'plan'>,
): Promise<{ settled: boolean; told: boolean; findings: readonly Finding[] }> {
  const rules = plan.approvals;
  const said = await whatWasSaid(github, { pull, environment });
  const now = await judgeSaid(github, said, { digest: plan.digest, rules });
  const digests = now.approvedDigests.filter((digest) => digest !== '');
  const judged = await Promise.all(digests.map((digest) => judgeSaid(github, said, { digest, rules })));
  const settled = now.approved || judged.some(({ approved }) => approved);
  const told = digests.length > 0 && !digests.includes(plan.digest);
  return { settled, told, findings: settled ? [] : [missing(now.state.rules)] };
}

function staleBy({ plan, lexicon }: Asked, { other, text }: { other: readonly string[]; text: string }): Finding[] {
  const message = `the plan is ${plan.digest.slice(0, 12)} now, and ${other.map((digest) => digest.slice(0, 12)).join(' and ')} was approved`;
  const moved = movedSince(text, plan, lexicon).map((sentence): Finding => ({ code: 'PLAN_MOVED', severity: 'error', message: sentence }));
  return [{ code: 'STALE_PLAN', severity: 'error', message }, ...moved];
}

function missing(rules: readonly { rule: Approvals; by: readonly string[]; met: boolean }[]): Finding {
  const open = rules
    .filter(({ met }) => !met)
    .map(({ rule, by }) => `${rule.count}${rule.teams.length === 0 ? '' : ` from ${rule.teams.join(' or ')}`}, it has ${by.length}`);
  return {
    code: 'APPROVAL_REQUIRED',
    severity: 'error',
    message:
      open.length === 0 ? 'it was merged without a plan having been shown' : `it was merged without the approvals that policy asks for (${open.join('; ')})`,
  };
}

function begunWithout(digest: string): Finding {
  return {
    code: 'APPROVAL_REQUIRED',
    severity: 'error',
    message: `a run of it was begun for the plan ${digest.slice(0, 12)}, which has not the approvals that policy asks for, or has them no more`,
  };
}

function inexact({ pull, commit }: Item): Finding {
  return {
    code: 'MERGE_INEXACT',
    severity: 'error',
    message: `${commit.slice(0, 12)} is not what merging the final head of #${pull} gives: something was slipped in while merging`,
  };
}
