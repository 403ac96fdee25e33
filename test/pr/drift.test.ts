// What somebody changes past git: one issue, kept up to date, with a choice for each difference.
import { describe, expect, test } from 'vitest';
import { drift, issue, onlyIssue, tick } from './drift-acts.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const committee = (size: bigint) => scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [size, 5n * 10n ** 18n] });

const minStake = (tokens: bigint) => {
  const data = scene.field.encode({ on: 'stakeManager', call: 'setMinStake', args: [tokens * 10n ** 18n] });
  return scene.field.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: ['stake-manager', data] });
};

describe('the issue', () => {
  test('tells what somebody changed, who, and in which transaction; a second run writes nothing', async () => {
    const { hash } = await committee(5n);
    const said = await drift(scene, 2);
    const told = await onlyIssue(scene);
    expect(said.stdout).toContain(`#${told.number}`);
    expect(told).toMatchObject({ author: 'mooring[bot]', state: 'open', labels: ['mooring: drift'] });
    expect(told.body).toContain('committeeSize');
    expect(told.body).toContain('`owner`');
    expect(told.body).toContain(scene.field.deployment.accounts.owner.address);
    expect(told.body).toContain(hash);
    expect(await scene.github.pulls('all')).toEqual([]);
    await scene.settled('pr drift');
    expect(await scene.github.issues('all')).toHaveLength(1);
  });

  test('is not written for what git declares and was not sent yet', async () => {
    scene.github.push('main', scene.edited('arena', { path: ['spec', 'committeeSize'], set: '4' }));
    await drift(scene, 0);
    expect(await scene.github.issues('all')).toEqual([]);
  });

  test('is brought up to date in place, and closed with a remark when all is back', async () => {
    await committee(5n);
    await drift(scene, 2);
    const first = await onlyIssue(scene);
    await minStake(11n);
    await drift(scene, 2);
    const second = await onlyIssue(scene);
    expect(second.number).toBe(first.number);
    expect(second.body).toContain('committeeSize');
    expect(second.body).toContain('minStake');
    await committee(3n);
    await minStake(10n);
    await drift(scene, 0);
    expect((await issue(scene, first.number)).state).toBe('closed');
    expect((await scene.github.comments(first.number)).map(({ author }) => author)).toEqual(['mooring[bot]']);
    await scene.settled('pr drift');
  });

  test('is a new one when something else happens after it was closed', async () => {
    await committee(5n);
    await drift(scene, 2);
    await committee(3n);
    await drift(scene, 0);
    await committee(4n);
    await drift(scene, 2);
    expect(await scene.github.issues('all')).toHaveLength(2);
    expect(await scene.github.issues('open')).toHaveLength(1);
  });

  test('of somebody else is not taken for ours', async () => {
    await committee(5n);
    const body = `<!-- mooring:drift {"env":"field"} -->\nmine`;
    await scene.github.api('alice', 'POST', `/repos/${scene.github.repo}/issues`, { title: 'x', body, labels: ['mooring: drift'] });
    await drift(scene, 2);
    const found = await scene.github.issues();
    expect(found.map(({ author }) => author).sort()).toEqual(['alice', 'mooring[bot]']);
    expect(found.find(({ author }) => author === 'alice')?.body).toBe(body);
  });
});

test('what was put back by hand needs no decision any more: its pull requests are closed with the reason, their branches gone', async () => {
  await committee(5n);
  await drift(scene, 2);
  const { number } = await onlyIssue(scene);
  await tick(scene, number, 'adopt', 'arena.committeeSize');
  await drift(scene, 2);
  await tick(scene, number, 'revert', 'arena.committeeSize');
  await drift(scene, 2);
  const opened = await scene.github.pulls();
  expect(opened.map(({ branch }) => branch.split('/').slice(0, 3).join('/')).sort()).toEqual(['mooring/adopt/field', 'mooring/approve/field']);
  await committee(3n);
  await drift(scene, 0);
  expect(await scene.github.pulls()).toEqual([]);
  for (const pull of opened) {
    expect((await scene.github.comments(pull.number)).at(-1)?.author).toBe('mooring[bot]');
    expect(scene.github.remote.git('for-each-ref', `refs/heads/${pull.branch}`)).toBe('');
  }
  await scene.settled('pr drift');
});

test('what the issue says of one run stays when nothing is read in the next', async () => {
  await committee(5n);
  await drift(scene, 2);
  const { number } = await onlyIssue(scene);
  await tick(scene, number, 'adopt', 'arena.committeeSize');
  await drift(scene, 2);
  const before = await issue(scene, number);
  const refs = scene.github.remote.git('for-each-ref');
  scene.field.proxy.hooks = { before: () => ({ status: 503 }) };
  scene.github.resetLog();
  await drift(scene, 5);
  expect(scene.github.writes()).toEqual([]);
  expect(await issue(scene, number)).toEqual(before);
  expect(scene.github.remote.git('for-each-ref')).toBe(refs);
});

test('what can’t be told of one contract closes nothing that was opened for it', async () => {
  const { hash } = await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
  await drift(scene, 2);
  const { number, body } = await onlyIssue(scene);
  expect(body).toContain(hash);
  const id = `arena.orchestrators[${scene.field.addresses['stranger']}]`;
  await tick(scene, number, 'adopt', id);
  await drift(scene, 2);
  const [pull] = await scene.github.pulls();
  scene.field.proxy.hooks = { logs: { maxEntries: 0, message: 'too many' } };
  // One that has seen nothing before: who is in a set is told by events alone.
  const said = await scene.machine().mooring('pr drift');
  expect(said.exit, said.stdout + said.stderr).toBe(5);
  expect(await scene.github.pulls()).toEqual([pull]);
  expect((await issue(scene, number)).state).toBe('open');
  expect(scene.read('contracts/arena.yaml', pull?.branch)).toContain('stranger');
});

test('with more than one environment each has its issue, and the exit is that of the worst', async () => {
  const files = ['environment.yaml', 'policy.yaml', 'addresses.yaml', 'contracts/arena.yaml'].map((path) => [`desired-state/other/${path}`, scene.read(path)]);
  scene.github.push('main', Object.fromEntries(files));
  await minStake(11n);
  const said = await drift(scene, 2);
  expect(said.stdout).toContain('other: in sync');
  await committee(5n);
  await drift(scene, 2);
  expect((await scene.github.issues()).map(({ title }) => /in (\w+):/.exec(title)?.[1]).sort()).toEqual(['field', 'other']);
  expect((await drift(scene, 2, 'pr drift --env other')).stdout).not.toContain('in field');
});
