// The real Prometheus, from Debian's package: on the path, or downloaded and unpacked into .toolchain/, never installed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = join(import.meta.dirname, '../../.toolchain/prometheus');

/** Where its binary is. Throws where it can't be had. SIDE EFFECTS: downloads once. */
export function prometheusBinary(): string {
  const unpacked = join(folder, 'usr/bin/prometheus');
  if (existsSync(unpacked)) return unpacked;
  if (existsSync('/usr/bin/prometheus')) return '/usr/bin/prometheus';
  mkdirSync(folder, { recursive: true });
  const run = (command: string, args: readonly string[]): void => void execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
  run('apt-get', ['download', 'prometheus']);
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error('apt-get download prometheus left no package');
  run('dpkg-deb', ['-x', file, '.']);
  rmSync(join(folder, file));
  return unpacked;
}

export type RealPrometheus = { url: string; stop(): Promise<void> };

/** Prometheus, having scraped this text at least once. SIDE EFFECTS: two servers on the loopback and a process, until `stop`. */
export async function startRealPrometheus(exposition: string): Promise<RealPrometheus> {
  const data = mkdtempSync(join(tmpdir(), 'mooring-prometheus-'));
  let scrapes = 0;
  const scraped = new Map<number, () => void>();
  const exporter = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposition);
    scrapes += 1;
    scraped.get(scrapes)?.();
  });
  await new Promise<void>((resolve) => void exporter.listen(0, '127.0.0.1', resolve));
  // When the second one comes, the first has been stored.
  const twice = new Promise<void>((resolve) => scraped.set(2, resolve));
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  const config = `global: { scrape_interval: 300ms, scrape_timeout: 300ms }\nscrape_configs: [{ job_name: engine, static_configs: [{ targets: ["${target}"] }] }]\n`;
  writeFileSync(join(data, 'prometheus.yml'), config);
  const files = [`--config.file=${join(data, 'prometheus.yml')}`, `--storage.tsdb.path=${join(data, 'tsdb')}`];
  const child = spawn(prometheusBinary(), [...files, '--web.listen-address=127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await listening(child);
  await twice;
  return {
    url,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      exporter.closeAllConnections();
      await new Promise((resolve) => exporter.close(resolve));
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Its log says on which port it listens. */
async function listening({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('Prometheus has no log');
  const seen: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    seen.push(line);
    const [, address] = /msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(line) ?? [];
    if (address === undefined) continue;
    stderr.resume();
    return `http://${address}`;
  }
  throw new Error(`Prometheus did not start:\n${seen.join('\n')}`);
}
