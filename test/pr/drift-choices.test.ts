// What the boxes of a drift issue lead to: a pull request each, and what becomes of it.
import { describe, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { drift, driftWritesNothing, issue, onlyIssue, tick } from './drift-acts.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const committee = (size: bigint) => scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [size, 5n * 10n ** 18n] });
const size = () => scene.field.read({ on: 'arena', call: 'committeeSize' });
const id = 'arena.committeeSize';

/** Ticked, and run: the issue's number. */
async function chosen(choice: string, place = id): Promise<number> {
  await drift(scene, 2);
  const { number } = await onlyIssue(scene);
  await tick(scene, number, choice, place);
  await drift(scene, 2);
  return number;
}

async function onlyPull() {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  return pull;
}

const lineDiff = (branch: string): string[] => {
  const lines = scene.github.remote.git('diff', '-U0', 'main', branch).split('\n');
  return lines.filter((line) => /^[+-](?![+-]{2})/.test(line));
};

const filesOf = (branch: string): string[] => scene.github.remote.git('diff', '--name-only', 'main', branch).split('\n');

async function approveAndMerge(number: number, ...by: ('alice' | 'bob' | 'carol')[]): Promise<void> {
  await scene.plan();
  for (const as of by) await scene.github.review(number, { as, event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  expect((await scene.github.merge(number, { as: 'bob' })).status).toBe(200);
}

describe('adopt', () => {
  test('opens a pull request with the live value, every comment kept; merged, git and chain agree', async () => {
    const commented = scene.read('contracts/arena.yaml').replace(/^(\s*)(committeeSize: 3).*$/m, '$1# how many judge\n$1$2 # odd, always');
    scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: commented });
    await committee(5n);
    const number = await chosen('adopt');
    const pull = await onlyPull();
    expect(pull).toMatchObject({ author: 'mooring[bot]', branch: 'mooring/adopt/field/arena.committeeSize' });
    expect(lineDiff(pull.branch).map((line) => line.replace(/ +/g, ' '))).toEqual(['- committeeSize: 3 # odd, always', '+ committeeSize: 5 # odd, always']);
    expect((await issue(scene, number)).body).toContain(`#${pull.number}`);
    expect((await issue(scene, number)).body).not.toMatch(/\[[xX]\]/);
    await driftWritesNothing(scene, 2);
    await scene.plan();
    expect((await scene.github.comments(pull.number))[0]?.body).toContain('arena.committeeSize');
    await approveAndMerge(pull.number, 'carol');
    await scene.apply();
    expect(await scene.sent()).toBe(0);
    await drift(scene, 0);
    expect(await scene.github.issues()).toEqual([]);
  });

  test('of a member that was added, and of one that was taken out', async () => {
    const stranger = scene.field.addresses['stranger'] ?? '';
    const member = scene.field.addresses['orchestrator-a'] ?? '';
    await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: [stranger, true] });
    await chosen('adopt', `arena.orchestrators[${stranger}]`);
    const pull = await onlyPull();
    expect(lineDiff(pull.branch).map((line) => line.replace(/\s+/g, ' '))).toEqual(['+ - stranger']);
    // Taking somebody out is an emergency measure, and adopted without a tick.
    await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: [member, false] });
    await drift(scene, 2);
    const second = (await scene.github.pulls()).find(({ number }) => number !== pull.number);
    expect(lineDiff(second?.branch ?? '').map((line) => line.replace(/\s+/g, ' '))).toEqual(['- - orchestrator-a']);
  });

  test('follows the value while it is open, in the same pull request', async () => {
    await committee(5n);
    await chosen('adopt');
    const first = await onlyPull();
    await scene.github.closePull(first.number, 'alice');
    await committee(7n);
    await drift(scene, 2);
    await tick(scene, (await onlyIssue(scene)).number, 'adopt', id);
    await drift(scene, 2);
    const second = await onlyPull();
    expect(second.branch).toBe(first.branch);
    expect(lineDiff(second.branch)[1]).toContain('committeeSize: 7');
  });

  test('is not pushed over a person’s commit: it is told on the issue, and nothing is lost', async () => {
    await committee(5n);
    const number = await chosen('adopt');
    const pull = await onlyPull();
    const theirs = scene.github.push(pull.branch, { 'NOTE.md': 'mine' }, { author: 'dave' });
    await scene.github.closePull(pull.number, 'alice');
    await committee(7n);
    await drift(scene, 2);
    await tick(scene, number, 'adopt', id);
    const said = await drift(scene, 2);
    expect(said.stdout).toContain('BRANCH_TAKEN');
    expect((await scene.github.comments(number)).map(({ body }) => body.includes('BRANCH\\_TAKEN'))).toEqual([true]);
    expect(scene.head(pull.branch)).toBe(theirs);
    expect(await scene.github.pulls()).toEqual([]);
    await driftWritesNothing(scene, 2);
    expect(await scene.github.comments(number)).toHaveLength(1);
  });

  test('that somebody worked on is closed when it has become pointless, and their branch stays', async () => {
    await committee(5n);
    const number = await chosen('adopt');
    const pull = await onlyPull();
    const theirs = scene.github.push(pull.branch, { 'NOTE.md': 'mine' }, { author: 'dave' });
    await committee(3n);
    await drift(scene, 0);
    expect(await scene.github.pulls()).toEqual([]);
    expect((await issue(scene, number)).state).toBe('closed');
    expect(scene.head(pull.branch)).toBe(theirs);
  });
});

describe('revert', () => {
  test('asks to approve the plan that restores what git says, by one file of its digest; merged, that is sent', async () => {
    await committee(5n);
    const number = await chosen('revert');
    const pull = await onlyPull();
    expect(pull.author).toBe('mooring[bot]');
    const [file = '', ...others] = filesOf(pull.branch);
    expect(others).toEqual([]);
    expect((await issue(scene, number)).body).toContain(`#${pull.number}`);
    await scene.plan();
    const { head } = await scene.github.pull(pull.number);
    const [check] = scene.github.checks(head.sha, 'mooring / plan (field)');
    expect(file).toBe(`${folder}/approvals/${check?.external_id}.yaml`);
    await driftWritesNothing(scene, 2);
    await approveAndMerge(pull.number, 'carol');
    await scene.apply();
    expect(await size()).toBe(3n);
    expect(await scene.sent()).toBe(1);
    await drift(scene, 0);
    expect((await issue(scene, number)).state).toBe('closed');
    await driftWritesNothing(scene, 0);
  });

  test('that nobody has approved sends nothing', async () => {
    await committee(5n);
    await chosen('revert');
    const pull = await onlyPull();
    await scene.plan();
    await scene.github.merge(pull.number, { as: 'bob' });
    await scene.apply(3);
    expect(await size()).toBe(5n);
    expect(await scene.sent()).toBe(0);
  });
});

describe('ignore', () => {
  test('without somebody whom the issue is assigned to opens nothing, and says so once', async () => {
    await committee(5n);
    const number = await chosen('ignore');
    expect(await scene.github.pulls()).toEqual([]);
    const told = (await scene.github.comments(number)).map(({ body }) => /[A-Z]{4,}/.exec(body)?.[0]);
    expect(told).toEqual(['USAGE']);
    expect((await issue(scene, number)).body).not.toMatch(/\[[xX]\]/);
    await drift(scene, 2);
    expect(await scene.github.comments(number)).toHaveLength(1);
  });

  test('writes down who answers for it; merged, it is no drift until the day, and drift from then on', async () => {
    await committee(5n);
    await drift(scene, 2);
    const { number } = await onlyIssue(scene);
    await scene.github.api('alice', 'PATCH', `/repos/${scene.github.repo}/issues/${number}`, { assignees: ['dave'] });
    await tick(scene, number, 'ignore', id);
    await drift(scene, 2);
    const pull = await onlyPull();
    expect(filesOf(pull.branch)).toEqual([`${folder}/ignores.yaml`]);
    expect(scene.read('ignores.yaml', pull.branch)).toContain('owner: dave');
    await scene.github.merge(pull.number, { as: 'bob' });
    await drift(scene, 0);
    expect((await issue(scene, number)).state).toBe('closed');
    const day = 86_400_000;
    await drift(scene, 0, 'pr drift', { now: () => Date.now() + 13 * day });
    expect(await scene.github.issues()).toEqual([]);
    await drift(scene, 2, 'pr drift', { now: () => Date.now() + 15 * day });
    expect((await onlyIssue(scene)).body).toContain('committeeSize');
  });
});

test('a contract whose name has what may not stand in a comment can be chosen like any other', async () => {
  const text = scene.read('contracts/arena.yaml');
  scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: null, [`${folder}/contracts/arena--1.yaml`]: text });
  await committee(5n);
  await drift(scene, 2);
  const { number, body } = await onlyIssue(scene);
  const ticked = body.replace('- [ ] Adopt', '- [x] Adopt');
  await scene.github.api('alice', 'PATCH', `/repos/${scene.github.repo}/issues/${number}`, { body: ticked });
  await drift(scene, 2);
  expect(filesOf((await onlyPull()).branch)).toEqual([`${folder}/contracts/arena--1.yaml`]);
});

test('a box that says something else than was offered does nothing', async () => {
  await committee(5n);
  await drift(scene, 2);
  const { number, body } = await onlyIssue(scene);
  const more = [
    '- [x] x <!-- mooring:choice {"do":"adopt","id":"arena.nothing"} -->',
    '- [x] x <!-- mooring:choice {"do":"destroy","id":"arena.committeeSize"} -->',
    '- [x] x <!-- mooring:choice {"do":"lift","id":"arena.committeeSize"} -->',
    '- [x] x <!-- mooring:choice {"do":"adopt" -->',
    '- [x] x <!-- mooring:choice null -->',
  ];
  await scene.github.api('alice', 'PATCH', `/repos/${scene.github.repo}/issues/${number}`, { body: `${body}\n${more.join('\n')}\n` });
  await drift(scene, 2);
  expect(await scene.github.pulls()).toEqual([]);
  expect((await issue(scene, number)).body).toBe(body);
});
