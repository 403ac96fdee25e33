// Check runs, times, pages, the published description and faults in the GitHub of our tests.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubWorld, startGitHubWorld } from '../support/github/github-world.ts';
import { openSomePull, type SomePull } from '../support/github/some-pull.ts';

const repo = '/repos/acme/treasury';
let world: GitHubWorld;

beforeAll(async () => {
  world = await startGitHubWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.fault = null;
  world.resetLog();
});

function opened(): Promise<SomePull> {
  return openSomePull(world);
}

function check(who: 'app' | 'actions' | 'bob', body: object): ReturnType<GitHubWorld['api']> {
  return world.api(who, 'POST', `${repo}/check-runs`, { name: 'mooring', ...body });
}

function notes(count: number): object[] {
  return Array.from({ length: count }, (_, line) => ({
    path: 'a.txt',
    start_line: line + 1,
    end_line: line + 1,
    annotation_level: 'notice',
    message: 'here',
  }));
}

describe('check runs', () => {
  test('are written by Apps only, each its own', async () => {
    const { head } = await opened();
    expect((await check('bob', { head_sha: head })).status).toBe(403);
    const { id } = fields(await check('app', { head_sha: head, external_id: 'x' })) as { id: number };
    expect((await world.api('actions', 'PATCH', `${repo}/check-runs/${id}`, { conclusion: 'success' })).status).toBe(403);
    expect(world.checks(head)).toMatchObject([{ status: 'queued', external_id: 'x', app: { slug: 'mooring' } }]);
  });

  test('are listed by commit: the newest of a name and App, or all', async () => {
    const { head, branch } = await opened();
    const states = ['failure', 'success'].map((conclusion) => ({ head_sha: head, conclusion }));
    for (const state of states) await check('app', state);
    await check('actions', { head_sha: head, conclusion: 'success' });
    const list = async (query: string) => fields(await world.api('bob', 'GET', `${repo}/commits/${branch}/check-runs?check_name=mooring${query}`));
    expect(await list('')).toMatchObject({ total_count: 2, check_runs: [{ app: { slug: 'github-actions' } }, { conclusion: 'success' }] });
    expect(await list('&filter=all')).toMatchObject({ total_count: 3 });
    expect(await list(`&filter=all&app_id=${world.app.id}&per_page=1`)).toMatchObject({ total_count: 2, check_runs: [{ conclusion: 'success' }] });
  });

  test('take 50 annotations at once, and add more later', async () => {
    const { head } = await opened();
    const output = { title: 'plan', summary: 'two changes', annotations: notes(50) };
    expect((await check('app', { head_sha: head, output: { ...output, annotations: notes(51) } })).status).toBe(422);
    const { id } = fields(await check('app', { head_sha: head, output })) as { id: number };
    const more = { output: { summary: 'two changes', annotations: notes(2) }, conclusion: 'success' };
    expect(fields(await world.api('app', 'PATCH', `${repo}/check-runs/${id}`, more))).toMatchObject({
      status: 'completed',
      output: { title: 'plan', annotations_count: 52 },
    });
    const page = await world.api('app', 'GET', `${repo}/check-runs/${id}/annotations?per_page=50&page=2`);
    expect(page.body).toHaveLength(2);
  });

  test('take texts up to a length', async () => {
    const { head, number } = await opened();
    const withSummary = (length: number) => check('app', { head_sha: head, output: { title: 't', summary: 'x'.repeat(length) } });
    const withBody = (length: number) => world.api('app', 'POST', `${repo}/issues/${number}/comments`, { body: 'x'.repeat(length) });
    const answers = [await withSummary(65_535), await withSummary(65_536), await withBody(65_536), await withBody(65_537)];
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 201, 422]);
  });
});

test('each write has a second of its own', async () => {
  const { number, head } = await opened();
  await world.review(number, { as: 'bob', event: 'APPROVE' });
  await check('app', { head_sha: head });
  await check('app', { head_sha: head, conclusion: 'success' });
  await world.comment(number, 'first', 'bob');
  const [comment] = await world.comments(number);
  await world.editComment(comment?.id ?? 0, 'second', 'bob');
  const [newer, older] = world.checks(head);
  const [edited] = await world.comments(number);
  const times = [(await world.pull(number)).created_at, (await world.reviews(number))[0]?.submitted_at, older?.started_at, newer?.started_at];
  const all = [...times, edited?.created_at, edited?.updated_at];
  expect(all).toEqual([...new Set(all)].toSorted());
  expect(newer?.completed_at).toBe(newer?.started_at);
  expect(Date.parse(edited?.updated_at ?? '')).toBe(world.now());
});

test('a pull request is updated by all that happens to it', async () => {
  const { number, branch } = await opened();
  const steps = [
    () => world.comment(number, 'look', 'bob'),
    () => world.review(number, { as: 'bob', event: 'APPROVE' }),
    () => world.api('app', 'POST', `${repo}/issues/${number}/labels`, { labels: ['plan'] }),
    () => world.push(branch, { 'more.txt': 'more\n' }),
    () => world.closePull(number, 'alice'),
  ];
  const times = [(await world.pull(number)).updated_at];
  for (const step of steps) {
    await step();
    times.push((await world.pull(number)).updated_at);
  }
  expect(times).toEqual([...new Set(times)].toSorted());
  const updated = fields(await world.api('bob', 'GET', `${repo}/pulls?state=all&sort=updated&direction=desc`));
  expect(updated).toMatchObject({ 0: { number, updated_at: times.at(-1) } });
});

test('lists have pages', async () => {
  const { number } = await opened();
  for (const text of ['one', 'two', 'three']) await world.comment(number, text, 'bob');
  const path = `${repo}/issues/${number}/comments`;
  const first = await world.api('bob', 'GET', `${path}?per_page=2`);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  expect(first.body).toMatchObject([{ body: 'one' }, { body: 'two' }]);
  const second = await world.api('bob', 'GET', next.slice(world.apiUrl.length));
  expect(second.body).toMatchObject([{ body: 'three' }]);
  expect(second.headers.get('link')).not.toContain('rel="next"');
});

test('pull requests are listed by state, branch and age', async () => {
  const [first, second] = [await opened(), await opened()];
  await world.closePull(first.number, 'alice');
  const numbers = async (query: string) => ((await world.api('bob', 'GET', `${repo}/pulls?${query}`)).body as { number: number }[]).map((pull) => pull.number);
  expect((await numbers('state=all')).slice(0, 2)).toEqual([second.number, first.number]);
  expect((await numbers('state=all&direction=asc')).slice(-2)).toEqual([first.number, second.number]);
  expect(await numbers(`state=all&head=acme:${first.branch}&base=main`)).toEqual([first.number]);
  expect(await numbers(`head=acme:${first.branch}`)).toEqual([]);
  expect((await numbers('state=all&sort=updated')).at(-1)).toBe(first.number);
  expect(await numbers('state=all&base=elsewhere')).toEqual([]);
  expect((await world.pulls())[0]).toEqual({
    number: second.number,
    title: `Change in ${second.branch}`,
    branch: second.branch,
    author: 'alice',
    state: 'open',
  });
  expect((await world.pulls('closed')).map(({ number }) => number)).toContain(first.number);
});

test('pull requests are issues too', async () => {
  const { number } = await opened();
  await world.api('app', 'POST', `${repo}/issues/${number}/labels`, { labels: ['plan'] });
  const drift = fields(await world.api('app', 'POST', `${repo}/issues`, { title: 'drift', labels: ['plan'] }));
  await world.editIssue(Number(drift['number']), 'by hand', 'bob');
  const { body } = await world.api('bob', 'GET', `${repo}/issues?labels=plan`);
  expect(body).toMatchObject([{ title: 'drift' }, { number, pull_request: {} }]);
  expect(await world.issues()).toMatchObject([{ title: 'drift', body: 'by hand', author: 'mooring[bot]', labels: ['plan'] }]);
});

describe('requests that GitHub does not describe', () => {
  test('are recorded and refused', async () => {
    const answers = [
      await world.api('app', 'GET', `${repo}/pulls?status=open`),
      await world.api('app', 'POST', `${repo}/issues`, { titel: 'drift' }),
      await world.api('app', 'POST', `${repo}/issues`, { title: 'drift', label: 'plan' }),
      await world.api('app', 'GET', `${repo}/pulls?state=merged`),
      await world.api('app', 'GET', `${repo}/stargazers`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect(new Set(world.violations.map((text) => text.split(':')[0]))).toEqual(
      new Set([`GET ${repo}/pulls`, `POST ${repo}/issues`, `GET ${repo}/stargazers`]),
    );
    expect(await world.issues()).not.toContainEqual(expect.objectContaining({ title: 'drift', labels: [] }));
  });

  test('are none of the others', async () => {
    await world.api('app', 'GET', `${repo}/pulls?state=all&per_page=100&head=acme:main`);
    expect((await world.api('app', 'GET', '/repos/acme/other/pulls')).status).toBe(404);
    expect(world.violations).toEqual([]);
  });
});

describe('faults', () => {
  const path = `${repo}/issues`;
  const post = (title: string) => world.api('app', 'POST', path, { title });

  test('answer instead of GitHub, as often as wanted', async () => {
    world.fault = ({ method, count }) =>
      method === 'POST' && count === 1
        ? { status: 403, headers: { 'retry-after': '1' }, body: { message: 'You have exceeded a secondary rate limit.' } }
        : null;
    const first = await post('fault');
    expect([first.status, first.headers.get('retry-after')]).toEqual([403, '1']);
    expect((await post('fault')).status).toBe(201);
    expect(world.writes()).toMatchObject([
      { path, by: 'mooring[bot]', status: 403 },
      { path, by: 'mooring[bot]', status: 201 },
    ]);
  });

  test('lose the answer of what took place', async () => {
    world.fault = () => ({ apply: true, status: 502 });
    expect((await post('lost')).status).toBe(502);
    world.fault = () => ({ apply: true, after: { hangUp: true } });
    await expect(post('cut')).rejects.toThrow();
    world.fault = null;
    expect((await world.issues()).map(({ title }) => title).slice(0, 2)).toEqual(['cut', 'lost']);
  });

  test('hang up before anything takes place', async () => {
    world.fault = ({ by }) => (by === 'mooring[bot]' ? 'hang up' : null);
    await expect(post('never')).rejects.toThrow();
    expect((await world.api('bob', 'GET', path)).status).toBe(200);
    expect((await world.issues()).map(({ title }) => title)).not.toContain('never');
    world.resetLog();
    expect(world.requests).toEqual([]);
  });
});

function fields({ body }: { body: unknown }): Record<string, unknown> {
  return body as Record<string, unknown>;
}
