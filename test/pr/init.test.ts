// mooring init: from an empty repository and a chain to files that are ready to commit.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { managedContracts } from '../../scripts/managed-contracts.ts';
import type { Context } from '../../src/cli/command.ts';
import { makeRemote, type Remote, runIn } from '../scm/remote.ts';
import { runHere, type Said } from '../support/cli.ts';
import { type FieldWorld, startFieldWorld } from '../support/field-world.ts';

const templates = join(import.meta.dirname, '../../ci/github');
const place = 'desired-state/staging';
let field: FieldWorld;
let remote: Remote;
let root: string;

beforeAll(async () => {
  field = await startFieldWorld();
});
afterAll(() => field?.stop());
beforeEach(async () => {
  await field.reset();
  remote = makeRemote();
  root = realpathSync(mkdtempSync(join(tmpdir(), 'mooring-init-')));
  runIn(root, 'init', '-q');
  runIn(root, 'remote', 'add', 'origin', remote.url);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  remote?.remove();
});

const mooring = (argv: readonly string[], more: Partial<Context> = {}): Promise<Said> =>
  runHere({ cwd: root, env: { ...field.env, RPC_TOKEN: 'open-sesame' }, ...more }, argv);

const owner = (): string => field.deployment.accounts.owner.address;
const rpc = () => `${field.proxy.url}/\${RPC_TOKEN}`;
const contracts = (): string[] => managedContracts(field.deployment).map(({ name, kind, address }) => `${name}=${kind}@${address}`);

/** By flags; an empty value leaves one out. */
function flags(changes: Readonly<Record<string, string>> = {}, named: readonly string[] = contracts()): string[] {
  const all = { env: 'staging', rpc: rpc(), signer: owner(), token: 'AGIALPHA:18', team: 'acme/treasury', ...changes };
  return ['init', ...Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`--${name}`, value])), ...named];
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All of the repository but git's own. */
function written(folder = root): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const own = paths.filter((path) => !path.startsWith('.git/') && !path.startsWith('.mooring/') && !path.includes('/.mooring/')).sort();
  return new Map(own.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

async function done(argv: readonly string[], more: Partial<Context> = {}): Promise<Said> {
  const said = await mooring(argv, more);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said;
}

/** What moves between two imports of one state: the block. */
const steady = (files: ReadonlyMap<string, string>): [string, string][] => [...files].map(([path, text]) => [path, text.replace(/^adoptedAt: \d+$/m, '')]);

test('by flags: environment, contracts, workflows; what is written is valid, and there is nothing to change', async () => {
  await done(flags());
  const names = managedContracts(field.deployment).map(({ name }) => `${place}/contracts/${name}.yaml`);
  const workflows = readdirSync(join(templates, 'workflows')).map((name) => `.github/workflows/${name}`);
  const others = ['.github/CODEOWNERS', '.github/actions/mooring/action.yml', '.github/mooring/package.json', '.gitignore', 'ci/guardrails.sh'];
  const settings = ['environment', 'addresses', 'policy'].map((name) => `${place}/${name}.yaml`);
  expect([...written().keys()]).toEqual([...names, ...workflows, ...others, ...settings].sort());
  expect(read(`${place}/environment.yaml`)).toContain(`chainId: ${field.deployment.chainId}`);
  expect(read(`${place}/environment.yaml`)).toContain('/${RPC_TOKEN}');
  expect(field.proxy.exchanges.every(({ path }) => path === '/open-sesame')).toBe(true);
  expect(read(`${place}/addresses.yaml`)).toContain(owner());
  expect(read(`${place}/policy.yaml`)).toContain('teams: [treasury]');
  expect(read('.github/CODEOWNERS')).not.toContain('OWNER/TEAM');
  expect(read('.gitignore')).toBe('.mooring/\n');
  await done(['validate', '--env', 'staging']);
  const plan = await done(['plan', '--env', 'staging', '--format', 'json']);
  expect(JSON.parse(plan.stdout)).toMatchObject({ changes: [], steps: [] });
});

test('what is written for GitHub is what ci/github has, but for the branch, the environment and the team', async () => {
  await done(flags({ branch: 'release/v1' }, []));
  const source = written(templates);
  for (const [path, text] of source) {
    const there = path.startsWith('tool/') ? path.replace('tool/', '.github/mooring/') : `.github/${path}`;
    const own = text.replace('branches: [main]', 'branches: [release/v1]').replace('--env mainnet', '--env staging');
    expect(read(there), there).toBe(own.replaceAll('@OWNER/TEAM', '@acme/treasury'));
  }
  expect(read('.github/workflows/mooring-apply.yml')).toContain('branches: [release/v1]');
  expect(read('.github/workflows/mooring-apply.yml')).toContain('mooring pr apply --env staging');
});

describe('CODEOWNERS gives an owner to', () => {
  /** As GitHub reads it: the last line that matches. */
  function ownersOf(path: string): string {
    const lines = read('.github/CODEOWNERS')
      .split('\n')
      .filter((line) => /^[^#\s]/.test(line));
    const fits = (pattern: string): boolean => {
      const [text, end] = pattern.endsWith('/') ? [pattern, ''] : [pattern, '(?:/|$)'];
      const words = text.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]*');
      return new RegExp(`^${words.startsWith('/') ? '' : '/(?:.*/)?'}${words}${end}`).test(`/${path}`);
    };
    return (lines.map((line) => line.split(/\s+/)).findLast(([pattern = '']) => fits(pattern)) ?? []).slice(1).join(' ');
  }

  test('whatever init writes, and whatever else would run beside the keys', async () => {
    await done(flags());
    const others = [
      '.github/CODEOWNERS',
      '.github/workflows/another.yml',
      'ci/guardrails.sh',
      '.github/actions/another/action.yml',
      '.github/mooring/package-lock.json',
      '.github/mooring/mooring-0.1.0.tgz',
      '.github/mooring/.npmrc',
      'desired-state/another/policy.yaml',
      'desired-state/staging/kinds/Mine.yaml',
    ];
    const paths = [...written().keys(), ...others].filter((path) => path !== '.gitignore');
    expect(paths.filter((path) => ownersOf(path) !== '@acme/treasury')).toEqual([]);
    expect(ownersOf('src/elsewhere.ts')).toBe('');
  });
});

test('without workflows, token, team and signer it is an environment alone', async () => {
  await done([...flags({ signer: '', token: '', team: '' }, []), '--no-workflows']);
  expect([...written().keys()].filter((path) => path.startsWith('.github'))).toEqual([]);
  await done(['validate', '--env', 'staging']);
});

describe('by answers on a terminal', () => {
  const answers = (): [RegExp, string[]][] => [
    [/environment/, ['staging']],
    [/RPC/, [rpc()]],
    [/Contract/, [...contracts(), '']],
    [/signs/, [owner()]],
    [/Token/, ['AGIALPHA:18']],
    [/Team/, ['acme/treasury']],
  ];

  function person(said: [RegExp, string[]][]): { ask: NonNullable<Context['ask']>; asked: string[] } {
    const asked: string[] = [];
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      const answer = said.find(([about]) => about.test(question))?.[1].shift();
      if (answer === undefined) throw new Error(`not expected: ${question}`);
      return answer;
    };
    return { ask, asked };
  }

  test('the same is written', async () => {
    await done(['init'], { ask: person(answers()).ask });
    const byAnswers = steady(written());
    for (const path of written().keys()) rmSync(join(root, path));
    await done(flags());
    expect(byAnswers).toEqual(steady(written()));
  });

  test('only what flags don’t say is asked for, and an empty answer is none', async () => {
    const { ask, asked } = person([
      [/Token/, ['']],
      [/Team/, [' ']],
    ]);
    await done(flags({ token: '', team: '' }, [`arena=SelfPlayArena@${field.deployment.addresses.arena}`]), { ask });
    expect(asked).toHaveLength(2);
    expect([...written().keys()]).not.toContain('.github/CODEOWNERS');
  });
});

describe('a second run', () => {
  test('with one more contract adds it, and leaves everything else as it is', async () => {
    const [first = '', second = ''] = contracts();
    await done(flags({}, [first]));
    const mine = `# mine\n${read(`${place}/policy.yaml`)}`;
    writeFileSync(join(root, `${place}/policy.yaml`), mine);
    const before = written();
    await done(flags({}, [first, second]));
    const added = [...written()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(added).toEqual([`${place}/contracts/stake-manager.yaml`]);
    expect(read(`${place}/policy.yaml`)).toBe(mine);
    await done(['plan', '--env', 'staging']);
  });

  test('with the same writes nothing', async () => {
    await done(flags());
    const before = written();
    await done(flags());
    expect(written()).toEqual(before);
  });
});

test('a file that somebody had there before stays, and .gitignore gets one line more', async () => {
  const mine = new Map([
    ['.github/CODEOWNERS', '* @me\n'],
    ['.github/workflows/mooring-plan.yml', 'name: mine\n'],
    ['.gitignore', 'node_modules'],
  ]);
  mkdirSync(join(root, '.github/workflows'), { recursive: true });
  for (const [path, text] of mine) writeFileSync(join(root, path), text);
  await done(flags({}, []));
  expect(read('.github/CODEOWNERS')).toBe('* @me\n');
  expect(read('.github/workflows/mooring-plan.yml')).toBe('name: mine\n');
  expect(read('.gitignore')).toBe('node_modules\n.mooring/\n');
});

describe('a mistake is told before anything is written', () => {
  const somewhere = `0x${'12'.repeat(20)}`;
  test.each<[string, () => string[], number, RegExp]>([
    ['no environment', () => flags({ env: '' }), 64, /USAGE/],
    ['an environment elsewhere', () => flags({ env: '../x' }), 64, /USAGE/],
    ['no RPC', () => flags({ rpc: '' }), 64, /USAGE/],
    ['an RPC that is no URL', () => flags({ rpc: 'localhost' }), 65, /RPC_URL/],
    ['an RPC that is not there', () => flags({ rpc: 'http://127.0.0.1:9' }), 5, /RPC_UNAVAILABLE/],
    ['a variable that is not set', () => flags({ rpc: 'http://127.0.0.1/${RPC_NOT_SET}' }), 64, /ENVIRONMENT_VARIABLE_MISSING/],
    ['a kind', () => flags({}, [`arena=SelfPlayAren@${somewhere}`]), 64, /USAGE[\s\S]*SelfPlayArena/],
    ['an address', () => flags({}, ['arena=SelfPlayArena@0x12']), 64, /USAGE/],
    ['an address without a contract', () => flags({}, [...contracts(), `other=SelfPlayArena@${somewhere}`]), 4, /CODE_MISSING[\s\S]*other/],
    ['a contract’s name', () => flags({}, [`../x=SelfPlayArena@${somewhere}`]), 64, /USAGE/],
    ['a signer', () => flags({ signer: 'owner' }), 64, /USAGE/],
    ['a token', () => flags({ token: 'AGI ALPHA:x' }), 64, /USAGE/],
    ['a team', () => flags({ team: '@acme/treasury' }), 64, /USAGE/],
    ['a branch that would be YAML', () => flags({ branch: 'main], x: [' }), 64, /USAGE/],
    ['a variable that would be YAML', () => flags({ 'key-variable': 'A } }' }), 64, /USAGE/],
  ])('%s', async (_name, argv, exit, says) => {
    const said = await mooring(argv());
    expect(said.stderr).toMatch(says);
    expect(said.exit).toBe(exit);
    expect([...written()]).toEqual([]);
  });
});

describe('a key in the wrong place is in no output and no file', () => {
  const key = 'c0ffee254729296a45a3885639ac7e10f9d54979c0ffee254729296a45a38856';
  const words = 'test test test test test test test test test test test junk';
  test.each<[string, () => string[]]>([
    ['as the signer', () => flags({ signer: `0x${key}` })],
    ['as the signer, without 0x', () => flags({ signer: key })],
    ['as the signer, in words', () => flags({ signer: words })],
    ['as a contract’s address', () => flags({}, [`arena=SelfPlayArena@0x${key}`])],
    ['as its variable', () => flags({ 'key-variable': key })],
    ['as its variable, in capitals', () => flags({ 'key-variable': `A${key.toUpperCase()}` })],
    ['as the token', () => flags({ token: key })],
    ['as the team', () => flags({ team: `0x${key}` })],
    ['as the environment', () => flags({ env: `${key} ` })],
    ['in the RPC’s URL', () => flags({ rpc: `${field.proxy.url}/${key}` })],
  ])('%s', async (_name, argv) => {
    const said = await mooring(argv());
    expect(said.exit).not.toBe(0);
    const all = `${said.stdout}${said.stderr}`;
    for (const secret of [key.slice(0, 8), key.toUpperCase().slice(0, 8), 'junk']) expect(all).not.toContain(secret);
    expect([...written()]).toEqual([]);
  });
});

test('a contract of another kind ends it; the environment stays, and a second run goes on', async () => {
  const wrong = `arena=Thermostat@${field.deployment.addresses.arena}`;
  const said = await mooring(flags({}, [wrong]));
  expect(said.exit).toBe(5);
  expect(said.stderr).toContain('LIVE_UNKNOWN');
  expect([...written().keys()].filter((path) => path.includes('/contracts/'))).toEqual([]);
  await done(flags());
  await done(['plan', '--env', 'staging']);
});
