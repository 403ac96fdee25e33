// Which environments a repository's keys are for, and what of it decides that: nothing comes in beside the reviewers.
import { expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

const all = 'mooring / approved';

function ofAnother(): Record<string, string> {
  const environment = scene.read('environment.yaml');
  return {
    'desired-state/other/environment.yaml': environment,
    'desired-state/other/addresses.yaml': scene.read('addresses.yaml'),
    'desired-state/other/policy.yaml': 'apiVersion: mooring/v1\nkind: Policy\napprovals: { reduce: 0, increase: 0, ambiguous: 0 }\n',
    'desired-state/other/contracts/arena.yaml': scene.read('contracts/arena.yaml'),
  };
}

test('a new environment is approved as strictly as production, whatever it says of itself, and the required check says so', async () => {
  const number = await scene.propose({ branch: 'other', files: ofAnother() });
  await scene.plan();
  const { head } = await scene.github.pull(number);
  expect(scene.check(head.sha, all)).toMatch(/^failure: other: /);
  expect(scene.check(head.sha, 'mooring / approved (field)')).toMatch(/^success/);
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.plan();
  expect(scene.check(head.sha, all)).toBe('success: Approved: other');
  await scene.settled();
});

test('an apply opens the environments that it is told of, and no other', async () => {
  expect((await scene.ci.mooring('pr apply')).exit).toBe(64);
  scene.github.push('main', { ...ofAnother(), 'desired-state/other/environment.yaml': 'kind: [' });
  expect(await scene.apply()).not.toContain('other');
  const both = await scene.ci.mooring('pr apply --env other,field');
  expect(both.exit).toBe(65);
  expect(both.stdout).toContain('other: INPUT_INVALID');
  expect(both.stdout).toContain('field at');
});

test('what runs with the keys is an edit of every environment', async () => {
  const path = '.github/workflows/mooring-apply.yml';
  const number = await scene.propose({ branch: 'tool', files: { [path]: 'on: push\n' } });
  await scene.plan();
  const { head } = await scene.github.pull(number);
  expect(scene.check(head.sha, all)).toMatch(/^failure: field: /);
  const [comment] = await scene.github.comments(number);
  expect(comment?.body).toContain(path);
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.plan();
  expect(scene.check(head.sha, all)).toMatch(/^success/);
});

test('the required check is there and green where nothing is touched, and red where nothing can be planned', async () => {
  const nothing = await scene.propose({ branch: 'docs', files: { 'README.md': 'x' } });
  const broken = await scene.propose({ branch: 'broken', files: { [`${folder}/addresses.yaml`]: 'kind: [' } });
  const waiting = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  const check = async (number: number): Promise<string> => scene.check((await scene.github.pull(number)).head.sha, all);
  expect(await check(nothing)).toBe('success: This pull request touches no environment');
  expect(await check(broken)).toMatch(/^failure: field: No plan/);
  expect(await check(waiting)).toMatch(/^failure: field: /);
  await scene.github.review(waiting, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await check(waiting)).toBe('success: Approved: field');
});
