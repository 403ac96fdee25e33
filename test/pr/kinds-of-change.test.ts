// What a pull request may bring, and how it is judged: by what was there before it.
import { describe, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { addressOf } from '../support/plan-world.ts';
import { policy, spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

async function comment(number: number): Promise<string> {
  return (await scene.github.comments(number)).map(({ body }) => body).join('\n');
}

test('one that relaxes policy and uses it is judged by the policy before it', async () => {
  const relaxed = policy
    .replace('increase: { count: 1, teams: [treasury] }', 'increase: 0')
    .replace('ambiguous: { count: 1, teams: [security] }', 'ambiguous: 0');
  const number = await scene.propose({ branch: 'relax', files: { [`${folder}/policy.yaml`]: relaxed, ...scene.edited('arena', ...splits) } });
  await scene.plan();
  expect(await scene.approved(number)).toBe(false);
  expect(await comment(number)).toContain('policy.yaml: approvals.increase');
  expect((await scene.github.requestedReviewers(number)).teams.sort()).toEqual(['security', 'treasury']);
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply(3);
  expect(await scene.sent()).toBe(0);
  expect(await scene.github.labels(number)).toContain('mooring: not approved');
  await scene.settled();
});

test('one that adds an address and grants it a role', async () => {
  const book = scene.read('addresses.yaml').replace('addresses:\n', `addresses:\n  newcomer: "${addressOf(77)}"\n`);
  const number = await scene.propose({
    branch: 'newcomer',
    files: { [`${folder}/addresses.yaml`]: book, ...scene.edited('arena', { path: ['spec', 'orchestrators'], add: 'newcomer' }) },
  });
  await scene.plan();
  const said = await comment(number);
  expect(said).toContain(`+ newcomer (${addressOf(77)})`);
  expect(said).toContain('is a new name, and a change here uses it');
  expect((await scene.github.requestedReviewers(number)).teams.sort()).toEqual(['security', 'treasury']);
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'orchestrators', args: [addressOf(77)] })).toBe(true);
  await scene.settled();
});

test('one that names a stranger and hands them a contract is not planned', async () => {
  const book = scene.read('addresses.yaml').replace('addresses:\n', `addresses:\n  our-safe: "${addressOf(77)}"\n`);
  const number = await scene.propose({
    branch: 'stranger',
    files: { [`${folder}/addresses.yaml`]: book, ...scene.edited('engine-targets', spec('owner', 'our-safe')) },
  });
  await scene.plan();
  const said = await comment(number);
  expect(said).toContain('`OWNER_UNKNOWN`');
  expect(said).toContain(`our-safe (${addressOf(77)})`);
  expect(await scene.approved(number)).toBe(false);
});

test('one that gives a name to another address is to be judged, and moves what is declared by that name', async () => {
  const before = scene.field.addresses['orchestrator-b'] ?? '';
  const number = await scene.propose({
    branch: 'rename',
    files: { [`${folder}/addresses.yaml`]: scene.read('addresses.yaml').replace(before, addressOf(78)) },
  });
  await scene.plan();
  expect(await comment(number)).toContain('stands for another address');
  expect(await scene.github.labels(number)).toContain('mooring: needs judgement');
  expect((await scene.github.requestedReviewers(number)).teams).toContain('security');
});

test('one that renames a contract to slip out of its limit does not, and says that the limit lapses', async () => {
  const limit = (match: string, max: string): Record<string, string> => ({ [`${folder}/policy.yaml`]: `${policy}  - { match: "${match}", max: ${max} }\n` });
  scene.github.push('main', limit('engine-targets.targetRoi', '3.0'));
  const number = await scene.propose({
    branch: 'rename',
    files: {
      ...limit('roi.targetRoi', '100.0'),
      [`${folder}/contracts/engine-targets.yaml`]: null,
      [`${folder}/contracts/roi.yaml`]: scene.read('contracts/engine-targets.yaml').replace('targetRoi: 2.0', 'targetRoi: 9.0'),
    },
  });
  await scene.plan();
  const said = await comment(number);
  expect(said).toContain('`POLICY_LIMIT`');
  expect(said).toContain('`policy.yaml: limit engine-targets.targetRoi`');
  expect(await scene.approved(number)).toBe(false);
});

describe('one without a transaction', () => {
  test('that only raises the sentinel’s budget asks for approval, without asking the chain', async () => {
    const loop = (cap: number): Record<string, string> => ({
      [`${folder}/loops/sentinel.yaml`]: `apiVersion: mooring/v1\nkind: Sentinel\nbudgetCap: ${cap}\n`,
    });
    scene.github.push('main', loop(100_000));
    const number = await scene.propose({ branch: 'budget', files: loop(200_000) });
    scene.field.proxy.reset();
    await scene.plan();
    expect(scene.field.proxy.exchanges).toEqual([]);
    expect(await comment(number)).toContain('loops/sentinel.yaml: budgetCap');
    expect(await scene.approved(number)).toBe(false);
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(true);
    await scene.github.merge(number, { as: 'bob' });
    await scene.apply();
    await scene.settled();
  });

  test.each<[string, () => Record<string, string | null>, string]>([
    ['moves a field to observe', () => scene.edited('arena', { observe: 'committeeSize' }), 'is only observed from now on'],
    ['deletes a line', () => scene.edited('stake-manager', { path: ['spec', 'minStake'], drop: true }), 'is no longer managed'],
    ['deletes a file', () => ({ [`${folder}/contracts/pause-guard.yaml`]: null }), 'is no longer managed'],
    ['moves what counts as git’s own', () => scene.edited('arena', { path: ['adoptedAt'], set: '57' }), 'arena.adoptedAt'],
  ])('that %s', async (_name, files, says) => {
    const number = await scene.propose({ branch: 'edit', files: files() });
    await scene.plan();
    expect(await comment(number)).toContain(says);
    expect(await scene.approved(number)).toBe(false);
    await scene.github.merge(number, { as: 'bob' });
    await scene.apply(3);
    expect(await scene.sent()).toBe(0);
  });
});

describe('one from a fork', () => {
  test('with hostile YAML, names and RPC is data, and nothing of it comes alive', async () => {
    const environment = scene.read('environment.yaml').replace(scene.field.proxy.url, 'http://127.0.0.1:9/${MOORING_APP_KEY}');
    const evil = '</details><img src=x onerror=alert(1)> @alice [x](https://evil.example) `code` | row';
    const number = await scene.github.openPullFromFork({
      as: 'mallory',
      title: evil,
      files: {
        [`${folder}/environment.yaml`]: environment,
        [`${folder}/contracts/arena.yaml`]: `${scene.read('contracts/arena.yaml')}bomb: &a [*a]\n`,
        [`${folder}/contracts/a|b.yaml`]: 'x',
        [`${folder}/loops/sentinel.yaml`]: `note: ${JSON.stringify(evil)}\n`,
      },
    });
    scene.field.proxy.reset();
    await scene.plan();
    const said = await comment(number);
    expect(said).toContain('No plan for field');
    expect(said).not.toMatch(/<img|@alice|\]\(https:/);
    expect(said).not.toContain(scene.github.app.privateKey.slice(40, 80));
    expect(await scene.approved(number)).toBe(false);
    const notes = scene.github.checks((await scene.github.pull(number)).head.sha, 'mooring / plan (field)')[0]?.annotations ?? [];
    expect(notes.map(({ path }) => path)).toContain(`${folder}/contracts/arena.yaml`);
    await scene.settled();
  });

  test('is planned against the base branch’s RPC, whatever it says', async () => {
    const environment = scene.read('environment.yaml').replace(scene.field.proxy.url, 'http://127.0.0.1:9');
    const number = await scene.github.openPullFromFork({
      as: 'mallory',
      title: 'x',
      files: { [`${folder}/environment.yaml`]: environment, ...scene.edited('arena', ...splits) },
    });
    await scene.plan();
    const said = await comment(number);
    expect(said).toContain('proven: 1 call succeeds');
    expect(said).toContain('environment.yaml: rpc');
    expect((await scene.github.requestedReviewers(number)).teams.sort()).toEqual(['security', 'treasury']);
  });
});

test('one that conflicts has no plan, and says so', async () => {
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  scene.github.push('main', scene.edited('arena', spec('teacherRewardSplitBps', '55%'), spec('studentRewardSplitBps', '25%')));
  const said = await scene.plan();
  expect(said).toContain('conflicts with main');
  expect(await scene.approved(number)).toBe(false);
  expect(await comment(number)).toContain('MERGE_CONFLICT');
  await scene.settled();
});

test('one that mends a file that main has broken is planned, and all of that file is its own', async () => {
  const good = scene.read('contracts/arena.yaml');
  scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: good.replace('committeeSize: 3', 'committeeSize: three') });
  const number = await scene.propose({ branch: 'mend', files: { [`${folder}/contracts/arena.yaml`]: good.replace('committeeSize: 3', 'committeeSize: 4') } });
  await scene.plan();
  expect(await comment(number)).toContain('`committeeSize` | `3` | `4`');
});

test('a new environment is planned by nobody’s configuration, and judged as strictly as production', async () => {
  const files = Object.fromEntries(
    ['environment.yaml', 'policy.yaml', 'addresses.yaml', 'contracts/arena.yaml'].map((path) => [`desired-state/fresh/${path}`, scene.read(path)]),
  );
  const number = await scene.propose({ branch: 'fresh', files });
  await scene.plan();
  const { head } = await scene.github.pull(number);
  expect(scene.check(head.sha, 'mooring / approved (fresh)')).toMatch(/^failure: Waiting for 2 approvals/);
  expect(scene.check(head.sha, 'mooring / approved (field)')).toMatch(/^success/);
});
