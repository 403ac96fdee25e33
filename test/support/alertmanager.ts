// Alertmanager's v2 interface as far as Mooring speaks it: a stand-in, and the real one of Debian's package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianBinary, installDebian, listeningUrl } from './debian.ts';

export type Posted = { labels: Record<string, string>; annotations: Record<string, string>; startsAt: string; endsAt: string };

export type Alertmanager = {
  url: string;
  /** Alerts that stand. */
  active(): Promise<Posted[]>;
  stop(): Promise<void>;
};

async function activeAt(url: string): Promise<Posted[]> {
  return (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as Posted[];
}

/** Keeps one alert for each set of labels, as the real one does. SIDE EFFECTS: a server on the loopback, until `stop`. */
export async function startAlertmanagerStandIn(): Promise<Alertmanager> {
  const kept = new Map<string, Posted>();
  const server = createServer(async (request, response) => {
    if (!(request.url ?? '').startsWith('/api/v2/alerts')) return void response.writeHead(404).end();
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    if (request.method === 'POST') for (const alert of JSON.parse(body) as Posted[]) kept.set(JSON.stringify(Object.entries(alert.labels).sort()), alert);
    const standing = [...kept.values()].filter(({ endsAt }) => Date.parse(endsAt) > Date.now());
    response.writeHead(200, { 'content-type': 'application/json' }).end(request.method === 'POST' ? '' : JSON.stringify(standing));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    active: () => activeAt(url),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `webhook`: where it sends its notifications, with a bearer's secret. SIDE EFFECTS: a process, until `stop`. */
export async function startRealAlertmanager(webhook: { url: string; secret: string } | null = null): Promise<Alertmanager> {
  // It reads its templates from there, wherever it lies itself.
  installDebian('prometheus-alertmanager', '/usr/share/prometheus/alertmanager/default.tmpl');
  const data = mkdtempSync(join(tmpdir(), 'mooring-alertmanager-'));
  const receiver =
    webhook === null
      ? 'receivers: [{ name: none }]'
      : `receivers: [{ name: none, webhook_configs: [{ url: "${webhook.url}", http_config: { authorization: { credentials: "${webhook.secret}" } } }] }]`;
  const config = `route: { receiver: none, group_wait: 100ms, group_interval: 1s, repeat_interval: 1h }\n${receiver}\n`;
  writeFileSync(join(data, 'alertmanager.yml'), config);
  const places = [`--config.file=${join(data, 'alertmanager.yml')}`, `--storage.path=${join(data, 'storage')}`];
  const args = [...places, '--web.listen-address=127.0.0.1:0', '--cluster.listen-address='];
  const child = spawn(debianBinary('prometheus-alertmanager'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await listeningUrl(child);
  return {
    url,
    active: () => activeAt(url),
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
