// A small checkout in a temporary folder, with our set-up scripts and a stand-in for npm that records its calls.
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type NpmCall = { pid: number; node: string; args: string[]; environment: Record<string, string> };
export type Checkout = { root: string; npm: string; withNode: string; calls(): NpmCall[]; write(file: string, text: string): string; remove(): void };

/** Installs nothing but folders; a platform's Node is a script that runs ours. `NPM_STAND_IN` makes it fail or hang. */
const standIn = `
const fs = require('fs'), path = require('path');
const args = process.argv.slice(2);
fs.appendFileSync(path.join(__dirname, 'calls'), JSON.stringify({ pid: process.pid, node: process.execPath, args, environment: process.env }) + '\\n');
if (process.env.NPM_STAND_IN === 'fail') { fs.mkdirSync('node_modules', { recursive: true }); process.exit(7); }
if (process.env.NPM_STAND_IN === 'hang') { console.log('hanging'); setInterval(() => {}, 1000); }
else if (args[0] === 'ci') { fs.rmSync('node_modules', { recursive: true, force: true }); fs.mkdirSync('node_modules'); }
else {
  const [, name, version] = /^(.*)@(.*)$/.exec(args.at(-1));
  const folder = path.join(args[args.indexOf('--prefix') + 1], 'node_modules', name);
  fs.mkdirSync(path.join(folder, 'bin'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version }));
  fs.writeFileSync(path.join(folder, 'bin/node'), '#!/bin/sh\\nSTAND_IN_NODE=' + version + ' exec "' + process.execPath + '" "$@"\\n', { mode: 0o755 });
}
`;

/** SIDE EFFECTS: a temporary folder, until `remove`. */
export function makeCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'mooring-checkout-'));
  mkdirSync(join(root, 'scripts'));
  for (const name of ['lock.mjs', 'toolchain.mjs', 'with-node.mjs'])
    copyFileSync(join(import.meta.dirname, '../../scripts', name), join(root, 'scripts', name));
  function write(file: string, text: string): string {
    const path = join(root, file);
    writeFileSync(path, text);
    return path;
  }
  write('.node-version', '24.21.0\n');
  write('package-lock.json', '{}');
  mkdirSync(join(root, 'npm'));
  const npm = write('npm/npm-cli.js', standIn);
  chmodSync(npm, 0o755);
  return {
    root,
    npm,
    withNode: join(root, 'scripts/with-node.mjs'),
    calls: () => (existsSync(join(root, 'npm/calls')) ? parseLines(readFileSync(join(root, 'npm/calls'), 'utf8')) : []),
    write,
    remove: () => rmSync(root, { recursive: true }),
  };
}

function parseLines(text: string): NpmCall[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NpmCall);
}
