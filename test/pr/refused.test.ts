// A human's no: what somebody has closed is not opened again for the same plan, and what we closed ourselves is no refusal.
import { describe, expect, test } from 'vitest';
import { drift } from './drift-acts.ts';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const live = (teacher: bigint, student: bigint) => scene.field.byHand({ on: 'arena', call: 'setRewardSplits', args: [teacher, student, 2000n] });
const numbers = async (): Promise<number[]> => (await scene.github.pulls()).map(({ number }) => number);
const remarks = async (number: number): Promise<string[]> =>
  (await scene.github.comments(number)).map(({ body }) => body).filter((body) => body.startsWith('<!-- mooring:refused'));

/** A merged pull request whose plan has moved, and the one that asks again. */
async function asked(): Promise<{ merged: number; asking: number }> {
  const merged = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  await scene.github.review(merged, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(merged, { as: 'bob' });
  await live(5500n, 2500n);
  await scene.apply(4);
  const [asking = 0, ...others] = await numbers();
  expect(others).toEqual([]);
  return { merged, asking };
}

describe('what asks to approve a merged change again, closed by a human', () => {
  test('is not opened again: the merged pull request is told so once', async () => {
    const { merged, asking } = await asked();
    await scene.github.closePull(asking, 'carol');
    expect(await scene.apply(4)).toContain(`#${asking} was closed`);
    for (let again = 0; again < 2; again++) await scene.ci.mooring('pr apply --env field');
    expect(await numbers()).toEqual([]);
    const [remark = '', ...more] = await remarks(merged);
    expect(more).toEqual([]);
    expect(remark).toContain(`#${asking}`);
    expect(remark).toContain('`carol`');
    expect(await scene.github.labels(merged)).toContain('mooring: refused');
    expect(await scene.github.labels(merged)).not.toContain('mooring: stale');
    expect(await scene.sent()).toBe(0);
    await scene.settled();
  });

  test('also where it was merged without any approval', async () => {
    const merged = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
    await scene.plan();
    await scene.github.merge(merged, { as: 'bob' });
    await scene.apply(3);
    await scene.github.closePull((await numbers())[0] ?? 0, 'carol');
    await scene.apply(3);
    expect(await numbers()).toEqual([]);
    expect(await remarks(merged)).toHaveLength(1);
  });

  test('is asked anew when the plan has moved again; back at the refused plan, that is closed', async () => {
    const { merged, asking } = await asked();
    await scene.github.closePull(asking, 'carol');
    await live(5200n, 2800n);
    await scene.apply(4);
    const [second = 0, ...others] = await numbers();
    expect(others).toEqual([]);
    expect(second).toBeGreaterThan(asking);
    expect(await remarks(merged)).toEqual([]);
    await live(5500n, 2500n);
    await scene.apply(4);
    expect(await numbers()).toEqual([]);
    expect((await scene.github.comments(second)).at(-1)?.body).toContain(`#${asking}`);
  });

  test('and opened again by a human, is the one that asks', async () => {
    const { merged, asking } = await asked();
    await scene.github.closePull(asking, 'carol');
    await scene.github.reopenPull(asking, 'carol');
    await scene.apply(4);
    expect(await numbers()).toEqual([asking]);
    expect(await remarks(merged)).toEqual([]);
  });
});

test('what asks again and was closed by us, or is somebody’s imitation, is no refusal', async () => {
  const { merged, asking } = await asked();
  const { body, head } = await scene.github.pull(asking);
  await scene.github.closePull(asking, 'app');
  const imitation = await scene.github.openPull({ as: 'dave', branch: head.ref, title: 'x', body: body ?? '' });
  await scene.github.closePull(imitation, 'dave');
  await scene.apply(4);
  const [second = 0, ...others] = await numbers();
  expect(others).toEqual([]);
  expect(second).toBeGreaterThan(imitation);
  expect(await remarks(merged)).toEqual([]);
});

test('an adoption that we closed ourselves, since it was pointless, opens again when it is needed again', async () => {
  await scene.field.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
  await drift(scene, 2);
  const [first = 0] = await numbers();
  const declared = scene.read('contracts/arena.yaml');
  scene.github.push('main', { 'desired-state/field/contracts/arena.yaml': declared.replace('paused: false', 'paused: true') });
  await drift(scene, 0);
  expect(await numbers()).toEqual([]);
  scene.github.push('main', { 'desired-state/field/contracts/arena.yaml': declared });
  await drift(scene, 2);
  const [second = 0, ...others] = await numbers();
  expect(others).toEqual([]);
  expect(second).toBeGreaterThan(first);
});
