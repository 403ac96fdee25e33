// /healthz, /readyz and /metrics of `mooring run`. Reads only; says nothing that is secret.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MooringError } from '../../errors.ts';
import type { Scraped } from './prometheus-meters.ts';
import type { Pulse } from './pulse.ts';

export type HealthServer = { port: number; close(): Promise<void> };

/** `host:port` of `--health`; port 0 is any free one. Throws USAGE. */
export function listenAddress(given: string): { host: string; port: number } {
  const [, host = '', digits = ''] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(given) ?? [];
  const port = Number(digits);
  if (host === '' || port > 65_535) throw new MooringError('USAGE', `--health ${given} is not HOST:PORT`, { fix: 'as in 127.0.0.1:9464' });
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

/** Throws LISTEN_FAILED. SIDE EFFECTS: a listening server, until `close`. */
export async function openHealthServer(
  { host, port }: { host: string; port: number },
  { pulse, meters }: { pulse: Pulse; meters: Scraped },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET');
    if (path === '/healthz') return verdict(response, pulse.illness());
    if (path === '/readyz') return verdict(response, pulse.illness() ?? pulse.unready());
    if (path !== '/metrics') return end(response, 404, 'only /healthz, /readyz and /metrics');
    meters.text().then(
      (text) => response.writeHead(200, { 'content-type': meters.contentType }).end(text),
      () => end(response, 500, 'the metrics could not be written'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(taken(`${host}:${port}`, error)));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function verdict(response: ServerResponse, why: string | null): void {
  end(response, why === null ? 200 : 503, why ?? 'ok');
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function taken(address: string, error: NodeJS.ErrnoException): MooringError {
  return new MooringError('LISTEN_FAILED', `${address} can't be listened on: ${error.code ?? error.message}`, { fix: 'choose another --health address' });
}
