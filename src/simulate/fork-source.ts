// A loopback JSON-RPC server that answers from a ChainReader, so that a fork needs no URL (which may hold a secret)
// and keeps to the same limits and fail-over. It reads nothing else and writes nothing.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MooringError } from '../errors.ts';
import type { ChainReader } from '../types.ts';

export type ForkSource = { url: string; close(): Promise<void> };

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;
type RpcRequest = { id: unknown; method: string; params?: readonly unknown[] };

/**
 * Serves `chain` on a free port of 127.0.0.1.
 * SIDE EFFECTS: a listening server in this process, until `close`.
 */
export async function serveChain(chain: ChainReader): Promise<ForkSource> {
  const ask = remembering(chain);
  const server = createServer((request, response) => {
    void answerHttp(ask, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

/** Hardhat asks for the account again with each of its slots; what was true at a past block stays so. */
const settled: ReadonlySet<string> = new Set(['eth_getBalance', 'eth_getCode', 'eth_getTransactionCount', 'eth_getStorageAt']);

function remembering(chain: ChainReader): Ask {
  const known = new Map<string, Promise<unknown>>();
  return (method, params) => {
    if (!settled.has(method)) return chain.request(method, params);
    const key = `${method}${JSON.stringify(params)}`;
    const answer = known.get(key) ?? chain.request(method, params);
    known.set(key, answer);
    return answer;
  };
}

async function answerHttp(ask: Ask, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as RpcRequest | RpcRequest[];
  const answer = Array.isArray(body) ? await Promise.all(body.map((one) => answerOne(ask, one))) : await answerOne(ask, body);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
}

async function answerOne(ask: Ask, request: RpcRequest): Promise<object> {
  try {
    return { jsonrpc: '2.0', id: request.id, result: await ask(request.method, request.params ?? []) };
  } catch (error) {
    const message = error instanceof MooringError ? error.message : 'the chain could not be read';
    return { jsonrpc: '2.0', id: request.id, error: { code: -32000, message } };
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
