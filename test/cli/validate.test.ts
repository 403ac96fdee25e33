import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, localFiles, makeDesk } from '../support/cli.ts';

const files = localFiles();
const arena = 'desired-state/local/contracts/arena.yaml';
const stake = 'desired-state/local/contracts/stake-manager.yaml';
const systemPause = 'desired-state/local/contracts/system-pause.yaml';
const book = 'desired-state/local/addresses.yaml';

let desk: Desk;

beforeEach(() => {
  desk = makeDesk(files);
});
afterEach(() => desk.remove());

function change(file: string, from: string | RegExp, to: string): void {
  const text = desk.read(file);
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${String(from)}`);
  desk.write(file, changed);
}

test('what is right is said in a line', async () => {
  expect(await desk.run('validate')).toEqual({ exit: 0, stdout: 'local: valid, 8 contracts, 110 declared fields\n', stderr: '' });
  expect(await desk.run('validate --env local --format json')).toMatchObject({ exit: 0, stderr: '' });
});

test('the sentinel’s settings are checked too', async () => {
  desk.write('desired-state/local/loops/sentinel.yaml', 'apiVersion: mooring/v1\nkind: Sentinel\nactions: { budget_stop: { arena.paused: false } }\n');
  const { exit, stdout } = await desk.run('validate --env local');
  expect(exit).toBe(65);
  expect(stdout).toContain('loops/sentinel.yaml:3:41');
  expect(stdout).toContain('ACTION_NOT_REDUCING');
});

test('and so are the thermostat’s, whatever the sentinel’s are like', async () => {
  desk.write('desired-state/local/loops/sentinel.yaml', 'apiVersion: mooring/v1\nkind: Sentinel\nroiFloor: high\n');
  desk.write('desired-state/local/loops/thermostat.yaml', 'apiVersion: mooring/v1\nkind: Thermostat\ntargetRoi: 2.5\n');
  const { exit, stdout } = await desk.run('validate --env local');
  expect(exit).toBe(65);
  for (const part of ['loops/sentinel.yaml:3:11', 'NUMBER_SYNTAX', 'loops/thermostat.yaml:3:1', 'SETTING_ELSEWHERE']) expect(stdout).toContain(part);
  // A loop's file keeps nothing else from its work.
  expect((await desk.run('status --env local')).exit).toBe(0);
});

describe('what is wrong', () => {
  beforeEach(() => {
    change(arena, 'baseTeacherReward: 100 AGIALPHA', 'baseTeacherReward: 1e18');
    change(arena, 'committeeSize: 3', 'comitteeSize: 3');
    change(arena, 'teacherRewardSplitBps: 50%', 'teacherRewardSplitBps: 80%');
    change(arena, '- orchestrator-a', '- orchestrater-a');
    change(stake, 'treasury: treasury', 'treasury: 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65');
    change(stake, 'unbondingPeriod: 7 days', 'unbondingPeriod: 7 fortnights');
    change(systemPause, 'paused: false', 'paused: true');
    change(book, 'guardian: "0x90F79bf6EB2c4f870365E785982E1f101E93b906"', 'guardian: "0x90f79bf6EB2c4f870365E785982E1f101E93b906"');
    desk.write('desired-state/local/contracts/copy.yaml', desk.read('desired-state/local/contracts/role-book.yaml').replace('kind: Acc', '? kind\n: Acc'));
  });

  test('is said all at once, with file, line, column, the line itself and the fix', async () => {
    const { exit, stdout, stderr } = await desk.run('validate --env local');
    expect({ exit, stderr }).toEqual({ exit: 65, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('../golden/cli/validate.txt');
  });

  test('is the same as JSON, for programs', async () => {
    const { exit, stdout } = await desk.run('validate --env local --format json');
    expect(exit).toBe(65);
    const { environments } = JSON.parse(stdout) as { environments: { environment: string; findings: { code: string; severity: string; source: object }[] }[] };
    const findings = environments[0]?.findings ?? [];
    expect(findings.map(({ code }) => code).toSorted()).toEqual(
      [
        ...['NUMBER_EXPONENT', 'FIELD_UNKNOWN', 'DECLARED_SUM', 'NAME_UNKNOWN', 'ADDRESS_UNQUOTED', 'NUMBER_UNIT', 'PAUSE_CONTRADICTION'],
        ...['PAUSE_CONTRADICTION', 'ADDRESS_CHECKSUM', 'YAML_EXPLICIT_KEY'],
      ].toSorted(),
    );
    for (const { source, severity } of findings)
      expect({ source, severity }).toMatchObject({ source: { file: expect.any(String), line: expect.any(Number) }, severity: 'error' });
  });

  test.each([['plan'], ['drift'], ['status'], [`apply --digest ${'0'.repeat(64)}`], ['import --kind Ownable --address token --name token']])(
    'stops `mooring %s` before it asks the chain anything',
    async (line) => {
      const { exit, stdout, stderr } = await desk.run(`${line} --env local`);
      expect({ exit, stdout }).toEqual({ exit: 65, stdout: '' });
      expect(stderr).toContain('INPUT_INVALID');
      expect(stderr).toContain(`${arena}:`);
    },
  );
});

test('a warning is said, and is no error', async () => {
  change(stake, '    - arena\n', '');
  const { exit, stdout } = await desk.run('validate --env local');
  expect(exit).toBe(0);
  expect(stdout).toContain('warning DECLARED_NOT_LINKED');
  expect(stdout).toContain('0 errors, 1 warning');
});

test('without --env every environment is checked, and one that is wrong fails them all', async () => {
  for (const [file, text] of files) desk.write(file.replace('/local/', '/staging/'), text);
  expect((await desk.run('validate')).stdout.split('\n').filter((line) => line.endsWith('declared fields'))).toHaveLength(2);
  change(arena.replace('/local/', '/staging/'), 'paused: false', 'paused: nope');
  const { exit, stdout } = await desk.run('validate');
  expect(exit).toBe(65);
  expect(stdout).toContain('local: valid');
  expect(stdout).toContain('BOOLEAN_EXPECTED');
});

test('a colour terminal gets colours, a file none', async () => {
  change(arena, 'paused: false', 'paused: nope');
  const [plain, coloured] = [await desk.run('validate'), await desk.run('validate', { colour: true })];
  expect(plain.stdout).not.toContain('\u001b[');
  expect(coloured.stdout).toContain('\u001b[');
  expect(coloured.stdout.replace(/\u001b\[[0-9;]*m/g, '')).toBe(plain.stdout);
});
