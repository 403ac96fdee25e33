// The GitHub of our tests where it differs from the emulator behind it, and where a real one is stricter.
import { join } from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubWorld, startGitHubWorld } from '../support/github/github-world.ts';
import { openSomePull, type SomePull } from '../support/github/some-pull.ts';
import { runIn } from './remote.ts';

const repo = '/repos/acme/treasury';
let world: GitHubWorld;

beforeAll(async () => {
  world = await startGitHubWorld({ files: new Map(['a', 'b'].map((name) => [`${name}.txt`, `${name}\n`])) });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.fault = null;
  world.resetLog();
});

function opened(files?: Record<string, string>): Promise<SomePull> {
  return openSomePull(world, files);
}

describe('a pull request', () => {
  test('follows its branch, also after a forced push, and so does refs/pull/N/head', async () => {
    const { number, branch, head } = await opened();
    expect((await world.pull(number)).head.sha).toBe(head);
    const next = world.push(branch, { 'c.txt': 'c\n' });
    expect(world.remote.git('rev-parse', `refs/pull/${number}/head`)).toBe(next);
    const amended = world.push(branch, { 'c.txt': 'C\n' }, { amend: true });
    expect(world.remote.git('rev-parse', `${amended}^`)).toBe(head);
    expect((await world.pull(number)).head.sha).toBe(amended);
    const other = world.push(branch, { 'd.txt': 'd\n' }, { force: true, from: 'main' });
    expect((await world.pull(number)).head.sha).toBe(other);
    expect(world.remote.git('rev-parse', `refs/pull/${number}/head`)).toBe(other);
  });

  test('refs/pull/N/head follows a push by git at once, and nobody can push to it', async () => {
    const { number, branch } = await opened();
    const clone = join(world.remote.folder, 'clone');
    runIn(world.remote.folder, 'clone', '-q', '-b', branch, world.remote.url, clone);
    runIn(clone, 'commit', '-q', '--allow-empty', '-m', 'more');
    runIn(clone, 'push', '-q');
    expect(world.remote.git('rev-parse', `refs/pull/${number}/head`)).toBe(runIn(clone, 'rev-parse', 'HEAD'));
    expect(() => runIn(clone, 'push', '-q', 'origin', `+HEAD~1:refs/pull/${number}/head`)).toThrow();
  });

  test('keeps its head after closing, and refs/pull/N/head after its branch is gone', async () => {
    const { number, branch, head } = await opened();
    await world.merge(number, { as: 'bob' });
    world.deleteBranch(branch);
    expect(await world.pull(number)).toMatchObject({ state: 'closed', merged: true, head: { sha: head }, merged_by: { login: 'bob' } });
    expect(world.remote.git('rev-parse', `refs/pull/${number}/head`)).toBe(head);
  });

  test('is closed with its branch, and can then not be reopened', async () => {
    const { number, branch } = await opened();
    world.deleteBranch(branch);
    expect(await world.pull(number)).toMatchObject({ state: 'closed', merged: false });
    await expect(world.reopenPull(number, 'alice')).rejects.toThrow(/422/);
  });

  test('can be closed and reopened', async () => {
    const { number } = await opened();
    await world.closePull(number, 'alice');
    // The try at merging stays; only `merged_at` tells.
    const left = { state: 'closed', closed_at: expect.stringMatching(/Z$/), merged_at: null, merge_commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/) };
    expect(await world.pull(number)).toMatchObject(left);
    expect(fields(await world.api('bob', 'GET', `${repo}/issues/${number}`))).toMatchObject({ closed_by: { login: 'alice' } });
    await world.reopenPull(number, 'alice');
    expect(fields(await world.api('bob', 'GET', `${repo}/issues/${number}`))).toMatchObject({ closed_by: null });
    expect(await world.pull(number)).toMatchObject({ state: 'open', closed_at: null });
  });

  test('is refused for a branch that git does not have, and where there is one already', async () => {
    const { branch } = await opened();
    const again = (head: string, base = 'main') => world.api('alice', 'POST', `${repo}/pulls`, { head, base, title: 'again' });
    const answers = await Promise.all([again(branch), again('nothing'), again(branch, 'nothing')]);
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
  });

  test('lists its files', async () => {
    const { number, branch } = await opened({ 'c.txt': 'c\n' });
    world.push(branch, { 'a.txt': null, 'b.txt': 'b\nb\n' });
    const { body } = await world.api('app', 'GET', `${repo}/pulls/${number}/files`);
    const files = [
      { filename: 'a.txt', status: 'removed', deletions: 1 },
      { filename: 'b.txt', status: 'modified', additions: 1 },
      { filename: 'c.txt', status: 'added' },
    ];
    expect(body).toMatchObject(files);
  });

  test('of a fork has its commits in refs/pull only', async () => {
    const number = await world.openPullFromFork({ title: 'Please', files: { 'a.txt': 'mine\n' } });
    const { head } = await world.pull(number);
    expect(head).toMatchObject({ label: `mallory:${head.ref}`, repo: { full_name: 'mallory/treasury' } });
    const seen = runIn(world.remote.folder, 'ls-remote', world.remote.url);
    expect(seen.split('\n').filter((line) => line.startsWith(head.sha))).toEqual([`${head.sha}\trefs/pull/${number}/head`]);
    const next = world.pushToFork(head.ref, { 'b.txt': 'mine\n' });
    expect((await world.pull(number)).head.sha).toBe(next);
  });
});

describe('merging', () => {
  const subjects = (range: string): string => world.remote.git('log', '--reverse', '--format=%s|%an|%cn', range);

  test('makes a merge commit', async () => {
    const { number, branch, head } = await opened();
    const main = world.push('main', { 'main.txt': `${head}\n` });
    const { sha } = await world.merge(number, { as: 'bob' });
    expect(world.remote.git('log', '-1', '--format=%H %P|%s|%an|%cn', 'main')).toBe(
      `${sha} ${main} ${head}|Merge pull request #${number} from acme/${branch}|bob|GitHub`,
    );
    expect((await world.pull(number)).merge_commit_sha).toBe(sha);
  });

  test('squashes', async () => {
    const { number, branch, head } = await opened();
    world.push(branch, { 'e.txt': 'e\n' }, { message: 'second' });
    const main = world.push('main', { 'main.txt': `${head}\n` });
    const { sha } = await world.merge(number, { as: 'bob', method: 'squash' });
    expect(world.remote.git('rev-parse', 'main', 'main^')).toBe(`${sha}\n${main}`);
    expect(subjects(`${main}..main`)).toBe(`Change in ${branch} (#${number})|alice|GitHub`);
  });

  test('squashes a single commit under the title of the pull request, too', async () => {
    const { number, branch } = await opened();
    const { sha } = await world.merge(number, { as: 'bob', method: 'squash' });
    expect(subjects(`${sha}^..main`)).toBe(`Change in ${branch} (#${number})|alice|GitHub`);
  });

  test('rebases', async () => {
    const { number, branch, head } = await opened();
    world.push(branch, { 'f.txt': 'f\n' }, { message: 'second', author: 'carol' });
    const main = world.push('main', { 'main.txt': `${head}\n` });
    const { sha } = await world.merge(number, { as: 'bob', method: 'rebase' });
    expect(world.remote.git('rev-parse', 'main', 'main~2')).toBe(`${sha}\n${main}`);
    expect(subjects(`${main}..main`)).toMatch(/^Change .*\|alice\|bob\nsecond\|carol\|bob$/);
  });

  test('is refused where there are conflicts, twice, and for another head', async () => {
    const { number } = await opened({ 'a.txt': 'theirs\n' });
    const other = await opened();
    const put = (of: number, body: object) => world.api('bob', 'PUT', `${repo}/pulls/${of}/merge`, body);
    expect(await world.pull(number)).toMatchObject({ mergeable: true, mergeable_state: 'clean' });
    world.push('main', { 'a.txt': 'ours\n' });
    expect(await world.pull(number)).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    expect((await put(number, {})).status).toBe(405);
    expect((await put(other.number, { sha: '0'.repeat(40) })).status).toBe(409);
    expect((await put(other.number, { sha: other.head })).status).toBe(200);
    expect((await put(other.number, {})).status).toBe(405);
  });
});

describe('who may what', () => {
  test('a token that nobody has is answered 401, and so is none', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${world.apiUrl}/user`, { headers });
    const credentials = ['Bearer nobody', 'Bearer eyJ.eyJ.x', `token ${world.token('bob')}`].map((authorization) => ({ authorization }));
    const answers = await Promise.all([{}, ...credentials].map(ask));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 200]);
    expect((await world.api(null, 'GET', repo)).status).toBe(401);
  });

  test('an App signs in by its key through Octokit, or with a token that is ready', async () => {
    const { MOORING_APP_ID: appId, MOORING_APP_KEY: privateKey } = world.appEnv;
    const connect = (auth: object) => new Octokit({ authStrategy: createAppAuth, auth: { appId, privateKey, ...auth }, baseUrl: world.apiUrl });
    const [owner, name] = ['acme', 'treasury'];
    const { data } = await connect({}).rest.apps.getRepoInstallation({ owner, repo: name });
    expect(data).toMatchObject({ id: world.app.installation, app_slug: 'mooring' });
    const { number } = await opened();
    const octokit = connect({ installationId: data.id });
    await octokit.rest.issues.createComment({ owner, repo: name, issue_number: number, body: 'signed in' });
    expect(await world.comments(number)).toMatchObject([{ author: 'mooring[bot]' }]);
    const ready = new Octokit({ auth: world.appToken(), baseUrl: world.apiUrl });
    expect((await ready.rest.repos.get({ owner, repo: name })).data.permissions?.push).toBe(true);
    expect(world.writes()).toMatchObject([{ method: 'POST', by: 'mooring[bot]', status: 201 }]);
    expect(world.violations).toEqual([]);
  });

  test('an App gets its token by its key, and is nobody to /user', async () => {
    expect((await world.api('app', 'GET', '/user')).status).toBe(403);
    expect((await world.api('alice', 'GET', '/app')).status).toBe(401);
    const { number } = await opened();
    await world.comment(number, 'hello', 'app');
    expect(await world.comments(number)).toMatchObject([{ author: 'mooring[bot]', body: 'hello' }]);
  });

  test('nobody approves a pull request of their own', async () => {
    const { number, head } = await opened();
    await expect(world.review(number, { as: 'alice', event: 'APPROVE' })).rejects.toThrow(/422/);
    await world.review(number, { as: 'alice', event: 'COMMENT', body: 'look' });
    const id = await world.review(number, { as: 'bob', event: 'APPROVE', body: 'fine' });
    await world.dismiss(number, id, { as: 'carol', message: 'no' });
    const [comment] = await world.reviews(number);
    await expect(world.dismiss(number, comment?.id ?? 0, { as: 'carol', message: 'no' })).rejects.toThrow(/422/);
    expect((await world.reviews(number)).map(({ author, state, body, commit_id }) => [author, state, body, commit_id])).toEqual([
      ['alice', 'COMMENTED', 'look', head],
      ['bob', 'DISMISSED', 'fine', head],
    ]);
  });

  test('a request for a review ends with it', async () => {
    const { number } = await opened();
    const ask = (body: object) => world.api('app', 'POST', `${repo}/pulls/${number}/requested_reviewers`, body);
    expect((await ask({ reviewers: ['alice'] })).status).toBe(422);
    expect((await ask({ reviewers: ['mallory'] })).status).toBe(422);
    expect((await ask({ reviewers: ['dave'], team_reviewers: ['security'] })).status).toBe(201);
    expect(await world.requestedReviewers(number)).toEqual({ users: ['dave'], teams: ['security'] });
    await world.review(number, { as: 'carol', event: 'APPROVE' });
    expect(await world.requestedReviewers(number)).toEqual({ users: ['dave'], teams: [] });
    expect(await world.requestedTeams(number)).toEqual([]);
  });

  test('permissions and teams are told truly', async () => {
    const get = async (path: string) => fields(await world.api('app', 'GET', path));
    expect(await get(`${repo}/collaborators/alice/permission`)).toMatchObject({ permission: 'write' });
    expect(await get(`${repo}/collaborators/mallory/permission`)).toMatchObject({ permission: 'read' });
    expect(await get('/orgs/acme/teams/security/memberships/carol')).toMatchObject({ state: 'active' });
    expect(await get('/orgs/acme/teams/security/memberships/alice')).toMatchObject({ message: 'Not Found' });
    expect((await world.api('app', 'GET', '/orgs/acme/teams')).body).toMatchObject([{ slug: 'treasury' }, { slug: 'security' }]);
    expect(await get('/users/renovate%5Bbot%5D')).toMatchObject({ type: 'Bot' });
  });

  test('whoever has no write access changes only what is theirs', async () => {
    const { number } = await opened();
    await world.comment(number, 'mine', 'bob');
    const comment = (await world.comments(number))[0]?.id;
    const own = fields(await world.api('mallory', 'POST', `${repo}/issues/${number}/comments`, { body: 'hers' }))['id'];
    const tries = [
      await world.api('mallory', 'PATCH', `${repo}/issues/comments/${comment}`, { body: 'changed' }),
      await world.api('mallory', 'POST', `${repo}/issues/${number}/labels`, { labels: ['safe'] }),
      await world.api('mallory', 'PUT', `${repo}/pulls/${number}/merge`, {}),
      await world.api('mallory', 'PATCH', `${repo}/pulls/${number}`, { title: 'hers' }),
      await world.api('mallory', 'PATCH', `${repo}/issues/comments/${own}`, { body: 'changed' }),
    ];
    expect(tries.map(({ status }) => status)).toEqual([403, 403, 403, 403, 200]);
  });
});

function fields({ body }: { body: unknown }): Record<string, unknown> {
  return body as Record<string, unknown>;
}
