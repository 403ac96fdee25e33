// Reviews and requests for them, with the rules that the emulator doesn't have: nobody approves their own, a review is of
// the newest commit, a submitted review fulfils its request.
import { type Answer, type Exchange, type Fields, fieldsOf, type Handlers, invalid, loginOf, ok, refused, succeeded, textOf } from './exchange.ts';
import type { Hub } from './hub.ts';
import { host, mayWrite, repo, repoPath, teams, tokenOf } from './people.ts';
import type { PullRecord } from './pull-book.ts';
import { withPull } from './pull-routes.ts';

const pull = '/repos/{owner}/{repo}/pulls/{pull_number}';

export function reviewRoutes(hub: Hub): Handlers {
  return {
    [`POST ${pull}/reviews`]: (exchange) => withPull(hub, exchange, (record) => review(hub, exchange, record)),
    [`PUT ${pull}/reviews/{review_id}/dismissals`]: (exchange) => dismiss(hub, exchange),
    [`GET ${pull}/requested_reviewers`]: (exchange) => withPull(hub, exchange, (record) => listRequested(hub, record)),
    [`POST ${pull}/requested_reviewers`]: (exchange) => withPull(hub, exchange, (record) => request(hub, exchange, record)),
  };
}

const ofOneself: Readonly<Record<string, string>> = {
  APPROVE: 'Can not approve your own pull request',
  REQUEST_CHANGES: 'Can not request changes on your own pull request',
};

async function review(hub: Hub, exchange: Exchange, record: PullRecord): Promise<Answer> {
  const body = fieldsOf(exchange.body);
  const event = textOf(body['event']);
  const own = record.author === exchange.actor.login ? ofOneself[event ?? ''] : undefined;
  if (own !== undefined) return refused(422, 'Unprocessable Entity', [{ message: own }]);
  if (event !== undefined && event !== 'APPROVE' && (textOf(body['body']) ?? '').trim() === '')
    return invalid('PullRequestReview', { field: 'body', code: 'missing' });
  const commit = textOf(body['commit_id']) ?? record.head;
  if (hub.bare.commit(commit) === null) return invalid('PullRequestReview', { field: 'commit_id', code: 'invalid' });
  const answer = await hub.upstream.send('POST', `${repoPath}/pulls/${record.number}/reviews`, exchange.actor.token, { ...body, commit_id: commit });
  if (succeeded(answer) && event !== undefined) await fulfil(hub, record.number, exchange.actor.login);
  // GitHub answers 200, the emulator 201.
  return succeeded(answer) ? { ...answer, status: 200 } : answer;
}

/** A review by somebody who was asked, alone or in a team, ends the request. */
async function fulfil(hub: Hub, number: number, login: string): Promise<void> {
  const ofTeams = Object.entries(teams).flatMap(([slug, members]) => (members.includes(login) ? [slug] : []));
  const done = { reviewers: [login], team_reviewers: ofTeams };
  await hub.upstream.send('DELETE', `${repoPath}/pulls/${number}/requested_reviewers`, tokenOf(host), done);
}

/** The review keeps its text; GitHub writes the message elsewhere. */
async function dismiss(hub: Hub, exchange: Exchange): Promise<Answer> {
  const path = `${repoPath}/pulls/${exchange.params['pull_number']}/reviews/${exchange.params['review_id']}`;
  const before = await hub.upstream.send('GET', path);
  const { node_id: key, body, state } = fieldsOf(before.body);
  if (state === 'COMMENTED') return refused(422, 'Can not dismiss a commented pull request review');
  const answer = await hub.upstream.send('PUT', `${path}/dismissals`, exchange.actor.token, exchange.body);
  if (!succeeded(answer)) return answer;
  hub.stamps.set(String(key), { body });
  return { ...answer, body: { ...fieldsOf(answer.body), body } };
}

async function requested(hub: Hub, record: PullRecord): Promise<{ users: Fields[]; teams: Fields[] }> {
  const shown = fieldsOf((await hub.upstream.send('GET', `${repoPath}/pulls/${record.number}`)).body);
  return { users: shown['requested_reviewers'] as Fields[], teams: shown['requested_teams'] as Fields[] };
}

async function listRequested(hub: Hub, record: PullRecord): Promise<Answer> {
  return ok(await requested(hub, record));
}

async function request(hub: Hub, exchange: Exchange, record: PullRecord): Promise<Answer> {
  const body = fieldsOf(exchange.body);
  const users = (body['reviewers'] ?? []) as string[];
  const slugs = (body['team_reviewers'] ?? []) as string[];
  if (users.includes(record.author)) return refused(422, 'Review cannot be requested from pull request author.');
  if (!users.every(mayWrite) || !slugs.every((slug) => slug in teams)) {
    const who = 'One or more of the users or teams you specified is not a collaborator of the';
    return refused(422, `Reviews may only be requested from collaborators. ${who} ${repo} repository.`);
  }
  const answer = await hub.upstream.send('POST', `${repoPath}/pulls/${record.number}/requested_reviewers`, exchange.actor.token, body);
  return succeeded(answer) ? { ...answer, status: 201 } : answer;
}

/** Logins and slugs of those who are asked. */
export async function requestedNames(hub: Hub, record: PullRecord): Promise<{ users: string[]; teams: string[] }> {
  const found = await requested(hub, record);
  return { users: found.users.map(loginOf), teams: found.teams.map((team) => String(team['slug'])) };
}
