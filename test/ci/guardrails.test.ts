// ci/guardrails.sh: all guards run, the change is data, and what it calls exists.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';

const root = join(import.meta.dirname, '../..');
const script = readFileSync(join(root, 'ci/guardrails.sh'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-guardrails-'));
  put('base/ci/guardrails.sh', script);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
}

/** `npm` and `mooring` are ours: they say how they were called, and end with what `fails` says of it. */
function run(args: readonly string[], fails = 'nothing'): { exit: number | null; called: string[]; verdicts: string[] } {
  for (const name of ['npm', 'mooring']) {
    put(`bin/${name}`, `#!/usr/bin/env bash\necho "called: ${name} $*"\n! grep -q -- "${fails}" <<<"$*"\n`, 0o755);
  }
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const { status, stdout } = spawnSync('bash', ['base/ci/guardrails.sh', ...args], { cwd: folder, env, encoding: 'utf8' });
  const lines = stdout.split('\n');
  return {
    exit: status,
    called: lines.flatMap((line) => /^called: (.*)$/.exec(line)?.[1] ?? []),
    verdicts: lines.filter((line) => /^(ok|FAIL) /.test(line)),
  };
}

test('in a clone all four run, whatever one of them comes to', () => {
  cpSync(join(root, 'package.json'), join(folder, 'base/package.json'));
  const called = ['npm run --silent validate', 'npm test', 'npm run --silent docs:lint', 'npm run --silent demo'];
  expect(run([])).toEqual({
    exit: 0,
    called,
    verdicts: ['configuration', 'regression tests', 'documentation', 'demonstration'].map((name) => `ok    ${name}`),
  });
  const broken = run([], '^test$');
  expect([broken.exit, broken.called]).toEqual([1, called]);
  expect(broken.verdicts.filter((line) => line.startsWith('FAIL'))).toEqual(['FAIL  regression tests']);
});

test('what it calls exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = [...script.matchAll(/in_clone (?:run --silent )?([\w:-]+)/g)].map(([, name]) => String(name));
  expect(named.map((name) => [name, scripts[name] !== undefined])).toEqual(['validate', 'test', 'docs:lint', 'demo'].map((name) => [name, true]));
  const tool = [...script.matchAll(/' mooring (\w+)/g)].map(([, name]) => String(name));
  expect(tool.map((name) => commands.some((command) => command.name === name))).toEqual([true]);
});

test('elsewhere the tool reads the change as data, and own guards run from beside the script alone', () => {
  put('change/desired-state/x', '');
  put('change/package.json', '{ "name": "mooring" }');
  put('change/ci/guardrails.d/theirs.sh', 'echo "called: theirs"\n');
  put('base/ci/guardrails.d/ours.sh', 'echo "called: ours $1"\n');
  const change = join(folder, 'change');
  expect(run(['--root', 'change'])).toEqual({
    exit: 0,
    called: [`mooring validate --root ${change}`, `ours ${change}`],
    verdicts: ['ok    configuration', 'ok    ours'],
  });
  expect(run(['--root', 'change'], 'validate')).toMatchObject({ exit: 1, verdicts: ['FAIL  configuration', 'ok    ours'] });
});

test.each([[['change']], [['--root']], [['--rot', 'change']], [['--root', 'nowhere']]])('a command line that it does not understand: %j', (args) => {
  expect(run(args)).toEqual({ exit: 64, called: [], verdicts: [] });
});
