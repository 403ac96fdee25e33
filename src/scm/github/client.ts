// GitHub's interface through Octokit: who we are there, and requests that outlast a moment's trouble. No decision is made here.
import { setTimeout as pause } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { MooringError } from '../../errors.ts';
import { githubError, statusOf } from './errors.ts';

export type Credentials =
  | { type: 'app'; appId: string; privateKey: string }
  /** A person's token, or an installation's. `slug`: the App that an installation's token belongs to. */
  | { type: 'token'; token: string; slug?: string };

export type GitHubOptions = {
  /** `owner/name`. */
  repository: string;
  /** `https://api.github.com` but for GitHub Enterprise and tests. */
  apiUrl: string;
  credentials: Credentials;
  /** Told when it waits: one sentence. */
  log(message: string): void;
  sleep?(ms: number): Promise<void>;
};

/** Who comments and checks come from. */
export type Identity = {
  login: string;
  /** The App's slug; null for a person, who can't write check runs. */
  app: string | null;
};

export type GitHub = {
  owner: string;
  repo: string;
  octokit: Octokit;
  identity(): Promise<Identity>;
};

/** Longest that one request waits for a limit to end, and for trouble to pass. */
const limits = { limitMs: 10 * 60_000, tries: 4, firstPauseMs: 500, timeoutMs: 30_000 };

/** Whoever a workflow's own token speaks for, in every repository. */
const workflows = 'github-actions';

/** Throws GITHUB_REPOSITORY, GITHUB_CREDENTIALS, GITHUB_*; methods of `octokit` throw GITHUB_* through `ask`. SIDE EFFECTS: the network. */
export async function openGitHub(options: GitHubOptions): Promise<GitHub> {
  const [owner = '', repo = '', ...rest] = options.repository.split('/');
  if (!/^[\w.-]+$/.test(owner) || !/^[\w.-]+$/.test(repo) || rest.length > 0)
    throw new MooringError('GITHUB_REPOSITORY', `"${options.repository}" is not a repository`, { fix: 'Name it as owner/name.' });
  const place = { owner, repo };
  const { octokit, identity } = await authenticate(options, place);
  demandOwn(identity);
  return { ...place, octokit, identity: async () => identity };
}

/** Checks and markers are believed by who wrote them: as a workflow, they could be any workflow's, also a pull request's own. */
function demandOwn({ app }: Identity): void {
  if (app === workflows)
    throw new MooringError('GITHUB_CREDENTIALS', 'the token is a workflow’s own, or an App’s that is not named: what it writes could be any workflow’s', {
      fix: 'Use a GitHub App of your own (docs/github.md); with a token of its installation, set MOORING_APP_SLUG to the App’s slug.',
    });
}

type Signed = { octokit: Octokit; identity: Identity };

async function authenticate(options: GitHubOptions, place: { owner: string; repo: string }): Promise<Signed> {
  const { credentials } = options;
  if (credentials.type === 'token') {
    const octokit = connect(options, { auth: credentials.token });
    return { octokit, identity: await identityOfToken(octokit, credentials.slug) };
  }
  const auth = { appId: credentials.appId, privateKey: credentials.privateKey };
  const asApp = connect(options, { authStrategy: createAppAuth, auth });
  const { data } = await ask('the installation of the App', () => asApp.rest.apps.getRepoInstallation(place));
  const octokit = connect(options, { authStrategy: createAppAuth, auth: { ...auth, installationId: data.id } });
  return { octokit, identity: { login: `${data.app_slug}[bot]`, app: data.app_slug } };
}

async function identityOfToken(octokit: Octokit, slug: string | undefined): Promise<Identity> {
  if (slug !== undefined) return { login: `${slug}[bot]`, app: slug };
  try {
    const { data } = await octokit.rest.users.getAuthenticated();
    return { login: data.login, app: null };
  } catch (error) {
    // An installation's token is nobody's; without a name it is taken for that of a workflow.
    if (statusOf(error) === 403) return { login: `${workflows}[bot]`, app: workflows };
    throw githubError('who these credentials are', error);
  }
}

function connect({ apiUrl, log, sleep = (ms) => pause(ms) }: GitHubOptions, auth: ConstructorParameters<typeof Octokit>[0]): Octokit {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const octokit = new Octokit({ ...auth, baseUrl: apiUrl.replace(/\/$/, ''), userAgent: 'mooring', log: quiet, retry: { enabled: false } });
  octokit.hook.wrap('request', async (request, given) => {
    const patience = { tries: 1, waited: 0 };
    for (;;) {
      try {
        return await request({ ...given, request: { ...given.request, signal: AbortSignal.timeout(limits.timeoutMs) } });
      } catch (error) {
        const wait = pauseMs(error, given.method, patience);
        if (wait === null) throw error;
        if (wait >= 1000) log(`GitHub asks to wait, or does not answer; trying again in ${Math.ceil(wait / 1000)} s`);
        await sleep(wait);
      }
    }
  });
  return octokit;
}

/** How long to wait before the same request is made again; null where it is not to be. Counts in `patience`. */
function pauseMs(error: unknown, method: string, patience: { tries: number; waited: number }): number | null {
  const limit = limitMs(error);
  if (limit !== null) {
    patience.waited += limit;
    return patience.waited <= limits.limitMs ? limit : null;
  }
  if (!isPassing(error, method) || patience.tries >= limits.tries) return null;
  patience.tries += 1;
  return limits.firstPauseMs * 2 ** (patience.tries - 2);
}

/** Milliseconds that GitHub asks to wait for; null where it doesn't. Nothing was done then. */
function limitMs(error: unknown): number | null {
  const status = statusOf(error);
  if (status !== 403 && status !== 429) return null;
  const header = (name: string): number | null => {
    const text = headerOf(error, name);
    return text === null || !/^\d+$/.test(text) ? null : Number(text);
  };
  const after = header('retry-after');
  if (after !== null) return after * 1000;
  const reset = header('x-ratelimit-remaining') === 0 ? header('x-ratelimit-reset') : null;
  const date = Date.parse(headerOf(error, 'date') ?? '');
  if (reset !== null && !Number.isNaN(date)) return Math.max(1000, reset * 1000 - date);
  return status === 429 ? 60_000 : null;
}

function headerOf(error: unknown, name: string): string | null {
  if (typeof error !== 'object' || error === null || !('response' in error)) return null;
  const response = error.response as { headers?: Record<string, string | number | undefined> } | undefined;
  const value = response?.headers?.[name];
  return value === undefined ? null : String(value);
}

/** What creates something may have done so though its answer was lost: whoever asked looks before it asks again. */
function isPassing(error: unknown, method: string): boolean {
  const status = statusOf(error);
  return method !== 'POST' && (status === null || status >= 500);
}

/** Runs a request; what goes wrong is a GITHUB_* error that says what was asked for. */
export async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw githubError(what, error);
  }
}

/**
 * Creates what `find` doesn't find, once, however often answers get lost: looks again before each further try. Throws
 * GITHUB_*. SIDE EFFECTS: `create`'s.
 */
export async function createOnce<T>(what: string, { find, create }: { find(): Promise<T | null>; create(): Promise<T> }): Promise<T> {
  for (let tries = 1; ; tries++) {
    const found = await find();
    if (found !== null) return found;
    try {
      return await ask(what, create);
    } catch (error) {
      if (!(error instanceof MooringError) || error.code !== 'GITHUB_UNAVAILABLE' || tries >= limits.tries) throw error;
    }
  }
}
