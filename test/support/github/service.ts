// Answers a request as GitHub: who asks, is there such a route, does the request keep to the description, may they; then the
// route's own handler, or the emulator.
import { checkRoutes } from './check-routes.ts';
import { iso } from './clock.ts';
import { readContract } from './contract.ts';
import { type Answer, type Exchange, type Handlers, type Incoming, isFields, notFound, refused, succeeded } from './exchange.ts';
import { refusalOf } from './guard.ts';
import type { Hub } from './hub.ts';
import { issueRoutes } from './issue-routes.ts';
import { paged } from './pages.ts';
import { fork, repo } from './people.ts';
import { followBranches, pullRoutes } from './pull-routes.ts';
import { repoRoutes } from './repo-routes.ts';
import { reviewRoutes } from './review-routes.ts';

export type Service = (incoming: Incoming) => Promise<Answer>;

/** One request at a time: what a handler has read is still so when it writes. */
export function makeService(hub: Hub, apiUrl: string, violations: string[]): Service {
  const handlers: Handlers = { ...pullRoutes(hub), ...reviewRoutes(hub), ...issueRoutes(hub), ...checkRoutes(hub, apiUrl), ...repoRoutes(hub) };
  const understand = makeReader(hub, violations);
  let last: Promise<unknown> = Promise.resolve();
  return (incoming) => {
    const answer = last.then(async () => {
      await followBranches(hub);
      return serve(hub, handlers, understand(incoming));
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** Whether GitHub counts it among what changes something. */
export function isWrite(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function makeReader(hub: Hub, violations: string[]): (incoming: Incoming) => Exchange | Answer {
  const find = readContract();
  return (incoming) => {
    const { method, path, authorization } = incoming;
    if (authorization === undefined) return refused(401, 'Requires authentication');
    const actor = hub.keys.identify(authorization);
    if (actor === null) return refused(401, authorization.includes(' eyJ') ? 'A JSON web token could not be decoded' : 'Bad credentials');
    const match = find(method, path);
    if (match === null) {
      // Not 404: the product might take that for an answer.
      violations.push(`${method} ${path}: no such route`);
      return refused(422, 'Invalid request: GitHub has no such route');
    }
    const problems = match.problems(incoming);
    violations.push(...problems.map((problem) => `${method} ${path}: ${problem}`));
    if (problems.length > 0) return refused(422, `Invalid request.\n\n${problems.join('\n')}`);
    const at = isWrite(method) ? hub.clock.tick() : hub.clock.now();
    return { ...incoming, route: match.route, params: match.params, actor, at };
  };
}

async function serve(hub: Hub, handlers: Handlers, understood: Exchange | Answer): Promise<Answer> {
  if (!('route' in understood)) return understood;
  if (isElsewhere(understood)) return notFound();
  const refusal = await refusalOf(hub, understood);
  if (refusal !== null) return refusal;
  const answer = await (handlers[understood.route] ?? forward(hub))(understood);
  return isWrite(understood.method) && succeeded(answer) ? stamped(hub, understood, answer) : answer;
}

/** There is one repository; of its fork one sees no more than that it exists. */
function isElsewhere({ route, params }: Exchange): boolean {
  const named = `${params['owner']}/${params['repo']}`;
  return params['repo'] !== undefined && named !== repo && !(named === fork && route === 'GET /repos/{owner}/{repo}');
}

function forward(hub: Hub): (exchange: Exchange) => Promise<Answer> {
  return async (exchange) => {
    const { method, path, query, actor, body } = exchange;
    const asked = query.size === 0 ? path : `${path}?${query}`;
    if (method !== 'GET') return hub.upstream.send(method, asked, actor.token, body);
    const answer = await hub.upstream.send('GET', asked, actor.token);
    if (!Array.isArray(answer.body)) return answer;
    const rest = new URLSearchParams([...query].filter(([name]) => name !== 'page' && name !== 'per_page'));
    const all = await hub.upstream.all(rest.size === 0 ? path : `${path}?${rest}`, actor.token);
    return Array.isArray(all) ? paged(exchange, all) : all;
  };
}

function stamped(hub: Hub, { params, at }: Exchange, answer: Answer): Answer {
  const number = params['issue_number'] ?? params['pull_number'];
  if (number !== undefined) hub.stamps.set(number, { updated_at: iso(at) });
  hub.stamps.wrote(answer.body, at);
  return isFields(answer.body) ? { ...answer, body: hub.stamps.apply(answer.body) } : answer;
}
