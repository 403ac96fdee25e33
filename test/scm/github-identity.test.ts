// As whom the product acts on GitHub: an App of one's own or a person, never as what every workflow is.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Credentials, openGitHub } from '../../src/scm/github/client.ts';
import { type GitHubWorld, startGitHubWorld } from '../support/github/github-world.ts';

let world: GitHubWorld;

beforeAll(async () => {
  world = await startGitHubWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.resetLog());

const open = (credentials: Credentials) => openGitHub({ repository: world.repo, apiUrl: world.apiUrl, credentials, log: () => {} });

test.each<[string, () => Credentials, { login: string; app: string | null }]>([
  ['an App', () => ({ type: 'app', appId: String(world.app.id), privateKey: world.app.privateKey }), { login: 'mooring[bot]', app: 'mooring' }],
  ['a token of its installation', () => ({ type: 'token', token: world.appToken(), slug: 'mooring' }), { login: 'mooring[bot]', app: 'mooring' }],
  ['a person', () => ({ type: 'token', token: world.token('alice') }), { login: 'alice', app: null }],
])('%s is who it says', async (_name, credentials, identity) => {
  expect(await (await open(credentials())).identity()).toEqual(identity);
});

describe('is refused, before anything is asked or written', () => {
  test.each<[string, () => Promise<Credentials>]>([
    ['a workflow’s token', async () => ({ type: 'token', token: await world.actionsToken() })],
    ['the same by its name', async () => ({ type: 'token', token: await world.actionsToken(), slug: 'github-actions' })],
    ['an installation’s token without a name, which could be one', async () => ({ type: 'token', token: world.appToken() })],
  ])('%s', async (_name, credentials) => {
    await expect(open(await credentials())).rejects.toMatchObject({ code: 'GITHUB_CREDENTIALS', fix: expect.stringContaining('docs/github.md') });
    expect(world.requests.filter(({ path }) => path !== '/user')).toEqual([]);
  });
});
