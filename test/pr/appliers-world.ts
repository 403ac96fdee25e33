// Several applies of one change, each a process with a clone of its own, and ways to stop one at the worst moment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { editDocument } from '../../src/desired/edit/edit.ts';
import { makeRemote, type Remote, runIn } from '../scm/remote.ts';
import { parsePlan, runHere } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder } from '../support/field-world.ts';
import { splits } from './pr-world.ts';

export type Ended = { name: string; exit: number | null; said: string };
export type Applier = { name: string; child: ChildProcess; ended: Promise<Ended> };

export type Crowd = {
  remote: Remote;
  digest: string;
  /** Starts `count` processes. */
  start(count: number): Applier[];
  /** A command in this process, in a clone that nobody has used. */
  fresh(line: string): Promise<{ exit: number; stdout: string; stderr: string }>;
  end(): Promise<void>;
};

/** `entry`: the built command. The RPC's URL tells the processes apart. SIDE EFFECTS: a repository and processes, until `end`. */
export async function gather(field: FieldWorld, entry: string): Promise<Crowd> {
  const remote = makeRemote();
  seed(remote, field);
  const clone = (name: string): string => {
    const root = join(remote.folder, name);
    runIn(remote.folder, 'clone', '-q', remote.url, root);
    return root;
  };
  const said = await runHere({ cwd: clone('first'), env: { RPC_MACHINE: 'first' } }, ['plan', '--env', environmentName, '--format', 'json']);
  const { digest } = parsePlan(said.stdout);
  const appliers: Applier[] = [];
  return {
    remote,
    digest,
    start(count) {
      const roots = Array.from({ length: count }, (_item, i) => clone(`m${appliers.length + i}`));
      const started = roots.map((root, i) => run({ entry, root, name: `m${appliers.length + i}`, digest, env: field.env }));
      appliers.push(...started);
      return started;
    },
    fresh: (line) => runHere({ cwd: clone(`fresh-${Math.random()}`), env: { ...field.env, RPC_MACHINE: 'fresh' } }, line.split(' ')),
    async end() {
      for (const { child } of appliers) {
        child.kill('SIGKILL');
        child.kill('SIGCONT');
      }
      await Promise.all(appliers.map(({ ended }) => ended));
      remote.remove();
    },
  };
}

function seed(remote: Remote, field: FieldWorld): void {
  const root = join(remote.folder, 'seed');
  runIn(remote.folder, 'clone', '-q', remote.url, root);
  runIn(root, 'checkout', '-q', '-b', 'main');
  for (const [path, text] of field.files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const change = (path: string, edit: (text: string) => string): void =>
    writeFileSync(join(root, folder, path), edit(readFileSync(join(root, folder, path), 'utf8')));
  change('environment.yaml', (text) => `${text.replace(field.proxy.url, `${field.proxy.url}/\${RPC_MACHINE}`)}journal: { remote: origin }\n`);
  change('contracts/arena.yaml', (text) => editDocument(text, splits));
  runIn(root, 'add', '.');
  runIn(root, 'commit', '-qm', 'All of it');
  runIn(root, 'push', '-q', 'origin', 'main');
}

function run({
  entry,
  root,
  name,
  digest,
  env,
}: {
  entry: string;
  root: string;
  name: string;
  digest: string;
  env: Readonly<Record<string, string>>;
}): Applier {
  const line = ['apply', '--env', environmentName, '--digest', digest, '--lease-timeout', '4', '--lease-wait', '100', '--quiet'];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [entry, ...line], { cwd: root, env: { PATH, HOME, ...env, RPC_MACHINE: name }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { name, child, ended: once(child, 'close').then(([exit]: (number | null)[]) => ({ name, exit: exit ?? null, said: said.join('') })) };
}

/** Who was stopped, once that has happened. */
export type Stopped = Promise<Applier>;

export type JournalEdge = {
  /** What the record's subject ends with, or begins with: `signed`, `Receipt`, `applied/`. */
  record: string;
  /** Before the remote has it, and then never; or once it has. */
  when: 'before' | 'after';
  signal: 'STOP' | 'KILL';
};

/** Sends a signal to the first built command that pushes such a record. Resolves to its process id. */
export function signalAt(remote: Pick<Remote, 'folder' | 'hook'>, { record, when, signal }: JournalEdge): Promise<number> {
  const note = join(remote.folder, 'signalled');
  const hook = [
    `[ "$1" = ${when === 'before' ? 'prepared' : 'committed'} ] || exit 0`,
    `[ -e "${note}" ] && exit 0`,
    'while read -r old new ref; do',
    '  [ "$ref" = refs/heads/mooring/journal ] || continue',
    `  git log -1 --format=%s "$new" | grep -q "${record}" || continue`,
    '  process=$PPID',
    '  while [ "$process" -gt 1 ]; do',
    '    case "$(tr "\\0" " " < /proc/$process/cmdline)" in *main.js*) break;; esac',
    '    process=$(awk "/^PPid:/{print \\$2}" /proc/$process/status)',
    '  done',
    `  mkdir "${note}" && kill -${signal} "$process" && echo "$process" > "${note}/draft" && mv "${note}/draft" "${note}/pid"`,
    ...(when === 'before' ? ['  exit 1'] : []),
    'done',
  ];
  remote.hook('reference-transaction', hook.join('\n'));
  return waitFor(join(note, 'pid')).then(Number);
}

/** Stops the first that has recorded signed transactions, as soon as the remote has the record. */
export function stopBehindRecord({ remote }: Crowd, appliers: () => readonly Applier[]): Stopped {
  return signalAt(remote, { record: ': signed', when: 'after', signal: 'STOP' }).then((pid) => appliers().find(({ child }) => child.pid === pid) as Applier);
}

/** A file's text, once it is there. */
async function waitFor(file: string): Promise<string> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return readFileSync(file, 'utf8');
}

/** Stops the first that sends, and holds what it has sent back until `release`: it has looked at its lease already. */
export function stopBeforeNode(field: FieldWorld, appliers: () => readonly Applier[]): { stopped: Stopped; release(): void } {
  const stopped = Promise.withResolvers<Applier>();
  const released = Promise.withResolvers<void>();
  let first = true;
  field.proxy.hooks = {
    async before({ calls, path }) {
      if (!first || !calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
      first = false;
      const applier = appliers().find(({ name }) => path.endsWith(`/${name}`)) as Applier;
      applier.child.kill('SIGSTOP');
      stopped.resolve(applier);
      await released.promise;
      return undefined;
    },
  };
  return { stopped: stopped.promise, release: released.resolve };
}
