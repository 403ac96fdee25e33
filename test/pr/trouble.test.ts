// What GitHub, the RPC and strangers do to pull requests: nothing is believed, nothing is left pending, nothing is done twice.
import { describe, expect, test } from 'vitest';
import { journalCommit } from './forge.ts';
import { spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

async function approved(): Promise<number> {
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  return number;
}

const planComments = async (number: number): Promise<number> =>
  (await scene.github.comments(number)).filter(({ body }) => body.startsWith('<!-- mooring:plan')).length;

describe('GitHub', () => {
  test('answers 502 for a moment, and loses the answers to what it has done', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    scene.github.fault = ({ method, path, count }) => {
      if (count > 1) return null;
      if (method === 'POST' && path.endsWith('/comments')) return { apply: true, after: { status: 502 } };
      return method === 'GET' ? { status: 502 } : null;
    };
    expect(await scene.plan()).toContain(`#${number} field: plan`);
    scene.github.fault = null;
    expect(await planComments(number)).toBe(1);
    await scene.settled();
  });

  test.each([
    ['a secondary limit', { status: 403, headers: { 'retry-after': '1' }, body: { message: 'You have exceeded a secondary rate limit' } }],
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
  ])('asks to wait, with %s', async (_name, failure) => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    scene.github.fault = ({ path, count }) => (path.endsWith('/reviews') && count === 1 ? failure : null);
    const said = await scene.plan();
    expect(said).toContain('trying again in 1 s');
    expect(await planComments(number)).toBe(1);
  });

  test('is away: the command ends with 5, and what is there stays', async () => {
    const number = await approved();
    scene.github.fault = ({ path }) => (path.includes('/pulls') ? { hangUp: true } : null);
    const said = await scene.ci.mooring('pr apply --env field');
    expect(said.exit).toBe(5);
    expect(said.stderr).toContain('GITHUB_UNAVAILABLE');
    expect(await scene.sent()).toBe(0);
    scene.github.fault = null;
    await scene.apply();
    expect(await scene.github.labels(number)).toContain('mooring: applied');
  });

  test('has pages: a review, a comment and a pull request beyond the first hundred are seen', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    for (let i = 0; i < 101; i++) await scene.github.comment(number, `remark ${i}`, 'dave');
    await scene.plan();
    for (let i = 0; i < 101; i++) await scene.github.review(number, { as: 'dave', event: 'COMMENT', body: `remark ${i}` });
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(true);
    expect(await planComments(number)).toBe(1);
  });
});

describe('the RPC', () => {
  test('is lost while planning: both checks end red and say why, and the next run mends them', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    scene.field.proxy.hooks = { before: () => ({ status: 503 }) };
    const said = await scene.ci.mooring(`pr plan --pr ${number}`);
    expect(said.exit).toBe(5);
    const { head } = await scene.github.pull(number);
    expect(scene.check(head.sha, 'mooring / plan (field)')).toBe('failure: No plan: RPC_UNAVAILABLE');
    expect(scene.check(head.sha, 'mooring / approved (field)')).toBe('failure: No plan: RPC_UNAVAILABLE');
    scene.field.proxy.hooks = {};
    await scene.plan();
    expect(scene.check(head.sha, 'mooring / plan (field)')).toMatch(/^success/);
    expect(await planComments(number)).toBe(1);
  });

  test('does not tell one value: the plan is blocked by what is unknown', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    scene.field.proxy.hooks = { logs: { maxEntries: 0, message: 'too many' } };
    await scene.ci.mooring(`pr plan --pr ${number}`);
    const { head } = await scene.github.pull(number);
    expect(scene.check(head.sha, 'mooring / plan (field)')).toMatch(/^failure/);
    expect(await scene.approved(number)).toBe(false);
  });

  test('is lost while applying: nothing is sent, it is told, and the next run goes on', async () => {
    const number = await approved();
    scene.field.proxy.hooks = { before: () => ({ status: 503 }) };
    const said = await scene.ci.mooring('pr apply --env field');
    expect(said.exit).toBe(1);
    expect(await scene.github.labels(number)).toContain('mooring: failed');
    scene.field.proxy.hooks = {};
    await scene.apply();
    expect(await scene.sent()).toBe(1);
    expect(await scene.github.labels(number)).toContain('mooring: applied');
    await scene.settled();
  });
});

describe('the journal branch', () => {
  test('with a record that nobody trusted has signed: nothing is sent, and no approval is skipped', async () => {
    const first = await approved();
    await scene.apply();
    expect(await scene.github.labels(first)).toContain('mooring: applied');
    const second = await scene.propose({ branch: 'more', files: scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')) });
    await scene.github.merge(second, { as: 'bob', method: 'squash' });
    // It claims that all of the branch has been applied.
    const mark = JSON.stringify({ commit: scene.head(), waiting: [] });
    await journalCommit(scene.github, { type: 'mark', name: 'applied/field', value: mark });
    for (const machine of [scene.ci, scene.machine()]) {
      const said = await machine.mooring('pr apply --env field');
      expect(said.exit).toBe(1);
      expect(said.stderr).toContain('JOURNAL_CORRUPT');
    }
    expect(await scene.sent()).toBe(1);
  });

  test('that was set back is noticed by a machine that has seen more', async () => {
    await approved();
    await scene.apply();
    scene.github.remote.git('update-ref', 'refs/heads/mooring/journal', 'refs/heads/mooring/journal~3');
    expect((await scene.ci.mooring('pr apply --env field')).stderr).toContain('JOURNAL_CORRUPT');
  });

  test('that is gone altogether: what was applied is at its target, and is not sent again', async () => {
    const number = await approved();
    await scene.apply();
    scene.github.remote.git('update-ref', '-d', 'refs/heads/mooring/journal');
    const said = await scene.machine().mooring('pr apply --env field');
    expect(said.exit, said.stderr).toBe(0);
    expect(await scene.sent()).toBe(1);
    expect((await scene.github.comments(number)).filter(({ body }) => body.startsWith('<!-- mooring:apply'))).toHaveLength(1);
  });

  test('can’t be pushed: nothing is sent', async () => {
    await approved();
    const hook = `${scene.github.remote.url}/hooks/pre-receive`;
    const { writeFileSync, rmSync } = await import('node:fs');
    writeFileSync(hook, '#!/bin/sh\nwhile read -r old new ref; do [ "$ref" = refs/heads/mooring/journal ] && exit 1; done\nexit 0\n', { mode: 0o755 });
    const said = await scene.ci.mooring('pr apply --env field');
    expect(said.stderr).toContain('JOURNAL_WRITE');
    expect(await scene.sent()).toBe(0);
    rmSync(hook);
    await scene.apply();
    expect(await scene.sent()).toBe(1);
  });
});

test('no key and no token gets into what is posted, printed or pushed', async () => {
  const canaries = [scene.field.env['MOORING_OWNER_KEY'] ?? '', scene.github.app.privateKey];
  await approved();
  const said = await scene.ci.mooring('pr apply --env field --verbose');
  await scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] });
  const drift = await scene.ci.mooring('pr drift --verbose');
  const everything = [
    ...Object.values(said).map(String),
    ...Object.values(drift).map(String),
    JSON.stringify(await scene.github.issues('all')),
    ...(await Promise.all([1, 2].map(async (number) => JSON.stringify(await scene.github.comments(number).catch(() => []))))),
    scene.github.remote.git('log', '-p', '--all', '--format=%B'),
  ].join('\n');
  for (const canary of canaries)
    for (const piece of [canary, canary.replace(/^0x/, ''), canary.replaceAll('\n', '\\n')]) expect(everything.includes(piece)).toBe(false);
});

test('without keys nothing is applied, and it says which variable to set', async () => {
  await approved();
  const { MOORING_OWNER_KEY: _key, ...env } = scene.ci.env;
  const said = await scene.ci.mooring('pr apply --env field', { env });
  expect(said.exit).toBe(64);
  expect(said.stderr).toContain('SIGNER_MISSING');
  expect(await scene.sent()).toBe(0);
});

test('an environment whose journal is not shared is told how to share it', async () => {
  const environment = scene.read('environment.yaml').replace('journal: { remote: origin }\n', '');
  scene.github.push('main', { 'desired-state/field/environment.yaml': environment });
  const said = await scene.ci.mooring('pr apply --env field');
  expect(said.exit).toBe(65);
  expect(said.stderr).toContain('JOURNAL_NOT_SHARED');
});
