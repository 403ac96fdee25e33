// The sentinel's intake over HTTP: an event is answered when it is on disk, and never twice counted. No log of what bodies hold.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MooringError } from '../../errors.ts';
import { engineOrders } from './engine-orders.ts';
import type { Counted } from './event-store.ts';
import { readLimited } from './intake-body.ts';
import { type IntakeQueue, intakeQueue } from './intake-queue.ts';
import { type Answer, alertsPath, answerTo, busy, checkHead, checkKey, checkSecret, readBody, refuse, statePath } from './intake-request.ts';
import { snapshotOf } from './snapshot.ts';
import type { SentinelEvent, SentinelState } from './state.ts';

export type IntakeLimits = {
  bodyBytes: number;
  /** Events that may wait. */
  queued: number;
  /** Requests whose bodies are read at the same time. */
  requests: number;
  connections: number;
  /** Milliseconds within which a whole request must have come. */
  requestMs: number;
};

export type IntakeOptions = {
  /** Shared with who sends events. */
  secret: string;
  /** Makes the events durable, or throws. */
  count: (events: readonly SentinelEvent[]) => Counted | Promise<Counted>;
  /** As it is on disk: tells the engine whether to stop, and whom to prune. */
  state: () => SentinelState;
  /** Makes the alerts of a body durable, or throws; absent: alerts are not taken. */
  takeAlerts?: (body: string, key: string | undefined) => AlertsTaken;
  /** What happened, without what was sent. */
  log: (message: string, data: Readonly<Record<string, string | number>>) => void;
  /** Loopback by default. */
  host?: string;
  /** A free one by default. */
  port?: number;
  limits?: Partial<IntakeLimits>;
};

/** What became of a request's alerts: how many are new, or were there before, and the declared contracts that they are about. */
export type AlertsTaken = { accepted: number; repeated: number; affected: readonly string[] };

export type Intake = {
  url: string;
  /** Takes no more, and ends when what was taken is answered. */
  close(): Promise<void>;
};

const usualLimits: IntakeLimits = { bodyBytes: 256 * 1024, queued: 5_000, requests: 64, connections: 256, requestMs: 15_000 };

/** Starts listening. Throws INTAKE_SECRET, LISTEN_FAILED. SIDE EFFECTS: opens a port until `close`. */
export async function openIntake(options: IntakeOptions): Promise<Intake> {
  checkSecret(options.secret);
  const { host = '127.0.0.1', port = 0 } = options;
  const limits = { ...usualLimits, ...options.limits };
  const queue = intakeQueue(limits.queued, options.count);
  const server = serve({ ...options, limits, queue });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(`${host}:${port}`, error))).listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async close() {
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function notListening(address: string, error: NodeJS.ErrnoException): MooringError {
  return new MooringError('LISTEN_FAILED', `${address} can't be listened on: ${error.code ?? error.message}`, { fix: 'choose another --listen address' });
}

type Serving = Pick<IntakeOptions, 'secret' | 'state' | 'log' | 'takeAlerts'> & { limits: IntakeLimits; queue: IntakeQueue<SentinelEvent, Counted> };

function serve(serving: Serving): Server {
  const { requestMs, connections } = serving.limits;
  const times = { headersTimeout: requestMs, requestTimeout: requestMs, keepAliveTimeout: 5_000, connectionsCheckingInterval: Math.min(1_000, requestMs) };
  let reading = 0;
  const server = createServer(times, async (request, response) => {
    reading++;
    const answer = reading > serving.limits.requests ? busy('too many requests at once', 1) : await answerOf(request, serving);
    reading--;
    send(request, response, answer);
  });
  server.maxConnections = connections;
  return server;
}

const words: ReadonlyMap<string, readonly [what: string, done: string]> = new Map([
  [alertsPath, ['alerts', 'taken']],
  [statePath, ['state', 'told']],
]);

/** Never throws: what goes wrong is an answer, and in the log by its code alone. */
async function answerOf(request: IncomingMessage, serving: Serving): Promise<Answer> {
  const [what, done] = words.get(request.url ?? '') ?? ['events', 'counted'];
  try {
    const { answer, told } = await take(request, serving);
    serving.log(told === undefined ? `${what} refused` : `${what} ${done}`, told ?? { status: answer.status });
    return answer;
  } catch (error) {
    const answer = answerTo(error);
    serving.log(`${what} refused`, { status: answer.status, code: error instanceof MooringError ? error.code : 'INTERNAL' });
    return answer;
  }
}

type Taken = { answer: Answer; told?: Readonly<Record<string, number>> };

async function take(request: IncomingMessage, { secret, limits, queue, state, takeAlerts }: Serving): Promise<Taken> {
  const headers = request.headers as Readonly<Record<string, string | undefined>>;
  const refused = checkHead({ method: request.method ?? '', path: request.url ?? '', headers }, secret);
  if (refused !== null) return { answer: refused };
  if (request.url === statePath) return { answer: { status: 200, headers: {}, body: snapshotOf(state()) }, told: {} };
  const body = await readLimited(request, limits.bodyBytes);
  if (body === null) return { answer: refuse(400, { code: 'INTAKE_REQUEST', message: 'the body broke off', fix: 'send it again' }) };
  if (body === 'too large') return { answer: tooLarge(limits.bodyBytes) };
  if (request.url === alertsPath) return takenAlerts(decode(body), headers, takeAlerts);
  const events = readBody(decode(body), headers['idempotency-key']);
  if (!queue.hasRoomFor(events.length)) return { answer: busy('as many events are waiting as fit', 1) };
  const { results } = await queue.add(events);
  const told = { counted: results.filter((result) => result === 'counted').length, repeated: results.filter((result) => result === 'seen').length };
  return { answer: { status: 200, headers: {}, body: { ...told, ...engineOrders(state()) } }, told };
}

function takenAlerts(body: string, headers: Readonly<Record<string, string | undefined>>, takeAlerts: IntakeOptions['takeAlerts']): Taken {
  if (takeAlerts === undefined)
    return { answer: refuse(404, { code: 'INTAKE_REQUEST', message: 'alerts are not taken here', fix: 'send them to `mooring sentinel watch`' }) };
  checkKey(headers['idempotency-key']);
  const taken = takeAlerts(body, headers['idempotency-key']);
  return { answer: { status: 200, headers: {}, body: taken }, told: { accepted: taken.accepted, repeated: taken.repeated } };
}

function tooLarge(limit: number): Answer {
  return refuse(413, { code: 'INTAKE_REQUEST', message: `the body has more than ${limit} bytes`, fix: 'send fewer events at once' });
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new MooringError('INTAKE_REQUEST', 'the body is not valid UTF-8', { fix: 'send it as UTF-8' });
  }
}

/** What of a request nobody has read is not read any more: its connection ends with the answer. */
function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(`${JSON.stringify(body)}\n`);
}
