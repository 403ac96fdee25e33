// What people and Apps do in the tests' GitHub. Except for `api`, which goes over HTTP as the product does, nothing of it
// is logged or can be made to fail.
import type { Files } from './bare-repository.ts';
import { webToken } from './credentials.ts';
import { type Answer, fieldsOf, succeeded } from './exchange.ts';
import type { Method } from './git-merge.ts';
import type { Hub } from './hub.ts';
import { apps, type Person, repoPath, tokenOf } from './people.ts';
import type { Service } from './service.ts';
import { makePushes } from './world-pushes.ts';

/** `actions` is the token of a workflow that runs in the repository. */
export type Caller = Person | 'app' | 'actions';

export type Acts = {
  actionsToken(): Promise<string>;
  openPull(options: { as: Caller; branch: string; title: string; body?: string; base?: string; draft?: boolean }): Promise<number>;
  /** Makes the commit as well, in a branch of its own unless said. */
  openPullFromFork(options: { as?: 'mallory'; title: string; files: Files; branch?: string; body?: string }): Promise<number>;
  /** Whoever approves has read for a minute before, unless it is done `unread`. */
  review(number: number, options: { as: Caller; event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT'; body?: string; unread?: boolean }): Promise<number>;
  dismiss(number: number, review: number, options: { as: Caller; message: string }): Promise<void>;
  /** Fails with GitHub's status, not with an error. */
  merge(number: number, options: { as: Caller; method?: Method }): Promise<{ status: number; sha: string | null }>;
  closePull(number: number, as: Caller): Promise<void>;
  reopenPull(number: number, as: Caller): Promise<void>;
  comment(number: number, body: string, as: Caller): Promise<number>;
  editComment(id: number, body: string, as: Caller): Promise<void>;
  deleteComment(id: number, as: Caller): Promise<void>;
  editIssue(number: number, body: string, as: Caller): Promise<void>;
  /** A request over HTTP: logged, and subject to `fault`. null: without credentials. */
  api(who: Caller | null, method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; headers: Headers }>;
};

export type Call = (who: Caller, method: string, path: string, body?: unknown) => Promise<Answer>;

export type Parts = { hub: Hub; service: Service; apiUrl: string; privateKey: string };

export function makeActs(parts: Parts): Acts & { call: Call } {
  const tokens = new Map<Caller, Promise<string>>();
  function tokenOnce(who: Caller): Promise<string> {
    const token = tokens.get(who) ?? tokenFor(parts, who);
    tokens.set(who, token);
    return token;
  }
  const call = makeCall(parts, tokenOnce);
  async function must(who: Caller, method: string, path: string, body?: unknown): Promise<number> {
    const answer = await call(who, method, `${repoPath}${path}`, body);
    if (!succeeded(answer)) throw new Error(`${who}: ${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    const { number, id } = fieldsOf(answer.body);
    return Number(number ?? id);
  }
  return {
    call,
    actionsToken: () => tokenFor(parts, 'actions'),
    ...pullActs(parts.hub, must, call),
    comment: (number, body, as) => must(as, 'POST', `/issues/${number}/comments`, { body }),
    editComment: async (id, body, as) => void (await must(as, 'PATCH', `/issues/comments/${id}`, { body })),
    deleteComment: async (id, as) => void (await must(as, 'DELETE', `/issues/comments/${id}`)),
    editIssue: async (number, body, as) => void (await must(as, 'PATCH', `/issues/${number}`, { body })),
    api: async (who, method, path, body) => overHttp(`${parts.apiUrl}${path}`, who && (await tokenOnce(who)), { method, body }),
  };
}

type Must = (who: Caller, method: string, path: string, body?: unknown) => Promise<number>;
type PullActs = Pick<Acts, 'openPull' | 'openPullFromFork' | 'review' | 'dismiss' | 'merge' | 'closePull' | 'reopenPull'>;

function pullActs(hub: Hub, must: Must, call: Call): PullActs {
  return {
    openPull: ({ as, branch, base = 'main', ...texts }) => must(as, 'POST', '/pulls', { head: branch, base, ...texts }),
    async openPullFromFork({ as = 'mallory', files, branch = `patch-${hub.pulls.all().length + 1}`, ...texts }) {
      makePushes(hub).pushToFork(branch, files);
      // A second time there is one already.
      await hub.upstream.send('POST', `${repoPath}/forks`, tokenOf(as), {});
      return must(as, 'POST', '/pulls', { head: `${as}:${branch}`, base: 'main', ...texts });
    },
    review(number, { as, unread = false, ...what }) {
      if (what.event === 'APPROVE' && !unread) hub.clock.advance(60);
      return must(as, 'POST', `/pulls/${number}/reviews`, what);
    },
    dismiss: async (number, review, { as, message }) => void (await must(as, 'PUT', `/pulls/${number}/reviews/${review}/dismissals`, { message })),
    async merge(number, { as, method = 'merge' }) {
      const answer = await call(as, 'PUT', `${repoPath}/pulls/${number}/merge`, { merge_method: method });
      const { sha } = fieldsOf(answer.body);
      return { status: answer.status, sha: typeof sha === 'string' ? sha : null };
    },
    closePull: async (number, as) => void (await must(as, 'PATCH', `/pulls/${number}`, { state: 'closed' })),
    reopenPull: async (number, as) => void (await must(as, 'PATCH', `/pulls/${number}`, { state: 'open' })),
  };
}

function makeCall(parts: Parts, tokenOnce: (who: Caller) => Promise<string>): Call {
  return async (who, method, path, body) => {
    const { pathname, searchParams } = new URL(path, parts.apiUrl);
    return parts.service({ method, path: pathname, query: searchParams, body, authorization: `Bearer ${await tokenOnce(who)}` });
  };
}

/** An App's is issued each time. */
export async function tokenFor({ service, privateKey }: Parts, who: Caller): Promise<string> {
  if (who !== 'app' && who !== 'actions') return tokenOf(who);
  const app = who === 'app' ? apps.mooring : apps.actions;
  const path = `/app/installations/${app.installation}/access_tokens`;
  const authorization = `Bearer ${webToken(app, privateKey)}`;
  const answer = await service({ method: 'POST', path, query: new URLSearchParams(), body: undefined, authorization });
  return String(fieldsOf(answer.body)['token']);
}

type Sent = { method: string; body: unknown };

async function overHttp(url: string, token: string | null, { method, body }: Sent): Promise<{ status: number; body: unknown; headers: Headers }> {
  const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown), headers: response.headers };
}
