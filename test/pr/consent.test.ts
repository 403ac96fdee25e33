// Whose word lets something be sent, and what a broken branch, a late listing or a lost answer may not change about that.
import { describe, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { mergeActs } from './merge-acts.ts';
import { spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const { approve, applyComment, loseArena, giveArenaBack } = mergeActs(scene);

/** Merged, and only the first of its two transactions succeeded. */
async function halfApplied(): Promise<number> {
  const number = await approve('two', { ...scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')), ...scene.edited('arena', ...splits) });
  await scene.github.merge(number, { as: 'bob' });
  loseArena();
  await scene.apply(1);
  await giveArenaBack();
  return number;
}

describe('a run that was begun is gone on with', () => {
  test('only while its approvals stand: the journal is no approval', async () => {
    const number = await halfApplied();
    const sent = await scene.sent();
    await scene.github.review(number, { as: 'alice', event: 'REQUEST_CHANGES', body: 'Stop' });
    await scene.apply(3);
    expect(await scene.sent()).toBe(sent);
    expect(await applyComment(number)).toContain('APPROVAL_REQUIRED');
  });

  test('not where the rest has moved: what was sent stays told, and approval is asked for what is left', async () => {
    const number = await halfApplied();
    await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
    await scene.apply(4);
    const said = await applyComment(number);
    expect(said).toMatch(/✅ `stake-manager\.setMinStake`/);
    expect(said).toContain('asks to approve what would be sent now');
    expect(said).not.toContain('Nothing of it was sent');
  });
});

describe('what later commits declare otherwise', () => {
  const others = [spec('teacherRewardSplitBps', '45%'), spec('studentRewardSplitBps', '35%')];

  test('holds what was approved, where nobody approved those: neither is sent', async () => {
    const first = await approve('splits', scene.edited('arena', ...splits));
    await scene.github.merge(first, { as: 'bob', method: 'squash' });
    const second = await scene.propose({ branch: 'other', files: scene.edited('arena', ...others) });
    await scene.plan();
    await scene.github.merge(second, { as: 'bob', method: 'squash' });
    await scene.apply(3);
    expect(await scene.sent()).toBe(0);
    expect(await applyComment(first)).toContain('SUPERSEDED_UNAPPROVED');
    expect(await applyComment(second)).toContain('not approved');
  });

  test('and came by no pull request: neither is sent', async () => {
    const first = await approve('splits', scene.edited('arena', ...splits));
    await scene.github.merge(first, { as: 'bob', method: 'squash' });
    scene.github.push('main', scene.edited('arena', ...others), { message: 'Pushed past everybody' });
    await scene.apply(3);
    expect(await scene.sent()).toBe(0);
    expect(await applyComment(first)).toContain('SUPERSEDED_UNAPPROVED');
  });
});

test('a lowering of risk goes out, though a later commit of no pull request takes it back', async () => {
  const member = scene.field.addresses['orchestrator-a'] ?? '';
  const before = scene.read('contracts/arena.yaml');
  const number = await approve('lower', scene.edited('arena', { path: ['spec', 'orchestrators'], remove: 'orchestrator-a' }));
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: before }, { message: 'Pushed past everybody' });
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'orchestrators', args: [member] })).toBe(false);
});

test('what was merged without approval is not approved by a review that comes later', async () => {
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.apply(3);
  expect(await scene.sent()).toBe(0);
  expect(await scene.github.labels(number)).toContain('mooring: not approved');
});

test('edits alone count as approved only by whom policy asks', async () => {
  const number = await scene.propose({
    branch: 'left',
    files: scene.edited('stake-manager', { path: ['spec', 'minStake'], drop: true }),
  });
  await scene.plan();
  // Of another team.
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply(3);
  expect(await scene.github.labels(number)).toContain('mooring: not approved');
});

test('a branch that cannot be read stops the apply; once it is mended, what was approved goes out', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  const policy = scene.read('policy.yaml');
  scene.github.push('main', { [`${folder}/policy.yaml`]: 'kind: [' }, { message: 'Breaks it' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  expect((await scene.ci.mooring('pr apply --env field')).exit).toBe(65);
  scene.github.push('main', { [`${folder}/policy.yaml`]: policy }, { message: 'Mends it' });
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
});

test('a merge that GitHub lists late is not lost', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  scene.github.fault = ({ method, path }) => (method === 'GET' && path.endsWith('/pulls') ? { status: 200, body: [] } : null);
  expect(await scene.apply()).toContain('came by no pull request');
  expect(await scene.sent()).toBe(0);
  scene.github.fault = null;
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  await scene.settled();
});

test('what was sent and could not be told is told by the next run', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob' });
  scene.github.fault = ({ method, path }) => (method === 'POST' && path.endsWith('/comments') ? { status: 422, body: { message: 'no' } } : null);
  expect((await scene.ci.mooring('pr apply --env field')).exit).not.toBe(0);
  scene.github.fault = null;
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  expect(await applyComment(number)).toContain('## Applied');
  await scene.settled();
});

test('what waits for a commit that a force-push took away is dropped, and said', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob' });
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
  await scene.apply(4);
  const first = scene.github.remote.git('rev-list', '--max-parents=0', 'main').trim();
  scene.github.push('main', { [`${folder}/README.md`]: 'x' }, { force: true, from: first });
  const said = await scene.ci.mooring(`pr apply --env field --from ${first}`);
  expect(said.stdout).toContain(`#${number} waited for`);
  expect(said.exit).toBe(0);
});
