// What every command about pull requests works with: GitHub, the clone, and who we are there.
import type { Git } from '../../scm/git.ts';
import type { GitHub } from '../../scm/github/client.ts';
import { type Context, type OptionSpec, type Options, text } from '../command.ts';
import { findRoot } from '../environment/find-root.ts';
import { type Log, makeLog } from '../log.ts';
import { credentialsIn } from './credentials.ts';

export type Repository = {
  github: GitHub;
  git: Git;
  /** The clone, which holds desired-state/ at its root. */
  root: string;
  /** The branch that is applied. */
  branch: string;
  context: Context;
  options: Options;
  log: Log;
};

export const repositoryOptions: Readonly<Record<string, OptionSpec>> = {
  repo: { type: 'string', value: 'OWNER/NAME', description: 'the repository on GitHub (default: GITHUB_REPOSITORY)' },
  'api-url': { type: 'string', value: 'URL', description: 'GitHub’s interface (default: GITHUB_API_URL, or https://api.github.com)' },
  remote: { type: 'string', value: 'NAME', description: 'the clone’s remote that is that repository (default: origin)' },
  branch: { type: 'string', value: 'NAME', description: 'the branch that is applied (default: the repository’s default branch)' },
};

/**
 * With the credentials that the environment has. Throws
 * GITHUB_CREDENTIALS, GITHUB_*, GIT_*. SIDE EFFECTS: the network; fetches what a shallow clone lacks.
 */
export async function openRepository(context: Context, options: Options): Promise<Repository> {
  const root = findRoot(context, options);
  const log = await makeLog(context, options);
  // Loaded when needed: they are large.
  const [{ openGitHub, ask }, { openClone }, { completeHistory }] = await Promise.all([
    import('../../scm/github/client.ts'),
    import('../../scm/git.ts'),
    import('../../scm/changed-files.ts'),
  ]);
  const github = await openGitHub({
    repository: text(options, 'repo') ?? context.env['GITHUB_REPOSITORY'] ?? '',
    apiUrl: text(options, 'api-url') ?? context.env['GITHUB_API_URL'] ?? 'https://api.github.com',
    credentials: credentialsIn(context),
    log: (message) => log(message),
  });
  const git = await openClone({ folder: root, remote: text(options, 'remote') ?? 'origin' });
  await completeHistory(git);
  const { owner, repo, octokit } = github;
  const branch = text(options, 'branch') ?? (await ask('the repository', () => octokit.rest.repos.get({ owner, repo }))).data.default_branch;
  return { github, git, root, branch, context, options, log };
}
