// A GitHub for tests and demonstrations: an organization, its repository with real git behind it, people, and an App. The
// product talks to `apiUrl` and pushes to `remote.url`; a test plays the people.
import { generateKeyPairSync } from 'node:crypto';
import { identityOf, makeBare } from './bare-repository.ts';
import { makeCheckBook } from './check-book.ts';
import { makeClock, makeStamps } from './clock.ts';
import { makeKeyring } from './credentials.ts';
import type { Hub } from './hub.ts';
import { apps, name, owner, type Person, repo, tokenOf } from './people.ts';
import { makePullBook } from './pull-book.ts';
import { protectBranch } from './repo-routes.ts';
import { type Backend, isLoggedWrite, type Log, type LoggedRequest, listen } from './server.ts';
import { makeService, type Service } from './service.ts';
import { startUpstream } from './upstream.ts';
import { type Acts, makeActs, tokenFor } from './world-acts.ts';
import { type Looks, makeLooks } from './world-looks.ts';
import { makePushes, type Pushes } from './world-pushes.ts';

export type { Person };

export type GitHubWorld = Pushes &
  Acts &
  Looks & {
    apiUrl: string;
    owner: typeof owner;
    name: typeof name;
    repo: typeof repo;
    /** The bare repository. Its URL is its folder. */
    remote: { url: string; folder: string; git(...args: string[]): string };
    token(who: Person): string;
    /** A token of the App's installation, good for an hour. */
    appToken(): string;
    app: { id: number; slug: string; privateKey: string; installation: number; login: 'mooring[bot]' };
    /** With these in its environment the product acts as the App: MOORING_APP_ID, MOORING_APP_KEY. */
    appEnv: Record<string, string>;
    /** Requests that GitHub's published description doesn't allow, and errors of this fixture's own. */
    violations: string[];
    /** What came over HTTP since `resetLog`; what the helpers here do is not among it. */
    requests: readonly LoggedRequest[];
    /** Those of them that change something. */
    writes(): LoggedRequest[];
    /** Forgets requests and violations. */
    resetLog(): void;
    /** Asked before each request over HTTP; null lets it through. */
    fault: Log['fault'];
    /** Gives a branch the rules of a ruleset. */
    setRules(branch: string, rules: readonly Readonly<Record<string, unknown>>[]): void;
    /** Protects a branch in the older way; its body is GitHub's. Returns the status. */
    protect(branch: string, body: unknown): Promise<number>;
    /** Its clock, ms. */
    now(): number;
    advance(seconds: number): void;
    stop(): Promise<void>;
  };

/** The App's, the same in every world of a process: making one takes as long as making a world. */
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

export type WorldOptions = {
  /** The first commit on main. */
  files?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
};

/** SIDE EFFECTS: two listening servers in this process and a temporary folder, until `stop`. */
export async function startGitHubWorld({ files = { 'README.md': '# Treasury\n' } }: WorldOptions = {}): Promise<GitHubWorld> {
  const violations: string[] = [];
  const log: Log = { requests: [], failures: violations, fault: null };
  const backend: { current: Backend | null } = { current: null };
  const { server, apiUrl } = await listen(log, () => started(backend.current));
  const hub = await makeHub(apiUrl);
  const service = makeService(hub, apiUrl, violations);
  backend.current = { service, ownerOf: (authorization) => (authorization ? (hub.keys.identify(authorization)?.login ?? null) : null) };
  const first = isMap(files) ? Object.fromEntries(files) : files;
  hub.bare.write({ ref: 'refs/heads/main', parent: null, files: first, message: 'First commit', by: identityOf('alice'), at: hub.clock.now() });
  const appToken = await tokenFor({ hub, service, apiUrl, privateKey }, 'app');
  async function stop(): Promise<void> {
    server.closeAllConnections();
    await Promise.all([new Promise((resolve) => server.close(resolve)), hub.upstream.close()]);
    hub.bare.remove();
  }
  return assemble({ hub, service, log, violations, apiUrl, privateKey, appToken, stop });
}

function isMap(files: NonNullable<WorldOptions['files']>): files is ReadonlyMap<string, string> {
  return files instanceof Map;
}

function started(backend: Backend | null): Backend {
  if (backend === null) throw new Error('the server was asked before it was ready');
  return backend;
}

async function makeHub(apiUrl: string): Promise<Hub> {
  const clock = makeClock();
  const stamps = makeStamps();
  const upstream = await startUpstream({ privateKey, stamps, apiUrl });
  const bare = makeBare();
  return { bare, clock, stamps, upstream, keys: makeKeyring(privateKey), pulls: makePullBook(bare, clock, stamps), checks: makeCheckBook(), rules: new Map() };
}

type Parts = { hub: Hub; service: Service; log: Log; violations: string[]; apiUrl: string; privateKey: string; appToken: string; stop: () => Promise<void> };

function assemble({ hub, service, log, violations, apiUrl, privateKey, appToken, stop }: Parts): GitHubWorld {
  const { url, folder, git } = hub.bare;
  const acts = makeActs({ hub, service, apiUrl, privateKey });
  const { id, slug, installation } = apps.mooring;
  const world: Omit<GitHubWorld, 'requests' | 'fault'> = {
    ...{ apiUrl, owner, name, repo, violations, stop },
    remote: { url, folder, git },
    token: tokenOf,
    appToken: () => appToken,
    appEnv: { MOORING_APP_ID: String(id), MOORING_APP_KEY: privateKey },
    app: { id, slug, installation, privateKey, login: 'mooring[bot]' },
    ...makePushes(hub),
    ...acts,
    ...makeLooks(hub, acts.call),
    writes: () => log.requests.filter(isLoggedWrite),
    resetLog() {
      log.requests.length = 0;
      violations.length = 0;
    },
    setRules: (branch, rules) => void hub.rules.set(branch, rules),
    protect: async (branch, body) => (await protectBranch(hub, branch, body)).status,
    now: hub.clock.now,
    advance: hub.clock.advance,
  };
  // One log behind both: the server reads what a test sets here.
  return Object.defineProperties(world, {
    requests: { get: () => log.requests, enumerable: true },
    fault: {
      get: () => log.fault,
      set(fault: Log['fault']) {
        log.fault = fault;
      },
      enumerable: true,
    },
  }) as GitHubWorld;
}
