// Alerts against real HTTP servers that record what they get: signed, in each channel's form, again after failures, from disk.
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import type { OutgoingRequest, ReadyChannel } from '../../../src/loops/alerts/channel-request.ts';
import { deliver } from '../../../src/loops/alerts/deliver.ts';
import { type Alert, accept, groupMs, nextDue } from '../../../src/loops/alerts/outbox.ts';
import { type OutboxFile, openOutbox } from '../../../src/loops/alerts/outbox-file.ts';
import { postRequest } from '../../../src/loops/alerts/post-request.ts';

const secret = 'a webhook’s secret';
const start = 1_800_000_000_000;

type Got = { path: string; headers: Record<string, unknown>; body: string };

let folder: string;
let server: Server;
let url: string;
let got: Got[];
/** Status of the next answers; 200 when there is none left. */
let answers: number[];
/** Takes requests and never answers. */
let silent: boolean;
let log: string[];
let box: OutboxFile;
let now: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-alerts-'));
  [got, answers, log, now, silent] = [[], [], [], start, false];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    got.push({ path: request.url ?? '', headers: request.headers, body });
    if (silent) return;
    const status = answers.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  box = open();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function open(): OutboxFile {
  return openOutbox(join(folder, 'alerts'), syncFolder);
}

const budget: Alert = {
  severity: 'critical',
  source: 'sentinel',
  environment: 'local',
  reason: 'budget_stop',
  message: 'Everything is to pause: the budget is spent.',
  detail: 'cost 100.00, cap 100.00',
  at: start,
};

function raise(alerts: readonly Alert[], channels: readonly ReadyChannel[]): void {
  box.change((outbox) => accept(outbox, alerts, { now, channels: channels.map(({ name }) => name) }));
}

function send(channels: readonly ReadyChannel[]): Promise<number> {
  return deliver({ box, channels, log: (message, data) => log.push(`${message} ${JSON.stringify(data)}`), now: () => now });
}

async function through(channel: ReadyChannel, alerts: readonly Alert[]): Promise<Got> {
  raise(alerts, [channel]);
  now += groupMs;
  expect(await send([channel])).toBe(0);
  const [first] = got;
  if (first === undefined) throw new Error('nothing was sent');
  return first;
}

describe('a channel gets', () => {
  test('of a webhook: a signed body, and a key that stays', async () => {
    const sent = await through({ name: 'ops', type: 'webhook', url: `${url}/hook?token=x`, secret }, [budget]);
    const body = JSON.parse(sent.body);
    expect(body).toEqual({
      version: 1,
      id: `local-1-${start}`,
      severity: 'critical',
      source: 'sentinel',
      environment: 'local',
      reason: 'budget_stop',
      count: 1,
      firstAt: '2027-01-15T08:00:00.000Z',
      lastAt: '2027-01-15T08:00:00.000Z',
      messages: ['Everything is to pause: the budget is spent. (cost 100.00, cap 100.00)'],
    });
    const { 'mooring-timestamp': timestamp, 'mooring-signature': signature } = sent.headers;
    expect(timestamp).toBe(String((start + groupMs) / 1_000));
    expect(signature).toBe(`sha256=${createHmac('sha256', secret).update(`${timestamp}.${sent.body}`).digest('hex')}`);
    expect([sent.path, sent.headers['idempotency-key'], sent.headers['content-type']]).toEqual(['/hook?token=x', body.id, 'application/json']);
  });

  test('of Alertmanager: an alert of its second API', async () => {
    const sent = await through({ name: 'am', type: 'alertmanager', url: `${url}/` }, [budget]);
    expect(sent.path).toBe('/api/v2/alerts');
    expect(JSON.parse(sent.body)).toEqual([
      {
        labels: { alertname: 'Mooring_budget_stop', severity: 'critical', source: 'sentinel', environment: 'local', reason: 'budget_stop' },
        annotations: {
          summary: 'Everything is to pause: the budget is spent. (cost 100.00, cap 100.00)',
          description: 'Everything is to pause: the budget is spent. (cost 100.00, cap 100.00)',
        },
        startsAt: '2027-01-15T08:00:00.000Z',
        endsAt: '2027-01-16T08:00:00.000Z',
      },
    ]);
  });

  test('of PagerDuty: an incident, which its clearing resolves', async () => {
    const channel: ReadyChannel = { name: 'pager', type: 'pagerduty', url, key: 'routing' };
    const sent = await through(channel, [{ ...budget, reason: 'roi_floor', severity: 'warning' }]);
    expect(sent.path).toBe('/v2/enqueue');
    expect(JSON.parse(sent.body)).toMatchObject({
      routing_key: 'routing',
      event_action: 'trigger',
      dedup_key: 'mooring/local/sentinel/roi_floor',
      payload: { severity: 'warning', source: 'mooring sentinel (local)', class: 'roi_floor', custom_details: { count: 1 } },
    });
    raise([{ ...budget, reason: 'roi_floor_clear', severity: 'info' }], [channel]);
    now += groupMs;
    await send([channel]);
    expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({ event_action: 'resolve', dedup_key: 'mooring/local/sentinel/roi_floor' });
  });

  test('of a chat: a text in which nothing of a stranger comes alive', async () => {
    const hostile = { ...budget, message: 'agent "<!channel> <https://evil.example|x> &amp;\u202e\u0007"', detail: '' };
    const sent = await through({ name: 'chat', type: 'slack', url: `${url}/services/x` }, [hostile]);
    expect(sent.path).toBe('/services/x');
    expect(JSON.parse(sent.body).text).toBe(
      ':rotating_light: *local* sentinel: budget_stop\n• agent "&lt;!channel&gt; &lt;https://evil.example|x&gt; &amp;amp; "',
    );
  });

  test('of the log: a line', async () => {
    raise([budget], [{ name: 'log', type: 'log' }]);
    expect(await send([{ name: 'log', type: 'log' }])).toBe(0);
    expect(log).toEqual([
      'Everything is to pause: the budget is spent. (cost 100.00, cap 100.00) {"alert":"critical","source":"sentinel","reason":"budget_stop","count":1}',
    ]);
  });

  test('what is grouped at once, with how many there were', async () => {
    const many = Array.from({ length: 14 }, (_, n) => ({ ...budget, severity: 'warning' as const, message: `m${n}`, detail: '' }));
    const sent = await through({ name: 'chat', type: 'slack', url }, many);
    expect(JSON.parse(sent.body).text).toContain('• m9\nand 4 more');
    expect(got).toHaveLength(1);
  });
});

describe('a failure', () => {
  const hook = (): ReadyChannel => ({ name: 'ops', type: 'webhook', url, secret });

  test.each([500, 429, 404, 302])('of HTTP %s is tried again until it succeeds, with the same key', async (status) => {
    answers = [status, status];
    raise([budget], [hook()]);
    expect(await send([hook()])).toBe(1);
    expect(await send([hook()])).toBe(0);
    expect(got).toHaveLength(1);
    for (let tries = 0; tries < 2; tries++) {
      now = nextDue(box.state()) ?? 0;
      // As a new process would: all that counts is on disk.
      box = open();
      await send([hook()]);
    }
    expect(got.map(({ headers }) => headers['idempotency-key'])).toEqual([1, 2, 3].map(() => `local-1-${start}`));
    expect(new Set(got.map(({ path }) => path))).toEqual(new Set(['/']));
    expect(box.state().notifications).toEqual([]);
    expect(log).toEqual([1, 2].map((n) => `an alert could not be sent {"channel":"ops","reason":"budget_stop","why":"HTTP ${status}","attempts":${n}}`));
  });

  test('of one channel holds up no other, and shows neither its URL nor its secret', async () => {
    const dead: ReadyChannel = { name: 'dead', type: 'slack', url: 'http://127.0.0.1:1/services/s3cret' };
    raise([budget, { ...budget, reason: 'other' }], [dead, hook()]);
    expect(await send([dead, hook()])).toBe(2);
    expect(got).toHaveLength(2);
    expect(box.state().notifications.map(({ waiting }) => waiting.map(({ channel }) => channel))).toEqual([['dead'], ['dead']]);
    expect(log.join()).not.toMatch(/s3cret|127\.0\.0\.1/);
    expect(readFileSync(join(folder, 'alerts/outbox.json'), 'utf8')).not.toMatch(/s3cret|webhook’s/);
  });

  test('is also an answer that does not come', async () => {
    silent = true;
    raise([budget], [hook()]);
    const post = (request: OutgoingRequest) => postRequest(request, 50);
    expect(await deliver({ box, channels: [hook()], log: (message, data) => log.push(`${message} ${JSON.stringify(data)}`), now: () => now, post })).toBe(1);
    expect(log[0]).toContain('"why":"TimeoutError"');
  });

  test('to note a success sends twice rather than never', async () => {
    raise([budget], [hook()]);
    // The process ends between the answer and the note of it.
    const ending: OutboxFile = {
      state: box.state,
      change: () => {
        throw new Error('killed');
      },
    };
    await expect(deliver({ box: ending, channels: [hook()], log: () => {}, now: () => now })).rejects.toThrow('killed');
    box = open();
    expect(await send([hook()])).toBe(0);
    expect(got.map(({ headers }) => headers['idempotency-key'])).toEqual([`local-1-${start}`, `local-1-${start}`]);
  });

  test('to record an alert is told to who raised it, and changes nothing', () => {
    writeFileSync(join(folder, 'file'), '');
    const broken = openOutbox(join(folder, 'none'), () => {
      throw new Error('no');
    });
    expect(() => broken.change((outbox) => accept(outbox, [budget], { now, channels: ['x'] }))).toThrow(expect.objectContaining({ code: 'LOOP_STATE_WRITE' }));
    expect(broken.state().notifications).toEqual([]);
  });
});

test('what waits for a channel that is no longer there is dropped, and told', async () => {
  raise([budget], [{ name: 'gone', type: 'slack', url }]);
  expect(await send([])).toBe(1);
  expect(box.state().notifications).toEqual([]);
  expect(log[0]).toContain('an alert is dropped {"channel":"gone"');
});

test('the outbox is its owner’s alone, and a changed one stops everything', () => {
  raise([budget], [{ name: 'ops', type: 'slack', url }]);
  const file = join(folder, 'alerts/outbox.json');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
  writeFileSync(file, readFileSync(file, 'utf8').replace('critical', 'trifling'));
  expect(open).toThrow(expect.objectContaining({ code: 'LOOP_STATE_CORRUPT' }));
});
