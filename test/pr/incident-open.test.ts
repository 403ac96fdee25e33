// An incident on a real chain, a real git and a stateful GitHub: opened once, told, its pauses put on record and into git.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { incidentBranch } from '../../src/cli/incident/incident-branch.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { operator, targets } from '../apply/pause-world.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const settings = `${folder}/environment.yaml`;
  files[settings] = `${files[settings]}`.replace('signers:\n', 'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n');
});
const today = new Date().toISOString().slice(0, 10);
const id = `${today}-oracle-fault`;

beforeEach(() => {
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
});

const open = (more = '', machine = scene.ci) =>
  machine.mooring([
    'incident',
    'open',
    '--env',
    'field',
    '--title',
    'Oracle fault',
    '--component',
    'arena',
    '--by',
    'alice',
    ...more.split(' ').filter(Boolean),
  ]);
const pause = (components: string) => scene.ci.mooring(`incident pause --env field --components ${components} --signer guardian`);
const sync = () => scene.ci.mooring('incident sync --env field');
const onBranch = (path: string): string => scene.github.remote.git('show', `${incidentBranch}:incidents/field/${id}/${path}`);
const files = (): string[] => scene.github.remote.git('ls-tree', '-r', '--name-only', incidentBranch).trim().split('\n');
const timeline = (): { what: string; text: string; by: string }[] =>
  onBranch('timeline.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('an incident', () => {
  test('is opened on a branch of its own, told, and an issue', async () => {
    const said = await open();
    expect(said.exit, said.stderr).toBe(0);
    expect(said.stdout).toContain(`Incident ${id} (field): Oracle fault`);
    expect(said.stderr).toContain(`Incident ${id} is open: Oracle fault`);
    expect(files()).toEqual(['alerts.ndjson', 'incident.yaml', 'timeline.ndjson'].map((file) => `incidents/field/${id}/${file}`));
    expect(onBranch('incident.yaml')).toContain(`  - { name: arena, address: "${scene.field.addresses['arena']}" }`);
    const [issue] = await scene.github.issues();
    expect(issue).toMatchObject({ title: 'Incident in field: Oracle fault', labels: ['incident'], state: 'open' });
    expect(onBranch('incident.yaml')).toContain(`issue: ${issue?.number}`);
    expect(timeline().map(({ what, by }) => [what, by])).toEqual([
      ['opened', 'alice'],
      ['issue', 'alice'],
    ]);
  });

  test('of the same title stays one, on another machine too, and may grow', async () => {
    await open();
    scene.github.resetLog();
    const head = scene.head(incidentBranch);
    const again = await open('', scene.machine());
    expect([again.exit, scene.head(incidentBranch), scene.github.writes()]).toEqual([0, head, []]);
    expect(again.stdout).toContain(`Open already: incident ${id}`);
    await scene.ci.mooring(['incident', 'open', '--env', 'field', '--title', 'Oracle fault', '--component', 'stake-manager']);
    expect(onBranch('incident.yaml')).toMatch(/name: arena[\s\S]*name: stake-manager/);
    expect(await scene.github.issues()).toHaveLength(1);
  });

  test('tells of another one about the same contracts', async () => {
    await open();
    const said = await scene.ci.mooring('incident open --env field --title second --component arena,stake-manager --by bob');
    expect(said.stdout).toContain(`arena: in the open incident ${id} as well.`);
    expect(said.stdout).toContain(`incident close --env field ${today}-second --leave-paused`);
    expect((await open()).stdout).toContain('Open already');
  });

  test('is open also where GitHub does not answer, and its issue follows', async () => {
    const url = scene.ci.env['GITHUB_API_URL'] as string;
    scene.ci.env['GITHUB_API_URL'] = 'http://127.0.0.1:1';
    const said = await open();
    expect([said.exit, said.stdout]).toEqual([0, expect.stringMatching(/its issue waits \(GITHUB_/)]);
    expect(onBranch('incident.yaml')).not.toContain('issue:');
    scene.ci.env['GITHUB_API_URL'] = url;
    await sync();
    expect(onBranch('incident.yaml')).toContain('issue: ');
  });

  test('names contracts that are declared', async () => {
    const said = await scene.ci.mooring(['incident', 'open', '--env', 'field', '--title', 'x', '--component', 'arenna']);
    expect([said.exit, said.stderr]).toEqual([64, expect.stringContaining('did you mean "arena"?')]);
    expect(scene.github.remote.git('for-each-ref', '--format=%(refname)')).not.toContain(incidentBranch);
  });
});

describe('an incident about no named component', () => {
  const about = () => [...onBranch('incident.yaml').matchAll(/name: ([\w-]+)/g)].map(([, name]) => name);
  const unnamed = () => scene.ci.mooring(['incident', 'open', '--env', 'field', '--title', 'Oracle fault']);

  test('is about what is paused now, and says so', async () => {
    await pause('arena,stake-manager');
    const said = await unnamed();
    expect(said.exit, said.stderr).toBe(0);
    expect(said.stdout).toContain('about all that is paused now: arena, stake-manager');
    expect(about()).toEqual(['arena', 'stake-manager']);
  });

  test('takes the whole with all of its parts', async () => {
    await scene.ci.mooring('incident pause --env field --signer guardian');
    await unnamed();
    expect(about()).toEqual(['arena', 'engine-targets', 'fee-pool', 'stake-manager', 'system-pause']);
  });

  test('takes the whole for a part that has no file of its own', async () => {
    await pause(`${scene.field.deployment.addresses.jobRegistry} --kind PausableModule`);
    await unnamed();
    expect(about()).toEqual(['system-pause']);
  });

  test.each([
    ['says nothing', { result: '0x' }],
    ['refuses', { result: undefined, error: { code: 3, message: 'execution reverted' } }],
  ])('takes what %s for paused, and says so', async (_how, given) => {
    await pause('arena');
    const isAsked = (call: { params: readonly unknown[] }): boolean =>
      JSON.stringify(call.params).toLowerCase().includes(scene.field.deployment.addresses.feePool.toLowerCase());
    scene.field.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_call' && isAsked(call) ? { ...answer, ...given } : answer) };
    const said = await unnamed();
    scene.field.proxy.hooks = {};
    expect([said.exit, about()]).toEqual([0, ['arena', 'fee-pool']]);
    expect(said.stdout).toContain('whether all of fee-pool is paused could not be read');
  });

  test('takes in what is sent and not mined yet', async () => {
    const guardian = operator(scene.field, scene.field.deployment.accounts.guardian);
    const journal = openFileStore(join(scene.ci.root, '.mooring/field/pauses', guardian.address.toLowerCase()));
    await scene.field.node.ask('anvil_setAutomine', [false]);
    await guardian.pause(targets(scene.field, 'arena'), { journal, waitMs: 0 });
    const said = await unnamed();
    await scene.field.node.ask('anvil_setAutomine', [true]);
    guardian.close();
    expect([said.exit, about()]).toEqual([0, ['arena']]);
    expect(said.stdout).toContain('or is under way');
  });

  test('is not opened for nothing where what is paused may be what could not be looked at', async () => {
    await pause('arena');
    const file = join(scene.ci.root, folder, 'contracts/arena.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/address: .*/, 'address: nowhere'));
    const said = await unnamed();
    expect([said.exit, said.stderr.includes('LIVE_UNKNOWN'), said.stderr.includes('arena (')]).toEqual([5, true, true]);
  });

  test('is not opened where nothing is paused, or no node answers', async () => {
    const idle = await unnamed();
    expect([idle.exit, idle.stderr.includes('USAGE')]).toEqual([64, true]);
    scene.field.proxy.hooks = { before: () => 'drop' };
    const blind = await unnamed();
    scene.field.proxy.hooks = {};
    expect([blind.exit, blind.stderr.includes('RPC_'), blind.stderr.includes('--component')]).toEqual([5, true, true]);
    expect(scene.github.remote.git('for-each-ref', '--format=%(refname)')).not.toContain(incidentBranch);
  });
});

test('what was revoked at once is on record too', async () => {
  await pause('arena');
  const state = join(scene.ci.root, '.mooring/field');
  // A journal like any other: only its folder says what it is of.
  renameSync(join(state, 'pauses', `${scene.field.deployment.accounts.guardian.address}`.toLowerCase()), join(state, 'revocations'));
  await open();
  const [file = ''] = files().filter((name) => name.includes('/revocations/'));
  const record = onBranch(file.slice(`incidents/field/${id}/`.length));
  expect(JSON.parse(record)).toMatchObject({ changes: [{ contract: 'arena' }], transactions: [{ state: 'mined' }] });
  expect(record).not.toContain('raw');
});

describe('a pause of break-glass', () => {
  test('is put on record and into a pull request, once, and stays sticky', async () => {
    const paused = await pause('arena');
    expect(paused.stdout).toContain('mooring incident open --env field --title');
    expect(paused.stdout).not.toContain('GITHUB_REPOSITORY');
    await open();
    const [record] = files().filter((file) => file.includes('/pauses/'));
    const told = JSON.parse(scene.github.remote.git('show', `${incidentBranch}:${record}`));
    expect(told).toMatchObject({ flags: [{ contract: 'arena', field: 'paused', value: true }], transactions: [{ state: 'mined' }] });
    expect(scene.github.remote.git('show', `${incidentBranch}:${record}`)).not.toContain('raw');
    const [pull] = await scene.github.pulls();
    expect(pull?.title).toBe('Pause arena: Oracle fault');
    expect(scene.read('contracts/arena.yaml', pull?.branch)).toMatch(/^ {2}paused: true/m);
    expect((await scene.github.labels(pull?.number ?? 0)).sort()).toEqual(['emergency', 'incident']);
    expect(timeline().map(({ what }) => what)).toEqual(['opened', 'paused', 'pull request', 'issue']);
    scene.github.resetLog();
    const head = scene.head(incidentBranch);
    await sync();
    expect([scene.head(incidentBranch), scene.github.writes()]).toEqual([head, []]);
    const drift = await scene.ci.mooring('drift --env field --format json');
    expect(JSON.parse(drift.stdout).items).toMatchObject([{ status: 'emergency', change: { id: 'arena.paused' } }]);
  });

  test('of one module takes the whole out of what is declared, since both can’t be true', async () => {
    await pause('stake-manager');
    await open();
    const [pull] = await scene.github.pulls();
    expect(scene.read('contracts/stake-manager.yaml', pull?.branch)).toMatch(/^ {2}paused: true/m);
    expect(scene.read('contracts/system-pause.yaml', pull?.branch)).toMatch(/^observe:[\s\S]*paused/m);
  });

  test('belongs to one incident, and is uploaded where another machine has none', async () => {
    await pause('arena');
    await open();
    await scene.ci.mooring('incident close --env field --leave-paused --reason retired');
    await scene.ci.mooring(['incident', 'open', '--env', 'field', '--title', 'Second', '--component', 'arena']);
    expect(files().filter((file) => file.includes('/pauses/'))).toHaveLength(1);
    rmSync(join(scene.ci.root, '.mooring/field/pauses'), { recursive: true });
    expect((await sync()).exit).toBe(0);
    expect(files().filter((file) => file.includes('/pauses/'))).toHaveLength(1);
    expect(existsSync(join(scene.ci.root, '.mooring/field/pauses'))).toBe(false);
  });
});
