// mooring slash: acts as a pull request, from what was typed or from an orchestrator's log, each slash once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Said } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { openRound, reasonsOf, slashByHand } from '../support/slash-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const words = ['--round', '1', '--validator', 'validator', '--amount', '5 AGIALPHA', '--recipient', 'treasury', '--reason', 'moderation:block'];
const slash = (...more: string[]): Promise<Said> => scene.ci.mooring(['slash', '--env', 'field', ...more]);

beforeEach(() => openRound(scene.field));

async function onlyPull() {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  return pull;
}

async function mergeAndApply(number: number): Promise<void> {
  await scene.plan();
  await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
  await scene.apply();
}

const filesOf = (branch: string): string[] => scene.github.remote.git('diff', '--name-only', 'main', branch).split('\n').filter(Boolean);
const nothingWritten = (): void => expect(scene.github.writes()).toEqual([]);

test('writes the file that it shows, opens its pull request, and does so once for the same words', async () => {
  scene.github.resetLog();
  const dry = await slash(...words, '--dry-run');
  expect(dry.exit, dry.stderr).toBe(0);
  nothingWritten();
  expect(dry.stdout).toContain('+validator: validator');
  expect(dry.stdout).toContain('+reason: "moderation:block"');
  expect(dry.stdout).toContain('reportValidatorMisconduct');
  expect((await slash(...words)).exit).toBe(0);
  expect((await slash(...words)).exit).toBe(0);
  const pull = await onlyPull();
  expect(filesOf(pull.branch)).toEqual([`${folder}/acts/round-1-validator.yaml`]);
  await mergeAndApply(pull.number);
  expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/round-1-validator]']);
});

test('the same words once it is merged are another act', async () => {
  await slash(...words);
  await mergeAndApply((await onlyPull()).number);
  await slash(...words);
  const pull = await onlyPull();
  expect(filesOf(pull.branch)).toEqual([`${folder}/acts/round-1-validator-2.yaml`]);
  await mergeAndApply(pull.number);
  expect(await reasonsOf(scene.field)).toHaveLength(2);
});

test.each<[string, string[], number, string]>([
  ['without a value', words.slice(2), 64, '--round missing'],
  ['without a reason', words.slice(0, 8), 64, 'reason'],
  ['with values and a log', [...words, '--from-log', 'x'], 64, 'exclude each other'],
  ['of nobody', [...words.slice(0, 3), 'validatr', ...words.slice(4)], 65, 'NAME_UNKNOWN'],
  ['of an amount that is none', [...words.slice(0, 5), '5 ALPHA', ...words.slice(6)], 65, 'TOKEN_UNKNOWN'],
  ['of nothing', [...words.slice(0, 5), '0', ...words.slice(6)], 65, 'EDIT_IMPOSSIBLE'],
  ['under a name that is none', [...words, '--id', 'a b'], 65, 'FILE_NAME'],
  ['on what is no arena', [...words, '--contract', 'fee-pool'], 65, 'EDIT_IMPOSSIBLE'],
])('is refused %s', async (_, more, exit, what) => {
  scene.github.resetLog();
  const said = await slash(...more);
  expect([said.exit, said.stdout + said.stderr]).toEqual([exit, expect.stringContaining(what)]);
  nothingWritten();
});

describe('from a log', () => {
  const entry = (second: number, more: object = {}) =>
    JSON.stringify({
      ...more,
      ...{ time: `2026-11-26T17:00:0${second}.000Z`, level: 'warn', event: 'validator_slashed', round: '1', amount: '5000000000000000000' },
      ...{ validator: scene.field.addresses['validator'], recipient: scene.field.addresses['treasury'], message: 'validator slashed: moderation:block' },
    });
  const log = (...lines: string[]): string => {
    const file = join(scene.ci.root, 'orchestrator.ndjson');
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };
  const fromLog = (...lines: string[]): Promise<Said> => slash('--from-log', log(...lines), '--reason', 'that night');

  test('each line is one act, and none twice', async () => {
    expect((await fromLog(entry(1), '{"event":"round_closed"}', entry(2), entry(1))).exit).toBe(0);
    const pull = await onlyPull();
    const files = filesOf(pull.branch);
    expect(files).toHaveLength(2);
    await mergeAndApply(pull.number);
    expect(await reasonsOf(scene.field)).toHaveLength(2);
    const [first = ''] = files;
    const noted = `# looked into on Friday\n${scene.read(first.slice(folder.length + 1))}`;
    scene.github.push('main', { [first]: noted });
    const again = await fromLog(entry(1), entry(2));
    expect([again.exit, again.stderr]).toEqual([65, expect.stringContaining('NOTHING_TO_PROPOSE')]);
    expect((await fromLog(entry(1), entry(2), entry(3))).exit).toBe(0);
    expect(filesOf((await onlyPull()).branch)).toHaveLength(1);
  });

  test('what the orchestrator has sent itself is passed over, each event for one line', async () => {
    await slashByHand(scene.field);
    const said = await fromLog(entry(1), entry(2));
    expect(said.exit, said.stderr).toBe(0);
    expect(said.stderr).toContain('is on chain already');
    expect(filesOf((await onlyPull()).branch)).toHaveLength(1);
  });

  test('a slash by hand for another reason stands for no line', async () => {
    await slashByHand(scene.field, 'moderation:spam');
    const said = await fromLog(entry(1));
    expect(said.exit, said.stderr).toBe(0);
    expect(filesOf((await onlyPull()).branch)).toHaveLength(1);
  });

  test('a line that names its transaction was sent, on chain or not yet; its event stands for no other line', async () => {
    const { hash } = await slashByHand(scene.field);
    const said = await fromLog(entry(1, { transaction: null }), entry(2, { transaction: hash }), entry(3, { transaction: `0x${'12'.repeat(32)}` }));
    expect(said.exit, said.stderr).toBe(0);
    expect(said.stderr.split('\n').filter((line) => line.includes('was sent by the orchestrator'))).toHaveLength(2);
    expect(filesOf((await onlyPull()).branch)).toHaveLength(1);
  });

  test('a line that says too little is refused, with its place', async () => {
    scene.github.resetLog();
    const said = await fromLog(entry(1), 'validator slashed: moderation:block');
    expect([said.exit, said.stderr]).toEqual([65, expect.stringContaining('SLASH_LOG')]);
    nothingWritten();
  });
});
