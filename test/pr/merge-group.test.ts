// A merge queue's group: its combined tree is planned on what it stands on, and green only as it was approved.
import { describe, expect, test } from 'vitest';
import type { Person } from '../support/github/people.ts';
import { spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const name = 'mooring / approved (field)';

type Group = { head: string; base: string; ref: string };

/** What GitHub makes of a pull request in its queue: a merge on `base`, under a ref that names both. */
async function enqueue(number: number, base = scene.head()): Promise<Group> {
  const { head } = await scene.github.pull(number);
  const git = scene.github.remote.git;
  const tree = git('merge-tree', '--write-tree', base, head.sha);
  const made = git('commit-tree', tree, '-p', base, '-p', head.sha, '-m', `Merge pull request #${number}`);
  const ref = `refs/heads/gh-readonly-queue/main/pr-${number}-${base}`;
  git('update-ref', ref, made);
  return { head: made, base, ref };
}

async function planGroup({ head, base, ref }: Group, exit: number): Promise<string> {
  const said = await scene.ci.mooring(`pr plan --merge-group ${head} --base ${base} --ref ${ref}`);
  expect(said.exit, said.stdout + said.stderr).toBe(exit);
  const conclusion = (check: string): string => scene.check(head, check).split(':', 1)[0] ?? '';
  if (conclusion(name) !== 'none') expect(conclusion('mooring / approved')).toBe(conclusion(name));
  return conclusion(name);
}

async function opened(branch: string, files: Record<string, string>, ...by: Person[]): Promise<number> {
  const number = await scene.propose({ branch, files });
  await scene.plan();
  for (const as of by) await scene.github.review(number, { as, event: 'APPROVE' });
  await scene.plan();
  return number;
}

const arenaSplits = () => scene.edited('arena', ...splits);

describe('a group is green', () => {
  test('where its plan is the one that was approved; the checks are on its head, and a second run writes nothing', async () => {
    const group = await enqueue(await opened('splits', arenaSplits(), 'alice'));
    expect(await planGroup(group, 0)).toBe('success');
    expect([...new Set(scene.github.checks(group.head).map((check) => check.name))].sort()).toEqual(['mooring / approved', name]);
    expect(scene.check(group.head, 'mooring / approved')).toBe('success: Approved: field');
    scene.github.resetLog();
    await planGroup(group, 0);
    expect(scene.github.writes()).toEqual([]);
  });

  test('where the ref is given without refs/heads/', async () => {
    const group = await enqueue(await opened('splits', arenaSplits(), 'alice'));
    expect(await planGroup({ ...group, ref: group.ref.slice('refs/heads/'.length) }, 0)).toBe('success');
  });

  test('where it touches no environment', async () => {
    const number = await scene.propose({ branch: 'readme', files: { 'README.md': 'hello' } });
    scene.field.proxy.reset();
    expect(await planGroup(await enqueue(number), 0)).toBe('success');
    expect(scene.field.proxy.exchanges).toEqual([]);
  });

  test('where main, or the group before it, has moved something else', async () => {
    const first = await enqueue(await opened('thermostat', scene.edited('thermostat', spec('kp', '3')), 'alice', 'carol'));
    const second = await enqueue(await opened('splits', arenaSplits(), 'alice'), first.head);
    expect(await planGroup(second, 0)).toBe('success');
  });

  test('on a machine that has fetched none of it', async () => {
    const group = await enqueue(await opened('splits', arenaSplits(), 'alice'));
    const said = await scene.machine().mooring(`pr plan --merge-group ${group.head} --base ${group.base} --ref ${group.ref}`);
    expect(said.exit, said.stderr).toBe(0);
    expect(scene.check(group.head, name)).toMatch(/^success/);
  });
});

describe('a group is red', () => {
  test('where nobody has approved', async () => {
    expect(await planGroup(await enqueue(await opened('splits', arenaSplits())), 4)).toBe('failure');
  });

  test('where the approval is of a former head', async () => {
    const number = await opened('splits', arenaSplits(), 'alice');
    scene.github.push('splits', scene.edited('arena', ...splits, spec('committeeSize', '4')));
    expect(await planGroup(await enqueue(number), 4)).toBe('failure');
  });

  test('where another change moved the same field before it', async () => {
    const number = await opened('splits', arenaSplits(), 'alice');
    // One call sets all three shares, and git combines the two without a conflict.
    const rival = await enqueue(await opened('rival', scene.edited('arena', spec('validatorRewardSplitBps', '10%')), 'alice'));
    expect(await planGroup(rival, 0)).toBe('success');
    const group = await enqueue(number, rival.head);
    expect(await planGroup({ ...group, base: rival.base }, 4)).toBe('failure');
  });

  test('where the chain has moved since', async () => {
    const group = await enqueue(await opened('splits', arenaSplits(), 'alice'));
    await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
    expect(await planGroup(group, 4)).toBe('failure');
  });

  test('where the group has more than its pull request', async () => {
    const number = await opened('splits', arenaSplits(), 'alice');
    const group = await enqueue(number);
    const smuggled = scene.github.push('smuggled', scene.edited('stake-manager', spec('minStake', '1 AGIALPHA')), { from: group.head });
    scene.github.remote.git('update-ref', group.ref, smuggled);
    expect(await planGroup({ ...group, head: smuggled }, 4)).toBe('failure');
  });

  test('where its files have errors, and where the chain is not read', async () => {
    const number = await opened('splits', arenaSplits(), 'alice');
    const broken = scene.github.push('broken', { 'desired-state/field/contracts/arena.yaml': 'kind: [' }, { from: 'splits' });
    const ref = `refs/heads/gh-readonly-queue/main/pr-${number}-${scene.head()}`;
    scene.github.remote.git('update-ref', ref, broken);
    expect(await planGroup({ head: broken, base: scene.head(), ref }, 65)).toBe('failure');
    const group = await enqueue(number);
    scene.field.proxy.hooks = { before: () => ({ status: 503 }) };
    expect(await planGroup(group, 5)).toBe('failure');
  });
});

describe('what is no group', () => {
  test.each(['refs/heads/main', 'refs/heads/gh-readonly-queue/main/pr-x-abc', 'refs/pull/1/merge', 'gh-readonly-queue/main/pr-1-abc'])('%s', async (ref) => {
    scene.github.resetLog();
    const head = scene.head();
    const said = await scene.ci.mooring(`pr plan --merge-group ${head} --base ${head} --ref ${ref}`);
    expect(said.exit).toBe(64);
    expect(scene.github.writes()).toEqual([]);
  });

  test('one without its base, and commits that are not there', async () => {
    const head = scene.head();
    expect((await scene.ci.mooring(`pr plan --merge-group ${head} --ref x`)).exit).toBe(64);
    const ref = `refs/heads/gh-readonly-queue/main/pr-1-${head}`;
    for (const other of ['a'.repeat(40), 'main']) {
      const said = await scene.ci.mooring(`pr plan --merge-group ${other} --base ${head} --ref ${ref}`);
      expect(said.stderr).toMatch(/GIT_OBJECT_MISSING|GIT_NAME/);
      expect(said.exit).not.toBe(0);
    }
  });
});
