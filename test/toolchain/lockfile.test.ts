import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Lockfile, missingEntries } from '../../scripts/complete-lockfile.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'package-lock.json'), 'utf8');

function lockfile(): Lockfile {
  return JSON.parse(text) as Lockfile;
}

test('the lockfile names every optional platform package', () => {
  expect([...missingEntries(lockfile()).keys()]).toEqual([]);
});

test('a missing one is found, with its platform', () => {
  const without = lockfile();
  const names = ['@nomicfoundation/edr-linux-arm64-musl', '@foundry-rs/anvil-darwin-amd64', '@biomejs/cli-win32-arm64'];
  for (const name of names) delete without.packages[`node_modules/${name}`];
  const [edr, anvil, biome] = names.map((name) => missingEntries(without).get(`node_modules/${name}`));
  expect(edr).toMatchObject({ os: ['linux'], cpu: ['arm64'], libc: ['musl'], optional: true, dev: true });
  expect(anvil).toMatchObject({ os: ['darwin'], cpu: ['x64'], optional: true });
  expect(biome).toMatchObject({ os: ['win32'], cpu: ['arm64'], optional: true });
  expect(missingEntries(without).size).toBe(3);
});

test('one that lies in its owner’s folder, or in one around it, counts as named', () => {
  const owner = { optionalDependencies: { 'b-linux-x64': '1.0.0' } };
  const around = { packages: { 'node_modules/x/node_modules/a': owner, 'node_modules/x/node_modules/b-linux-x64': {} } };
  const elsewhere = { packages: { 'node_modules/x/node_modules/a': owner, 'node_modules/y/node_modules/b-linux-x64': {} } };
  expect(missingEntries({ packages: { 'node_modules/a': owner, 'node_modules/a/node_modules/b-linux-x64': {} } }).size).toBe(0);
  expect(missingEntries(around).size).toBe(0);
  expect(missingEntries(elsewhere).size).toBe(1);
});

test('a package with an optional dependency whose platform is not in its name must be completed by hand', () => {
  expect(() => missingEntries({ packages: { 'node_modules/a': { optionalDependencies: { fsevents: '~2.3.3' } } } })).toThrow('fsevents');
});

test('the lockfile fits package.json and names no registry', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const own = lockfile().packages[''];
  for (const field of ['version', 'dependencies', 'devDependencies', 'peerDependencies']) expect(own?.[field as 'version']).toEqual(manifest[field]);
  expect(Object.entries(lockfile().packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

test('exact versions only: an install tomorrow is the install of today', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  expect(Object.entries(manifest.devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
