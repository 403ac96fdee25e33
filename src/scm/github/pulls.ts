// Pull requests and their reviews, as far as planning and applying ask about them.
import { MooringError } from '../../errors.ts';
import { ask, createOnce, type GitHub } from './client.ts';

export type Pull = {
  number: number;
  title: string;
  body: string;
  author: string;
  open: boolean;
  draft: boolean;
  /** Base branch's name. */
  base: string;
  /** `repository` is null where a fork is gone. */
  head: { sha: string; branch: string; repository: string | null };
  /** Null until merged; `at` in milliseconds since the epoch. */
  merged: { commit: string; at: number; by: string | null } | null;
  /** When it was closed, merged or not; milliseconds since the epoch. */
  closedAt: number | null;
  labels: readonly string[];
  url: string;
};

export type Review = {
  id: number;
  author: string;
  isBot: boolean;
  state: string;
  /** The head that it was given for. */
  commit: string | null;
  /** Milliseconds since the epoch. */
  at: number;
};

type Listed = Awaited<ReturnType<GitHub['octokit']['rest']['pulls']['list']>>['data'][number];
type Full = Awaited<ReturnType<GitHub['octokit']['rest']['pulls']['get']>>['data'];

function readPull(pull: Listed | Full): Pull {
  const merged = pull.merged_at !== null && pull.merge_commit_sha !== null;
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body ?? '',
    author: pull.user?.login ?? 'ghost',
    open: pull.state === 'open',
    draft: pull.draft === true,
    base: pull.base.ref,
    head: { sha: pull.head.sha, branch: pull.head.ref, repository: pull.head.repo?.full_name ?? null },
    merged: merged ? { commit: pull.merge_commit_sha ?? '', at: Date.parse(pull.merged_at ?? ''), by: mergedBy(pull) } : null,
    closedAt: pull.closed_at === null ? null : Date.parse(pull.closed_at),
    labels: pull.labels.flatMap((label) => label.name ?? []),
    url: pull.html_url,
  };
}

function mergedBy(pull: Listed | Full): string | null {
  return 'merged_by' in pull ? (pull.merged_by?.login ?? null) : null;
}

/** Throws GITHUB_*. */
export async function getPull({ octokit, owner, repo }: GitHub, number: number): Promise<Pull> {
  const { data } = await ask(`pull request #${number}`, () => octokit.rest.pulls.get({ owner, repo, pull_number: number }));
  return readPull(data);
}

/** All open ones towards `base`, oldest first. `branch`: only that branch of this repository. Throws GITHUB_*. */
export async function openPulls({ octokit, owner, repo }: GitHub, { base, branch }: { base: string; branch?: string }): Promise<Pull[]> {
  const head = branch === undefined ? {} : { head: `${owner}:${branch}` };
  const list = await ask('the open pull requests', () =>
    octokit.paginate(octokit.rest.pulls.list, { owner, repo, state: 'open', base, ...head, sort: 'created', direction: 'asc', per_page: 100 }),
  );
  return list.map(readPull);
}

/** Closed, unmerged or merged, of one branch of this repository; newest first. Throws GITHUB_*. */
export async function closedPullsOf({ octokit, owner, repo }: GitHub, { base, branch }: { base: string; branch: string }): Promise<Pull[]> {
  const list = await ask('the closed pull requests of a branch', () =>
    octokit.paginate(octokit.rest.pulls.list, {
      owner,
      repo,
      state: 'closed',
      base,
      head: `${owner}:${branch}`,
      sort: 'created',
      direction: 'desc',
      per_page: 100,
    }),
  );
  return list.map(readPull);
}

/** Who closed it; null while it is open, and where GitHub doesn't tell. Throws GITHUB_*. */
export async function closerOf({ octokit, owner, repo }: GitHub, number: number): Promise<string | null> {
  // Only the issue that a pull request also is tells it.
  const { data } = await ask(`who closed #${number}`, () => octokit.rest.issues.get({ owner, repo, issue_number: number }));
  return data.closed_by?.login ?? null;
}

/** `by` is null where GitHub doesn't tell. */
export type Refusal = { number: number; by: string | null };

/** The first of these closed pull requests that is ours and was closed unmerged by somebody else; null where there is none. Throws GITHUB_*. */
export async function refusedAmong(github: GitHub, closed: readonly Pull[]): Promise<Refusal | null> {
  const { login } = await github.identity();
  for (const { number } of closed.filter(({ merged, author }) => merged === null && author === login)) {
    const by = await closerOf(github, number);
    // Where it isn't known who it was, it was not us: what we do bears our name.
    if (by !== login) return { number, by };
  }
  return null;
}

/** Merged into `base` and touched since `since` (milliseconds since the epoch). Throws GITHUB_*. */
export async function mergedPulls({ octokit, owner, repo }: GitHub, { base, since }: { base: string; since: number }): Promise<Pull[]> {
  const found: Pull[] = [];
  await ask('the merged pull requests', async () => {
    const query = { owner, repo, state: 'closed' as const, base, sort: 'updated' as const, direction: 'desc' as const, per_page: 100 };
    for await (const { data } of octokit.paginate.iterator(octokit.rest.pulls.list, query)) {
      found.push(...data.map(readPull).filter(({ merged }) => merged !== null));
      // Merging touches a pull request: one that was last touched before can't have been merged since.
      if (data.some((pull) => Date.parse(pull.updated_at) < since)) break;
    }
  });
  return found;
}

/** Oldest first. Throws GITHUB_*. */
export async function listReviews({ octokit, owner, repo }: GitHub, number: number): Promise<Review[]> {
  const list = await ask(`the reviews of #${number}`, () =>
    octokit.paginate(octokit.rest.pulls.listReviews, { owner, repo, pull_number: number, per_page: 100 }),
  );
  const reviews = list.map((review) => ({
    id: review.id,
    author: review.user?.login ?? 'ghost',
    isBot: review.user === null || review.user.type === 'Bot' || review.user.login.endsWith('[bot]'),
    state: review.state,
    commit: review.commit_id,
    at: Date.parse(review.submitted_at ?? ''),
  }));
  return reviews.sort((a, b) => a.at - b.at || a.id - b.id);
}

/** SIDE EFFECTS: GitHub. */
export async function dismissReview({ octokit, owner, repo }: GitHub, number: number, { review, message }: { review: number; message: string }): Promise<void> {
  await ask(`dismissing a review of #${number}`, () =>
    octokit.rest.pulls.dismissReview({ owner, repo, pull_number: number, review_id: review, message, event: 'DISMISS' }),
  );
}

/**
 * Asks those teams that aren't asked yet. Returns those that GitHub doesn't let be asked: they aren't there, or have no access
 * to the repository. Throws GITHUB_*, but for that. SIDE EFFECTS: GitHub.
 */
export async function requestTeams(github: GitHub, number: number, teams: readonly string[]): Promise<string[]> {
  if (teams.length === 0) return [];
  const { octokit, owner, repo } = github;
  const { data } = await ask(`the requested reviewers of #${number}`, () => octokit.rest.pulls.listRequestedReviewers({ owner, repo, pull_number: number }));
  const asked = new Set(data.teams.map(({ slug }) => slug));
  const missing = [...new Set(teams)].filter((team) => !asked.has(team));
  if (missing.length === 0 || (await areAsked(github, number, missing))) return [];
  if (missing.length === 1) return missing;
  // GitHub takes all or none: one that can't be asked keeps the others from it.
  const refused: string[] = [];
  for (const team of missing) if (!(await areAsked(github, number, [team]))) refused.push(team);
  return refused;
}

/** False where GitHub refuses to. */
async function areAsked({ octokit, owner, repo }: GitHub, number: number, teams: readonly string[]): Promise<boolean> {
  try {
    const request = { owner, repo, pull_number: number, team_reviewers: [...teams] };
    await ask(`asking ${teams.join(', ')} to review #${number}`, () => octokit.rest.pulls.requestReviewers(request));
    return true;
  } catch (error) {
    if (error instanceof MooringError && error.code === 'GITHUB_REFUSED') return false;
    throw error;
  }
}

export type PullText = {
  branch: string;
  base: string;
  title: string;
  body: string;
  /** Whether two bodies say the same, whatever moves by itself; absent: only where they are equal. */
  same?(a: string, b: string): boolean;
};

/** Opens the pull request of a branch, or brings its title and body up to date. SIDE EFFECTS: GitHub. */
export async function openOrUpdatePull(github: GitHub, { branch, base, title, body, same = (a, b) => a === b }: PullText): Promise<Pull> {
  const { octokit, owner, repo } = github;
  const find = async (): Promise<Pull | null> => (await openPulls(github, { base, branch }))[0] ?? null;
  const create = async (): Promise<Pull> => readPull((await octokit.rest.pulls.create({ owner, repo, head: branch, base, title, body })).data);
  const pull = await createOnce(`opening a pull request for ${branch}`, { find, create });
  if (pull.title === title && same(pull.body, body)) return pull;
  const { data } = await ask(`updating #${pull.number}`, () => octokit.rest.pulls.update({ owner, repo, pull_number: pull.number, title, body }));
  return readPull(data);
}

/** SIDE EFFECTS: GitHub. */
export async function closePull({ octokit, owner, repo }: GitHub, number: number): Promise<void> {
  await ask(`closing #${number}`, () => octokit.rest.pulls.update({ owner, repo, pull_number: number, state: 'closed' }));
}
