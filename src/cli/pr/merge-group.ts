// The checks of a merge queue's group: the plan of the combined tree, and whether it is the one that was approved.
import { exitCodes, MooringError } from '../../errors.ts';
import { fetchRef, hasCommit } from '../../scm/git.ts';
import { getPull, type Pull } from '../../scm/github/pulls.ts';
import { planExit } from '../exits.ts';
import { environmentsOf, readChange } from './change.ts';
import { judgePull } from './judge.ts';
import { planEnvironment } from './plan-environment.ts';
import type { Span } from './readable.ts';
import { announceAll, isBlocked, putAllApproved, putApproved, type Verdict } from './report-plan.ts';
import type { Repository } from './repository.ts';

export type Group = { head: string; base: string; ref: string };

/**
 * The group's own changes are planned on what it stands on. Its check is green where the pull request that the ref names was
 * approved for that plan. SIDE EFFECTS: fetches; asks the chain; GitHub.
 */
export async function planMergeGroup(repository: Repository, { head, base, ref }: Group): Promise<number> {
  const number = /^(?:refs\/heads\/)?gh-readonly-queue\/.+\/pr-(\d+)-[0-9a-f]{40}$/.exec(ref)?.[1];
  if (number === undefined) throw new MooringError('USAGE', `"${ref}" is not the ref of a merge group`);
  await fetchRef(repository.git, ref.startsWith('refs/') ? ref : `refs/heads/${ref}`);
  for (const id of [head, base])
    if (!(await hasCommit(repository.git, id)))
      throw new MooringError('GIT_OBJECT_MISSING', `the clone lacks ${id.slice(0, 12)}`, { fix: 'Check out with the whole history.' });
  const pull = await getPull(repository.github, Number(number));
  const known = await readChange(repository, base, head);
  await announceAll(repository, head);
  const judged: Judged[] = [];
  for (const { name, touched } of environmentsOf(known))
    judged.push(touched ? await judgeGroup(repository, pull, { environment: name, from: base, to: head, known }) : await untouched(repository, head, name));
  await putAllApproved(
    repository,
    head,
    judged.flatMap(({ verdict }) => verdict ?? []),
  );
  return judged.map(({ exit }) => exit).find((exit) => exit !== exitCodes.done) ?? exitCodes.done;
}

/** `verdict`: null where the environment has nothing to do with the group. */
type Judged = { exit: number; verdict: Verdict | null };

async function judgeGroup(repository: Repository, pull: Pull, span: Span): Promise<Judged> {
  const { github, context } = repository;
  const { environment, to: head } = span;
  const planned = await planEnvironment(repository, span);
  const plan = planned.change?.plan ?? null;
  if (plan === null) {
    const why = planned.findings.map(({ code }) => ({ author: code, why: 'keeps the group from being planned' }));
    const verdict = await putApproved(repository, head, { environment, key: '', blocked: true, state: { approved: false, rules: [], uncounted: why } });
    context.stdout(`${environment}: no plan for the group.\n`);
    return { exit: planExit(planned.findings) || exitCodes.stale, verdict };
  }
  const judged = await judgePull(github, { pull, environment, digest: plan.digest, rules: plan.approvals });
  const blocked = isBlocked(plan);
  const verdict = await putApproved(repository, head, { environment, key: plan.digest, blocked, state: judged.state });
  const other = judged.approvedDigests;
  const why = judged.approved ? '' : other.length === 0 ? ', not approved' : `, approved for ${other.map((digest) => digest.slice(0, 12)).join(', ')}`;
  context.stdout(`${environment}: plan ${plan.digest.slice(0, 12)} of #${pull.number} in its group${why}\n`);
  return { exit: judged.approved && !blocked ? exitCodes.done : exitCodes.stale, verdict };
}

async function untouched(repository: Repository, head: string, environment: string): Promise<Judged> {
  await putApproved(repository, head, { environment, key: 'untouched', blocked: false, state: { approved: true, rules: [], uncounted: [] } });
  return { exit: exitCodes.done, verdict: null };
}
