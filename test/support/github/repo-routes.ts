// What a repository says of itself, its branches and commits, and of who may do what.
import { type Answer, type Exchange, type Fields, fieldsOf, type Handlers, notFound, ok, refused, succeeded } from './exchange.ts';
import type { Hub } from './hub.ts';
import { paged } from './pages.ts';
import { type App, apps, hasWrite, host, mayWrite, owner, repoPath, tokenOf } from './people.ts';

const repo = '/repos/{owner}/{repo}';

export function repoRoutes(hub: Hub): Handlers {
  return {
    [`GET ${repo}`]: (exchange) => showRepo(hub, exchange),
    [`GET ${repo}/branches/{branch}`]: (exchange) => showBranch(hub, exchange),
    [`GET ${repo}/rules/branches/{branch}`]: (exchange) => paged(exchange, [...(hub.rules.get(exchange.params['branch'] ?? '') ?? [])]),
    [`PUT ${repo}/branches/{branch}/protection`]: (exchange) => protect(hub, exchange),
    [`GET ${repo}/git/ref/{ref}`]: (exchange) => showRef(hub, exchange),
    [`GET ${repo}/commits/{ref}`]: (exchange) => showCommit(hub, exchange),
    [`GET ${repo}/collaborators/{username}/permission`]: (exchange) => showPermission(hub, exchange),
    [`GET ${repo}/installation`]: (exchange) => showInstallation(hub, exchange),
    'GET /orgs/{org}/teams': (exchange) => listTeams(hub, exchange),
    'POST /app/installations/{installation_id}/access_tokens': (exchange) => issueToken(hub, exchange),
  };
}

async function showRepo(hub: Hub, exchange: Exchange): Promise<Answer> {
  const answer = await hub.upstream.send('GET', exchange.path);
  const push = hasWrite(exchange.actor, 'contents');
  const permissions = { admin: false, maintain: false, push, triage: push, pull: true };
  return succeeded(answer) ? ok({ ...fieldsOf(answer.body), permissions }) : answer;
}

function commitView(hub: Hub, sha: string): Fields {
  const lines = hub.bare.git('log', '-1', '--format=%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B', sha).split('\n');
  const [tree, parents = '', authorName, authorEmail, authorDate, name, email, date, ...message] = lines;
  return {
    sha,
    html_url: `https://github.com${repoPath.slice('/repos'.length)}/commit/${sha}`,
    commit: {
      author: { name: authorName, email: authorEmail, date: authorDate },
      committer: { name, email, date },
      message: message.join('\n'),
      tree: { sha: tree },
    },
    parents: parents.split(' ').flatMap((parent) => (parent === '' ? [] : [{ sha: parent }])),
  };
}

function showCommit(hub: Hub, { params }: Exchange): Answer {
  const sha = hub.bare.commit(params['ref'] ?? '');
  return sha === null ? refused(422, `No commit found for SHA: ${params['ref']}`) : ok(commitView(hub, sha));
}

async function showBranch(hub: Hub, { params }: Exchange): Promise<Answer> {
  const name = params['branch'] ?? '';
  const sha = hub.bare.tip(`refs/heads/${name}`);
  if (sha === null) return refused(404, 'Branch not found');
  const protection = await hub.upstream.send('GET', `${repoPath}/branches/${name}/protection`);
  const known = succeeded(protection) ? fieldsOf(fieldsOf(protection.body)['required_status_checks']) : {};
  // What everybody sees of it.
  const required_status_checks = { enforcement_level: 'everyone', contexts: known['contexts'] ?? [], checks: known['checks'] ?? [] };
  const isRuled = (hub.rules.get(name) ?? []).length > 0;
  const summary = succeeded(protection) ? { enabled: true, required_status_checks } : { enabled: false };
  return ok({ name, commit: commitView(hub, sha), protected: succeeded(protection) || isRuled, protection: summary });
}

function showRef(hub: Hub, { params }: Exchange): Answer {
  const ref = `refs/${params['ref']}`;
  const sha = hub.bare.tip(ref);
  return sha === null ? notFound() : ok({ ref, node_id: ref, object: { type: 'commit', sha } });
}

async function protect(hub: Hub, { params, body }: Exchange): Promise<Answer> {
  const name = params['branch'] ?? '';
  return hub.bare.tip(`refs/heads/${name}`) === null ? refused(404, 'Branch not found') : protectBranch(hub, name, body);
}

/** As an administrator does. The emulator knows branches only that it has made itself. */
export async function protectBranch(hub: Hub, name: string, body: unknown): Promise<Answer> {
  const main = fieldsOf(fieldsOf((await hub.upstream.send('GET', `${repoPath}/branches/main`)).body)['commit']);
  await hub.upstream.send('POST', `${repoPath}/git/refs`, tokenOf(host), { ref: `refs/heads/${name}`, sha: main['sha'] });
  return hub.upstream.send('PUT', `${repoPath}/branches/${name}/protection`, tokenOf(host), body);
}

/** The emulator takes each member of the organization for an administrator. */
async function showPermission(hub: Hub, { params }: Exchange): Promise<Answer> {
  const login = params['username'] ?? '';
  const user = await hub.upstream.send('GET', `/users/${encodeURIComponent(login)}`);
  if (!succeeded(user) || login.endsWith('[bot]')) return refused(404, `${login} is not a user`);
  const role = mayWrite(login) ? 'write' : 'read';
  return ok({ permission: role, role_name: role, user: user.body });
}

/** That of the App which asks: the emulator answers with whichever it finds first. */
async function showInstallation(hub: Hub, exchange: Exchange): Promise<Answer> {
  const found = await hub.upstream.all('/app/installations', exchange.actor.token);
  const installed = Array.isArray(found) && succeeded(await hub.upstream.send('GET', exchange.path.replace(/\/installation$/, '')));
  const own = installed ? found.find((installation) => fieldsOf(installation['account'])['login'] === owner) : undefined;
  return own && exchange.params['owner'] === owner ? ok(own) : notFound();
}

/** Without the team that the emulator keeps an organization's members in. */
async function listTeams(hub: Hub, exchange: Exchange): Promise<Answer> {
  const found = await hub.upstream.all(exchange.path);
  return Array.isArray(found)
    ? paged(
        exchange,
        found.filter((team) => team['slug'] !== 'members'),
      )
    : found;
}

async function issueToken(hub: Hub, { path, actor, body }: Exchange): Promise<Answer> {
  const answer = await hub.upstream.send('POST', path, actor.token, body ?? {});
  const issued = fieldsOf(answer.body);
  const app = Object.values(apps).find((candidate): candidate is App => candidate.id === actor.app?.id);
  if (app && succeeded(answer)) {
    const permissions = fieldsOf(issued['permissions']) as Record<string, string>;
    hub.keys.learn(String(issued['token']), app, permissions, Date.parse(String(issued['expires_at'])));
  }
  return answer;
}
