// Makes package-lock.json name every optional platform package. npm leaves out those that the registry in use doesn't
// have, and then refuses `npm ci` elsewhere. `--check` only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type LockEntry = {
  version?: string;
  resolved?: string;
  integrity?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};
export type Lockfile = { packages: Record<string, LockEntry> };

const platforms = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const architectures: Readonly<Record<string, string>> = { x64: 'x64', amd64: 'x64', arm64: 'arm64', arm: 'arm', ia32: 'ia32' };
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', musl: 'musl' };

/** Optional dependencies that no entry of the lockfile answers, as `path` and the entry that belongs there. */
export function missingEntries(lockfile: Lockfile): Map<string, LockEntry> {
  const missing = new Map<string, LockEntry>();
  for (const [owner, entry] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isNamed(lockfile, owner, name)) missing.set(`node_modules/${name}`, platformEntry(name, version, entry.dev === true));
    }
  }
  return missing;
}

/** Looks where Node would: in the owner's own folder, then in each one around it. */
function isNamed(lockfile: Lockfile, owner: string, name: string): boolean {
  const parts = owner === '' ? [] : `/${owner}`.split('/node_modules/').slice(1);
  return [...parts, ''].some((_, depth) => {
    const folder = parts.slice(0, parts.length - depth).map((part) => `node_modules/${part}/`);
    return lockfile.packages[`${folder.join('')}node_modules/${name}`] !== undefined;
  });
}

/** The platform is read from the name: such packages are called `…-<platform>-<architecture>[-<library>]`. */
function platformEntry(name: string, version: string, dev: boolean): LockEntry {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const os = words.find((word) => platforms.includes(word));
  const cpu = words.map((word) => architectures[word]).find((word) => word !== undefined);
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`${name}@${version}: an optional dependency whose platform its name doesn't tell; add it to package-lock.json by hand`);
  const libc = words.map((word) => libraries[word]).find((word) => word !== undefined);
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...(libc === undefined ? {} : { libc: [libc] }), optional: true, os: [os] };
}

function main(): void {
  const file = join(import.meta.dirname, '../package-lock.json');
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
  const missing = missingEntries(lockfile);
  for (const path of missing.keys()) console.error(`${process.argv.includes('--check') ? 'missing' : 'added'}: ${path}`);
  if (process.argv.includes('--check')) process.exitCode = missing.size === 0 ? 0 : 1;
  else if (missing.size > 0) writeFileSync(file, `${JSON.stringify(sorted(lockfile, missing), null, 2)}\n`);
}

function sorted(lockfile: Lockfile, added: ReadonlyMap<string, LockEntry>): Lockfile {
  const entries = [...Object.entries(lockfile.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(entries) };
}

if (import.meta.main) main();
