// What came onto the branch since it was applied last: pull requests, one by one, and commits that are nobody's.

import { firstParents, type LineCommit } from '../../scm/first-parents.ts';
import { fetchRef, type Git, hasCommit, local, type ObjectId } from '../../scm/git.ts';
import { getPull, mergedPulls, type Pull } from '../../scm/github/pulls.ts';
import { mergedAs } from '../../scm/merged-as.ts';
import type { ApplyState, Waiting } from './apply-state.ts';
import type { Repository } from './repository.ts';

export type Item = Waiting & { request: Pull };

export type Arrivals = {
  /** Oldest first: those that wait, then the new ones. */
  items: readonly Item[];
  /** Commits of no pull request. */
  direct: readonly LineCommit[];
};

const day = 86_400_000;

/** Throws GITHUB_*, GIT_*, HISTORY_REWRITTEN. SIDE EFFECTS: fetches. */
export async function arrivals(
  repository: Repository,
  { state, head, environment }: { state: ApplyState; head: ObjectId; environment: string },
): Promise<Arrivals> {
  const { git, github, branch } = repository;
  const after = state.commit ?? (await firstWith(git, head, `desired-state/${environment}/environment.yaml`));
  const line = after === head ? [] : await firstParents(git, { after, to: head });
  const onLine = new Map(line.map((commit) => [commit.id, commit]));
  const since = Math.min(...line.map(({ at }) => at)) - day;
  const merged = line.length === 0 ? [] : (await mergedPulls(github, { base: branch, since })).filter((pull) => onLine.has(pull.merged?.commit ?? ''));
  const found = await Promise.all(merged.map((pull) => locate(git, pull, line)));
  const news = found.flatMap((item) => item ?? []).sort((a, b) => position(line, a.commit) - position(line, b.commit));
  const covered = new Set(news.flatMap(({ commits }) => commits));
  return { items: [...(await waitingItems(repository, state)), ...news], direct: line.filter(({ id }) => !covered.has(id)) };
}

async function waitingItems({ github, git }: Repository, { waiting }: ApplyState): Promise<Item[]> {
  const items = waiting.map(async (item) => {
    const request = await getPull(github, item.pull);
    await fetchRef(git, `refs/pull/${item.pull}/head`);
    return { ...item, request };
  });
  return Promise.all(items);
}

function position(line: readonly LineCommit[], id: ObjectId): number {
  return line.findIndex((commit) => commit.id === id);
}

/** Null where it can't be told how the pull request came onto the line: then its commits are nobody's. */
async function locate(git: Git, pull: Pull, line: readonly LineCommit[]): Promise<(Item & { commits: readonly ObjectId[] }) | null> {
  await fetchRef(git, `refs/pull/${pull.number}/head`);
  if (pull.merged === null || !(await hasCommit(git, pull.head.sha))) return null;
  const found = await mergedAs(git, { line, mergeCommit: pull.merged.commit, head: pull.head.sha });
  if (found === null) return null;
  const commit = found.commits.at(-1)?.id ?? pull.merged.commit;
  return { pull: pull.number, before: found.before, commit, request: pull, exact: found.exact, commits: found.commits.map(({ id }) => id) };
}

/** The first commit of the line that has the file: before it there was nothing to apply. */
async function firstWith(git: Git, head: ObjectId, path: string): Promise<ObjectId> {
  const { output } = await local(git, ['log', '--first-parent', '--diff-filter=A', '--format=%H', head, '--', path]);
  return output.toString('utf8').trim().split('\n').filter(Boolean).at(-1) ?? head;
}
