// mooring doctor: every check at its best, and each of them when something is wrong.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { differs, protectionChecks } from '../../src/cli/doctor/check-repository.ts';
import { checkService } from '../../src/cli/doctor/check-state.ts';
import { ownBranches, protectionPage, requirements } from '../../src/cli/doctor/protection.ts';
import { repositoryFiles } from '../../src/cli/init/files.ts';
import { settingsDefaults } from '../../src/loops/thermostat/settings.ts';
import type { Check, Verdict } from '../../src/render/doctor-text.ts';
import { steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const templates = repositoryFiles({ team: null, branch: 'main', environment: 'field', rpc: '', signer: null, token: null, contracts: [] });
const scene = usePrWorld((files) => {
  for (const [path, text] of templates) files[path] = text;
});

const pull = { required_approving_review_count: 1, require_code_owner_review: true, dismiss_stale_reviews_on_push: true, require_last_push_approval: true };
const checksRule = (...checks: object[]) => ({
  type: 'required_status_checks',
  parameters: { strict_required_status_checks_policy: true, required_status_checks: checks },
});
const approved = { context: 'mooring / approved', integration_id: 1 };
const guardrails = { context: 'ci / guardrails' };
const soundRules = [checksRule(approved, guardrails), { type: 'pull_request', parameters: pull }, { type: 'non_fast_forward' }, { type: 'deletion' }];

let service: Server | null = null;
beforeEach(() => {
  scene.github.setRules('main', soundRules);
  scene.github.setRules('mooring/journal', [{ type: 'non_fast_forward' }, { type: 'deletion' }]);
  scene.github.setRules('mooring/incidents', [{ type: 'update' }, { type: 'deletion' }]);
  put('deployment.json', JSON.stringify(Object.fromEntries(Object.entries(scene.field.deployment.addresses).map(([name, address]) => [name, { address }]))));
  mkdirSync(join(scene.ci.root, 'reports'), { recursive: true });
  put('reports/roi-baseline.ndjson', '{"roi":1}\n{"roi":2}\n');
  // A second way to the same chain.
  edit('environment.yaml', (text) => text.replace(/^rpc: \["(.*)"\]$/m, `rpc: ["$1", "${scene.field.url}"]`));
});
afterEach(() => void service?.close());

async function publish(settings: unknown): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(settings)));
  service = server;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function put(file: string, text: string): void {
  writeFileSync(join(scene.ci.root, file), text);
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(scene.ci.root, folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

type Told = {
  exit: number;
  all: readonly Check[];
  record: string;
  verdict(id: string): Verdict | undefined;
  message(id: string): string;
  fix(id: string): string;
};

async function doctor(more = '--manifest deployment.json'): Promise<Told> {
  const said = await scene.ci.mooring(`doctor --env field --format json ${more}`);
  const { checks, record } = JSON.parse(said.stdout) as { checks: Check[]; record: string };
  const of = (id: string): Check | undefined => checks.find((one) => one.id === id);
  return { exit: said.exit, all: checks, record, verdict: (id) => of(id)?.verdict, message: (id) => of(id)?.message ?? '', fix: (id) => of(id)?.fix ?? '' };
}

describe('mooring doctor', () => {
  test('on an environment that is ready: all is well, nothing is sent, and it is kept', async () => {
    const url = await publish({ thermostat: { roiWindow: settingsDefaults.roiWindow }, monitorIntervalSeconds: 1, strange: 1 });
    const { exit, all, record } = await doctor(`--manifest deployment.json --service ${url} --record`);
    expect(all.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(all.map(({ id }) => id)).toEqual([
      ...['desired-state', 'thermostat-settings', 'sentinel-settings', 'arena-settings', 'in-sync', 'manifest', 'service', 'rpc-1', 'rpc-2', 'rpc-heads'],
      ...[
        'signer-owner',
        'pausers',
        'names',
        'drill',
        'baseline',
        ...requirements.map(({ id }) => `branch-${id}`),
        'branch-mooring/journal',
        'branch-mooring/incidents',
        'workflows',
      ],
    ]);
    expect(exit).toBe(0);
    const [, commit, path] = /\/blob\/([0-9a-f]{40})\/(.*)$/.exec(record) ?? [];
    expect(scene.github.remote.git('show', `${commit}:${path}`)).toContain('# field, ');
    expect(scene.head('mooring/evidence')).toBe(commit);
    expect(await scene.sent()).toBe(0);
    const { stdout } = await scene.ci.mooring('doctor --env field');
    const text = steady(stdout)
      .replace(/\d+ ms/g, '<ms> ms')
      .replace(/[\d.]+ ETH/g, '<money> ETH');
    await expect(text).toMatchFileSnapshot('../golden/cli/doctor.txt');
  });

  test('a desired state with errors fails, with nothing else said of it', async () => {
    edit('contracts/arena.yaml', (text) => text.replace('committeeSize: 3', 'committeeSize: three'));
    const said = await scene.ci.mooring('doctor --env field');
    expect([said.exit, said.stdout.includes('desired-state')]).toEqual([1, true]);
  });

  test('an error in a loop’s file is told of that loop, and keeps nothing else from being checked', async () => {
    mkdirSync(join(scene.ci.root, folder, 'loops'), { recursive: true });
    put(`${folder}/loops/sentinel.yaml`, 'apiVersion: mooring/v1\nkind: Sentinel\nroiFloor: none\n');
    const told = await doctor('--no-github');
    expect(['thermostat', 'sentinel', 'arena'].map((loop) => told.verdict(`${loop}-settings`))).toEqual(['ok', 'fail', 'ok']);
    expect([told.exit, told.verdict('in-sync')]).toEqual([1, 'ok']);
  });

  test('what was not asked for is a warning, what could not be told is unknown and ends with 5', async () => {
    const bare = await doctor('--no-github');
    expect([bare.exit, bare.verdict('manifest'), bare.verdict('github')]).toEqual([0, 'warn', 'warn']);
    const silent = await doctor(`--no-github --service ${await publish({ strange: 1 })}`);
    expect([silent.exit, silent.verdict('service')]).toEqual([5, 'unknown']);
    delete scene.ci.env['MOORING_APP_KEY'];
    const closed = await doctor('');
    expect([closed.exit, closed.verdict('github')]).toEqual([5, 'unknown']);
  });

  test('drift, another deployment, other settings and no baseline', async () => {
    await scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] });
    put('deployment.json', JSON.stringify({ stakeManager: scene.field.addresses['arena'] }));
    rmSync(join(scene.ci.root, 'reports/roi-baseline.ndjson'));
    const told = await doctor(`--no-github --manifest deployment.json --service ${await publish({ roiWindow: 999 })}`);
    expect([told.exit, told.verdict('in-sync'), told.verdict('manifest'), told.verdict('service'), told.verdict('baseline')]).toEqual([
      1,
      ...['fail', 'fail', 'fail', 'warn'],
    ]);
    expect(told.message('in-sync')).toContain('arena.committeeSize');
    expect(told.message('service')).toContain('999');
  });

  test('a signer without money, or without a right', async () => {
    await scene.field.node.ask('anvil_setBalance', [scene.field.addresses['owner'], '0x0']);
    edit('environment.yaml', (text) => `${text.replace(/^signers:\n/m, 'signers:\n  stranger: { key: { env: STRANGER_KEY } }\n')}`);
    const told = await doctor('--no-github');
    expect([told.exit, told.verdict('signer-owner'), told.verdict('signer-stranger')]).toEqual([1, 'fail', 'fail']);
    expect([told.message('signer-owner'), told.message('signer-stranger')]).toEqual([expect.stringContaining('no money'), expect.stringContaining('nothing')]);
    const lines = readFileSync(join(scene.ci.root, folder, 'environment.yaml'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('stranger:')) + 1;
    // A key that leaked has lost its rights, too: the first thing to do must not be to give them back.
    expect(told.fix('signer-stranger')).toMatch(new RegExp(`^take it out of signers: ${folder}/environment.yaml:${line}\\.`));
  });

  test('a key that is another’s', async () => {
    const variable = /owner: \{ key: \{ env: (\w+) \} \}/.exec(readFileSync(join(scene.ci.root, folder, 'environment.yaml'), 'utf8'))?.[1] ?? '';
    scene.ci.env[variable] = scene.field.deployment.accounts.guardian.privateKey;
    const told = await doctor('--no-github');
    expect([told.exit, told.verdict('signer-owner')]).toEqual([1, 'fail']);
    expect(told.fix('signer-owner')).toContain(variable);
  });

  test('a contract that one account alone can pause, and a pause that would not work', async () => {
    await scene.field.byHand({ on: 'pauseGuard', call: 'setGuardian', args: ['guardian', false] });
    await scene.field.byHand({ on: 'arena', call: 'transferOwnership', args: ['stranger'] });
    const told = await doctor('--no-github');
    expect([told.exit, told.verdict('pausers'), told.verdict('drill')]).toEqual([1, 'fail', 'fail']);
    expect([told.message('pausers'), told.message('drill')]).toEqual([expect.stringContaining('stake-manager'), expect.stringContaining('arena')]);
  });

  test('a contract without a pauser is not forgotten', async () => {
    await scene.field.byHand({ on: 'arena', call: 'setPauser', args: [`0x${'0'.repeat(40)}`] });
    const told = await doctor('--no-github');
    expect([told.verdict('pausers'), told.message('pausers')]).toEqual(['fail', expect.stringContaining('arena can be paused by')]);
    expect(told.message('pausers')).not.toContain('stake-manager');
  });

  test('an RPC of another chain, one that is dead, and one that can simulate nothing', async () => {
    edit('environment.yaml', (text) => text.replace(/^(rpc: .*)\]$/m, '$1, "http://127.0.0.1:1"]'));
    scene.field.proxy.hooks.rewrite = (call, answer) =>
      call.method === 'eth_simulateV1' ? { jsonrpc: '2.0', id: call.id, error: { code: -32601, message: 'not available' } } : answer;
    const told = await doctor('--no-github');
    expect([told.exit, told.verdict('rpc-1'), told.verdict('rpc-2'), told.verdict('rpc-3')]).toEqual([5, 'ok', 'ok', 'unknown']);
    expect([told.message('rpc-1'), told.message('rpc-2')]).toEqual([expect.stringContaining('state overrides'), expect.stringContaining('eth_simulateV1')]);
    scene.field.proxy.hooks.rewrite = (call, answer) => {
      if (call.method === 'eth_chainId') return { jsonrpc: '2.0', id: call.id, result: '0x1' };
      return answer;
    };
    const wrong = await doctor('--no-github');
    expect([wrong.exit, wrong.verdict('rpc-1'), wrong.verdict('rpc-2')]).toEqual([1, 'fail', 'ok']);
  });

  test('a branch that demands nothing fails each demand; older protection that can’t be seen is unknown', async () => {
    scene.github.setRules('main', []);
    const open = await doctor();
    expect(open.all.filter(({ id }) => /^branch-(?!mooring)/.test(id)).map(({ verdict }) => verdict)).toEqual(requirements.map(({ gravity }) => gravity));
    expect(open.exit).toBe(1);
    const classic = {
      required_status_checks: { strict: true, contexts: ['mooring / approved'] },
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: null,
    };
    expect(await scene.github.protect('main', classic)).toBe(200);
    const seen = await doctor();
    expect([seen.verdict('branch-check-approved'), seen.verdict('branch-force-pushes'), seen.verdict('branch-review')]).toEqual(['ok', 'ok', 'fail']);
    // The App of docs/github.md has no administration.
    scene.github.fault = ({ path }) => (path.endsWith('/protection') ? { status: 403, body: { message: 'Resource not accessible by integration' } } : null);
    const hidden = await doctor();
    expect([hidden.verdict('branch-check-approved'), hidden.verdict('branch-review'), hidden.exit]).toEqual(['ok', 'unknown', 5]);
  });

  test('the branches that Mooring writes without their rules are a warning', async () => {
    scene.github.setRules('mooring/journal', [{ type: 'deletion' }]);
    scene.github.setRules('mooring/incidents', []);
    const told = await doctor();
    expect([told.exit, told.verdict('branch-mooring/journal'), told.verdict('branch-mooring/incidents')]).toEqual([0, 'warn', 'warn']);
  });

  test('a workflow that is missing fails, one that runs more is a warning', async () => {
    const [path, text] = [...templates].find(([name]) => name.endsWith('mooring-drift.yml')) ?? ['', ''];
    scene.github.push('main', { [path]: `${text}      - run: curl example.org\n` }, { author: 'alice' });
    expect((await doctor()).verdict('workflows')).toBe('warn');
    scene.github.push('main', { [path]: null }, { author: 'alice' });
    const told = await doctor();
    expect([told.verdict('workflows'), told.message('workflows').includes(path), told.exit]).toEqual(['fail', true, 1]);
  });
});

test('a workflow may have other environments, comments and variables, and nothing else', () => {
  const template = 'on: push\n# env:\njobs:\n  - run: mooring pr apply --env X\n';
  expect(differs(template, 'on: push\njobs:\n  - env:\n      A: 1\n  - run: mooring pr apply --env main,other\n')).toBeNull();
  expect(differs(template, 'on: pull_request\njobs:\n  - run: mooring pr apply --env X\n')).toContain('on: push');
  expect(differs(template, `${template}  - uses: other/thing@v1\n`)).toContain('more');
  expect(differs(template, null)).toContain('missing');
});

test('a check from anybody is not one from the App, and the page lists what is verified', () => {
  const nothing = { checks: [], upToDate: false, pull: null, blocksForcePushes: false, blocksDeletion: false, complete: true };
  const verdicts = (app: number | null) => protectionChecks({ ...nothing, checks: [{ context: 'mooring / approved', app }] }).map(({ verdict }) => verdict);
  expect([verdicts(null).slice(0, 2), verdicts(7).slice(0, 2)]).toEqual([
    ['ok', 'fail'],
    ['ok', 'ok'],
  ]);
  for (const { setting, why } of requirements) expect(protectionPage()).toContain(`| ${setting} | ${why} |`);
  for (const { name, why } of Object.values(ownBranches)) expect(protectionPage()).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| ${why} \\|`));
});

test('what a service publishes of its channels is neither compared nor repeated', () => {
  const settings = (url: string, floor: number) => ({ sentinel: { roiFloor: floor, alertChannels: [{ name: 'x', url }] } });
  const told = checkService('service', settings('https://hooks.example/hidden', 1), settings('https://hooks.example/$' + '{TOKEN}', 2));
  expect([told.verdict, told.message]).toEqual(['fail', 'service: sentinel.roiFloor is 1 there and 2 in git']);
});
