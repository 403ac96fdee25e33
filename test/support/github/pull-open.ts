// Opening a pull request: what GitHub checks against git before it takes one.
import { type Answer, type Exchange, fieldsOf, invalid, ok, succeeded, textOf } from './exchange.ts';
import type { Hub } from './hub.ts';
import { owner, repoPath } from './people.ts';
import { branchRef } from './pull-book.ts';
import { detailedPull } from './pull-view.ts';

type Ends = { headOwner: string; branch: string; base: string; head: string; baseSha: string };

export async function openPull(hub: Hub, exchange: Exchange): Promise<Answer> {
  const ends = endsOf(hub, exchange);
  if ('status' in ends) return ends;
  const answer = await hub.upstream.send('POST', `${repoPath}/pulls`, exchange.actor.token, exchange.body);
  if (!succeeded(answer)) return answer;
  const shown = fieldsOf(answer.body);
  const pull = { ...ends, number: Number(shown['number']), author: exchange.actor.login, open: true, closedBy: null, merged: null };
  hub.pulls.add(pull);
  return ok(await detailedPull(hub, shown, pull), 201);
}

/** The two branches, or what is wrong with them. */
function endsOf(hub: Hub, exchange: Exchange): Ends | Answer {
  const body = fieldsOf(exchange.body);
  const named = textOf(body['head']) ?? '';
  const [headOwner = '', branch = ''] = named.includes(':') ? named.split(':') : [owner, named];
  const base = textOf(body['base']) ?? '';
  const refs = hub.bare.refs();
  const [head, baseSha] = [refs.get(branchRef(headOwner, branch)), refs.get(`refs/heads/${base}`)];
  if (baseSha === undefined) return invalid('PullRequest', { field: 'base', code: 'invalid' });
  if (head === undefined) return invalid('PullRequest', { field: 'head', code: 'invalid' });
  const obstacle = obstacleOf(hub, { headOwner, branch, base, head, baseSha });
  return obstacle === null ? { headOwner, branch, base, head, baseSha } : invalid('PullRequest', { code: 'custom', message: obstacle });
}

function obstacleOf(hub: Hub, { headOwner, branch, base, head, baseSha }: Ends): string | null {
  const same = hub.pulls.all().some((pull) => pull.open && pull.headOwner === headOwner && pull.branch === branch && pull.base === base);
  if (same) return `A pull request already exists for ${headOwner}:${branch}.`;
  if (hub.pulls.facts({ base: baseSha, head }).commits === 0) return `No commits between ${base} and ${branch}`;
  return null;
}
