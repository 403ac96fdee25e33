// The package as a user gets it: packed, installed into an empty folder without a network, run.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackage } from '../../scripts/build.ts';
import { cleanEnvironment, npmCli } from '../../scripts/toolchain.mjs';
import { commands } from '../../src/cli/commands.ts';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; files: string[] };
let folder: string;
let packed: string[];

async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [npmCli(), ...args], { cwd, env: cleanEnvironment(process.env, process.execPath) });
  return stdout;
}

/** What `npx mooring …` does in the user's folder; the exit code beside what it printed. */
async function mooring(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = promisify(execFile)(process.execPath, [npmCli(), 'exec', '--offline', '--', 'mooring', ...args], {
    cwd: join(folder, 'user'),
    env: cleanEnvironment(process.env, process.execPath),
  });
  return command.then((said) => ({ code: 0, ...said })).catch((error: { code: number; stdout: string; stderr: string }) => error);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-package-'));
  const staged = join(folder, 'staged');
  mkdirSync(join(folder, 'user'));
  for (const file of ['package.json', ...manifest.files.filter((name) => name !== 'dist' && existsSync(join(root, name)))]) {
    cpSync(join(root, file), join(staged, file), { recursive: true });
  }
  await buildPackage(join(staged, 'dist'));
  const [report] = JSON.parse(await npm(staged, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)) as [
    { filename: string; files: { path: string }[] },
  ];
  packed = report.files.map((file) => file.path);
  await npm(join(folder, 'user'), 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, report.filename));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('holds what it needs, and nothing of the workshop', () => {
  const top = new Set(packed.map((path) => path.split('/')[0]));
  const wanted = new Set(['package.json', ...manifest.files.map((path: string) => path.split('/')[0])]);
  expect([...top].filter((name) => !wanted.has(name as string))).toEqual([]);
  expect(new Set(packed.filter((path) => path.startsWith('ci/')).map((path) => path.split('/')[1]))).toEqual(
    new Set(['docker', 'github', 'guardrails.sh', 'systemd']),
  );
  expect(packed).toContain('ci/github/workflows/mooring-apply.yml');
  expect(packed).toEqual(expect.arrayContaining(['bin/mooring.mjs', 'dist/main.js', 'dist/third-party.txt', 'LICENSE', 'README.md']));
  expect(packed.some((path) => path.startsWith('schemas/kinds/'))).toBe(true);
  expect(packed).not.toContain('dist/inputs.json');
});

test('brings no other package along', () => {
  expect(Object.keys((JSON.parse(readFileSync(join(folder, 'user/package-lock.json'), 'utf8')) as { packages: object }).packages)).toEqual([
    '',
    'node_modules/mooring',
  ]);
});

test('says its version and what it can do', async () => {
  expect(await mooring('--version')).toMatchObject({ code: 0, stdout: `mooring ${manifest.version}\n` });
  const help = await mooring('--help');
  for (const { name } of commands) expect(help.stdout).toContain(name);
});

test('has every command', async () => {
  const helps = await Promise.all(commands.map(async ({ name }) => ({ name, ...(await mooring(...name.split(' '), '--help')) })));
  expect(helps.filter((help) => help.code !== 0 || !help.stdout.includes(`mooring ${help.name}`))).toEqual([]);
});

test('finds its kinds: the desired state of this checkout is valid to it', async () => {
  expect(await mooring('validate', '--env', 'local', '--root', root)).toMatchObject({ code: 0 });
});
