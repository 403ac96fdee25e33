// A slash by pull request: judged by whoever judges what has no direction, sent once, and never again whatever happens.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { actFile, makeStrict, openRound, reasonsOf, slashByHand, stakeLeft } from '../support/slash-world.ts';
import { mergeActs } from './merge-acts.ts';
import { spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const { approve, applyComment } = mergeActs(scene);
const place = (id: string): string => `${folder}/acts/${id}.yaml`;

beforeEach(() => openRound(scene.field));

async function planComment(number: number): Promise<string> {
  return (await scene.github.comments(number)).map(({ body }) => body).find((body) => body.startsWith('<!-- mooring:plan')) ?? '';
}

async function merged(branch: string, files: Readonly<Record<string, string | null>>): Promise<number> {
  const number = await approve(branch, files);
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  return number;
}

test('is planned, approved as what needs judgement, merged, and sent once', async () => {
  const number = await scene.propose({ branch: 'slash', files: { [place('spring')]: actFile() } });
  await scene.plan();
  expect(await planComment(number)).toContain('spring: slash validator in round 1: 5 AGIALPHA to treasury, moderation:block');
  expect((await scene.github.requestedReviewers(number)).teams).toEqual(['security']);
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number), 'the treasury has no say here').toBe(false);
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  await scene.apply();
  expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/spring]']);
  expect(await stakeLeft(scene.field)).toBe(95n);
  expect(await applyComment(number)).toContain('reportValidatorMisconduct');
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  await scene.settled('pr drift');
  expect(await scene.sent()).toBe(1);
});

test('is not sent without that approval', async () => {
  const number = await scene.propose({ branch: 'slash', files: { [place('spring')]: actFile() } });
  await scene.plan();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply(3);
  expect(await reasonsOf(scene.field)).toEqual([]);
});

test('two that say the same are two, and one by hand in between takes the place of neither', async () => {
  await merged('first', { [place('spring')]: actFile() });
  await scene.apply();
  await slashByHand(scene.field);
  await merged('second', { [place('winter')]: actFile() });
  await scene.apply();
  expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/spring]', 'moderation:block', 'moderation:block [field/winter]']);
  await scene.settled('pr drift');
});

test('with other changes it comes last, and what another pull request asks for is not swept along', async () => {
  const pending = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  await merged('slash', { [place('spring')]: actFile(), ...scene.edited('arena', spec('committeeSize', '5')) });
  await scene.apply();
  expect(await reasonsOf(scene.field)).toHaveLength(1);
  expect(await scene.field.read({ on: 'arena', call: 'committeeSize' })).toBe(5n);
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(5000n);
  expect((await scene.github.pull(pending)).state).toBe('open');
});

test('one that is merged and not sent is nobody else’s: another pull request does not send it', async () => {
  const number = await scene.propose({ branch: 'slash', files: { [place('spring')]: actFile() } });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply(3);
  await merged('size', scene.edited('arena', spec('committeeSize', '5')));
  await scene.apply(3);
  expect(await scene.field.read({ on: 'arena', call: 'committeeSize' })).toBe(5n);
  expect(await reasonsOf(scene.field)).toEqual([]);
});

test('what was pushed past everybody stands as a difference, and is sent when somebody asks for it and it is approved', async () => {
  scene.github.push('main', { [place('spring')]: actFile() });
  await scene.apply();
  expect(await reasonsOf(scene.field)).toEqual([]);
  const said = await scene.ci.mooring(['propose', 'revert', 'arena.acts[spring]', '--env', 'field', '--reason', 'it is right']);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  const number = Number(/#(\d+)/.exec(said.stdout.trim().split('\n').at(-1) ?? '')?.[1]);
  await scene.plan();
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  await scene.apply();
  expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/spring]']);
  await scene.settled('pr drift');
});

describe('the file of an act that is done', () => {
  beforeEach(async () => {
    await merged('slash', { [place('spring')]: actFile() });
    await scene.apply();
  });

  test('that lets its history begin after it, with that of its arena: not planned by who has the journal', async () => {
    const later = String(BigInt(await scene.field.node.ask<string>('eth_blockNumber', [])) + 1n);
    await scene.field.node.mine(3);
    const arena = scene.edited('arena', { path: ['fromBlock'], set: later }, { path: ['adoptedAt'], set: later });
    scene.github.push('main', { [place('spring')]: actFile({ fromBlock: later }), ...arena });
    expect((await scene.machine().mooring('plan --env field')).stdout).toContain('ACT_UNKNOWN');
  });

  test.each<[string, string | null, string, string]>([
    ['changed', actFile({ amount: '6 AGIALPHA' }), 'is changed, though acts are only ever added', 'ACT_CHANGED'],
    ['removed', null, 'is taken out, though acts are only ever added', 'ACT_REMOVED'],
    ['to be looked for from a later block on', actFile({ fromBlock: '2' }), 'looked for from block 1`', 'looked for from block 2`'],
  ])('%s: an edit that needs judgement, a finding, and nothing is sent', async (_, text, what, code) => {
    const number = await scene.propose({ branch: 'edit', files: { [place('spring')]: text } });
    await scene.plan();
    const comment = await planComment(number);
    expect(comment).toContain(what);
    expect(comment).toContain(code);
    expect((await scene.github.requestedReviewers(number)).teams).toEqual(['security']);
    await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
    await scene.github.merge(number, { as: 'bob', method: 'squash' });
    await scene.apply();
    expect(await reasonsOf(scene.field)).toHaveLength(1);
    expect(await scene.sent()).toBe(1);
  });
});

test('on a paused arena that refuses it, it waits, and goes out with the approved unpause', async () => {
  await makeStrict(scene.field, readFileSync(join(import.meta.dirname, '../../contracts/SelfPlayArena.sol'), 'utf8'));
  await merged('pause', scene.edited('arena', spec('paused', 'true')));
  await scene.apply();
  const number = await merged('slash', { [place('spring')]: actFile() });
  expect(await planComment(number)).toContain('ACT_WAITS');
  await scene.apply();
  expect(await applyComment(number)).toContain('ACT_WAITS');
  expect(await reasonsOf(scene.field)).toEqual([]);
  await merged('resume', scene.edited('arena', spec('paused', 'false')));
  await scene.apply();
  expect(await scene.field.read({ on: 'arena', call: 'paused' })).toBe(false);
  expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/spring]']);
  await scene.settled('pr drift');
});
