// A JSON-RPC proxy between the product and a chain: counts HTTP requests, and on demand delays, rewrites, refuses, caps
// or breaks them. Knows no contracts.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type ProxyCall = { id: unknown; method: string; params: readonly unknown[] };
export type ProxyAnswer = { jsonrpc?: string; id?: unknown; result?: unknown; error?: { code: number; message: string; data?: unknown } };

/** One HTTP request: its JSON-RPC calls, and what tells it apart. */
export type Exchange = { calls: readonly ProxyCall[]; batch: boolean; path: string; bytes: number; at: number; number: number };

/** What the client gets instead of the chain's answer. `drop` closes the connection; `hang` never answers. */
export type Fault = { status: number; headers?: Readonly<Record<string, string>>; body?: string } | 'drop' | 'hang';

export type ProxyHooks = {
  /** Added to each exchange. */
  delayMs?: number;
  /** HTTP requests in any one second; 429 above it. */
  perSecond?: number;
  /** Before the chain is asked. */
  before?: (exchange: Exchange) => Fault | undefined | Promise<Fault | undefined>;
  /** Each answer of the chain; null leaves it out. */
  rewrite?: (call: ProxyCall, answer: ProxyAnswer) => ProxyAnswer | null;
  /** The text of a whole answer. */
  rewriteText?: (text: string) => string;
  /** eth_getLogs: refuses ranges of more blocks, answers of more entries; `cutAt` leaves out the rest without a word. */
  logs?: { maxRange?: bigint; maxEntries?: number; cutAt?: number; message?: string; code?: number };
};

export type RpcProxy = {
  url: string;
  /** May be changed at any time. */
  hooks: ProxyHooks;
  /** Since the last `reset`. */
  exchanges: Exchange[];
  /** JSON-RPC calls of a method. */
  count(method: string): number;
  /** Most exchanges that were under way at once. */
  mostInFlight(): number;
  /** Answers with status 429. */
  refused(): number;
  reset(): void;
  stop(): Promise<void>;
};

/** SIDE EFFECTS: a listening server in this process, until `stop`. */
export async function startRpcProxy(target: string, hooks: ProxyHooks = {}): Promise<RpcProxy> {
  const state = { inFlight: 0, most: 0, refused: 0, total: 0 };
  const proxy: Omit<RpcProxy, 'url' | 'stop'> = {
    hooks,
    exchanges: [],
    count: (method) => proxy.exchanges.flatMap((exchange) => exchange.calls).filter((call) => call.method === method).length,
    mostInFlight: () => state.most,
    refused: () => state.refused,
    reset() {
      proxy.exchanges.length = 0;
      state.most = 0;
      state.refused = 0;
    },
  };
  const server = createServer((request, response) => {
    state.inFlight += 1;
    state.most = Math.max(state.most, state.inFlight);
    state.total += 1;
    response.once('close', () => {
      state.inFlight -= 1;
      if (response.statusCode === 429) state.refused += 1;
    });
    serve({ target, proxy, number: state.total, request, response }).catch((error: unknown) => response.destroy(error as Error));
  });
  // Git, run in this process, holds up timers: a connection closed meanwhile would be used again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(proxy, { url, stop: () => close(server) });
}

type Serving = { target: string; proxy: Pick<RpcProxy, 'hooks' | 'exchanges'>; number: number; request: IncomingMessage; response: ServerResponse };

async function serve({ target, proxy, number, request, response }: Serving): Promise<void> {
  const body = await textOf(request);
  const parsed = JSON.parse(body) as ProxyCall | ProxyCall[];
  const exchange: Exchange = {
    calls: [parsed].flat(),
    batch: Array.isArray(parsed),
    path: request.url ?? '/',
    bytes: body.length,
    at: performance.now(),
    number,
  };
  proxy.exchanges.push(exchange);
  const { hooks } = proxy;
  if (hooks.delayMs !== undefined) await sleep(hooks.delayMs);
  const fault = tooMany(proxy) ?? (await hooks.before?.(exchange));
  if (fault !== undefined) return fail(response, fault);
  const upstream = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = rewritten(hooks, exchange, await upstream.text());
  response.writeHead(upstream.status, { 'content-type': 'application/json' });
  response.end(hooks.rewriteText?.(text) ?? text);
}

function tooMany({ hooks, exchanges }: Pick<RpcProxy, 'hooks' | 'exchanges'>): Fault | undefined {
  const last = exchanges.at(-1);
  if (hooks.perSecond === undefined || last === undefined) return undefined;
  const recent = exchanges.filter((exchange) => exchange.at > last.at - 1000).length;
  return recent > hooks.perSecond ? { status: 429 } : undefined;
}

function fail(response: ServerResponse, fault: Fault): void {
  if (fault === 'hang') return;
  if (fault === 'drop') {
    response.destroy();
    return;
  }
  response.writeHead(fault.status, fault.headers);
  response.end(fault.body ?? '');
}

function rewritten(hooks: ProxyHooks, exchange: Exchange, text: string): string {
  if (hooks.rewrite === undefined && hooks.logs === undefined) return text;
  const answers = [JSON.parse(text) as ProxyAnswer | ProxyAnswer[]].flat();
  const changed = answers.flatMap((answer) => {
    const call = exchange.calls.find((candidate) => candidate.id === answer.id);
    if (call === undefined) return [answer];
    const limited = call.method === 'eth_getLogs' ? limitLogs(hooks, call, answer) : answer;
    const last = hooks.rewrite === undefined ? limited : hooks.rewrite(call, limited);
    return last === null ? [] : [last];
  });
  return JSON.stringify(exchange.batch ? changed : changed[0]);
}

function limitLogs({ logs }: ProxyHooks, call: ProxyCall, answer: ProxyAnswer): ProxyAnswer {
  if (logs === undefined || !Array.isArray(answer.result)) return answer;
  const { fromBlock, toBlock } = call.params[0] as { fromBlock: string; toBlock: string };
  const range = BigInt(toBlock) - BigInt(fromBlock) + 1n;
  const refuse = range > (logs.maxRange ?? range) || answer.result.length > (logs.maxEntries ?? answer.result.length);
  if (refuse)
    return { jsonrpc: '2.0', id: answer.id, error: { code: logs.code ?? -32005, message: logs.message ?? 'query returned more than the allowed results' } };
  return logs.cutAt === undefined ? answer : { ...answer, result: answer.result.slice(0, logs.cutAt) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
