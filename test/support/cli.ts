// The command line as its users meet it: a checkout of their own in a temporary folder, and every command run in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from '../../src/cli/command.ts';
import { main } from '../../src/cli/main.ts';
import { type EditOperation, editDocument } from '../../src/desired/edit/edit.ts';
import type { Plan } from '../../src/types.ts';

export type Said = { exit: number; stdout: string; stderr: string };

export type Started = { said: Promise<Said>; kill(): void };

export type Desk = {
  /** Holds desired-state/. */
  root: string;
  env: Record<string, string>;
  /** Runs a command in this process. Options without spaces may stand in one text. */
  run(line: string | readonly string[], more?: Partial<Context>): Promise<Said>;
  /** Runs a command as a process of its own, through bin/mooring.mjs. One that is killed exits 137, as in a shell. */
  spawn(line: string | readonly string[]): Started;
  /** By path below the root. */
  read(file: string): string;
  write(file: string, text: string): void;
  has(file: string): boolean;
  /** Every file below a folder, by path below the root. */
  files(folder: string): string[];
  edit(file: string, operations: readonly EditOperation[]): void;
  delete(file: string): void;
  /** Ends it. */
  remove(): void;
};

const project = join(import.meta.dirname, '../..');

/** A checkout with `files` in it, by path. SIDE EFFECTS: a temporary folder, until `remove`. */
export function makeDesk(files: ReadonlyMap<string, string> = new Map(), env: Readonly<Record<string, string>> = {}): Desk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'mooring-desk-')));
  const own: Record<string, string> = { ...env };
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');
  for (const [file, text] of files) write(file, text);
  return {
    root,
    env: own,
    run: (line, more = {}) => runHere({ cwd: root, env: own, ...more }, wordsOf(line)),
    spawn: (line) => runApart(root, own, wordsOf(line)),
    read,
    write,
    has: (file) => existsSync(join(root, file)),
    files: (folder) => filesBelow(root, folder),
    edit: (file, operations) => write(file, editDocument(read(file), operations)),
    delete: (file) => rmSync(join(root, file)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Another desk with the same files, journal and caches included. SIDE EFFECTS: a temporary folder, until `remove`. */
export function copyDesk(desk: Desk): Desk {
  const copy = makeDesk(new Map(), desk.env);
  cpSync(desk.root, copy.root, { recursive: true });
  return copy;
}

/** A command line as words; options without spaces may stand in one text. */
export function wordsOf(line: string | readonly string[]): readonly string[] {
  return typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
}

/** Runs a command in this process, wherever `context` says. */
export async function runHere(context: Partial<Context>, argv: readonly string[]): Promise<Said> {
  const said = listen();
  const exit = await main(argv, {
    cwd: project,
    env: {},
    stdout: said.to('stdout'),
    stderr: said.to('stderr'),
    ask: null,
    now: Date.now,
    colour: false,
    ...context,
  });
  return { exit, ...said.all() };
}

function runApart(cwd: string, env: Readonly<Record<string, string>>, argv: readonly string[]): Started {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(project, 'bin/mooring.mjs'), ...argv], {
    cwd,
    env: { PATH, HOME, XDG_CACHE_HOME: join(cwd, '.cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = listen();
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', said.to(stream));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ exit: code ?? 137, ...said.all() }));
  return { said: ended, kill: () => void child.kill('SIGKILL') };
}

type Stream = 'stdout' | 'stderr';

function listen(): { to(stream: Stream): (text: string) => void; all(): Omit<Said, 'exit'> } {
  const heard: Record<Stream, string[]> = { stdout: [], stderr: [] };
  return {
    to: (stream) => (text) => void heard[stream].push(text),
    all: () => ({ stdout: heard.stdout.join(''), stderr: heard.stderr.join('') }),
  };
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** The example environment of this checkout, by path from its root. */
export function localFiles(): Map<string, string> {
  const root = join(import.meta.dirname, '../..');
  return new Map(filesBelow(root, 'desired-state/local').map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** A plan as plan --out or --format json writes it: bigints are decimal strings there. */
export type PlanFile = Omit<Plan, 'chainId' | 'block'> & { chainId: string; block: { number: string; hash: string; timestamp: string } };

export function parsePlan(json: string): PlanFile {
  return JSON.parse(json) as PlanFile;
}

/** Codes of errors and warnings, sorted, each once: `error STALE_PLAN`. */
export function codesIn(findings: Plan['findings']): string[] {
  return [...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ severity, code }) => `${severity} ${code}`))].sort();
}

/** Calls of a plan in order: `arena.setRewardSplits`. */
export function callsIn(plan: Pick<PlanFile, 'steps'>): string[] {
  return plan.steps.map(({ call }) => `${call.contract}.${call.function}`);
}

/** What differs from run to run, taken out of what people read: hashes, blocks, digests, gas, times, ports. */
export function steady(text: string): string {
  return text
    .replace(/0x[0-9a-f]{64}/g, '0x<hash>')
    .replace(/\b[0-9a-f]{64}\b/g, '<digest>')
    .replace(/digest (`?)[0-9a-f]{12}\b/g, 'digest $1<digest>')
    .replace(
      /(\bblock )[\d,]+( `?)?(?:0x[0-9a-f]{4}…[0-9a-f]{4})?/g,
      (all, word: string, mark = '') => `${word}<number>${mark}${all.includes('…') ? '<hash>' : ''}`,
    )
    .replace(/(\b[gG]as )[\d,]+/g, '$1<gas>')
    .replace(/about [\d.]+ ETH|about < [\d.]+ ETH/g, 'about <cost>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replace(/\b\d{8}T\d{6}Z-[0-9a-f]{8}\b/g, '<run>')
    .replace(/\d+ wei/g, '<amount> wei')
    .replace(/ by (simulateV1|runner|fork) at /g, ' by <way> at ')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>');
}
