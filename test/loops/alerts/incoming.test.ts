// Alerts that others send to the intake: taken in both forms, once for each key, understood, and never sent in circles.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import type { KnownContract } from '../../../src/loops/alerts/affected.ts';
import { requestFor } from '../../../src/loops/alerts/channel-request.ts';
import { quietMs } from '../../../src/loops/alerts/outbox.ts';
import { type OutboxFile, openOutbox } from '../../../src/loops/alerts/outbox-file.ts';
import { takeIncoming } from '../../../src/loops/alerts/take-incoming.ts';
import { type Intake, openIntake } from '../../../src/loops/sentinel/intake-server.ts';
import { initialState } from '../../../src/loops/sentinel/state.ts';

const secret = 'correct horse battery staple';
const canary = 's3cret-of-the-body';
const contracts: readonly KnownContract[] = [
  { name: 'arena', address: `0x${'11'.repeat(20)}`, lineage: ['SelfPlayArena', 'Pausable'] },
  { name: 'stake-manager', address: `0x${'22'.repeat(20)}`, lineage: ['StakeManager'] },
];
const block = { severity: 'critical', reason: 'moderation:block', message: 'A round is to be looked at' };

let folder: string;
let box: OutboxFile;
let intake: Intake;
let log: string[];
let now: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-incoming-'));
  now = 1_800_000_000_000;
  log = [];
  box = openOutbox(folder, syncFolder);
  intake = await openIntake({
    secret,
    count: () => ({ results: [], decisions: [] }),
    state: () => initialState,
    takeAlerts: (body, key) => takeIncoming(body, key, { box, environment: 'local', contracts, channels: ['log', 'ops'], now: () => now }),
    log: (message, data) => log.push(`${message} ${JSON.stringify(data)}`),
  });
});
afterEach(async () => {
  await intake.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = {
  status: number;
  json: { accepted?: number; repeated?: number; affected?: string[]; error?: { code: string; fix: string; findings: { message: string }[] } };
};

async function post(body: unknown, { key = 'k', ...more }: { key?: string | null; authorization?: string; type?: string } = {}): Promise<Answer> {
  const { authorization = `Bearer ${secret}`, type = 'application/json' } = more;
  const headers = { authorization, 'content-type': type, ...(key === null ? {} : { 'idempotency-key': key }) };
  const response = await fetch(`${intake.url}/v1/alerts`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, json: (await response.json()) as Answer['json'] };
}

/** `critical moderation:block` of all that waits on disk. */
const waiting = (): string[] =>
  openOutbox(folder, syncFolder)
    .state()
    .notifications.map(({ severity, reason, messages }) => `${severity} ${reason}: ${messages.join(' | ')}`);

/** As an Alertmanager sends them (webhook, version 4). */
const webhook = (...alerts: object[]) => ({
  version: '4',
  groupKey: '{}:{}',
  status: 'firing',
  receiver: 'mooring',
  externalURL: 'http://am',
  truncatedAlerts: 0,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  alerts,
});
const firing = {
  status: 'firing',
  labels: { alertname: 'ValidatorFault', severity: 'page' },
  annotations: { summary: 'auto-slash:double-vote seen' },
  startsAt: '2027-01-15T08:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus',
  fingerprint: 'abc',
};

describe('a plain alert', () => {
  test('is on disk when it is answered, with the component that its reason is about', async () => {
    expect(await post(block)).toEqual({ status: 200, json: { accepted: 1, repeated: 0, affected: ['arena'] } });
    expect(waiting()).toEqual(['critical moderation:block: A round is to be looked at (moderation:block affects arena)']);
    expect(box.state().notifications[0]).toMatchObject({
      source: 'http',
      environment: 'local',
      firstAt: now,
      waiting: [{ channel: 'log' }, { channel: 'ops' }],
    });
  });

  test('that is sent again is taken once, and its key for another body is a conflict', async () => {
    await post([block, { ...block, severity: 'info', reason: 'auto-slash:stake-manager:x' }]);
    now += 24 * 3_600_000;
    const again = await post([block, { ...block, severity: 'info', reason: 'auto-slash:stake-manager:x' }]);
    expect(again).toMatchObject({ status: 200, json: { accepted: 0, repeated: 2, affected: ['arena', 'stake-manager'] } });
    expect(await post(block)).toMatchObject({ status: 409, json: { error: { code: 'EVENT_ID_CONFLICT' } } });
    expect(waiting()).toHaveLength(2);
  });

  test('needs a key', async () => {
    expect(await post(block, { key: null })).toMatchObject({ status: 400, json: { error: { code: 'INTAKE_REQUEST' } } });
    expect(waiting()).toEqual([]);
  });
});

describe('an Alertmanager’s webhook', () => {
  test('is taken without a key, and what it repeats is not told again', async () => {
    expect(await post(webhook(firing), { key: null })).toMatchObject({ status: 200, json: { accepted: 1, affected: ['arena', 'stake-manager'] } });
    await post(webhook(firing), { key: null });
    expect(waiting()).toEqual(['critical ValidatorFault: auto-slash:double-vote seen (auto-slash:double-vote affects arena, stake-manager)']);
  });

  test('that only informs is quiet when it comes again: a watchdog comes all day', async () => {
    const watchdog = webhook({ ...firing, labels: { alertname: 'Watchdog', severity: 'none' }, annotations: { summary: 'alive' } });
    for (const later of [0, 60_000, quietMs - 60_001]) {
      now += later;
      await post(watchdog, { key: null });
    }
    expect(waiting()).toEqual([expect.stringMatching(/^info Watchdog: alive/)]);
    now += 1;
    await post(watchdog, { key: null });
    expect(waiting()).toHaveLength(2);
  });

  test('that says so of what was told again is told again', async () => {
    const over = webhook({ ...firing, status: 'resolved' });
    const reasons = (): string[] => waiting().map((text) => text.split(':', 1)[0] ?? '');
    await post(webhook(firing), { key: null });
    now += quietMs - 60_000;
    await post(over, { key: null });
    await post(over, { key: null });
    expect(reasons()).toEqual(['critical ValidatorFault', 'info ValidatorFault_clear']);
    now += 60_000;
    await post(webhook(firing), { key: null });
    await post(over, { key: null });
    expect(reasons()).toEqual(['critical ValidatorFault', 'info ValidatorFault_clear', 'critical ValidatorFault', 'info ValidatorFault_clear']);
  });

  test('that says an alert is over is told as that', async () => {
    await post(webhook({ ...firing, status: 'resolved' }), { key: null });
    expect(waiting()).toEqual([expect.stringMatching(/^info ValidatorFault_clear: No longer: auto-slash/)]);
  });

  test.each([
    ['critical', 'critical'],
    ['warning', 'warning'],
    ['none', 'info'],
    ['purple', 'warning'],
    [undefined, 'warning'],
  ])('with the severity %s is %s', async (word, severity) => {
    await post(webhook({ ...firing, labels: { alertname: 'A', ...(word === undefined ? {} : { severity: word }) } }), { key: null });
    expect(box.state().notifications[0]?.severity).toBe(severity);
  });

  test('does not bring our own alerts back', async () => {
    await post(block);
    const [notification] = box.state().notifications;
    const sent = requestFor({ name: 'am', type: 'alertmanager', url: 'http://am' }, notification as NonNullable<typeof notification>, now);
    const back = (JSON.parse(sent.body) as object[]).map((alert) => ({ status: 'firing', fingerprint: 'x', ...alert }));
    expect(await post(webhook(...back), { key: null })).toMatchObject({ status: 200, json: { accepted: 0, repeated: 1 } });
    expect(waiting()).toHaveLength(1);
  });
});

describe('what is refused', () => {
  test.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['nothing', [], 400],
    ['a text', '"x"', 400],
    ['too many', Array.from({ length: 201 }, () => block), 400],
    ['no reason', { ...block, reason: '' }, 400],
    ['no message', { ...block, message: 1 }, 400],
    ['an unknown severity', { ...block, severity: canary }, 400],
    ['an alert of an Alertmanager without a name', webhook({ ...firing, labels: { severity: canary } }), 400],
    ['labels that are no texts', webhook({ ...firing, labels: { alertname: 'a', x: { y: canary } } }), 400],
    ['one bad of several', [block, { ...block, reason: null, message: canary }], 400],
    ['a body that is too large', { ...block, detail: 'x'.repeat(300_000) }, 413],
  ])('%s', async (_name, body, status) => {
    const { json, ...sent } = await post(body);
    expect([sent.status, json.error?.code]).toEqual([status, 'INTAKE_REQUEST']);
    expect(JSON.stringify(json)).not.toContain(canary);
    expect(waiting()).toEqual([]);
  });

  test('who has not the secret, and what isn’t JSON by its type', async () => {
    expect((await post(block, { authorization: 'Bearer no' })).status).toBe(401);
    expect((await post(block, { key: 'a b' })).status).toBe(400);
    expect((await post(block, { type: 'text/plain' })).status).toBe(415);
    expect(waiting()).toEqual([]);
  });
});

test('a text of any length is cut, and the log has counts alone', async () => {
  await post({ ...block, message: `${canary} ${'x'.repeat(5_000)}`, reason: `moderation:${'y'.repeat(300)}` });
  const [notification] = box.state().notifications;
  expect([notification?.messages[0]?.length, notification?.reason.length].every((length) => (length ?? 0) < 2_100)).toBe(true);
  expect(notification?.reason).toHaveLength(100);
  expect(log).toEqual(['alerts taken {"accepted":1,"repeated":0}']);
  expect(readFileSync(join(folder, 'outbox.json'), 'utf8')).not.toContain(secret);
});

test('an intake without anybody for alerts says that there is nothing', async () => {
  const other = await openIntake({ secret, count: () => ({ results: [], decisions: [] }), state: () => initialState, log: () => {} });
  const response = await fetch(`${other.url}/v1/alerts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(block),
  });
  expect(response.status).toBe(404);
  await other.close();
});
