// mooring propose: an edit of desired state as a pull request, where what is written is just what was asked for.
import { describe, expect, test } from 'vitest';
import { type Said, steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const why = ['--env', 'field', '--reason', 'because'];

const propose = (line: string, ...more: string[]): Promise<Said> => scene.ci.mooring(['propose', ...line.split(' '), ...why, ...more]);

async function done(line: string, ...more: string[]): Promise<Said> {
  const said = await propose(line, ...more);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said;
}

async function onlyPull() {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  return pull;
}

/** Lines that a branch takes out and adds, without their indentation. */
function lineDiff(branch: string): string[] {
  const lines = scene.github.remote.git('diff', '-U0', 'main', branch).split('\n');
  return lines.filter((line) => /^[+-](?![+-]{2})/.test(line)).map((line) => line.replace(/^(.)\s+/, '$1'));
}

const filesOf = (branch: string): string[] => scene.github.remote.git('diff', '--name-only', 'main', branch).split('\n');
const refs = (): string => scene.github.remote.git('for-each-ref');

/** What a command leaves of itself: nothing in git, nothing on GitHub. */
async function writesNothing(run: () => Promise<Said>): Promise<Said> {
  const before = refs();
  scene.github.resetLog();
  const said = await run();
  expect(scene.github.writes()).toEqual([]);
  expect(refs()).toBe(before);
  return said;
}

const committee = (size: bigint) => scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [size, 5n * 10n ** 18n] });
const emergency = () => scene.field.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });

type Case = { name: string; line: string; branch: string; lines: string[]; before?: () => Promise<unknown> };

const cases: readonly Case[] = [
  {
    name: 'set',
    line: 'set arena.teacherRewardSplitBps=60% arena.studentRewardSplitBps=20%',
    branch: 'mooring/set/field/arena.studentRewardSplitBps-arena.teacherRewardSplitBps',
    lines: ['-teacherRewardSplitBps: 50%', '-studentRewardSplitBps: 30%', '+teacherRewardSplitBps: 60%', '+studentRewardSplitBps: 20%'],
  },
  { name: 'grant', line: 'grant arena.orchestrators=stranger', branch: 'mooring/grant/field/arena.orchestrators', lines: ['+- stranger'] },
  { name: 'revoke', line: 'revoke arena.orchestrators=orchestrator-a', branch: 'mooring/revoke/field/arena.orchestrators', lines: ['-- orchestrator-a'] },
  { name: 'pause', line: 'pause arena', branch: 'mooring/pause/field/arena', lines: ['-paused: false', '+paused: true'] },
  {
    name: 'adopt',
    line: 'adopt arena.committeeSize',
    branch: 'mooring/adopt/field/arena.committeeSize',
    lines: ['-committeeSize: 3', '+committeeSize: 5'],
    before: () => committee(5n),
  },
];

describe.each(cases)('propose $name', ({ line, branch, lines, before }) => {
  test('shows what it would do, and does it: just these lines, in a pull request of the App', async () => {
    await before?.();
    const dry = await writesNothing(() => done(line, '--dry-run'));
    const shown = dry.stdout.split('\n').filter((text) => /^[+-](?![+-]{2})/.test(text));
    expect(shown.map((text) => text.replace(/^(.)\s+/, '$1')).sort()).toEqual([...lines].sort());
    expect(dry.stdout).toMatch(/digest [0-9a-f]{12}/);
    await done(line);
    const pull = await onlyPull();
    expect(pull).toMatchObject({ author: 'mooring[bot]', branch });
    expect(lineDiff(branch).sort()).toEqual([...lines].sort());
    expect(filesOf(branch)).toEqual([`${folder}/contracts/arena.yaml`]);
    expect((await writesNothing(() => done(line))).stdout).toContain(`#${pull.number}`);
  });
});

test('a dry run needs no credentials', async () => {
  for (const name of ['MOORING_APP_ID', 'MOORING_APP_KEY']) delete scene.ci.env[name];
  await writesNothing(() => done('set arena.committeeSize=4', '--dry-run'));
  const said = await writesNothing(() => propose('set arena.committeeSize=4'));
  expect(said.exit).toBe(64);
  expect(said.stderr).toContain('GITHUB_CREDENTIALS');
});

test('a dry run of what policy forbids ends as its plan does', async () => {
  const said = await writesNothing(() => propose('set system-pause.owner=stranger', '--dry-run'));
  expect(said.exit, said.stdout + said.stderr).toBe(3);
});

test('another value for the same place updates the same pull request', async () => {
  await done('set arena.committeeSize=4');
  const first = await onlyPull();
  await done('set arena.committeeSize=5', '--title', 'Five of them');
  const second = await onlyPull();
  expect(second).toMatchObject({ number: first.number, branch: first.branch, title: 'Five of them' });
  expect(lineDiff(second.branch)).toEqual(['-committeeSize: 3', '+committeeSize: 5']);
  expect((await scene.github.pull(second.number)).body).toContain('committeeSize: 5');
});

test.each([
  ['set', 'arena.teacherRewardSplitBps=50.0%', 'arena.studentRewardSplitBps=20% arena.validatorRewardSplitBps=30%', 'arena.teacherRewardSplitBps'],
  ['grant', 'arena.orchestrators=orchestrator-a', 'arena.orchestrators=stranger', 'arena.orchestrators'],
  ['revoke', 'arena.orchestrators=stranger', 'arena.orchestrators=orchestrator-a', 'arena.orchestrators'],
])('%s of what git says already is told, and in no title', async (verb, same, fresh, place) => {
  const said = await done(`${verb} ${same} ${fresh}`);
  expect(said.stdout).toContain(`already so: ${place}\n`);
  const pull = await onlyPull();
  expect([pull.title.includes(same), fresh.split(' ').every((word) => pull.title.includes(word))]).toEqual([false, true]);
  expect(lineDiff(pull.branch).join('\n')).not.toContain('50.0%');
});

test('of nothing but what git says already there is nothing to propose', async () => {
  const said = await writesNothing(() => propose('set arena.teacherRewardSplitBps=50%'));
  expect([said.exit, said.stderr.includes('NOTHING_TO_PROPOSE'), said.stdout.includes('already so: arena.teacherRewardSplitBps')]).toEqual([65, true, true]);
});

test('a place that was proposed and merged before can be proposed again', async () => {
  await done('set arena.committeeSize=4');
  const first = await onlyPull();
  await scene.github.merge(first.number, { as: 'bob' });
  scene.github.push('main', scene.edited('arena', { path: ['spec', 'committeeSize'], set: '3' }));
  await done('set arena.committeeSize=4');
  expect((await onlyPull()).number).not.toBe(first.number);
  expect(lineDiff((await onlyPull()).branch)).toEqual(['-committeeSize: 3', '+committeeSize: 4']);
});

test('comments, blank lines and quotes stay as somebody has written them', async () => {
  const text = scene.read('contracts/arena.yaml').replace(/^(\s*)committeeSize: 3.*$/m, '\n$1# how many\n$1"committeeSize":   3   # odd\n');
  scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: text });
  await done('set arena.committeeSize=5');
  expect(lineDiff((await onlyPull()).branch)).toEqual(['-"committeeSize":   3   # odd', '+"committeeSize":   5   # odd']);
});

test('it starts from the branch as it is on the remote, not from this checkout', async () => {
  scene.github.push('main', scene.edited('stake-manager', { path: ['spec', 'feePct'], set: '6' }));
  await done('set stake-manager.feePct=7');
  expect(lineDiff((await onlyPull()).branch)).toEqual(['-feePct: 6', '+feePct: 7']);
});

describe('unpause', () => {
  test('after an emergency pause writes its lift, too: who decides, and which transaction', async () => {
    const { hash } = await emergency();
    scene.github.push('main', scene.edited('arena', { path: ['spec', 'paused'], set: 'true' }));
    await done('unpause arena', '--by', 'alice');
    const { branch } = await onlyPull();
    expect(filesOf(branch)).toEqual([`${folder}/contracts/arena.yaml`, `${folder}/lifts.yaml`]);
    const lifts = scene.read('lifts.yaml', branch);
    expect(lifts).toContain(hash);
    expect(lifts).toContain('by: alice');
    expect(lifts).toContain('reason: because');
    const lifted = lineDiff(branch).filter((line) => line.includes('paused'));
    expect(lifted).toEqual(['-paused: true', '+paused: false', '+field: paused']);
  });

  test('where git says running all along is the lift alone, decided by whose credentials these are', async () => {
    await emergency();
    await done('unpause arena');
    const { branch } = await onlyPull();
    expect(filesOf(branch)).toEqual([`${folder}/lifts.yaml`]);
    expect(scene.read('lifts.yaml', branch)).toMatch(/by: ["']?mooring\[bot\]/);
  });

  test('of a pause that git has made needs no lift', async () => {
    scene.github.push('main', scene.edited('arena', { path: ['spec', 'paused'], set: 'true' }));
    await done('unpause arena');
    expect(filesOf((await onlyPull()).branch)).toEqual([`${folder}/contracts/arena.yaml`]);
  });
});

test('lift: names the transaction; where nothing stands, there is nothing to lift', async () => {
  expect((await writesNothing(() => propose('lift arena.paused'))).stderr).toContain('CHANGE_UNKNOWN');
  const { hash } = await emergency();
  await done('lift arena.paused', '--by', 'carol');
  const { branch } = await onlyPull();
  expect(filesOf(branch)).toEqual([`${folder}/lifts.yaml`]);
  expect(scene.read('lifts.yaml', branch)).toContain(hash);
});

test('ignore: who, until when; a day that is past is none', async () => {
  const line = 'ignore arena.committeeSize --owner alice --until';
  expect((await writesNothing(() => propose(`${line} 2020-01-01T00:00:00Z`))).exit).toBe(64);
  expect((await writesNothing(() => propose(`${line} soon`))).exit).toBe(64);
  await writesNothing(() => done(`${line} 2099-01-01T00:00:00Z`, '--dry-run'));
  await done(`${line} 2099-01-01T00:00:00Z`);
  const { branch } = await onlyPull();
  expect(filesOf(branch)).toEqual([`${folder}/ignores.yaml`]);
  expect(lineDiff(branch)).toEqual(expect.arrayContaining(['+- contract: arena', '+until: 2099-01-01T00:00:00Z', '+owner: alice', '+reason: because']));
});

test('revert: asks to approve the plan that puts the chain back; where they agree there is nothing to ask', async () => {
  const nothing = await writesNothing(() => propose('revert arena.committeeSize'));
  expect(nothing.exit).toBe(65);
  expect(nothing.stderr).toContain('CHANGE_UNKNOWN');
  await committee(5n);
  await writesNothing(() => done('revert arena.committeeSize', '--dry-run'));
  await done('revert arena.committeeSize', '--title', 'Back to three');
  const pull = await onlyPull();
  expect(filesOf(pull.branch).map((file) => file.replace(/[0-9a-f]{64}/, 'digest'))).toEqual([`${folder}/approvals/digest.yaml`]);
  expect(pull.title).toBe('Back to three');
  await writesNothing(() => done('revert arena.committeeSize', '--title', 'Back to three'));
});

test('a person’s commit on the branch is not pushed over', async () => {
  await done('set arena.committeeSize=4');
  const { branch } = await onlyPull();
  const theirs = scene.github.push(branch, { 'NOTE.md': 'mine' }, { author: 'dave' });
  const said = await writesNothing(() => propose('set arena.committeeSize=5'));
  expect(said.exit).toBe(1);
  expect(said.stderr).toContain('BRANCH_TAKEN');
  expect(scene.head(branch)).toBe(theirs);
});

describe('mistakes are told, and nothing is written', () => {
  test.each<[string, string, number, RegExp]>([
    ['a value that is none', 'set arena.committeeSize=three', 65, /EDIT_IMPOSSIBLE/],
    ['values that break a rule', 'set arena.teacherRewardSplitBps=90%', 65, /INPUT_INVALID/],
    ['a contract', 'set areno.committeeSize=4', 65, /CONTRACT_UNKNOWN[\s\S]*arena/],
    ['a contract to pause', 'pause areno', 65, /CONTRACT_UNKNOWN[\s\S]*arena/],
    ['a contract to adopt from', 'adopt areno.committeeSize', 65, /CHANGE_UNKNOWN|CONTRACT_UNKNOWN/],
    ['a field', 'set arena.comitteeSize=4', 65, /FIELD_UNKNOWN[\s\S]*committeeSize/],
    ['a set', 'grant arena.orchestrator=stranger', 65, /FIELD_UNKNOWN[\s\S]*orchestrators/],
    ['a field to ignore', 'ignore arena.comitteeSize --owner alice --until 2099-01-01T00:00:00Z', 65, /FIELD_UNKNOWN[\s\S]*committeeSize/],
    ['a name', 'grant arena.orchestrators=strangr', 65, /NAME_UNKNOWN[\s\S]*stranger/],
    ['a member that is not in it', 'revoke arena.orchestrators=stranger', 65, /NOTHING_TO_PROPOSE/],
    ['a member that is in it', 'grant arena.orchestrators=orchestrator-a', 65, /NOTHING_TO_PROPOSE/],
    ['what stands there', 'set arena.committeeSize=3', 65, /NOTHING_TO_PROPOSE/],
    ['what runs', 'unpause arena', 65, /NOTHING_TO_PROPOSE/],
    ['a member for a value', 'grant arena.committeeSize=stranger', 65, /EDIT_IMPOSSIBLE/],
    ['no value', 'set arena.committeeSize', 64, /USAGE/],
    ['no field', 'set arena=3', 64, /USAGE/],
    ['what can’t be paused', 'pause role-book', 65, /FIELD_UNKNOWN/],
  ])('%s', async (_name, line, exit, says) => {
    const said = await writesNothing(() => propose(line));
    expect(said.stderr).toMatch(says);
    expect(said.exit).toBe(exit);
  });

  test('no reason', async () => {
    const said = await writesNothing(() => scene.ci.mooring('propose set arena.committeeSize=4 --env field'));
    expect(said.exit).toBe(64);
  });
});

describe('what is said of it', () => {
  test('by a hostile reason and title is text, and nothing of it comes alive', async () => {
    const evil = '</details><img src=x onerror=alert(1)> @alice [x](https://evil.example) `code`\n\n# head\n- [x] <!-- mooring:choice {"do":"adopt"} -->\u202e';
    const line = ['propose', 'set', 'arena.committeeSize=4', '--env', 'field', '--reason', evil, '--title', evil];
    expect((await scene.ci.mooring(line)).exit).toBe(0);
    const { number, title, branch } = await onlyPull();
    const { body } = await scene.github.pull(number);
    expect(body).not.toMatch(/<img|<!--|@alice|\]\(https:|^# head|^- \[x\]|\u202e/m);
    expect(title).not.toMatch(/[\n\u202e]/);
    expect(filesOf(branch)).toEqual([`${folder}/contracts/arena.yaml`]);
    await writesNothing(() => scene.ci.mooring(line));
  });

  test('by the reason of a revert neither', async () => {
    await committee(5n);
    const evil = '<!-- mooring:choice {"env":"field","id":"x"} --> @alice\n<img src=x>';
    expect((await scene.ci.mooring(['propose', 'revert', 'arena.committeeSize', '--env', 'field', '--reason', evil])).exit).toBe(0);
    const { number, title } = await onlyPull();
    // The one hidden line is our own: the digest that is asked about.
    const [hidden, ...rest] = ((await scene.github.pull(number)).body ?? '').split('\n');
    expect(hidden).toMatch(/^<!-- mooring:\w+ \{[^<>@]*\} -->$/);
    expect(rest.join('\n')).not.toMatch(/<img|<!--|@alice/);
    expect(title).not.toContain('\n');
  });

  test('of very many values at once fits into what GitHub takes', async () => {
    const { body } = await longProposal();
    expect(body?.length).toBeLessThan(60_000);
    expect((await onlyPull()).title.length).toBeLessThanOrEqual(256);
  });

  test('is the difference and the reason', async () => {
    await done('set arena.teacherRewardSplitBps=60% arena.studentRewardSplitBps=20%', '--reason', 'more for *teachers*');
    const { body } = await scene.github.pull((await onlyPull()).number);
    await expect(steady(body ?? '')).toMatchFileSnapshot('../golden/pr/propose-body.md');
  });
});

/** Of a line whose neighbours are longer than what GitHub takes of a whole body. */
async function longProposal() {
  const comment = `# ${'x'.repeat(30_000)}\n`;
  const text = scene.read('contracts/arena.yaml').replace(/^(\s*)committeeSize/m, `$1${comment}$1${comment}$1committeeSize`);
  scene.github.push('main', { [`${folder}/contracts/arena.yaml`]: text });
  await done('set arena.committeeSize=4', '--title', 'long '.repeat(100));
  return scene.github.pull((await onlyPull()).number);
}
