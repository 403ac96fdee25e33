// What came onto the branch since it was applied last: pull requests, one by one, and commits that are nobody's.

import { MooringError } from '../../errors.ts';
import { firstParents, type LineCommit } from '../../scm/first-parents.ts';
import { fetchRef, firstParentOf, type Git, hasCommit, local, type ObjectId } from '../../scm/git.ts';
import { getPull, mergedPulls, type Pull } from '../../scm/github/pulls.ts';
import { mergedAs } from '../../scm/merged-as.ts';
import type { ApplyState, Waiting } from './apply-state.ts';
import type { Repository } from './repository.ts';

export type Item = Waiting & { request: Pull };

export type Arrivals = {
  /** Oldest first: those that wait, then the new ones. */
  items: readonly Item[];
  /** New commits of no pull request. */
  direct: readonly LineCommit[];
  /** All commits that GitHub doesn't name a pull request for, those from before that are still asked about included. */
  loose: readonly LineCommit[];
  /** Pull requests that waited for commits which are not on the branch any more. */
  gone: readonly Waiting[];
};

const day = 86_400_000;

type Span = { state: ApplyState; head: ObjectId; environment: string };

/** Throws GITHUB_*, GIT_*, HISTORY_REWRITTEN. SIDE EFFECTS: fetches. */
export async function arrivals(repository: Repository, { state, head, environment }: Span): Promise<Arrivals> {
  const { git, github, branch } = repository;
  const after = state.commit ?? (await firstWith(git, head, `desired-state/${environment}/environment.yaml`));
  const { line, fresh } = await lineOf(git, { after, head, loose: state.loose.map(({ commit }) => commit) });
  const onLine = new Map(line.map((commit) => [commit.id, commit]));
  const since = Math.min(...line.map(({ at }) => at)) - day;
  const merged = line.length === 0 ? [] : (await mergedPulls(github, { base: branch, since })).filter((pull) => onLine.has(pull.merged?.commit ?? ''));
  const found = await Promise.all(merged.map((pull) => locate(git, pull, line)));
  const located = found.flatMap((item) => item ?? []).sort((a, b) => position(line, a.commit) - position(line, b.commit));
  const covered = new Set(located.flatMap(({ commits }) => commits));
  const asked = new Set([...fresh, ...state.loose.map(({ commit }) => commit)]);
  const { items, gone } = await waitingItems(repository, state, head);
  const known = new Set(items.map(({ pull }) => pull));
  const news = located.filter(({ pull, commits }) => !known.has(pull) && commits.some((id) => asked.has(id)));
  const loose = line.filter(({ id }) => asked.has(id) && !covered.has(id));
  return { items: [...items, ...news], direct: loose.filter(({ id }) => fresh.has(id)), loose, gone };
}

type Line = { line: LineCommit[]; fresh: ReadonlySet<ObjectId> };

/** The line from the oldest commit that is still asked about; `fresh` are those after `after`. */
async function lineOf(git: Git, { after, head, loose }: { after: ObjectId; head: ObjectId; loose: readonly ObjectId[] }): Promise<Line> {
  const news = after === head ? [] : await firstParents(git, { after, to: head });
  const fresh = new Set(news.map(({ id }) => id));
  const [oldest] = loose;
  const start = oldest === undefined || !(await hasCommit(git, oldest)) ? null : await firstParentOf(git, oldest);
  if (start === null) return { line: news, fresh };
  try {
    return { line: await firstParents(git, { after: start, to: head }), fresh };
  } catch (error) {
    // It went with a history that was rewritten.
    if (error instanceof MooringError && error.code === 'HISTORY_REWRITTEN') return { line: news, fresh };
    throw error;
  }
}

/** What waits, as far as it is still on the branch. */
async function waitingItems({ github, git }: Repository, { waiting }: ApplyState, head: ObjectId): Promise<{ items: Item[]; gone: Waiting[] }> {
  const items: Item[] = [];
  const gone: Waiting[] = [];
  for (const item of waiting) {
    if (!(await isOnLine(git, item.commit, head))) {
      gone.push(item);
      continue;
    }
    const request = await getPull(github, item.pull);
    await fetchRef(git, `refs/pull/${item.pull}/head`);
    items.push({ ...item, request });
  }
  return { items, gone };
}

async function isOnLine(git: Git, commit: ObjectId, head: ObjectId): Promise<boolean> {
  if (commit === head) return true;
  try {
    await firstParents(git, { after: commit, to: head });
    return true;
  } catch (error) {
    if (error instanceof MooringError && (error.code === 'HISTORY_REWRITTEN' || error.code === 'GIT_OBJECT_MISSING')) return false;
    throw error;
  }
}

function position(line: readonly LineCommit[], id: ObjectId): number {
  return line.findIndex((commit) => commit.id === id);
}

type Located = Item & { commits: readonly ObjectId[] };

/** Where it can't be told how the pull request came onto the line, its merge commit counts as inexact: said, and asked about, never sent. */
async function locate(git: Git, pull: Pull, line: readonly LineCommit[]): Promise<Located | null> {
  await fetchRef(git, `refs/pull/${pull.number}/head`);
  if (pull.merged === null) return null;
  const found = (await hasCommit(git, pull.head.sha)) ? await mergedAs(git, { line, mergeCommit: pull.merged.commit, head: pull.head.sha }) : null;
  if (found !== null) {
    const commit = found.commits.at(-1)?.id ?? pull.merged.commit;
    return { pull: pull.number, before: found.before, commit, request: pull, exact: found.exact, commits: found.commits.map(({ id }) => id) };
  }
  const commit = line.find(({ id }) => id === pull.merged?.commit);
  if (commit === undefined || commit.before === null) return null;
  return { pull: pull.number, before: commit.before, commit: commit.id, request: pull, exact: false, commits: [commit.id] };
}

/** The first commit of the line that has the file: before it there was nothing to apply. */
async function firstWith(git: Git, head: ObjectId, path: string): Promise<ObjectId> {
  const { output } = await local(git, ['log', '--first-parent', '--diff-filter=A', '--format=%H', head, '--', path]);
  return output.toString('utf8').trim().split('\n').filter(Boolean).at(-1) ?? head;
}
