// What GitHub refuses before it looks at a request's content: the wrong kind of credentials, missing rights, texts that are
// too long.
import { type Actor, type Answer, type Exchange, fieldsOf, invalid, loginOf, notFound, refused } from './exchange.ts';
import type { Hub } from './hub.ts';
import { hasWrite, isMember } from './people.ts';

const repo = '/repos/{owner}/{repo}';

/** Routes for an App with its own key; all others are closed to it. */
const forKeys = new Set(['GET /app', 'GET /app/installations', 'POST /app/installations/{installation_id}/access_tokens', `GET ${repo}/installation`]);

/** Routes with the App permission that they ask for; people need write access. */
const forWriters: Readonly<Record<string, string>> = {
  [`PUT ${repo}/pulls/{pull_number}/merge`]: 'contents',
  [`PUT ${repo}/pulls/{pull_number}/reviews/{review_id}/dismissals`]: 'pull_requests',
  [`POST ${repo}/pulls/{pull_number}/requested_reviewers`]: 'pull_requests',
  [`DELETE ${repo}/pulls/{pull_number}/requested_reviewers`]: 'pull_requests',
  [`POST ${repo}/issues/{issue_number}/labels`]: 'issues',
  [`PUT ${repo}/issues/{issue_number}/labels`]: 'issues',
  [`DELETE ${repo}/issues/{issue_number}/labels`]: 'issues',
  [`DELETE ${repo}/issues/{issue_number}/labels/{name}`]: 'issues',
  [`POST ${repo}/labels`]: 'issues',
  [`GET ${repo}/collaborators/{username}/permission`]: 'contents',
};

const forApps = new Set([`POST ${repo}/check-runs`, `PATCH ${repo}/check-runs/{check_run_id}`]);
const forAdministrators = new Set([`GET ${repo}/branches/{branch}/protection`, `PUT ${repo}/branches/{branch}/protection`]);

/** Routes for whoever wrote the thing, and for those with write access. */
const forAuthors = new Set([
  `PATCH ${repo}/pulls/{pull_number}`,
  `PATCH ${repo}/issues/{issue_number}`,
  `PATCH ${repo}/issues/comments/{comment_id}`,
  `DELETE ${repo}/issues/comments/{comment_id}`,
]);

const notByIntegration = 'Resource not accessible by integration';

/** The refusal; null where the request may go on. */
export async function refusalOf(hub: Hub, exchange: Exchange): Promise<Answer | null> {
  return ofCredentials(exchange) ?? ofRights(exchange) ?? ofLength(exchange) ?? (await ofAuthorship(hub, exchange));
}

function ofCredentials({ route, actor }: Exchange): Answer | null {
  if (forKeys.has(route)) return actor.kind === 'jwt' ? null : refused(401, 'A JSON web token could not be decoded');
  if (actor.kind === 'jwt') return refused(403, notByIntegration);
  return route === 'GET /user' && actor.kind === 'installation' ? refused(403, notByIntegration) : null;
}

function ofRights({ route, actor }: Exchange): Answer | null {
  if (forApps.has(route)) return ofCheckWriter(actor);
  if (forAdministrators.has(route)) return actor.kind === 'installation' && hasWrite(actor, 'administration') ? null : notFound();
  if (route.startsWith('GET /orgs/')) return isMember(actor.login) || actor.permissions['members'] !== undefined ? null : notFound();
  const permission = forWriters[route];
  return permission === undefined || hasWrite(actor, permission) ? null : tooLittle(actor);
}

function ofCheckWriter(actor: Actor): Answer | null {
  if (actor.kind !== 'installation') return refused(403, 'You must authenticate via a GitHub App.');
  return hasWrite(actor, 'checks') ? null : tooLittle(actor);
}

function tooLittle(actor: Actor): Answer {
  return refused(403, actor.kind === 'installation' ? notByIntegration : 'Must have write access to the repository.');
}

/** Characters in the text of an issue, a pull request, a comment or a review. */
const longestText = 65_536;

function ofLength({ method, body }: Exchange): Answer | null {
  const text = fieldsOf(body)['body'];
  if (method === 'GET' || typeof text !== 'string' || text.length <= longestText) return null;
  return invalid('Issue', { code: 'custom', field: 'body', message: `body is too long (maximum is ${longestText} characters)` });
}

async function ofAuthorship(hub: Hub, { route, path, actor, params }: Exchange): Promise<Answer | null> {
  const permission = route.includes('/pulls/') ? 'pull_requests' : 'issues';
  if (!forAuthors.has(route) || hasWrite(actor, permission)) return null;
  const issue = Number(params['issue_number'] ?? params['pull_number']);
  const author = hub.pulls.get(issue)?.author ?? loginOf(fieldsOf((await hub.upstream.send('GET', path)).body)['user']);
  return author === actor.login ? null : tooLittle(actor);
}
