// One pull request planned, environment by environment, against what merging it would give.
import { exitCodes, MooringError } from '../../errors.ts';
import { fetchRefs } from '../../scm/git.ts';
import type { Pull } from '../../scm/github/pulls.ts';
import { mergeTree } from '../../scm/merged-as.ts';
import type { Plan } from '../../types.ts';
import { environmentsOf, readChange } from './change.ts';
import { lexiconFor, planEnvironment } from './plan-environment.ts';
import { announce, announceAll, putAllApproved, reportLabels, reportPlanned, reportUntouched, type Verdict } from './report-plan.ts';
import type { Repository } from './repository.ts';

export type Told = { exit: number; lines: readonly string[] };

/** SIDE EFFECTS: fetches; asks the chain; GitHub. Throws GITHUB_*, GIT_*: then what was written says that there is no plan. */
export async function planPull(repository: Repository, pull: Pull): Promise<Told> {
  if (!pull.open) return { exit: exitCodes.done, lines: [`#${pull.number} is not open any more: nothing to plan.`] };
  // Another branch has another configuration, and checks belong to the commit, not to the pull request.
  if (pull.base !== repository.branch)
    return { exit: exitCodes.done, lines: [`#${pull.number} goes to ${pull.base}, not to ${repository.branch}: it is not planned.`] };
  const [base, head] = await fetchEnds(repository, pull);
  // A push between two requests: its own event plans it.
  if (head !== pull.head.sha) return { exit: exitCodes.done, lines: [`#${pull.number} has been pushed to meanwhile: the next run plans it.`] };
  const merged = await mergeTree(repository.git, base, head);
  return merged === null ? conflict(repository, pull, base) : planMerged(repository, pull, { from: base, to: merged });
}

/** Where the base branch and the pull request are now; both are here afterwards. */
async function fetchEnds({ git }: Repository, { base, number }: Pull): Promise<[base: string, head: string]> {
  const refs = [`refs/heads/${base}`, `refs/pull/${number}/head`];
  const [first, second] = await fetchRefs(git, refs);
  if (first && second) return [first, second];
  throw new MooringError('GIT_OBJECT_MISSING', `the remote has no ${refs[first ? 1 : 0]}`, { fix: 'Is this clone’s remote the repository of --repo?' });
}

async function planMerged(repository: Repository, pull: Pull, { from, to }: { from: string; to: string }): Promise<Told> {
  const known = await readChange(repository, from, to);
  const environments = environmentsOf(known);
  await announceAll(repository, pull.head.sha);
  for (const { name, touched } of environments) if (!touched) await reportUntouched(repository, pull, name);
  const touched = environments.filter((environment) => environment.touched);
  for (const { name } of touched) await announce(repository, pull, name);
  const told: { exit: number; lines: readonly string[]; plan: Plan | null; verdict: Verdict }[] = [];
  for (const { name } of touched) {
    const planned = await planEnvironment(repository, { environment: name, from, to, known });
    const { exit, verdict, notes } = await reportPlanned(repository, pull, planned);
    const digest = planned.change?.plan.digest.slice(0, 12);
    const what = digest === undefined ? `no plan (${planned.findings.map(({ code }) => code).join(', ')})` : `plan ${digest}`;
    told.push({ exit, lines: [what, ...notes].map((text) => `#${pull.number} ${name}: ${text}`), plan: planned.change?.plan ?? null, verdict });
  }
  await putAllApproved(
    repository,
    pull.head.sha,
    told.map(({ verdict }) => verdict),
  );
  await reportLabels(
    repository,
    pull,
    told.flatMap(({ plan }) => plan ?? []),
  );
  const lines = told.length === 0 ? [`#${pull.number} touches no environment.`] : told.flatMap(({ lines: said }) => said);
  return { exit: told.find(({ exit }) => exit !== exitCodes.done)?.exit ?? exitCodes.done, lines };
}

/** What merging would give can't be told: every environment that the pull request touches by itself has no plan. */
async function conflict(repository: Repository, pull: Pull, base: string): Promise<Told> {
  const change = await readChange(repository, base, pull.head.sha);
  const finding = {
    code: 'MERGE_CONFLICT',
    severity: 'error' as const,
    message: `it conflicts with ${pull.base}, so nobody can say what merging it would give`,
    fix: `Merge ${pull.base} into it, or rebase it.`,
  };
  const lexicon = lexiconFor(repository, null);
  const verdicts: Verdict[] = [];
  for (const { name, touched } of environmentsOf(change)) {
    if (touched) verdicts.push((await reportPlanned(repository, pull, { environment: name, sides: null, change: null, findings: [finding], lexicon })).verdict);
    else await reportUntouched(repository, pull, name);
  }
  await putAllApproved(repository, pull.head.sha, verdicts);
  return { exit: exitCodes.badInput, lines: [`#${pull.number} conflicts with ${pull.base}: no plan.`] };
}
