// The thermostat from a dip to its recovery: proposals that people decide on, and a chain that only an apply changes.
import { renameSync } from 'node:fs';
import { expect, test } from 'vitest';
import { usePrWorld } from '../../pr/use-pr-world.ts';
import { steady } from '../../support/cli.ts';
import { hour, makeThermostatStage, quickSettings, settingsFile } from './thermostat-stage.ts';

const scene = usePrWorld((files) => {
  files[settingsFile] = quickSettings();
});

const dip = 1.2;
const fine = 2;

async function onlyPull() {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  return pull;
}

const live = (field: string) => scene.field.read({ on: 'engineTargets', call: field });

test('a dip becomes a pull request, which is approved, merged and applied; then it cools down, and ROI is back', async () => {
  const stage = makeThermostatStage(scene.ci);
  expect(await stage.feed(dip, dip, dip)).toEqual(['filling window-not-full', 'filling window-not-full', 'raise dip']);
  const pull = await onlyPull();
  expect(pull).toMatchObject({ author: 'mooring[bot]', branch: 'mooring/thermostat/field/roi' });
  expect(scene.read('contracts/engine-targets.yaml', pull.branch)).toMatch(/wideningAlpha: 0\.55\b/);
  // Nothing has moved before it is applied, and evidence is brought up to date in place.
  const before = (await scene.github.pull(pull.number)).body;
  expect(await stage.feed(1.1)).toEqual(['raise dip']);
  expect((await onlyPull()).number).toBe(pull.number);
  expect((await scene.github.pull(pull.number)).body).not.toBe(before);
  await scene.plan();
  await scene.github.review(pull.number, { as: 'alice', event: 'APPROVE' });
  await scene.github.review(pull.number, { as: 'carol', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(pull.number)).toBe(true);
  await scene.github.merge(pull.number, { as: 'bob' });
  expect(await stage.feed(dip)).toEqual(['raise dip']);
  expect(await scene.github.pulls()).toEqual([]);
  await scene.apply();
  expect(await live('wideningAlpha')).toBe(550_000_000_000_000_000n);
  expect(stage.moved).toEqual([]);
  // The cooldown counts from the apply.
  expect(await stage.feed(dip, dip)).toEqual(['cooling cooldown', 'cooling cooldown']);
  expect(stage.moved).toMatchObject([{ engine: 'engine-targets', changes: [{ field: 'wideningAlpha', from: 0.5, to: 0.55 }, { field: 'thompsonPrior' }] }]);
  expect(await stage.feed(fine, fine, fine)).toEqual(['filling window-not-full', 'filling window-not-full', 'inside in-band']);
  expect(await scene.github.pulls()).toEqual([]);
});

test('a surge lowers; back in the band, the pull request is closed with its reason', async () => {
  const stage = makeThermostatStage(scene.ci);
  expect((await stage.feed(3, 3, 3)).at(-1)).toBe('lower surge');
  const pull = await onlyPull();
  expect(scene.read('contracts/engine-targets.yaml', pull.branch)).toMatch(/wideningAlpha: 0\.45\b/);
  expect((await stage.feed(fine, fine, fine)).at(-1)).toBe('inside in-band');
  expect(await scene.github.pulls()).toEqual([]);
  expect((await scene.github.comments(pull.number)).at(-1)?.body).toContain('the mean is inside the band');
});

test('what a human closed is not asked again for this dip, and is for the next', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip, dip);
  await scene.github.closePull((await onlyPull()).number, 'bob');
  expect(await stage.feed(dip, dip)).toEqual(['inhibited closed-by-human', 'inhibited closed-by-human']);
  expect(await scene.github.pulls()).toEqual([]);
  await stage.feed(fine, fine, fine);
  expect((await stage.feed(dip, dip, dip)).at(-1)).toBe('raise dip');
  await onlyPull();
});

test('a source that is down for an hour is told, and proposes nothing', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip, null, null);
  expect(stage.alerts.join()).toContain('no reading');
  expect(await scene.github.pulls()).toEqual([]);
  expect(await stage.feed(dip)).toEqual(['raise dip']);
});

test('a hostile metric is refused', async () => {
  const stage = makeThermostatStage(scene.ci);
  expect(await stage.feed(Number.NaN, 1e308, -1, Number.POSITIVE_INFINITY)).toEqual([
    'refused not-finite',
    'refused implausible',
    'refused implausible',
    'refused not-finite',
  ]);
});

test('what policy forbids is not proposed, and said', async () => {
  const policy = `${scene.read('policy.yaml')}loops: { thermostat: { fields: [EngineTargets.thompsonPrior] } }\n`;
  scene.github.push('main', { 'desired-state/field/policy.yaml': policy });
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip, dip);
  const text = scene.read('contracts/engine-targets.yaml', (await onlyPull()).branch);
  expect(text).toMatch(/thompsonPrior: 1\.1\b/);
  expect(text).toMatch(/wideningAlpha: 0\.5\b/);
  expect(stage.turns.at(-1)?.looked.forbidden).toEqual(['wideningAlpha']);
});

test('while the sentinel has paused the engine, nothing is counted or proposed', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip);
  await scene.field.byHand({ on: 'pauseGuard', call: 'pause', args: [['engine-targets']], from: 'guardian' });
  expect(await stage.feed(dip)).toEqual(['inhibited sentinel-pause']);
  expect(await scene.github.pulls()).toEqual([]);
});

test('two cycles that bring ROI no nearer ask for the full pause, and raise an alert', async () => {
  const stage = makeThermostatStage(scene.ci);
  // Nobody approves anything: a cycle is a window and the cooldown after the proposal was opened.
  await stage.feed(...Array<number>(14).fill(dip));
  const pause = (await scene.github.pulls()).find(({ branch }) => branch.endsWith('/full-pause'));
  expect(stage.alerts.join()).toContain('control cycles');
  expect(await scene.github.labels(pause?.number ?? 0)).toContain('emergency');
  expect(scene.read('contracts/engine-targets.yaml', pause?.branch)).toMatch(/(?:expansionsPaused|paused): true/);
  expect(scene.read('contracts/arena.yaml', pause?.branch)).toMatch(/paused: true/);
  await stage.feed(fine, fine, fine);
  expect(await scene.github.pulls()).toEqual([]);
});

test('killed at any point, it doubles no proposal and forgets no sample', async () => {
  let stage = makeThermostatStage(scene.ci);
  for (const roi of [dip, dip]) {
    await stage.feed(roi);
    stage = stage.restart();
  }
  // GitHub is away while it is decided: what was decided is carried out by whoever comes after.
  const url = scene.ci.env['GITHUB_API_URL'];
  scene.ci.env['GITHUB_API_URL'] = 'http://127.0.0.1:9';
  await expect(stage.feed(dip)).rejects.toThrow();
  scene.ci.env['GITHUB_API_URL'] = url ?? '';
  stage = stage.restart();
  await stage.feed(null);
  const pull = await onlyPull();
  stage = stage.restart();
  expect(await stage.feed(dip)).toEqual(['raise dip']);
  expect((await onlyPull()).number).toBe(pull.number);
});

test('reads well: its body and its chart, with an earlier move', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(2.1, 1.9, 2, 1.7);
  await scene.field.byHand({ on: 'engineTargets', call: 'setWideningAlpha', args: [600_000_000_000_000_000n] });
  await stage.feed(1.5, 1.4, 1.5, 1.4, 1.2);
  const { title, body } = await scene.github.pull((await onlyPull()).number);
  const [, commit, path] = /\.\.\/blob\/([0-9a-f]{40})\/([^?]+)\?raw/.exec(body ?? '') ?? [];
  const text = steady(`# ${title}\n${body}`).replace(/[0-9a-f]{40}/g, '<commit>');
  await expect(text).toMatchFileSnapshot('../../golden/pr/thermostat-proposal.md');
  await expect(`${scene.github.remote.git('show', `${commit}:${path}`)}\n`).toMatchFileSnapshot('../../golden/pr/thermostat-chart.svg');
});

test('two moves without response stop it; it goes on when a person says so', async () => {
  let stage = makeThermostatStage(scene.ci);
  for (const hundredths of [55n, 60n]) {
    expect((await stage.feed(dip, dip, dip)).at(-1)).toBe('raise dip');
    await scene.github.merge((await onlyPull()).number, { as: 'bob' });
    await scene.field.byHand({ on: 'engineTargets', call: 'setWideningAlpha', args: [hundredths * 10n ** 16n] });
    await stage.feed(dip, dip);
  }
  const later = await stage.feed(...Array<number>(8).fill(dip));
  expect(later).toContain('stopped no-response');
  expect(stage.alerts.join()).toContain('two moves in a row');
  const titles = (await scene.github.pulls()).map(({ title }) => title);
  expect(titles).toContain('Take wideningAlpha back: ROI did not answer (field)');
  stage = makeThermostatStage(scene.ci, stage.clock, { resume: true });
  expect(await stage.feed(dip)).not.toContain('stopped no-response');
});

test('a further field that the file names and policy allows moves beside the engine’s, in its own unit', async () => {
  const fields =
    'fields:\n  stake-manager.feePct: { step: 1%, min: 0%, max: 10%, dip: lower }\n  arena.targetSuccessRateBps: { step: 0.5%, min: 10%, max: 90%, dip: raise }\n';
  const allowed = 'loops: { thermostat: { fields: [EngineTargets.wideningAlpha, stake-manager.feePct] } }\n';
  scene.github.push('main', { [settingsFile]: `${quickSettings()}${fields}`, 'desired-state/field/policy.yaml': `${scene.read('policy.yaml')}${allowed}` });
  const fee = BigInt(String(await scene.field.read({ on: 'stakeManager', call: 'feePct' })));
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip, dip);
  const { branch, title } = await onlyPull();
  expect(scene.read('contracts/stake-manager.yaml', branch)).toMatch(new RegExp(`^ +feePct: ${fee - 1n}%`, 'm'));
  expect(title).toBe('Move wideningAlpha and stake-manager.feePct: ROI is below its band (field)');
  expect(stage.turns.at(-1)?.looked.forbidden).toEqual(['thompsonPrior', 'arena.targetSuccessRateBps']);
});

test('a reading of an hour ahead is refused', async () => {
  const stage = makeThermostatStage(scene.ci);
  stage.ahead = hour;
  expect(await stage.feed(dip)).toEqual(['refused future']);
});

test('what was decided before policy forbade it is not proposed any more', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip);
  const url = scene.ci.env['GITHUB_API_URL'] ?? '';
  scene.ci.env['GITHUB_API_URL'] = 'http://127.0.0.1:9';
  await expect(stage.feed(dip)).rejects.toThrow();
  scene.ci.env['GITHUB_API_URL'] = url;
  const policy = `${scene.read('policy.yaml')}loops: { thermostat: { fields: [] } }\n`;
  scene.github.push('main', { 'desired-state/field/policy.yaml': policy });
  await stage.feed(null);
  expect(await scene.github.pulls()).toEqual([]);
});

test('whoever begins without a memory asks GitHub what a human has turned down', async () => {
  const stage = makeThermostatStage(scene.ci, { now: Math.floor(Date.now() / 1000) });
  await stage.feed(dip, dip, dip);
  await scene.github.closePull((await onlyPull()).number, 'bob');
  const next = makeThermostatStage(scene.machine(), stage.clock);
  Object.assign(next, { clock: stage.clock });
  expect((await next.feed(dip, dip, dip)).at(-1)).toBe('inhibited closed-by-human');
  expect(await scene.github.pulls()).toEqual([]);
});

test('what could only be opened by half is withdrawn when the need has passed', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip);
  scene.github.fault = (request) => (request.method === 'POST' && /\/labels$/.test(request.path) ? { status: 500 } : null);
  await expect(stage.feed(dip)).rejects.toThrow();
  scene.github.fault = null;
  expect((await scene.github.pulls()).length).toBe(1);
  scene.github.fault = (request) => (request.method === 'POST' && /\/labels$/.test(request.path) ? { status: 500 } : null);
  await stage.feed(fine, fine).catch(() => {});
  scene.github.fault = null;
  await stage.feed(fine, fine, fine);
  expect(await scene.github.pulls()).toEqual([]);
});

test('a full pause that was asked for in a dip is not asked for in a surge', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(...Array<number>(14).fill(dip));
  expect((await scene.github.pulls()).map(({ branch }) => branch)).toContain('mooring/thermostat/field/full-pause');
  await stage.feed(12, 12, 12);
  expect((await scene.github.pulls()).map(({ branch }) => branch)).not.toContain('mooring/thermostat/field/full-pause');
});

test('a further field that is named while the loop is stopped stays where it is', async () => {
  const stage = makeThermostatStage(scene.ci);
  for (const hundredths of [55n, 60n]) {
    await stage.feed(dip, dip, dip);
    await scene.github.merge((await onlyPull()).number, { as: 'bob' });
    await scene.field.byHand({ on: 'engineTargets', call: 'setWideningAlpha', args: [hundredths * 10n ** 16n] });
    await stage.feed(dip, dip);
  }
  expect(await stage.feed(...Array<number>(8).fill(dip))).toContain('stopped no-response');
  const fields = 'fields:\n  stake-manager.feePct: { step: 1%, min: 0%, max: 10%, dip: lower }\n';
  const allowed = 'loops: { thermostat: { fields: [EngineTargets.wideningAlpha, stake-manager.feePct] } }\n';
  scene.github.push('main', { [settingsFile]: `${quickSettings()}${fields}`, 'desired-state/field/policy.yaml': `${scene.read('policy.yaml')}${allowed}` });
  expect(await stage.feed(dip)).toEqual(['stopped no-response']);
});

test('while the remote is away, readings are taken with what the branch said last, and what they ask for is proposed when it is back', async () => {
  const stage = makeThermostatStage(scene.ci);
  await stage.feed(dip, dip);
  const { url } = scene.github.remote;
  renameSync(url, `${url}.away`);
  await expect(stage.feed(dip)).rejects.toMatchObject({ code: 'GIT_REMOTE' });
  renameSync(`${url}.away`, url);
  expect(stage.turns.at(-1)?.decision?.kind).toBe('raise');
  expect(await scene.github.pulls()).toEqual([]);
  await stage.feed(null);
  await onlyPull();
});
