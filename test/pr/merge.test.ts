// What merging sends: what was approved, as it was approved, and nothing else.
import { describe, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { type Files, mergeActs } from './merge-acts.ts';
import { spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const { approve, applyComment, loseArena, giveArenaBack } = mergeActs(scene);

describe('the digest is the same for', () => {
  test.each(['merge', 'squash', 'rebase'] as const)('a %s', async (method) => {
    const number = await approve('splits', scene.edited('arena', ...splits));
    scene.github.push('splits', { 'README.md': 'a second commit' });
    await scene.plan();
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    scene.github.push('main', { 'OTHER.md': 'main has gone on' });
    await scene.github.merge(number, { as: 'bob', method });
    await scene.apply();
    expect(await scene.sent()).toBe(1);
    expect(await scene.github.labels(number)).toContain('mooring: applied');
    await scene.settled();
  });
});

test('a live value that changed between approval and merge: nothing is sent, what moved is said, and approval is asked again', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob' });
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
  await scene.apply(4);
  expect(await scene.sent()).toBe(0);
  const said = await applyComment(number);
  expect(said).toContain('the plan has moved since it was approved');
  expect(said).toContain('arena.teacherRewardSplitBps was 50 % → 60 % when the plan was approved and is 55 % → 60 % now');
  const again = Number(/#(\d+) asks to approve/.exec(said)?.[1]);
  await scene.settled();

  // What is asked for again is planned, approved, merged and sent like anything else.
  await scene.plan();
  const asking = await scene.github.pull(again);
  expect(asking.user.login).toBe('mooring[bot]');
  expect((await scene.github.comments(again))[0]?.body).toContain('`55 %` | `60 %`');
  await scene.github.review(again, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(again)).toBe(true);
  await scene.github.merge(again, { as: 'bob', method: 'squash' });
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
  expect(await scene.sent()).toBe(1);
  expect(await scene.github.labels(number)).not.toContain('mooring: stale');
  await scene.settled();
});

test('already at the target: success without a transaction', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob' });
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [6000n, 2000n, 2000n] });
  await scene.apply();
  expect(await scene.sent()).toBe(0);
  expect(await applyComment(number)).toContain('Nothing to send');
  await scene.settled();
});

describe('two merged within seconds', () => {
  test('about different fields: both go out', async () => {
    const first = await approve('splits', scene.edited('arena', ...splits));
    const second = await approve('fee', scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')));
    await scene.github.merge(first, { as: 'bob', method: 'squash' });
    await scene.github.merge(second, { as: 'bob', method: 'squash' });
    await scene.apply();
    expect(await scene.sent()).toBe(2);
    expect(await scene.github.labels(first)).toContain('mooring: applied');
    expect(await scene.github.labels(second)).toContain('mooring: applied');
    await scene.settled();
  });

  test('about the same field: the second waits', async () => {
    const first = await approve('splits', scene.edited('arena', ...splits));
    await scene.github.merge(first, { as: 'bob', method: 'squash' });
    // Planned while the first is merged and not yet applied: from 50 % to 45 %.
    const second = await approve('other-splits', scene.edited('arena', spec('teacherRewardSplitBps', '45%'), spec('studentRewardSplitBps', '35%')));
    await scene.apply();
    await scene.github.merge(second, { as: 'bob', method: 'squash' });
    await scene.apply(4);
    expect(await scene.sent()).toBe(1);
    expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
    expect(await scene.github.labels(second)).toContain('mooring: stale');
    await scene.settled();
  });

  test('about the same field, both before an apply: the first is superseded, and the branch as it is now goes out', async () => {
    const first = await approve('splits', { ...scene.edited('arena', ...splits), ...scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')) });
    await scene.github.merge(first, { as: 'bob', method: 'squash' });
    const second = await approve('other-splits', scene.edited('arena', spec('teacherRewardSplitBps', '45%'), spec('studentRewardSplitBps', '35%')));
    await scene.github.merge(second, { as: 'bob', method: 'squash' });
    await scene.apply();
    expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(4500n);
    expect(await scene.field.read({ on: 'stakeManager', call: 'minStake' })).toBe(12n * 10n ** 18n);
    expect(await scene.sent()).toBe(2);
    expect(await applyComment(first)).toContain('Not sent, since later commits ask for something else');
    await scene.settled();
  });
});

test('one among direct pushes and standing drift: only its own changes go out', async () => {
  await scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] });
  const number = await approve('splits', scene.edited('arena', ...splits));
  scene.github.push('main', scene.edited('stake-manager', spec('minStake', '13 AGIALPHA')), { message: 'Pushed past everybody' });
  await scene.github.merge(number, { as: 'bob' });
  const said = await scene.apply();
  expect(said).toContain('Pushed past everybody');
  expect(await scene.sent()).toBe(1);
  expect(await scene.field.read({ on: 'arena', call: 'committeeSize' })).toBe(5n);
  expect(await scene.field.read({ on: 'stakeManager', call: 'minStake' })).toBe(10n * 10n ** 18n);
  expect(scene.check(scene.head(), 'mooring / apply (field)')).toBe('neutral: 1 pull request settled, 1 commit of no pull request, not sent');
});

test('the plan of a pull request tells what stood before, and does not count it', async () => {
  await scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] });
  const number = await approve('splits', scene.edited('arena', ...splits));
  const [comment] = await scene.github.comments(number);
  expect(comment?.body).toContain('Not of this pull request, and not sent with it: 1 difference');
  expect(comment?.body).toContain('Plan for field: 2 changes');
});

test('an emergency revocation followed by an unrelated merge stays', async () => {
  const member = scene.field.addresses['orchestrator-a'] ?? '';
  await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: [member, false] });
  const number = await approve('fee', scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')));
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  expect(await scene.field.read({ on: 'arena', call: 'orchestrators', args: [member] })).toBe(false);
});

test('what somebody changes back after it was applied is drift, not a second apply', async () => {
  const committee = (size: number): Files => scene.edited('arena', spec('committeeSize', String(size)));
  const number = await approve('committee', committee(4));
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
  await scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [3n, 5n * 10n ** 18n] });
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  // The same change, asked for and approved anew, has the same digest, and isn't the spent one.
  scene.github.push('main', committee(3));
  const again = await approve('committee-again', committee(4));
  await scene.github.merge(again, { as: 'bob' });
  await scene.apply();
  expect(await scene.sent()).toBe(2);
  expect(await scene.field.read({ on: 'arena', call: 'committeeSize' })).toBe(4n);
});

test('what is slipped in while merging is not what was approved', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  const { head } = await scene.github.pull(number);
  scene.github.push('main', { 'OTHER.md': 'x' });
  // A merge made by hand, with one more change in it, which GitHub takes for the pull request's.
  const tree = scene.github.push('evil', { ...scene.edited('arena', ...splits), ...scene.edited('stake-manager', spec('minStake', '1 AGIALPHA')) });
  const merged = scene.github.remote.git('commit-tree', `${tree}^{tree}`, '-p', scene.head(), '-p', head.sha, '-m', 'Merge').trim();
  scene.github.remote.git('update-ref', 'refs/heads/main', merged);
  const told = (await scene.github.api('alice', 'GET', `/repos/${scene.github.repo}/pulls/${number}`)).body as object;
  const body = [{ ...told, state: 'closed', merged_at: new Date(scene.github.now()).toISOString(), merge_commit_sha: merged }];
  scene.github.fault = ({ method, path }) => (method === 'GET' && path.endsWith('/pulls') ? { status: 200, body } : null);
  await scene.apply(3);
  expect(await scene.sent()).toBe(0);
  expect(await applyComment(number)).toContain('MERGE_INEXACT');
});

test('a revert in the middle: told apart from what succeeded and what was not tried; the next run goes on with the rest', async () => {
  const member = scene.field.addresses['orchestrator-c'] ?? '';
  const files = {
    ...scene.edited('stake-manager', spec('minStake', '12 AGIALPHA')),
    ...scene.edited('arena', ...splits, { path: ['spec', 'orchestrators'], add: 'orchestrator-c' }),
  };
  const number = await approve('three', files);
  await scene.github.merge(number, { as: 'bob' });
  loseArena();
  await scene.apply(1);
  const said = await applyComment(number);
  expect(said).toContain('Partly applied');
  expect(said).toMatch(/✅ `stake-manager\.setMinStake`/);
  expect(said).toMatch(/❌ `arena\.setRewardSplits`/);
  expect(said).toContain('STEP_REVERTED');
  expect(said).toContain('STEP_NOT_TRIED');
  expect(await scene.github.labels(number)).toContain('mooring: partly applied');
  await giveArenaBack();
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'orchestrators', args: [member] })).toBe(true);
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  await scene.settled();
});

test('a pull request whose approvals policy asks of nobody is sent as it was last shown, and only so', async () => {
  const lower = await approve('lower', scene.edited('arena', { path: ['spec', 'orchestrators'], remove: 'orchestrator-a' }));
  expect((await scene.github.requestedReviewers(lower)).teams).toEqual([]);
  expect(await scene.approved(lower)).toBe(true);
  await scene.github.merge(lower, { as: 'bob' });
  await scene.apply();
  expect(await scene.sent()).toBe(1);
});

test('history that was rewritten is not gone on from, until somebody says from where', async () => {
  const number = await approve('splits', scene.edited('arena', ...splits));
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
  const first = scene.github.remote.git('rev-list', '--max-parents=0', 'main').trim();
  scene.github.push('main', { [`${folder}/README.md`]: 'x' }, { force: true, from: first });
  const said = await scene.ci.mooring('pr apply --env field');
  expect(said.exit).toBe(1);
  expect(said.stderr).toContain('HISTORY_REWRITTEN');
  expect((await scene.ci.mooring(`pr apply --env field --from ${first}`)).exit).toBe(0);
});
