// The real Prometheus, from Debian's package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianBinary, listeningUrl } from './debian.ts';

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
  const child = spawn(debianBinary('prometheus'), [...files, '--web.listen-address=127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await listeningUrl(child);
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
