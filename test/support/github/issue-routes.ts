// Issues, their labels and comments. The emulator keeps them, but knows a pull request's issue only by its number.
import { iso } from './clock.ts';
import { type Answer, type Exchange, type Fields, fieldsOf, type Handlers, invalid, ok, succeeded } from './exchange.ts';
import type { Hub } from './hub.ts';
import { paged } from './pages.ts';
import { mayWrite, repoPath } from './people.ts';
import { allPulls, sorted } from './pull-routes.ts';
import { pullAsIssue } from './pull-view.ts';
import { without } from './upstream.ts';

const repo = '/repos/{owner}/{repo}';
const issues = `${repo}/issues`;

export function issueRoutes(hub: Hub): Handlers {
  return {
    [`GET ${issues}`]: async (exchange) => paged(exchange, sorted(await fittingIssues(hub, exchange.query), exchange.query, 'desc')),
    [`POST ${issues}`]: (exchange) => openIssue(hub, exchange),
    [`GET ${issues}/{issue_number}`]: (exchange) => showIssue(hub, exchange),
    [`PATCH ${issues}/{issue_number}`]: (exchange) => changeIssue(hub, exchange),
    [`GET ${issues}/{issue_number}/comments`]: (exchange) => listComments(hub, exchange),
    [`POST ${repo}/labels`]: (exchange) => createLabel(hub, exchange),
  };
}

/** Issues and, as GitHub counts them among these, pull requests. */
async function fittingIssues(hub: Hub, query: URLSearchParams): Promise<Fields[]> {
  const found = await hub.upstream.all(`${repoPath}/issues?state=all`);
  const pulls = (await allPulls(hub)).map(({ pull, view }) => pullAsIssue(view, pull));
  const [state, creator, since] = [query.get('state') ?? 'open', query.get('creator'), query.get('since')];
  const labels = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
  return [...(Array.isArray(found) ? found : []), ...pulls].filter((issue) => {
    const names = namesOf(issue['labels']);
    const stateFits = state === 'all' || issue['state'] === state;
    const writerFits = creator === null || fieldsOf(issue['user'])['login'] === creator;
    return stateFits && writerFits && labels.every((label) => names.includes(label)) && !isOlder(issue, since);
  });
}

function namesOf(labels: unknown): string[] {
  return (labels as Fields[]).map((label) => String(label['name']));
}

function isOlder(item: Fields, since: string | null): boolean {
  return since !== null && Date.parse(String(item['updated_at'])) < Date.parse(since);
}

/** From people without write access GitHub takes the text only. */
function openIssue(hub: Hub, { actor, body }: Exchange): Promise<Answer> {
  const outsider = actor.kind === 'person' && !mayWrite(actor.login);
  const taken = outsider ? without(fieldsOf(body), 'labels', 'assignees', 'milestone') : body;
  return hub.upstream.send('POST', `${repoPath}/issues`, actor.token, taken);
}

async function showIssue(hub: Hub, exchange: Exchange): Promise<Answer> {
  const number = Number(exchange.params['issue_number']);
  if (!hub.pulls.get(number)) return hub.upstream.send('GET', `${repoPath}/issues/${number}`, exchange.actor.token);
  const found = (await allPulls(hub)).find(({ pull }) => pull.number === number);
  // Lists don't tell who closed it.
  return ok(found ? { ...pullAsIssue(found.view, found.pull), closed_by: found.pull.closedBy } : {});
}

/** On a pull request only its texts and labels; its state changes as a pull request. */
async function changeIssue(hub: Hub, exchange: Exchange): Promise<Answer> {
  const { token } = exchange.actor;
  const number = Number(exchange.params['issue_number']);
  const body = fieldsOf(exchange.body);
  if (!hub.pulls.get(number)) {
    const answer = await hub.upstream.send('PATCH', `${repoPath}/issues/${number}`, token, body);
    if (succeeded(answer) && body['state'] === 'closed') hub.stamps.set(number, { closed_at: iso(exchange.at) });
    return answer;
  }
  if (body['state'] !== undefined) return invalid('Issue', { field: 'state', code: 'invalid' });
  await hub.upstream.send('PATCH', `${repoPath}/pulls/${number}`, token, without(body, 'labels'));
  if (body['labels'] !== undefined) await hub.upstream.send('PUT', `${repoPath}/issues/${number}/labels`, token, { labels: body['labels'] });
  return showIssue(hub, exchange);
}

async function listComments(hub: Hub, exchange: Exchange): Promise<Answer> {
  const since = exchange.query.get('since');
  const found = await hub.upstream.all(`${repoPath}/issues/${exchange.params['issue_number']}/comments`, exchange.actor.token);
  if (!Array.isArray(found)) return found;
  return paged(
    exchange,
    found.filter((comment) => !isOlder(comment, since)),
  );
}

async function createLabel(hub: Hub, exchange: Exchange): Promise<Answer> {
  const answer = await hub.upstream.send('POST', `${repoPath}/labels`, exchange.actor.token, exchange.body);
  return answer.status === 422 ? invalid('Label', { code: 'already_exists', field: 'name' }) : answer;
}
