// The HTTP side of the tests' GitHub: what the product is given as its API's address. Keeps a log, and fails on demand.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, type Incoming, refused } from './exchange.ts';
import { isWrite, type Service } from './service.ts';

export type Failure = { status: number; headers?: Readonly<Record<string, string>>; body?: unknown } | { hangUp: true };

/** `apply`: what was asked takes place, but its answer is lost. With words or a status only: the same in short. */
export type Fault = Failure | 'hang up' | { apply: true; after: Failure } | { apply: true; status: number };

/** `count`: how many requests of this method and path have come since the log was reset, this one included. */
export type FaultRequest = { method: string; path: string; by: string | null; count: number };

/** `path` with its query; `status` is 0 where the connection was closed without an answer. */
export type LoggedRequest = { method: string; path: string; by: string | null; status: number };

/** `failures`: what went wrong in here. */
export type Log = { requests: LoggedRequest[]; failures: string[]; fault: ((request: FaultRequest) => Fault | null) | null };

export type Backend = { service: Service; ownerOf(authorization: string | undefined): string | null };

/** SIDE EFFECTS: a listening server in this process, until it is closed. */
export async function listen(log: Log, backend: () => Backend): Promise<{ server: Server; apiUrl: string }> {
  const server = createServer((request, response) => {
    const apiUrl = `http://${request.headers.host}`;
    respond({ log, backend: backend(), apiUrl }, request, response).catch((error: unknown) => {
      log.failures.push(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
      send(response, refused(500, 'Server Error'), apiUrl);
    });
  });
  // Git, run in this process, holds up timers: a connection closed meanwhile would be used again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Whether it changes something that others see. */
export function isLoggedWrite({ method, path }: LoggedRequest): boolean {
  return isWrite(method) && !path.endsWith('/access_tokens');
}

type Serving = { log: Log; backend: Backend; apiUrl: string };

async function respond({ log, backend, apiUrl }: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', apiUrl);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const method = request.method ?? 'GET';
  const by = backend.ownerOf(request.headers.authorization);
  const entry: LoggedRequest = { method, path: `${url.pathname}${url.search}`, by, status: 0 };
  log.requests.push(entry);
  const outcome = await faulty(log, entry, url.pathname, () => answer(backend, { method, url, text: Buffer.concat(chunks).toString(), request }));
  if ('hangUp' in outcome) {
    response.destroy();
    return;
  }
  entry.status = outcome.status;
  send(response, outcome, apiUrl);
}

async function faulty(log: Log, entry: LoggedRequest, path: string, serve: () => Promise<Answer>): Promise<Failure> {
  const count = log.requests.filter((other) => other.method === entry.method && other.path.split('?')[0] === path).length;
  const fault = log.fault?.({ method: entry.method, path, by: entry.by, count }) ?? null;
  if (fault === null) return serve();
  if (fault === 'hang up') return { hangUp: true };
  if (!('apply' in fault)) return fault;
  await serve();
  return 'after' in fault ? fault.after : { status: fault.status };
}

async function answer({ service }: Backend, asked: { method: string; url: URL; text: string; request: IncomingMessage }): Promise<Answer> {
  const { method, url, text, request } = asked;
  const body = parsed(text);
  if (body === notJson) return refused(400, 'Problems parsing JSON');
  const incoming: Incoming = { method, path: url.pathname, query: url.searchParams, body, authorization: request.headers.authorization };
  return service(incoming);
}

const notJson = Symbol('not JSON');

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer, apiUrl: string): void {
  const link = headers['link']?.replaceAll('<', `<${apiUrl}`);
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-github-media-type': 'github.v3; format=json' };
  response.writeHead(status, {
    ...limits,
    ...headers,
    ...(link ? { link } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
