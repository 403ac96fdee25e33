// Teams are asked to review; one that can't be asked keeps no other from it, and ends nothing.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitHub, openGitHub } from '../../src/scm/github/client.ts';
import { requestTeams } from '../../src/scm/github/pulls.ts';
import { type GitHubWorld, startGitHubWorld } from '../support/github/github-world.ts';
import { openSomePull } from '../support/github/some-pull.ts';

let world: GitHubWorld;
let github: GitHub;
let number: number;

beforeAll(async () => {
  world = await startGitHubWorld();
  const credentials = { type: 'app' as const, appId: String(world.app.id), privateKey: world.app.privateKey };
  github = await openGitHub({ repository: world.repo, apiUrl: world.apiUrl, credentials, log: () => {} });
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.fault = null;
  ({ number } = await openSomePull(world));
  world.resetLog();
});

test.each<[string, string[], string[], string[]]>([
  ['all of them', ['treasury', 'security'], ['security', 'treasury'], []],
  ['none', [], [], []],
  ['those that can be asked, and the others are told', ['strangers', 'treasury', 'ghosts', 'security'], ['security', 'treasury'], ['strangers', 'ghosts']],
  ['nobody where nobody can be', ['strangers'], [], ['strangers']],
])('%s', async (_name, teams, asked, refused) => {
  expect(await requestTeams(github, number, teams)).toEqual(refused);
  expect((await world.requestedTeams(number)).sort()).toEqual(asked);
  expect(world.violations).toEqual([]);
});

test('those who are asked already are not asked again', async () => {
  await requestTeams(github, number, ['treasury', 'security']);
  world.resetLog();
  expect(await requestTeams(github, number, ['security', 'treasury'])).toEqual([]);
  expect(world.writes()).toEqual([]);
});

test.each([
  [403, 'GITHUB_DENIED'],
  [404, 'GITHUB_NOT_FOUND'],
])('anything else that GitHub answers is an error: %i', async (status, code) => {
  world.fault = ({ method }) => (method === 'POST' ? { status } : null);
  await expect(requestTeams(github, number, ['treasury'])).rejects.toMatchObject({ code });
});
