// One HTTP exchange with a node: POST a body, get a status and a text, over kept-alive connections. No JSON, no retries.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

/** What an exchange came to: an answer, or why there is none. `detail` never holds a part of the URL. */
export type Reply =
  | { status: number; retryAfter: string | null; text: string }
  | { failure: 'timeout' | 'connection' | 'dropped' | 'tooLarge'; detail: string };

export type Transport = {
  /** SIDE EFFECTS: one HTTP request. Never rejects. */
  post(body: string, timeoutMs: number): Promise<Reply>;
  close(): void;
};

/** Bytes of an answer beyond which reading stops: no honest answer to what Mooring asks comes near. */
const largestAnswer = 256 * 1024 * 1024;

/** What a connection says that had been made, and broke. */
const droppedCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** Opens connections to `url` as they are needed, `sockets` at most, kept alive until `close`. */
export async function openTransport(url: URL, sockets: number): Promise<Transport> {
  const http = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'lifo' });
  const options = requestOptions(url);
  return {
    async post(body, timeoutMs) {
      const bytes = Buffer.from(body, 'utf8');
      const start = () => http.request({ ...options, agent, headers: { ...options.headers, 'content-length': bytes.length } });
      const first = start();
      const reply = await exchange(first, bytes, timeoutMs);
      // The node closed an idle connection just as it was used again: nothing is wrong with the node.
      const stale = 'failure' in reply && reply.failure === 'dropped' && first.reusedSocket;
      return stale ? exchange(start(), bytes, timeoutMs) : reply;
    },
    close: () => agent.destroy(),
  };
}

function requestOptions(url: URL): RequestOptions & { headers: Record<string, string> } {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
  if (url.username !== '' || url.password !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  return { method: 'POST', hostname, port: url.port, path: `${url.pathname}${url.search}`, headers };
}

function exchange(request: ClientRequest, bytes: Buffer, timeoutMs: number): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  // One deadline for the whole exchange: a node that trickles bytes must not hold a run for ever.
  const deadline = setTimeout(() => {
    resolve({ failure: 'timeout', detail: `no answer within ${timeoutMs} ms` });
    request.destroy();
  }, timeoutMs);
  request.on('error', (error: NodeJS.ErrnoException) => {
    const detail = error.code ?? 'connection failed';
    resolve({ failure: droppedCodes.has(detail) ? 'dropped' : 'connection', detail });
  });
  request.on('response', (response) => collect(response, resolve));
  request.end(bytes);
  return promise.finally(() => clearTimeout(deadline));
}

function collect(response: IncomingMessage, resolve: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= largestAnswer) chunks.push(chunk);
    else {
      resolve({ failure: 'tooLarge', detail: `an answer of more than ${largestAnswer} bytes` });
      response.destroy();
    }
  });
  response.on('error', () => resolve({ failure: 'dropped', detail: 'the connection broke in the middle of the answer' }));
  response.on('close', () => resolve({ failure: 'dropped', detail: 'the connection closed in the middle of the answer' }));
  response.on('end', () =>
    resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null, text: Buffer.concat(chunks).toString('utf8') }),
  );
}
