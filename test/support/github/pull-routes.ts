// Pull requests: listing, opening, changing, merging. Their texts and people live in the emulator, their commits in git.
import { iso } from './clock.ts';
import { type Answer, type Exchange, type Fields, fieldsOf, type Handlers, invalid, notFound, ok, refused, succeeded, textOf } from './exchange.ts';
import { changedFiles, type Method } from './git-merge.ts';
import type { Hub } from './hub.ts';
import { paged } from './pages.ts';
import { host, repoPath, tokenOf } from './people.ts';
import { branchRef, type PullRecord } from './pull-book.ts';
import { openPull } from './pull-open.ts';
import { detailedPull, listedPull } from './pull-view.ts';

const pulls = '/repos/{owner}/{repo}/pulls';

export function pullRoutes(hub: Hub): Handlers {
  return {
    [`GET ${pulls}`]: (exchange) => listPulls(hub, exchange),
    [`POST ${pulls}`]: (exchange) => openPull(hub, exchange),
    [`GET ${pulls}/{pull_number}`]: (exchange) => withPull(hub, exchange, (pull) => showPull(hub, pull)),
    [`PATCH ${pulls}/{pull_number}`]: (exchange) => withPull(hub, exchange, (pull) => changePull(hub, exchange, pull)),
    [`PUT ${pulls}/{pull_number}/merge`]: (exchange) => withPull(hub, exchange, (pull) => mergePull(hub, exchange, pull)),
    [`GET ${pulls}/{pull_number}/files`]: (exchange) => withPull(hub, exchange, (pull) => listFiles(hub, exchange, pull)),
  };
}

/** Finds the pull request that a path names by `pull_number`. */
export function withPull(hub: Hub, exchange: Exchange, handle: (pull: PullRecord) => Answer | Promise<Answer>): Answer | Promise<Answer> {
  const pull = hub.pulls.get(Number(exchange.params['pull_number']));
  return pull ? handle(pull) : notFound();
}

async function listPulls(hub: Hub, exchange: Exchange): Promise<Answer> {
  const { query } = exchange;
  const shown = await allPulls(hub);
  const state = query.get('state') ?? 'open';
  const [base, head] = [query.get('base'), query.get('head')];
  const kept = shown.filter(({ pull }) => {
    const stateFits = state === 'all' || (state === 'open') === pull.open;
    // GitHub overlooks a head without its owner.
    const headFits = !head?.includes(':') || head === `${pull.headOwner}:${pull.branch}`;
    return stateFits && headFits && (base === null || base === pull.base);
  });
  const views = kept.map(({ view }) => view);
  return paged(exchange, sorted(views, query, (query.get('sort') ?? 'created') === 'created' ? 'desc' : 'asc'));
}

/** All, oldest first, as they are listed. */
export async function allPulls(hub: Hub): Promise<{ pull: PullRecord; view: Fields }[]> {
  const shown = await hub.upstream.all(`${repoPath}/pulls?state=all&direction=asc`);
  const byNumber = new Map((Array.isArray(shown) ? shown : []).map((view) => [view['number'], view]));
  return hub.pulls.all().map((pull) => ({ pull, view: listedPull(hub, byNumber.get(pull.number) ?? {}, pull) }));
}

/** By one of GitHub's keys. */
export function sorted(items: readonly Fields[], query: URLSearchParams, usual: 'asc' | 'desc'): Fields[] {
  const key = query.get('sort') === 'updated' ? 'updated_at' : 'created_at';
  const sign = (query.get('direction') ?? usual) === 'asc' ? 1 : -1;
  return items.toSorted((a, b) => sign * (String(a[key]).localeCompare(String(b[key])) || Number(a['number']) - Number(b['number'])));
}

async function showPull(hub: Hub, pull: PullRecord): Promise<Answer> {
  const answer = await hub.upstream.send('GET', `${repoPath}/pulls/${pull.number}`);
  return succeeded(answer) ? ok(await detailedPull(hub, fieldsOf(answer.body), pull)) : answer;
}

async function changePull(hub: Hub, exchange: Exchange, pull: PullRecord): Promise<Answer> {
  const { state, base } = fieldsOf(exchange.body);
  if (typeof base === 'string' && hub.bare.tip(`refs/heads/${base}`) === null) return invalid('PullRequest', { field: 'base', code: 'invalid' });
  const obstacle = state === 'open' && !pull.open ? whyNotReopened(hub, pull) : null;
  if (obstacle !== null) return invalid('PullRequest', { code: 'invalid', field: 'state', message: obstacle });
  const answer = await hub.upstream.send('PATCH', `${repoPath}/pulls/${pull.number}`, exchange.actor.token, exchange.body);
  if (!succeeded(answer)) return answer;
  if (typeof base === 'string') hub.pulls.change(pull, { base, baseSha: hub.bare.tip(`refs/heads/${base}`) ?? pull.baseSha });
  if (state === 'closed' && pull.open) markClosed(hub, pull, { at: exchange.at, by: await userOf(hub, exchange.actor.login) });
  if (state === 'open') hub.pulls.change(pull, { open: true, closedBy: null });
  return showPull(hub, pull);
}

function whyNotReopened(hub: Hub, pull: PullRecord): string | null {
  const tip = hub.bare.tip(branchRef(pull.headOwner, pull.branch));
  if (pull.merged) return 'state cannot be changed. The pull request was merged.';
  if (tip === null) return `state cannot be changed. The ${pull.branch} branch has been deleted.`;
  if (hub.bare.git('merge-base', pull.head, tip) === pull.head) return null;
  return `state cannot be changed. The ${pull.branch} branch was force-pushed or recreated.`;
}

async function userOf(hub: Hub, login: string): Promise<Fields> {
  return fieldsOf((await hub.upstream.send('GET', `/users/${encodeURIComponent(login)}`)).body);
}

function markClosed(hub: Hub, pull: PullRecord, { at, by }: { at: number; by: Fields | null }): void {
  hub.pulls.change(pull, { open: false, closedBy: by });
  hub.stamps.set(pull.number, { closed_at: iso(at), updated_at: iso(at) });
}

/** What GitHub does on its own: a pull request without its branch is closed. */
export async function followBranches(hub: Hub): Promise<void> {
  for (const pull of hub.pulls.follow()) {
    await hub.upstream.send('PATCH', `${repoPath}/pulls/${pull.number}`, tokenOf(host), { state: 'closed' });
    markClosed(hub, pull, { at: hub.clock.tick(), by: null });
  }
}

async function mergePull(hub: Hub, exchange: Exchange, pull: PullRecord): Promise<Answer> {
  const wanted = fieldsOf(exchange.body);
  const answer = await hub.upstream.send('GET', `${repoPath}/pulls/${pull.number}`);
  const shown = fieldsOf(answer.body);
  if (shown['draft'] === true && pull.open) return refused(405, 'Pull Request is still a draft');
  if (!pull.open) return refused(405, 'Pull Request is not mergeable');
  if (typeof wanted['sha'] === 'string' && wanted['sha'] !== pull.head) {
    return refused(409, 'Head branch was modified. Review and try the merge again.');
  }
  const method = (textOf(wanted['merge_method']) ?? 'merge') as Method;
  const message = messageOf(hub, pull, { method, title: String(shown['title']), wanted });
  const sha = hub.pulls.merge(pull, { method, message, by: exchange.actor.login });
  if (sha === null) return refused(405, 'Pull Request is not mergeable');
  await hub.upstream.send('PATCH', `${repoPath}/pulls/${pull.number}`, exchange.actor.token, { state: 'closed' });
  const by = await userOf(hub, exchange.actor.login);
  hub.pulls.change(pull, { merged: { sha, at: exchange.at, by } });
  markClosed(hub, pull, { at: exchange.at, by });
  return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
}

/** GitHub's own words, unless the request has others; a squash is titled by the pull request, as a repository can have it. */
function messageOf(hub: Hub, pull: PullRecord, { method, title, wanted }: { method: Method; title: string; wanted: Fields }): string {
  const commits = hub.bare.git('log', '--reverse', '--format=%s', `${hub.bare.tip(`refs/heads/${pull.base}`)}..${pull.head}`).split('\n');
  const squashed = { title: `${title} (#${pull.number})`, text: commits.length === 1 ? '' : commits.map((line) => `* ${line}`).join('\n\n') };
  const merged = { title: `Merge pull request #${pull.number} from ${pull.headOwner}/${pull.branch}`, text: title };
  const usual = method === 'squash' ? squashed : merged;
  return [textOf(wanted['commit_title']) ?? usual.title, textOf(wanted['commit_message']) ?? usual.text].filter((part) => part !== '').join('\n\n');
}

function listFiles(hub: Hub, exchange: Exchange, pull: PullRecord): Answer {
  return paged(exchange, changedFiles(hub.bare, hub.pulls.baseOf(pull), pull.head));
}
