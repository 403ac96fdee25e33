// bin/mooring.mjs: which code it runs, and what it says under a Node that is too old.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodePackage, stamp } from '../../scripts/toolchain.mjs';
import { type Checkout, makeCheckout } from '../support/checkout.ts';

let checkout: Checkout;
beforeEach(() => {
  checkout = makeCheckout();
  for (const folder of ['bin', 'src/cli', 'dist', 'node_modules']) mkdirSync(join(checkout.root, folder), { recursive: true });
  copyFileSync(join(import.meta.dirname, '../../bin/mooring.mjs'), join(checkout.root, 'bin/mooring.mjs'));
  checkout.write('package.json', '{ "type": "module" }');
  checkout.write('src/cli/main.ts', "export async function main(argv: string[]): Promise<number> { console.log('sources', ...argv); return 3; }");
});
afterEach(() => checkout.remove());

function writeDist(): void {
  const { mtimeMs, size } = statSync(join(checkout.root, 'src/cli/main.ts'));
  checkout.write('dist/main.js', "export async function main(argv) { console.log('dist', ...argv); return 4; }");
  checkout.write('dist/inputs.json', JSON.stringify({ 'src/cli/main.ts': [mtimeMs, size] }));
}

type Ended = { code: number; stdout: string; stderr: string };

async function mooring(options: { root?: string; node?: string } = {}): Promise<Ended> {
  // An older Node, as far as our scripts can tell.
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${options.node}' } })`;
  const preload = options.node === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
  const command = promisify(execFile)(process.execPath, [...preload, join(options.root ?? checkout.root, 'bin/mooring.mjs'), 'plan', '--env', 'a b']);
  return command.then((said) => ({ code: 0, ...said })).catch((error: Ended) => error);
}

test('a clone without a build runs its sources', async () => {
  expect(await mooring()).toMatchObject({ code: 3, stdout: 'sources plan --env a b\n' });
});

test('a fresh build is preferred', async () => {
  writeDist();
  expect(await mooring()).toMatchObject({ code: 4, stdout: 'dist plan --env a b\n' });
});

test('a build older than the sources is not', async () => {
  writeDist();
  utimesSync(join(checkout.root, 'src/cli/main.ts'), 1, 1);
  expect((await mooring()).stdout).toMatch(/^sources/);
});

test('a build from a source that is gone is not', async () => {
  writeDist();
  checkout.write('dist/inputs.json', JSON.stringify({ 'src/cli/gone.ts': [1, 1] }));
  expect((await mooring()).stdout).toMatch(/^sources/);
});

test('an installed package runs what it was built with', async () => {
  writeDist();
  const installed = join(checkout.root, 'node_modules/mooring');
  for (const file of ['bin/mooring.mjs', 'dist/main.js', 'package.json']) {
    mkdirSync(join(installed, file, '..'), { recursive: true });
    copyFileSync(join(checkout.root, file), join(installed, file));
  }
  expect((await mooring({ root: installed })).stdout).toMatch(/^dist/);
  rmSync(join(installed, 'dist'), { recursive: true });
  expect(await mooring({ root: installed })).toMatchObject({ code: 1, stderr: expect.stringContaining('not complete') });
});

test('a clone without dependencies says how to get them', async () => {
  rmSync(join(checkout.root, 'node_modules'), { recursive: true });
  expect(await mooring()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('npm run build') });
});

test('an older Node hands over to the one that the clone has brought', async () => {
  expect(await mooring({ node: '20.20.2' })).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Node 24') });
  const bin = `.toolchain/node/node_modules/${nodePackage(process.platform, process.arch)}/bin`;
  mkdirSync(join(checkout.root, bin), { recursive: true });
  checkout.write(join(bin, '../package.json'), '{ "version": "24.21.0" }');
  copyFileSync(process.execPath, join(checkout.root, bin, process.platform === 'win32' ? 'node.exe' : 'node'));
  expect(await mooring({ node: '20.20.2' })).toMatchObject({ code: 1 });
  checkout.write('node_modules/.installed', stamp(checkout.root));
  expect(await mooring({ node: '20.20.2' })).toMatchObject({ code: 3, stdout: 'sources plan --env a b\n' });
});
