// An incident shown and closed on a real chain, a real git and a stateful GitHub: what it is about, and everything on one page.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { incidentBranch } from '../../src/cli/incident/incident-branch.ts';
import { steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const settings = `${folder}/environment.yaml`;
  files[settings] = `${files[settings]}`.replace('signers:\n', 'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n');
});
const id = `${new Date().toISOString().slice(0, 10)}-oracle-fault`;

beforeEach(async () => {
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
  await good('incident pause --env field --components arena --signer guardian');
  await good('incident open --env field --title oracle-fault --component arena,stake-manager --by alice');
});

async function good(line: string): Promise<string> {
  const said = await scene.ci.mooring(line);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said.stdout;
}

const close = (more = '') => scene.ci.mooring(`incident close --env field --by bob ${more}`);
const onBranch = (path: string): string => scene.github.remote.git('show', `${incidentBranch}:incidents/field/${id}/${path}`);
const files = (): string[] => scene.github.remote.git('ls-tree', '-r', '--name-only', `${incidentBranch}:incidents/field/${id}`).trim().split('\n');
const numberOf = async (title: string): Promise<number> => (await scene.github.pulls('all')).find((pull) => pull.title.startsWith(title))?.number ?? 0;
const state = async (number: number): Promise<string> => (await scene.github.pull(number)).state;

async function resumed(): Promise<void> {
  await good('incident resume --env field --root-cause stale-price --by alice');
  const number = await numberOf('Resume arena');
  await scene.plan();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
}

describe('show', () => {
  test('tells who paused what, and which contracts logs, alerts and drift speak of', async () => {
    const log = [
      JSON.stringify({ time: '1', message: 'validator slashed: auto-slash:double-vote' }),
      'round 3 failed: committee too small',
      'call of stake-manager reverted: EnforcedPause()',
    ];
    writeFileSync(join(scene.ci.root, 'orchestrator.log'), `${log.join('\n')}\n`);
    const text = await good('incident show --env field --log orchestrator.log');
    await expect(steady(text).replaceAll(id, 'DAY-oracle-fault')).toMatchFileSnapshot('../golden/pr/incident-show.txt');
    const shown = JSON.parse(await good('incident show --env field --log orchestrator.log --format json'));
    expect(shown.affected.map(({ contract }: { contract: string }) => contract)).toEqual(['arena', 'stake-manager']);
    expect(shown.live.paused).toMatchObject([{ contract: 'arena', field: 'paused', author: { senderName: 'guardian' } }]);
    expect(shown.live.drift).toEqual({ status: 'drifted', differing: ['arena.paused'] });
  });

  test('shouts where one of its contracts runs that nothing has resumed, and not once it is resumed', async () => {
    expect(await good('incident show --env field')).toContain('RUNNING although it is open: stake-manager.paused');
    await good('incident pause --env field --components stake-manager --signer guardian');
    expect(await good('incident show --env field')).not.toContain('RUNNING');
    await scene.field.byHand({ on: 'arena', call: 'unpause', args: [] });
    expect(await good('incident show --env field')).toContain('RUNNING although it is open: arena.paused. To pause: mooring incident pause --env field');
  });

  test('without a chain says so, and shows the rest', async () => {
    scene.field.proxy.hooks = { before: () => ({ status: 500, body: 'no' }) };
    expect(await good('incident show --env field --no-sync')).toMatch(/The chain could not be asked: RPC_[\s\S]*/);
  });

  test('of what is not there names what is', async () => {
    const said = await scene.ci.mooring('incident show --env field 2026-01-01-other');
    expect([said.exit, said.stderr]).toEqual([65, expect.stringContaining(id)]);
  });

  test('is mentioned by status', async () => {
    expect(await good('status --env field')).toContain(`Incident ${id} is open: oracle-fault (arena, stake-manager)`);
    await scene.ci.mooring('incident close --env field --leave-paused --reason retired');
    expect(await good('status --env field')).not.toContain('Incident');
  });
});

describe('close', () => {
  test('is refused while something of it is paused, and then takes a reason', async () => {
    const said = await close();
    expect([said.exit, said.stderr]).toEqual([3, expect.stringContaining('INCIDENT_PAUSED')]);
    expect((await close('--leave-paused')).exit).toBe(64);
    expect(onBranch('incident.yaml')).not.toContain('closed');
    const left = await close('--leave-paused --reason retired');
    expect(left.exit, left.stderr).toBe(0);
    expect(onBranch('incident.yaml')).toContain('leftPaused: "retired"');
    expect(onBranch('communication.md')).toContain('Still paused: `arena.paused`');
    expect(await state(await numberOf('Pause arena'))).toBe('open');
  });

  test('is refused where the chain can’t say that nothing is paused', async () => {
    scene.field.proxy.hooks = { before: () => ({ status: 500, body: 'no' }) };
    expect((await close()).exit).toBe(5);
    expect(onBranch('incident.yaml')).not.toContain('closed');
  });

  test('archives everything, links it from one page, tells, and closes what is open', async () => {
    await resumed();
    const said = await close('--announce');
    expect(said.exit, said.stderr).toBe(0);
    expect(said.stderr).toContain('Root cause: stale-price.');
    const there = files();
    for (const pattern of [
      /^alerts\.ndjson$/,
      /^communication\.md$/,
      /^pauses\/.+\.json$/,
      /^pull-requests\.json$/,
      /^receipts\/.+\.json$/,
      /^transactions\.json$/,
    ])
      expect(
        there.filter((file) => pattern.test(file)),
        String(pattern),
      ).toHaveLength(1);
    const page = onBranch('README.md');
    for (const file of there.filter((one) => one !== 'README.md' && !/^(?:incident\.yaml|timeline\.ndjson)$/.test(one))) expect(page).toContain(`(${file})`);
    expect(page).toMatch(/Resume arena, stake-manager: oracle-fault \\\(merged\\\)/);
    expect(JSON.parse(onBranch('transactions.json'))).toMatchObject([{ success: true }]);
    expect(onBranch('alerts.ndjson')).toContain(`incident_${id}`);
    expect((await scene.github.issues('all')).map((issue) => issue.state)).toEqual(['closed']);
    expect(await state(await numberOf('Pause arena'))).toBe('closed');
    for (const file of there) expect(onBranch(file)).not.toContain(scene.ci.env['GUARDIAN_KEY']);
    const head = scene.head(incidentBranch);
    scene.github.resetLog();
    expect([(await close()).exit, (await close(id)).exit, scene.head(incidentBranch), scene.github.writes()]).toEqual([65, 0, head, []]);
    expect((await scene.ci.mooring(`incident resume --env field ${id} --root-cause x`)).stderr).toContain('INCIDENT_CLOSED');
  });

  test('warns of a signer that has no right any more, with its line, and is closed all the same', async () => {
    const path = join(scene.ci.root, folder, 'environment.yaml');
    const text = readFileSync(path, 'utf8').replace('signers:\n', 'signers:\n  stranger: { key: { env: STRANGER_KEY } }\n');
    writeFileSync(path, text);
    const line = text.split('\n').findIndex((one) => one.includes('stranger:')) + 1;
    const said = await close('--leave-paused --reason retired');
    expect(said.exit, said.stderr).toBe(0);
    const warnings = said.stdout.split('\n').filter((one) => one.includes('warning:'));
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`stranger .*${folder}/environment.yaml:${line},`))]);
  });

  test('holds nothing up any more', async () => {
    await close('--leave-paused --reason elsewhere');
    await good('propose unpause arena --env field --reason back');
    await scene.plan();
    const number = await numberOf('Unpause arena');
    expect((await scene.github.comments(number)).map(({ body }) => body).join()).not.toContain('INCIDENT_');
  });

  test('without GitHub closes the incident, and its issue when it is there again', async () => {
    const url = scene.ci.env['GITHUB_API_URL'] as string;
    scene.ci.env['GITHUB_API_URL'] = 'http://127.0.0.1:1';
    expect(await good('incident close --env field --leave-paused --reason retired')).toContain('GitHub was not asked');
    scene.ci.env['GITHUB_API_URL'] = url;
    await good(`incident close --env field ${id}`);
    expect((await scene.github.issues('all')).map((issue) => issue.state)).toEqual(['closed']);
  });
});
