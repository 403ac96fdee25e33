// Emergency measures: adopted by a pull request that opens by itself, reversed only by a lift that people approved.
import { expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { drift, driftWritesNothing, issue, onlyIssue, tick } from './drift-acts.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const pause = () => scene.field.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
const unpause = () => scene.field.byHand({ on: 'arena', call: 'unpause' });
const isPaused = () => scene.field.read({ on: 'arena', call: 'paused' });

test('an emergency pause is told as one, and its adoption opens by itself; merged, nothing is sent', async () => {
  const { hash } = await pause();
  await drift(scene, 2);
  await drift(scene, 2);
  const { number, title, body } = await onlyIssue(scene);
  expect(title).toContain('emergency');
  expect(body).toContain(hash);
  const [pull, ...others] = await scene.github.pulls();
  expect(others).toEqual([]);
  expect(pull?.author).toBe('mooring[bot]');
  await driftWritesNothing(scene, 2);
  await scene.plan();
  expect(await scene.approved(pull?.number ?? 0)).toBe(true);
  await scene.github.merge(pull?.number ?? 0, { as: 'bob' });
  await scene.apply();
  await drift(scene, 0);
  expect(await scene.sent()).toBe(0);
  expect(await isPaused()).toBe(true);
  expect((await issue(scene, number)).state).toBe('closed');
});

test('an adoption that a human has closed does not open again, but for a new transaction it does', async () => {
  await pause();
  await drift(scene, 2);
  const [first] = await scene.github.pulls();
  await scene.github.closePull(first?.number ?? 0, 'alice');
  await drift(scene, 2);
  await drift(scene, 2);
  expect(await scene.github.pulls()).toEqual([]);
  await unpause();
  await drift(scene, 0);
  await pause();
  await drift(scene, 2);
  const [second] = await scene.github.pulls();
  expect(second?.branch).toBe(first?.branch);
  expect(second?.number).not.toBe(first?.number);
});

test('an adoption that somebody works on is left to them: the run says so, and the issue isn’t filled with it', async () => {
  await pause();
  await drift(scene, 2);
  const [pull] = await scene.github.pulls();
  const theirs = scene.github.push(pull?.branch ?? '', { 'NOTE.md': 'mine' }, { author: 'dave' });
  expect((await drift(scene, 2)).stdout).toContain('BRANCH_TAKEN');
  await drift(scene, 2);
  expect(scene.head(pull?.branch)).toBe(theirs);
  expect(await scene.github.comments((await onlyIssue(scene)).number)).toEqual([]);
  expect((await scene.github.pulls()).map(({ number }) => number)).toEqual([pull?.number]);
});

test('a ticked lift names the transaction in lifts.yaml; approved and merged, it is unpaused', async () => {
  const { hash } = await pause();
  await drift(scene, 2);
  const { number } = await onlyIssue(scene);
  const id = /"do":"lift","id":"([^"]+)"/.exec((await onlyIssue(scene)).body)?.[1] ?? '';
  await tick(scene, number, 'lift', id);
  await drift(scene, 2);
  const lift = (await scene.github.pulls()).find(({ branch }) => branch.startsWith('mooring/lift/'));
  expect(scene.github.remote.git('diff', '--name-only', 'main', lift?.branch ?? '')).toBe(`${folder}/lifts.yaml`);
  expect(scene.read('lifts.yaml', lift?.branch)).toContain(hash);
  await scene.plan();
  expect(await scene.approved(lift?.number ?? 0)).toBe(false);
  await scene.github.review(lift?.number ?? 0, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(lift?.number ?? 0)).toBe(true);
  await scene.github.merge(lift?.number ?? 0, { as: 'bob' });
  await scene.apply();
  expect(await isPaused()).toBe(false);
  expect(await scene.sent()).toBe(1);
  await drift(scene, 0);
  expect(await scene.github.pulls()).toEqual([]);
  expect((await issue(scene, number)).state).toBe('closed');
});
