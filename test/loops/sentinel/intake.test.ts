// The intake against real sockets: who may send, what is taken, and that an answer means "on disk, once".

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MooringError } from '../../../src/errors.ts';
import { takeLock } from '../../../src/journal/lock.ts';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import { mostPruned } from '../../../src/loops/sentinel/engine-orders.ts';
import { type Counted, type EventStore, openEventStore, readLedger } from '../../../src/loops/sentinel/event-store.ts';
import { type Intake, type IntakeOptions, openIntake } from '../../../src/loops/sentinel/intake-server.ts';
import { snapshotOf } from '../../../src/loops/sentinel/snapshot.ts';
import { initialState, type SentinelEvent } from '../../../src/loops/sentinel/state.ts';
import { settingsWith } from './world.ts';

const secret = 'correct horse battery staple';
const canary = 's3cret-of-the-body';
const one = '{"type":"expansion","cost":1}';

let folder: string;
let store: EventStore;
let intake: Intake;
let log: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-intake-'));
  store = await openEventStore({ folder, settings: settingsWith(), lock: (place) => takeLock(join(place, 'lock')), syncFolder });
  log = [];
  intake = await open();
});
afterEach(async () => {
  await intake.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(more: Partial<IntakeOptions> = {}): Promise<Intake> {
  return openIntake({
    secret,
    count: (events) => store.count(events),
    state: () => store.ledger().state,
    log: (message, data) => log.push(`${message} ${JSON.stringify(data)}`),
    ...more,
  });
}

/** Another intake in its place. */
async function reopen(more: Partial<IntakeOptions>): Promise<void> {
  await intake.close();
  intake = await open(more);
}

type Sent = {
  status: number;
  headers: Record<string, unknown>;
  json: { error?: { code: string; fix: string; findings: unknown[] }; counted?: number; repeated?: number; pruned?: string[]; prunedAgents?: string[] };
};
type Sending = { method?: string; path?: string; headers?: Record<string, string | undefined>; body?: string | Buffer; chunked?: boolean };

function send({ method = 'POST', path = '/v1/events', headers = {}, body = one, chunked = false }: Sending = {}): Promise<Sent> {
  const usual = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'k' };
  const all = Object.entries({ ...usual, ...headers, ...(chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }) });
  return new Promise((resolve, reject) => {
    const sent = request(`${intake.url}${path}`, {
      method,
      agent: false,
      headers: Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Record<string, string>,
    });
    sent.once('error', reject);
    sent.once('response', async (response) => {
      let text = '';
      for await (const piece of response.setEncoding('utf8')) text += piece;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, json: text === '' ? {} : JSON.parse(text) });
    });
    sent.end(body);
  });
}

const cost = () => readLedger(folder)?.state.totalCost;

describe('an event', () => {
  test('is on disk when it is answered', async () => {
    expect(await send()).toMatchObject({ status: 200, json: { counted: 1, repeated: 0 } });
    expect(cost()).toBe(1);
    expect(readLedger(folder)?.state.lastCost).toEqual({ event: 1, id: 'k#1', from: 'http' });
  });

  test('that is sent again counts once, and its key for another event is a conflict', async () => {
    await send();
    expect((await send()).json).toMatchObject({ counted: 0, repeated: 1 });
    const other = await send({ body: '{"type":"expansion","cost":2}' });
    expect([other.status, other.json.error?.code, cost()]).toEqual([409, 'EVENT_ID_CONFLICT', 1]);
  });

  test.each([
    ['NDJSON', 'application/x-ndjson', `${one}\n${one}\n`],
    ['a list', 'application/json; charset=utf-8', `[${one},${one}]`],
  ])('of several as %s counts with all others or not at all', async (_name, type, body) => {
    const headers = { 'content-type': type };
    expect((await send({ headers, body })).json).toMatchObject({ counted: 2, repeated: 0 });
    expect((await send({ headers, body, chunked: true })).json).toMatchObject({ counted: 0, repeated: 2 });
    const bad = await send({ headers: { ...headers, 'idempotency-key': 'l' }, body: body.replace('"cost":1', '"cost":-1') });
    expect([bad.status, bad.json.error?.findings, cost()]).toEqual([400, [expect.objectContaining({ code: 'NUMBER_NEGATIVE', line: 1 })], 2]);
  });

  test('has an id of its own, or the request’s key', async () => {
    const headers = { 'idempotency-key': undefined };
    expect((await send({ headers })).json.error?.fix).toContain('Idempotency-Key');
    const body = '{"type":"expansion","cost":1,"id":"e-1"}';
    expect((await send({ headers, body })).json.counted).toBe(1);
    expect((await send({ body })).json.repeated).toBe(1);
  });
});

describe('the engine', () => {
  const fail = (agent: string, id: string): string => JSON.stringify({ type: 'evaluation', agent, success: false, id });
  const failures = (agent: string): string => `[${[1, 2, 3, 4, 5].map((n) => fail(agent, `${agent}-${n}`)).join(',')}]`;
  const look = (more: Sending = {}): Promise<Sent> => send({ method: 'GET', path: '/v1/state', body: '', ...more });

  test('is told with each answer whether to stop, and whom to prune', async () => {
    expect((await send()).json).toEqual({ counted: 1, repeated: 0, stop: null, pruned: [] });
    const first = await send({ body: failures('root/a') });
    expect(first.json).toEqual({ counted: 5, repeated: 0, stop: null, pruned: ['root/a'] });
    await send({ body: failures('root/b') });
    const spent = JSON.stringify({ type: 'expansion', cost: 100_000, id: 'spent' });
    expect((await send({ body: spent })).json).toEqual({ counted: 1, repeated: 0, stop: { reason: 'budget_cap' }, pruned: ['root/b', 'root/a'] });
    expect((await send({ body: spent })).json).toMatchObject({ counted: 0, stop: { reason: 'budget_cap' } });
  });

  test('is told of no more agents at once than it can read: the newest', async () => {
    for (let n = 0; n < 110; n += 10) {
      const body = `[${Array.from({ length: 10 }, (_, m) => failures(`a-${n + m}`).slice(1, -1)).join(',')}]`;
      expect((await send({ body })).status).toBe(200);
    }
    const { pruned = [] } = (await send()).json;
    expect([pruned.length, pruned[0], pruned.at(-1)]).toEqual([mostPruned, 'a-109', 'a-10']);
    expect((await look()).json.prunedAgents).toHaveLength(110);
  });

  test('may ask, with the same secret, and gets the fields of the reference', async () => {
    await send({ body: failures('root/a') });
    const { status, json } = await look({ headers: { 'content-type': undefined, 'idempotency-key': undefined } });
    expect([status, json]).toEqual([200, snapshotOf(store.ledger().state)]);
    expect(json).toMatchObject({ stopRequested: false, prunedAgents: ['root/a'] });
    expect((await look({ headers: { authorization: undefined } })).status).toBe(401);
    expect(await look({ method: 'POST', body: '{}' })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });
});

describe('what is refused', () => {
  test.each<[string, Sending, number, string]>([
    ['no secret', { headers: { authorization: undefined } }, 401, 'INTAKE_DENIED'],
    ['another secret', { headers: { authorization: `Bearer ${secret}x` } }, 401, 'INTAKE_DENIED'],
    ['a part of the secret', { headers: { authorization: `Bearer ${secret.slice(0, -1)}` } }, 401, 'INTAKE_DENIED'],
    ['an empty secret', { headers: { authorization: 'Bearer ' } }, 401, 'INTAKE_DENIED'],
    ['another way to say it', { headers: { authorization: `Basic ${secret}` } }, 401, 'INTAKE_DENIED'],
    ['another path', { path: '/v1/event' }, 404, 'INTAKE_REQUEST'],
    ['a path behind the path', { path: '/v1/events/x?y' }, 404, 'INTAKE_REQUEST'],
    ['another method', { method: 'PUT' }, 405, 'INTAKE_REQUEST'],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'INTAKE_REQUEST'],
    ['no type', { headers: { 'content-type': undefined } }, 415, 'INTAKE_REQUEST'],
    ['a packed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'INTAKE_REQUEST'],
    ['no event', { body: '[]' }, 400, 'INTAKE_REQUEST'],
    ['too many events', { body: `[${Array.from({ length: 1_001 }, () => one).join(',')}]` }, 400, 'INTAKE_REQUEST'],
    ['no JSON', { body: '{' }, 400, 'EVENTS_INVALID'],
    ['no UTF-8', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'INTAKE_REQUEST'],
    ['a key with spaces', { headers: { 'idempotency-key': 'a b' } }, 400, 'INTAKE_REQUEST'],
    ['a key too long', { headers: { 'idempotency-key': 'k'.repeat(101) } }, 400, 'INTAKE_REQUEST'],
  ])('%s', async (_name, sending, status, code) => {
    const { json, ...sent } = await send(sending);
    expect([sent.status, json.error?.code]).toEqual([status, code]);
    expect(json.error?.fix).toBeTruthy();
    expect(sent.headers['content-type']).toBe('application/json');
    expect(cost()).toBe(0);
  });

  test('says how to do better in the headers too', async () => {
    expect((await send({ headers: { authorization: 'x' } })).headers['www-authenticate']).toBe('Bearer');
    expect((await send({ method: 'GET', body: '' })).headers['allow']).toBe('POST');
  });

  test.each([
    ['that says so', false],
    ['that doesn’t', true],
  ])('a body that is too large, %s', async (_name, chunked) => {
    await reopen({ limits: { bodyBytes: 1_000 } });
    const sent = await send({ body: `[${Array.from({ length: 60 }, () => one).join(',')}]`, chunked });
    expect([sent.status, sent.json.error?.code, sent.headers['connection']]).toEqual([413, 'INTAKE_REQUEST', 'close']);
    expect((await send()).status).toBe(200);
  });

  test('a body that never ends, once its sender has been told', async () => {
    await reopen({ limits: { bodyBytes: 1_000 } });
    const socket = await dial();
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    const heard = listen(socket);
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
    expect(await heard).toContain('HTTP/1.1 413');
  });

  test('a request that does not come to its end', async () => {
    await reopen({ limits: { requestMs: 100 } });
    const socket = await dial();
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"type"`,
    );
    expect(await listen(socket)).toContain('HTTP/1.1 408');
    expect(cost()).toBe(0);
  });

  test('a connection that breaks off counts nothing', async () => {
    const socket = await dial();
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 50\r\n\r\n${one}`,
    );
    socket.destroy();
    await once(socket, 'close');
    expect((await send({ headers: { 'idempotency-key': 'l' } })).json.counted).toBe(1);
    expect(cost()).toBe(1);
  });
});

async function dial(): Promise<Socket> {
  const { hostname, port } = new URL(intake.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the connection ends. */
async function listen(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  // Not events.once, which a broken pipe would end.
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

describe('when much comes at once', () => {
  /** Counts when it is let. */
  function gate(): { count: (events: readonly SentinelEvent[]) => Promise<Counted>; open: () => void; reached: Promise<void> } {
    const opened = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const count = async (events: readonly SentinelEvent[]): Promise<Counted> => {
      reached.resolve();
      await opened.promise;
      return store.count(events);
    };
    return { count, open: opened.resolve, reached: reached.promise };
  }

  test('what doesn’t fit is told to come again, and what was taken is counted', async () => {
    const { count, open: letGo, reached } = gate();
    await reopen({ count, limits: { queued: 2 } });
    const first = send({ headers: { 'idempotency-key': 'a' } });
    await reached;
    const second = send({ headers: { 'idempotency-key': 'b' }, body: `[${one},${one}]` });
    expect(await second).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, json: { error: { code: 'INTAKE_BUSY' } } });
    letGo();
    expect((await first).status).toBe(200);
    expect((await send({ headers: { 'idempotency-key': 'b' }, body: `[${one},${one}]` })).json.counted).toBe(2);
    expect(cost()).toBe(3);
  });

  test('more requests than are read at once are told so without being read', async () => {
    const { count, open: letGo, reached } = gate();
    await reopen({ count, limits: { requests: 1 } });
    const first = send({ headers: { 'idempotency-key': 'a' } });
    await reached;
    expect(await send({ headers: { 'idempotency-key': 'b' } })).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    letGo();
    await first;
    expect((await send({ headers: { 'idempotency-key': 'b' } })).status).toBe(200);
  });

  test('many senders with the same events count each once', async () => {
    const sendings = Array.from({ length: 40 }, (_, n) => send({ headers: { 'idempotency-key': `k-${n % 10}` } }));
    const counted = (await Promise.all(sendings)).map(({ json }) => json.counted);
    expect([counted.filter((number) => number === 1).length, cost()]).toEqual([10, 10]);
  });

  test('closing answers what was taken first', async () => {
    const { count, open: letGo, reached } = gate();
    await reopen({ count });
    const first = send();
    await reached;
    const closed = intake.close();
    letGo();
    expect((await first).status).toBe(200);
    await closed;
    await expect(send()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a disk that refuses, and a fault of ours', () => {
  test.each<[string, Error, number, string]>([
    ['is told without its place', new MooringError('LOOP_STATE_WRITE', `/${canary} is full`), 503, 'LOOP_STATE_WRITE'],
    ['is told without its words', new TypeError(canary), 500, 'INTERNAL'],
  ])('%s', async (_name, error, status, code) => {
    await reopen({
      count: () => {
        throw error;
      },
    });
    const sent = await send();
    expect([sent.status, sent.json.error?.code]).toEqual([status, code]);
    expect(JSON.stringify(sent)).not.toContain(canary);
    expect(log.at(-1)).toBe(`events refused {"status":${status},"code":"${code}"}`);
  });

  test('keeps nobody else from being counted', async () => {
    let failing = true;
    await reopen({
      count: (events) => {
        if (failing) throw new Error('no');
        return store.count(events);
      },
    });
    expect((await send()).status).toBe(500);
    failing = false;
    expect((await send()).json.counted).toBe(1);
  });
});

test('neither log nor answer nor record shows the secret, and the log nothing of a body', async () => {
  const body = `{"type":"expansion","cost":1,"note":"${canary}"}`;
  await send({ body });
  await send({ body: body.replace('1', '"x"') });
  const sent = await send({ headers: { authorization: `Bearer ${canary}` }, body });
  expect(log).toHaveLength(3);
  const all = [...log, JSON.stringify(sent), readFileSync(join(folder, 'log-000001.jsonl'), 'utf8')].join('\n');
  expect(all).not.toContain(secret);
  expect(all).not.toContain(canary);
});

test('a secret that is too short to be one is not accepted', async () => {
  for (const short of ['', 'fifteen-letters'])
    await expect(openIntake({ secret: short, count: () => ({ results: [], decisions: [] }), state: () => initialState, log: () => {} })).rejects.toMatchObject({
      code: 'INTAKE_SECRET',
    });
});

test('a port that is taken, or an address of another machine, is told as that', async () => {
  const failed = { code: 'LISTEN_FAILED', fix: expect.stringContaining('--listen') };
  await expect(open({ port: Number(new URL(intake.url).port) })).rejects.toMatchObject(failed);
  await expect(open({ host: '192.0.2.1' })).rejects.toMatchObject(failed);
});

test('it listens on loopback alone', () => {
  expect(new URL(intake.url).hostname).toBe('127.0.0.1');
});
