// What reviewers meet: the plan, whose approval counts, and what takes it back.
import { describe, expect, test } from 'vitest';
import { policy, spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

async function openSplits(): Promise<number> {
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  return number;
}

test('open, plan, approve, merge, applied', async () => {
  const number = await openSplits();
  const { head } = await scene.github.pull(number);
  expect(scene.check(head.sha, 'mooring / plan (field)')).toBe('success: 2 changes, 1 raises risk');
  expect(scene.check(head.sha, 'mooring / approved (field)')).toBe('failure: Waiting for 1 approval from treasury');
  expect((await scene.github.requestedReviewers(number)).teams).toEqual(['treasury']);
  expect((await scene.github.labels(number)).sort()).toEqual(['mooring: lowers risk', 'mooring: raises risk']);
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
  expect(await scene.sent()).toBe(1);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  expect(scene.check(scene.head(), 'mooring / apply (field)')).toBe('success: 1 pull request settled');
  expect((await scene.github.comments(number)).map(({ author }) => author)).toEqual(['mooring[bot]', 'mooring[bot]']);
  await scene.settled();
});

test('a pull request that touches no environment is green, and silent', async () => {
  const number = await scene.propose({ branch: 'readme', files: { 'README.md': 'hello' } });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  expect(await scene.github.comments(number)).toEqual([]);
  await scene.settled();
});

test.each([
  ['a push', false],
  ['a force-push', true],
])('%s after approval takes it back', async (_name, force) => {
  const number = await openSplits();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  scene.github.push('splits', scene.edited('stake-manager', spec('feePct', '9')), { force });
  await scene.plan();
  expect(await scene.approved(number)).toBe(false);
  expect((await scene.github.reviews(number)).map(({ state }) => state)).toEqual(['DISMISSED']);
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply(3);
  expect(await scene.sent()).toBe(0);
  await scene.settled();
});

test('the digest moving under a standing approval takes it back, and the comment says the new plan', async () => {
  const number = await openSplits();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
  await scene.plan();
  expect(await scene.approved(number)).toBe(false);
  expect((await scene.github.reviews(number)).map(({ state }) => state)).toEqual(['DISMISSED']);
  const [comment, ...others] = await scene.github.comments(number);
  expect(others).toEqual([]);
  expect(comment?.body).toContain('55 %');
  await scene.github.review(number, { as: 'bob', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
});

test('an approval in the moment in which the plan changes counts for neither, is dismissed, and may be given again', async () => {
  const number = await openSplits();
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
  await scene.plan();
  // The page that is looked at was loaded before.
  await scene.github.review(number, { as: 'alice', event: 'APPROVE', unread: true });
  await scene.plan();
  expect(await scene.approved(number)).toBe(false);
  expect((await scene.github.comments(number))[0]?.body).toMatch(/not counted: `alice`/);
  expect((await scene.github.reviews(number)).map(({ state }) => state)).toEqual(['DISMISSED']);
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
});

test('one towards another branch is not planned: its checks would count for the commit, wherever it goes', async () => {
  scene.github.push('lax', {
    'desired-state/field/policy.yaml': policy.replace(/approvals:[\s\S]*requireProof/, 'approvals: { reduce: 0, increase: 0, ambiguous: 0 }\nrequireProof'),
  });
  scene.github.push('splits', scene.edited('arena', ...splits));
  const number = await scene.github.openPull({ as: 'dave', branch: 'splits', base: 'lax', title: 'x' });
  const said = await scene.ci.mooring(`pr plan --pr ${number}`);
  expect(said.stdout).toContain('it is not planned');
  expect(scene.github.checks(scene.head('splits'))).toEqual([]);
});

test('GitHub fails between the new plan and its approvals: what was green for the old one is not', async () => {
  const number = await openSplits();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  await scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
  scene.github.fault = ({ path }) => (path.endsWith('/reviews') ? { status: 500 } : null);
  expect((await scene.ci.mooring(`pr plan --pr ${number}`)).exit).toBe(5);
  expect(await scene.approved(number)).toBe(false);
});

describe('approval', () => {
  test('counts of nobody outside the teams, of no bot, and not of the author', async () => {
    const number = await scene.propose({ as: 'alice', branch: 'splits', files: scene.edited('arena', ...splits) });
    await scene.plan();
    await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
    await scene.github.review(number, { as: 'renovate[bot]', event: 'APPROVE' });
    await expect(scene.github.review(number, { as: 'alice', event: 'APPROVE' })).rejects.toThrow('422');
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
    const [comment] = await scene.github.comments(number);
    expect(comment?.body).toMatch(/not counted: `carol` is in none of the teams/);
    expect(comment?.body).toMatch(/not counted: `renovate\[bot\]` is no person/);
  });

  test('that is dismissed, or followed by a request for changes, counts no more', async () => {
    const number = await openSplits();
    const review = await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(true);
    await scene.github.dismiss(number, review, { as: 'bob', message: 'not yet' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.github.review(number, { as: 'alice', event: 'REQUEST_CHANGES', body: 'after all' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
    await scene.settled();
  });

  test('that was given before there was a plan does not count', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
  });

  test('is not believed of a check that another App has written', async () => {
    const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    const { head } = await scene.github.pull(number);
    await scene.plan();
    const digest = scene.github.checks(head.sha, 'mooring / plan (field)')[0]?.external_id;
    scene.github.push('splits', { 'README.md': 'moved' }, { author: 'dave' });
    const moved = scene.head('splits');
    await scene.github.api('actions', 'POST', `/repos/${scene.github.repo}/check-runs`, {
      name: 'mooring / plan (field)',
      head_sha: moved,
      external_id: digest,
      status: 'completed',
      conclusion: 'success',
    });
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
  });
});

describe('the comment', () => {
  test('that somebody has edited is put back; that somebody has deleted is written again; an imitation is left alone', async () => {
    const number = await openSplits();
    const [comment] = await scene.github.comments(number);
    const body = comment?.body ?? '';
    await scene.github.editComment(comment?.id ?? 0, body.replace('50 %', '10 %'), 'bob');
    await scene.github.comment(number, body.replace('60 %', '61 %'), 'dave');
    await scene.plan();
    expect((await scene.github.comments(number)).map((one) => [one.author, one.body.includes('10 %'), one.body.includes('61 %')])).toEqual([
      ['mooring[bot]', false, false],
      ['dave', false, true],
    ]);
    await scene.github.deleteComment(comment?.id ?? 0, 'bob');
    await scene.plan();
    expect((await scene.github.comments(number)).map(({ author }) => author)).toEqual(['dave', 'mooring[bot]']);
    await scene.settled();
  });

  test('is not touched by a new block, nor by an event that comes twice or not at all', async () => {
    const number = await openSplits();
    await scene.field.node.mine();
    scene.github.resetLog();
    await Promise.all([scene.ci.mooring(`pr plan --pr ${number}`), scene.ci.mooring(`pr plan --pr ${number}`)]);
    expect(scene.github.writes()).toEqual([]);
    // The event of this review is lost; the next run, whatever it is for, sees it all the same.
    await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(true);
  });
});
