// Who may import whom, what is pure, and how long a file may be. Each rule has a sample here that breaks it.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scanModule } from './support/scan-module.ts';

const root = join(import.meta.dirname, '..');

/** Each room under src/ and the rooms that it may import besides itself and the root files. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  kinds: [],
  desired: ['kinds'],
  live: ['kinds'],
  plan: ['kinds'],
  loops: ['kinds'],
  simulate: ['kinds', 'live'],
  arena: ['kinds', 'live'],
  apply: ['kinds', 'live', 'journal'],
  journal: [],
  render: [],
  scm: [],
  cli: ['kinds', 'desired', 'live', 'plan', 'loops', 'simulate', 'arena', 'apply', 'journal', 'render', 'scm'],
};

/** Packages that belong to some rooms only. */
const reserved: readonly { package: RegExp; rooms: readonly string[] }[] = [
  { package: /^simple-git$|^@octokit\//, rooms: ['scm'] },
  { package: /^hardhat(\/|$)/, rooms: ['simulate'] },
  { package: /^pino$/, rooms: ['cli'] },
];

const effects =
  /\basync\b|\bawait\b|\bPromise\b|\bprocess\.|\bMath\.random\b|\bconsole\.|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\bperformance\.|\bDate\.now\b|\bnew Date\(\)/;
const maxLines = 280;
/** One list each, in one place on purpose. */
const tables = ['src/types.ts', 'src/errors.ts'];

/** What reads events, keeps them or sends alerts, beside the pure parts of the loops and their alerts. */
const loopEffects: readonly string[] = [
  ...['event-store', 'state-files', 'intake-server', 'intake-body', 'intake-queue', 'follow-file', 'feed'].map((name) => `sentinel/${name}`),
  ...['outbox-file', 'deliver', 'post-request', 'take-incoming'].map((name) => `alerts/${name}`),
  'thermostat/prometheus',
];

/** What talks to the chain, keeps files or waits, beside the arena's engine and its pure parts. */
const arenaEffects: readonly string[] = ['scoreboard-file', 'round-files', 'past-rounds', 'read-gate', 'read-round', 'run-round', 'run-rounds'];

/** What must not do anything but compute. plan/ doesn't even know dates. */
function isPure(path: string): boolean {
  const [, loop] = /^src\/loops\/((?:sentinel|alerts|thermostat)\/.+)\.ts$/.exec(path) ?? [];
  if (loop !== undefined) return !loopEffects.includes(loop);
  const [, arena] = /^src\/arena\/(.+)\.ts$/.exec(path) ?? [];
  if (arena !== undefined) return !arenaEffects.includes(arena);
  return /^src\/(?:plan|render)\//.test(path) || /^src\/[^/]+$/.test(path) || path === 'src/journal/reduce.ts';
}

/** Every rule that a file of src/ breaks, in words. `path` is relative to the checkout, with forward slashes. */
async function breaches(path: string, text: string): Promise<string[]> {
  const { imports, code } = await scanModule(text);
  const found = imports.flatMap((use) => (use.path.startsWith('.') ? innerBreach(path, use.path) : outerBreach(path, use)));
  const lines = text.trimEnd().split('\n').length;
  if (lines > maxLines && !tables.includes(path)) found.push(`${lines} lines, at most ${maxLines}`);
  if (basename(path) === 'index.ts') found.push('a barrel');
  if (isPure(path)) found.push(...(effects.exec(code) ?? []).map((effect) => `not pure: ${effect}`));
  if (path.startsWith('src/plan/') && /\bDate\b/.test(code)) found.push('not pure: Date');
  return found.map((breach) => `${path}: ${breach}`);
}

function roomOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

function innerBreach(path: string, imported: string): string[] {
  const target = posix.join(posix.dirname(path), imported);
  if (!target.startsWith('src/')) return [`imports ${target}, outside src/`];
  if (!/\.(?:ts|mjs)$/.test(target)) return [`imports ${imported} without its ending`];
  const [from, to] = [roomOf(path), roomOf(target)];
  if (to === null || to === from) return [];
  if (from === null) return [`a root file imports the room ${to}`];
  return rooms[from]?.includes(to) ? [] : [`${from} imports ${to} (${imported})`];
}

function outerBreach(path: string, use: { path: string; dynamic: boolean }): string[] {
  const room = roomOf(path);
  const found = reserved.filter((rule) => rule.package.test(use.path) && !rule.rooms.includes(room ?? '')).map(() => `imports ${use.path}`);
  if (use.path === 'ethers') found.push('imports all of ethers: name the part (ethers/abi, …)');
  if (use.path.startsWith('hardhat') && !use.dynamic) found.push('imports hardhat at start: it may not be installed');
  if (isPure(path) && use.path.startsWith('node:') && !['node:crypto', 'node:util'].includes(use.path)) found.push(`not pure: ${use.path}`);
  if (path === 'src/types.ts') found.push(`imports ${use.path}: the nouns import nothing`);
  return found;
}

/** Everything that a file imports statically, and what that imports. Types cost nothing and don't count. */
async function loadedAtOnce(entry: string): Promise<{ files: Set<string>; packages: string[] }> {
  const files = new Set([entry]);
  const packages: string[] = [];
  for (const path of files) {
    const { imports } = await scanModule(read(path).replace(/^import type .*$/gm, ''));
    const fixed = imports.filter((use) => !use.dynamic).map((use) => use.path);
    for (const use of fixed.filter((found) => found.startsWith('.'))) files.add(posix.join(posix.dirname(path), use));
    packages.push(...fixed.filter((found) => !/^(?:\.|node:)/.test(found)));
  }
  return { files, packages };
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => pattern.test(path))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

describe('src/', () => {
  const files = filesBelow('src', /\.ts$/);

  test('keeps to the table of imports, to purity and to length', async () => {
    expect(files.length).toBeGreaterThan(10);
    expect((await Promise.all(files.map((path) => breaches(path, read(path))))).flat()).toEqual([]);
  });

  test('has no room that the table does not know', () => {
    const found = new Set(files.flatMap((path) => roomOf(path) ?? []));
    expect([...found].filter((room) => rooms[room] === undefined)).toEqual([]);
  });

  test('starts without any library: what the entry loads at once is its own, and little', async () => {
    const { files: own, packages } = await loadedAtOnce('src/cli/main.ts');
    expect(packages).toEqual([]);
    expect(own.size).toBeLessThan(10);
  });
});

test('nothing silences a checker or is left for later', () => {
  const excuses = new RegExp(['biome', '-ignore|@ts', '-(?:ignore|expect-error|nocheck)|\\bTO', 'DO\\b|\\bFIX', 'ME\\b'].join(''));
  const files = ['src', 'test', 'scripts', 'bench', 'bin'].flatMap((folder) => (readdirSync(root).includes(folder) ? filesBelow(folder, /\.(?:ts|mjs)$/) : []));
  expect(files.filter((path) => excuses.test(read(path)))).toEqual([]);
});

describe('a breach is found', () => {
  const samples: readonly [name: string, path: string, text: string, breach: RegExp][] = [
    ['a stage imports a stage', 'src/plan/a.ts', "import { x } from '../live/b.ts';", /plan imports live/],
    ['also for its types', 'src/kinds/a.ts', "import type { X } from '../desired/b.ts';\nexport type Y = X;", /kinds imports desired/],
    ['also on several lines', 'src/render/a.ts', "import {\n  type A,\n  b,\n} from '../kinds/b.ts';", /render imports kinds/],
    ['also by re-export', 'src/journal/a.ts', "export type { X } from '../live/b.ts';", /journal imports live/],
    ['also on demand', 'src/apply/a.ts', "export const f = async () => import('../plan/b.ts');", /apply imports plan/],
    ['a room reaches for the command line', 'src/live/a.ts', "import { x } from '../cli/b.ts';", /live imports cli/],
    ['a root file reaches into a room', 'src/values.ts', "import { x } from './kinds/b.ts';", /root file imports the room kinds/],
    ['a file leaves src/', 'src/cli/a.ts', "import { x } from '../../scripts/b.ts';", /outside src/],
    ['an import without its ending', 'src/cli/a.ts', "import { x } from './b';", /without its ending/],
    ['all of ethers', 'src/live/a.ts', "import { id } from 'ethers';", /all of ethers/],
    ['git outside scm', 'src/cli/a.ts', "import { simpleGit } from 'simple-git';", /imports simple-git/],
    ['GitHub outside scm', 'src/loops/a.ts', "import { Octokit } from '@octokit/rest';", /imports @octokit/],
    ['hardhat at start', 'src/simulate/a.ts', "import hre from 'hardhat';", /may not be installed/],
    ['files in plan/', 'src/plan/a.ts', "import { readFileSync } from 'node:fs';", /not pure: node:fs/],
    ['async in plan/', 'src/plan/a.ts', 'export async function f() {}', /not pure: async/],
    ['the clock in plan/', 'src/plan/a.ts', 'export const f = (at: number) => new Date(at);', /not pure: Date/],
    ['the clock in render/', 'src/render/a.ts', 'export const f = () => Date.now();', /not pure: Date.now/],
    ['the environment', 'src/plan/a.ts', 'export const f = () => process.env.HOME;', /not pure: process/],
    ['files in the sentinel’s reducer', 'src/loops/sentinel/reduce.ts', "import { readFileSync } from 'node:fs';", /not pure: node:fs/],
    ['the clock in the thermostat’s reducer', 'src/loops/thermostat/judge.ts', 'export const f = () => Date.now();', /not pure: Date.now/],
    [
      'the clock in any file of the sentinel that is not named as an effect',
      'src/loops/sentinel/a.ts',
      'export const f = () => Date.now();',
      /not pure: Date.now/,
    ],
    ['chance in the arena’s engine', 'src/arena/engine.ts', 'export const f = () => Math.random();', /not pure: Math.random/],
    ['chance', 'src/plan/a.ts', 'export const f = () => Math.random();', /not pure: Math.random/],
    ['length', 'src/live/a.ts', '// a line\n'.repeat(maxLines + 1), /281 lines/],
    ['a barrel', 'src/live/index.ts', 'export const x = 1;', /a barrel/],
  ];
  test.each(samples)('%s', async (_name, path, text, breach) => {
    expect((await breaches(path, text)).join('\n')).toMatch(breach);
  });

  test('and what is allowed passes', async () => {
    const text = [
      '// async await process.env Date',
      "import { createHash } from 'node:crypto';",
      "import type { Kind } from '../kinds/kind.ts';",
      "import { same } from '../values.ts';",
      "export const say = 'await Promise, new Date()';",
    ];
    expect(await breaches('src/plan/a.ts', text.join('\n'))).toEqual([]);
    expect(await breaches('src/simulate/a.ts', "export const load = () => import('hardhat/hre');")).toEqual([]);
  });
});
