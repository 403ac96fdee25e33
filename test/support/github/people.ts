// Who there is in the tests' GitHub: an organization with its people, teams and Apps, and what each may do. Data, and the
// seed that the emulator starts from.
import { createHash } from 'node:crypto';
import type { Actor, AppIdentity } from './exchange.ts';

export const owner = 'acme';
export const name = 'treasury';
export const repo = 'acme/treasury';
export const repoPath = '/repos/acme/treasury';
export const fork = 'mallory/treasury';

export const people = ['alice', 'bob', 'carol', 'dave', 'mallory', 'renovate[bot]'] as const;
export type Person = (typeof people)[number];

/** The fixture's own account in the emulator: for what GitHub itself does. */
export const host = 'host';

const writers: ReadonlySet<string> = new Set(['alice', 'bob', 'carol', 'dave', 'renovate[bot]']);
const members = ['alice', 'bob', 'carol', 'dave'] as const;

export const teams: Readonly<Record<string, readonly string[]>> = { treasury: ['alice', 'bob'], security: ['carol'] };

export type App = AppIdentity & { name: string; installation: number; permissions: Readonly<Record<string, string>> };

const mooring: App = {
  id: 814_271,
  slug: 'mooring',
  name: 'Mooring',
  installation: 50_617_001,
  permissions: {
    metadata: 'read',
    members: 'read',
    administration: 'write',
    checks: 'write',
    contents: 'write',
    issues: 'write',
    pull_requests: 'write',
  },
};

/** What a workflow in a pull request may do with its own token: also write check runs, of whatever name. */
const actions: App = {
  id: 15_368,
  slug: 'github-actions',
  name: 'GitHub Actions',
  installation: 50_617_002,
  permissions: { metadata: 'read', checks: 'write', contents: 'write', issues: 'write', pull_requests: 'write' },
};

export const apps = { mooring, actions } as const;

/** Looks like GitHub's, is the same in each run, stands in no file. */
export function tokenOf(login: string): string {
  return `ghp_${createHash('sha256').update(`token of ${login}`).digest('hex').slice(0, 36)}`;
}

export function mayWrite(login: string): boolean {
  return writers.has(login);
}

export function isMember(login: string): boolean {
  return members.some((member) => member === login);
}

/** Whether it may push, label, merge: a person with write access, an App's installation by its permissions. */
export function hasWrite(actor: Actor, permission: string): boolean {
  return actor.kind === 'installation' ? actor.permissions[permission] === 'write' : mayWrite(actor.login);
}

/** The emulator's seed. Both Apps have one key: making a key takes longer than all else. */
export function seedOf(privateKey: string): { [service: string]: unknown; tokens: Record<string, { login: string }> } {
  const bots = Object.values(apps).map((app) => `${app.slug}[bot]`);
  return {
    tokens: Object.fromEntries([...people, host].map((login) => [tokenOf(login), { login }])),
    github: {
      users: [...people, host, ...bots].map((login) => ({ login, name: login, email: `${login}@example.org`, site_admin: login === host })),
      orgs: [{ login: owner, name: 'Acme', members: [...members.map((login) => ({ login })), { login: host, role: 'admin' }] }],
      repos: [{ owner, name, auto_init: true, default_branch: 'main' }],
      apps: Object.values(apps).map((app) => seededApp(app, privateKey)),
    },
  };
}

function seededApp(app: App, privateKey: string): object {
  const installations = [{ installation_id: app.installation, account: owner, repository_selection: 'all' }];
  return { app_id: app.id, slug: app.slug, name: app.name, private_key: privateKey, permissions: app.permissions, events: [], installations };
}
