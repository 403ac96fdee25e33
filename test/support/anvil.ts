// Starts Anvil as a process of its own, for tests and the bench. Knows no contracts.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export type Anvil = { url: string; pid: number; stop(): Promise<void> };

const require = createRequire(import.meta.url);
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const running = new Set<ChildProcess>();

/** Path of Anvil's binary: the platform package's own, since the wrapper in `.bin` can't be stopped by its pid. */
export function anvilBinary(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${architectures[process.arch] ?? process.arch}`;
  const wrapper = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
  return join(dirname(wrapper.resolve(`${name}/package.json`)), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
}

/**
 * Starts Anvil on a free loopback port and waits until it listens. `args` are Anvil's own (`--block-time 1`, `--fork-url …`).
 * SIDE EFFECTS: a child process, ended by `stop` (or `signal`) or at the latest when this process exits.
 */
export async function startAnvil(options: { args?: readonly string[] } = {}): Promise<Anvil> {
  const child = spawn(anvilBinary(), ['--host', '127.0.0.1', '--port', '0', ...(options.args ?? [])], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const port = await listeningPort(child);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid as number, stop: () => stop(child) };
}

/** Resolves with the port of Anvil's `Listening on …` line; rejects with all it said when it ends before that. */
async function listeningPort(child: ChildProcess): Promise<number> {
  const said: string[] = [];
  child.stderr?.on('data', (bytes: Buffer) => said.push(bytes.toString()));
  const failed = Promise.withResolvers<never>();
  child.once('error', failed.reject);
  child.once('close', (code) => failed.reject(new Error(`anvil ended with ${code} before it listened:\n${said.join('')}`)));
  const found = Promise.withResolvers<number>();
  // Reads on to the end, so that a full pipe never stops Anvil.
  createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
    const port = /^Listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port === undefined) said.push(`${line}\n`);
    else found.resolve(Number(port));
  });
  const port = await Promise.race([found.promise, failed.promise]);
  failed.promise.catch(() => {});
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
