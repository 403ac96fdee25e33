// A loop's proposal on a real git and a stateful GitHub: one for each thing, kept up to date, withdrawn, and a human's no remembered.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { fateOfProposal, keepProposal, type LoopProposal, withdrawProposal } from '../../src/cli/loops/loop-proposal.ts';
import { type Started, start } from '../../src/cli/propose/start.ts';
import { code } from '../../src/render/markdown.ts';
import { evidenceBranch } from '../../src/scm/evidence.ts';
import { usePrWorld } from '../pr/use-pr-world.ts';
import { folder } from '../support/field-world.ts';

const scene = usePrWorld();
const eighteen = (millionths: bigint): bigint => millionths * 10n ** 12n;

/** As a process of its own would begin. */
function begin(more: Partial<Context> = {}): Promise<Started> {
  const quiet = { stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  return start({ cwd: scene.ci.root, env: scene.ci.env, ...quiet, ...more }, { env: 'field', quiet: true }, []);
}

const knobs: LoopProposal = {
  loop: 'thermostat',
  key: 'roi',
  cause: 'dip@2026-01-01',
  title: 'Raise exploration after a dip of ROI',
  reason: 'ROI was below its band.',
  edits: [{ contract: 'engine-targets', field: 'wideningAlpha', value: { type: 'scalar', value: eighteen(550_000n) } }],
  evidence: [`12 samples, mean ${code('1.61')}`],
  chart: { alt: 'ROI', svg: '<svg xmlns="http://www.w3.org/2000/svg"/>\n' },
  labels: ['thermostat'],
};

const keep = async (change: Partial<LoopProposal> = {}) => keepProposal(await begin(), { ...knobs, ...change });
const withdraw = async (reason: string) => withdrawProposal(await begin(), { loop: 'thermostat', key: 'roi', reason });
const fate = async () => fateOfProposal(await begin(), { loop: 'thermostat', key: 'roi' });

async function opened(change: Partial<LoopProposal> = {}): Promise<number> {
  const kept = await keep(change);
  if (kept.outcome !== 'open') throw new Error(`it is ${kept.outcome}`);
  return kept.pull.number;
}

describe('a proposal', () => {
  let number = 0;
  beforeEach(async () => {
    number = await opened();
  });

  test('is a pull request with its evidence, its chart, its plan and its edit', async () => {
    const pull = await scene.github.pull(number);
    expect(pull.title).toBe(knobs.title);
    expect(await scene.github.labels(number)).toEqual(['thermostat']);
    const link = /!\[ROI\]\(\.\.\/blob\/([0-9a-f]{40})\/(field\/thermostat-roi\.svg)\?raw=true\)/.exec(pull.body ?? '');
    expect(scene.github.remote.git('show', `${link?.[1]}:${link?.[2]}`)).toBe(knobs.chart?.svg.trim());
    expect(pull.body).toContain('mean `1.61`');
    expect(pull.body).toMatch(/digest [0-9a-f]{12}/);
    expect(pull.body).toContain('+  wideningAlpha: 0.55');
    expect(scene.read('contracts/engine-targets.yaml', pull.head.ref)).toMatch(/wideningAlpha: 0\.55\b/);
    expect(scene.github.remote.git('diff', '--name-only', 'main', pull.head.ref)).toBe(`${folder}/contracts/engine-targets.yaml`);
  });

  test('that says the same again writes nothing', async () => {
    const refs = scene.github.remote.git('for-each-ref');
    scene.github.resetLog();
    expect(await opened()).toBe(number);
    expect(scene.github.writes()).toEqual([]);
    expect(scene.github.remote.git('for-each-ref')).toBe(refs);
  });

  test('is brought up to date in place, and its former chart stays where it was', async () => {
    const former = scene.head(evidenceBranch);
    const value = { type: 'scalar', value: eighteen(600_000n) } as const;
    expect(
      await opened({
        edits: [{ contract: 'engine-targets', field: 'wideningAlpha', value }],
        chart: { alt: 'ROI', svg: '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n' },
      }),
    ).toBe(number);
    expect((await scene.github.pull(number)).body).toContain('+  wideningAlpha: 0.6');
    expect(scene.github.remote.git('rev-parse', `${evidenceBranch}~1`)).toBe(former);
  });

  test('that is no longer needed is closed with its reason, and may come again', async () => {
    expect(await withdraw('ROI is back in its band.')).toBe(true);
    expect((await scene.github.pull(number)).state).toBe('closed');
    expect((await scene.github.comments(number)).at(-1)?.body).toContain('ROI is back in its band.');
    expect(scene.github.remote.git('for-each-ref', '--format=%(refname)')).not.toContain('thermostat/field');
    expect(await fate()).toMatchObject({ state: 'closed', own: true, cause: knobs.cause });
    expect(await withdraw('again')).toBe(false);
    expect(await opened()).not.toBe(number);
  });

  test('that a human closed is not opened again for the same cause, and is for another', async () => {
    await scene.github.closePull(number, 'bob');
    expect(await keep()).toMatchObject({ outcome: 'refused', number, by: 'bob' });
    expect(await fate()).toMatchObject({ state: 'closed', by: 'bob', own: false });
    expect(await opened({ cause: 'dip@2026-02-02' })).not.toBe(number);
  });

  test('that was merged is told as merged, with nothing left to propose', async () => {
    await scene.github.merge(number, { as: 'bob' });
    expect(await fate()).toMatchObject({ state: 'merged', number, cause: knobs.cause });
    expect(await keep({ cause: 'another' })).toEqual({ outcome: 'nothing' });
  });

  test('a second replica with a clone of its own keeps the same one', async () => {
    const other = scene.machine();
    const said = await keepProposal(await begin({ cwd: other.root, env: other.env }), knobs);
    expect(said).toMatchObject({ outcome: 'open', created: false, pull: { number } });
    expect(await scene.github.pulls()).toHaveLength(1);
  });
});

test('two replicas at once open one', async () => {
  const other = scene.machine();
  const both = await Promise.all([begin(), begin({ cwd: other.root, env: other.env })]);
  const kept = await Promise.all(both.map((started) => keepProposal(started, knobs)));
  expect(kept.map((one) => one.outcome)).toEqual(['open', 'open']);
  expect(await scene.github.pulls()).toHaveLength(1);
});

test('a chain that can’t be asked keeps no proposal from being opened, and no secret gets into it', async () => {
  const secret = 'sk_live_#1_$hidden_token';
  scene.field.proxy.hooks = { before: () => ({ status: 500, body: `no ${secret}` }) };
  const started = await begin({ env: { ...scene.ci.env, SOME_SECRET: secret } });
  const kept = await keepProposal(started, { ...knobs, title: `Because of ${secret}`, reason: `Because of ${secret}`, evidence: [`- ${secret}`] });
  if (kept.outcome !== 'open') throw new Error(kept.outcome);
  const pull = await scene.github.pull(kept.pull.number);
  expect(pull.body).toContain('There is no plan yet');
  const message = scene.github.remote.git('log', '-1', '--format=%B', pull.head.ref);
  expect([pull.title, pull.body, message].join('\n')).not.toMatch(/hidden/);
});

test('an emergency measure that stands is lifted where the proposal clears what it did', async () => {
  await scene.field.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
  const number = await opened({
    loop: 'sentinel',
    key: 'roi_floor-clear',
    edits: [{ contract: 'arena', field: 'paused', value: { type: 'scalar', value: false } }],
    lift: true,
  });
  const pull = await scene.github.pull(number);
  expect(scene.github.remote.git('diff', '--name-only', 'main', pull.head.ref)).toBe(`${folder}/lifts.yaml`);
  expect(pull.body).toMatch(/raises risk/);
});
