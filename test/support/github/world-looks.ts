// What a test sees of the tests' GitHub, in few words.
import type { CheckRun } from './check-book.ts';
import { type Fields, fieldsOf, loginOf, succeeded } from './exchange.ts';
import type { Hub } from './hub.ts';
import { repoPath } from './people.ts';
import { requestedNames } from './review-routes.ts';
import type { Call } from './world-acts.ts';

export type Pull = {
  number: number;
  state: 'open' | 'closed';
  title: string;
  body: string | null;
  draft: boolean;
  user: { login: string };
  labels: { name: string }[];
  head: { ref: string; sha: string; label: string; repo: { full_name: string } };
  base: { ref: string; sha: string };
  merged: boolean;
  merged_at: string | null;
  merged_by: { login: string } | null;
  merge_commit_sha: string | null;
  mergeable: boolean | null;
  mergeable_state: string;
  created_at: string;
  updated_at: string;
  closed_at: string | null;
};

export type PullLine = { number: number; title: string; branch: string; author: string; state: 'open' | 'closed' };
export type Comment = { id: number; author: string; body: string; created_at: string; updated_at: string };
export type Review = { id: number; author: string; state: string; body: string; commit_id: string; submitted_at: string };
export type Issue = { number: number; author: string; title: string; body: string; state: string; labels: string[] };

export type Looks = {
  pull(number: number): Promise<Pull>;
  /** Newest first. */
  pulls(state?: 'open' | 'closed' | 'all'): Promise<PullLine[]>;
  /** Oldest first, as GitHub lists them. */
  comments(number: number): Promise<Comment[]>;
  reviews(number: number): Promise<Review[]>;
  labels(number: number): Promise<string[]>;
  /** All runs of a commit, newest first, with their annotations. */
  checks(sha: string, name?: string): CheckRun[];
  requestedReviewers(number: number): Promise<{ users: string[]; teams: string[] }>;
  requestedTeams(number: number): Promise<string[]>;
  /** Without pull requests, newest first. */
  issues(state?: 'open' | 'closed' | 'all'): Promise<Issue[]>;
};

export function makeLooks(hub: Hub, call: Call): Looks {
  const list = (path: string) => listAll(call, path);
  async function requested(number: number): Promise<{ users: string[]; teams: string[] }> {
    const pull = hub.pulls.get(number);
    return pull ? requestedNames(hub, pull) : { users: [], teams: [] };
  }
  return {
    async pull(number) {
      const answer = await call('alice', 'GET', `${repoPath}/pulls/${number}`);
      if (!succeeded(answer)) throw new Error(`there is no pull request ${number}`);
      return answer.body as Pull;
    },
    pulls: async (state = 'open') => (await list(`/pulls?state=${state}&`)).map((pull) => lineOf(pull as unknown as Pull)),
    comments: async (number) => (await list(`/issues/${number}/comments?`)).map((comment) => withAuthor<Comment>(comment, commentFields)),
    reviews: async (number) => (await list(`/pulls/${number}/reviews?`)).map((review) => withAuthor<Review>(review, reviewFields)),
    labels: async (number) => (await list(`/issues/${number}/labels?`)).map((label) => String(label['name'])),
    checks(sha, name) {
      const runs = hub.checks.all().filter((run) => run.head_sha === sha && (name === undefined || run.name === name));
      return structuredClone(runs);
    },
    requestedReviewers: requested,
    requestedTeams: async (number) => (await requested(number)).teams,
    async issues(state = 'open') {
      const found = (await list(`/issues?state=${state}&`)).filter((issue) => !('pull_request' in issue));
      return found.map((issue) => ({ ...withAuthor<Issue>(issue, issueFields), labels: (issue['labels'] as Fields[]).map((label) => String(label['name'])) }));
    },
  };
}

function lineOf({ number, title, head, user, state }: Pull): PullLine {
  return { number, title, branch: head.ref, author: user.login, state };
}

const commentFields = ['id', 'body', 'created_at', 'updated_at'];
const reviewFields = ['id', 'state', 'body', 'commit_id', 'submitted_at'];
const issueFields = ['number', 'title', 'body', 'state'];

function withAuthor<T extends { author: string }>(value: Fields, names: readonly string[]): T {
  return { author: loginOf(value['user']), ...Object.fromEntries(names.map((name) => [name, value[name]])) } as T;
}

async function listAll(call: Call, path: string): Promise<Fields[]> {
  const items: Fields[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await call('alice', 'GET', `${repoPath}${path}per_page=100&page=${page}`);
    if (!Array.isArray(body)) throw new Error(`${path}: ${JSON.stringify(fieldsOf(body)['message'])}`);
    items.push(...(body as Fields[]));
    if (body.length < 100) return items;
  }
}
