// mooring sentinel watch as operators meet it: what it takes, what it refuses, a dry run that leaves no trace, and a record that goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/journal/lock.ts';
import { openOutbox } from '../../src/loops/alerts/outbox-file.ts';
import { readLedger } from '../../src/loops/sentinel/event-store.ts';
import { type Desk, localFiles, makeDesk, type Said } from '../support/cli.ts';

const secret = 'correct horse battery staple';
const settings = `apiVersion: mooring/v1
kind: Sentinel
budgetCap: 100
monitorIntervalSeconds: 0.05
`;
const spent = { type: 'evaluation', cost: 85, value: 300, id: 'e-1' };

let desk: Desk;

beforeEach(() => {
  desk = makeDesk(localFiles(), { SENTINEL_SECRET: secret });
  desk.write('desired-state/local/loops/sentinel.yaml', settings);
  desk.write('events.ndjson', `${JSON.stringify(spent)}\n`);
});
afterEach(() => desk.remove());

const watch = (more: string): Promise<Said> => desk.run(`sentinel watch --env local ${more}`);
const recorded = () => readLedger(join(desk.root, '.mooring/local/sentinel'));
const waiting = (): string[] =>
  openOutbox(join(desk.root, '.mooring/local/sentinel'), () => {})
    .state()
    .notifications.map(({ severity, reason, messages }) => `${severity} ${reason}: ${messages[0]}`);

describe('a file of events', () => {
  test('is counted as far as it goes, and further at the next start', async () => {
    expect(await watch('--file events.ndjson --iterations 1')).toMatchObject({ exit: 0, stdout: 'sentinel of local: events in events.ndjson; every 0.05 s\n' });
    expect(recorded()?.state).toMatchObject({ evaluations: 1, totalCost: 85 });
    appendFileSync(join(desk.root, 'events.ndjson'), `${JSON.stringify({ ...spent, id: 'e-2', cost: 1 })}\n`);
    await watch('--file events.ndjson --iterations 2');
    expect(recorded()?.state).toMatchObject({ evaluations: 2, totalCost: 86 });
  });

  test('whose decision can’t be proposed keeps it pending, and tells so', async () => {
    const { stderr } = await watch('--file events.ndjson --iterations 1');
    expect(recorded()?.pending).toMatchObject([{ number: 1, decision: { measures: [{ kind: 'pause', reason: 'budget_soft' }] } }]);
    expect(waiting()).toEqual([
      'warning budget_soft: Expansions are to pause: the soft part of the budget is spent. (cost 85.00, soft cap 80.00)',
      expect.stringMatching(/^warning proposal_failed: The sentinel's proposing \(pause budget_soft\) failed, and is tried again \(GIT_/),
    ]);
    expect(stderr).not.toContain(secret);
  });

  test('with lines that are no events tells which, and counts the others', async () => {
    desk.write('events.ndjson', `${JSON.stringify({ ...spent, cost: 1 })}\n{"type":"expansion","cost":-1}\n`);
    await watch('--file events.ndjson --iterations 1');
    expect([recorded()?.state.evaluations, waiting()]).toEqual([1, [expect.stringMatching(/^warning events_lost: NUMBER_NEGATIVE at .*events\.ndjson:2:/)]]);
  });

  test('that can’t be read fails its turn, which is told and not the end', async () => {
    desk.write('folder/file', '');
    const { exit, stderr } = await watch('--file folder --iterations 2');
    expect([exit, stderr.match(/this turn failed: FILE_NOT_REGULAR/g)?.length]).toEqual([1, 2]);
  });
});

test('what is critical is sent at once, and no secret is said', async () => {
  const got: { path: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    got.push({ path: request.url ?? '', body });
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const channel = `{ type: webhook, url: "http://127.0.0.1:${(server.address() as AddressInfo).port}/\${OPS_WEBHOOK_TOKEN}", secretEnv: OPS_SECRET }`;
  desk.write('desired-state/local/loops/sentinel.yaml', `${settings}alertChannels: [ops]\nchannels: { ops: ${channel} }\n`);
  desk.write('events.ndjson', `${JSON.stringify({ ...spent, cost: 120 })}\n`);
  const env = { ...desk.env, OPS_WEBHOOK_TOKEN: 'tok-of-the-hook', OPS_SECRET: 'key-of-the-hook' };
  const said = await desk.run('sentinel watch --env local --file events.ndjson --iterations 1 --verbose', { env });
  server.close();
  expect(got.map(({ path, body }) => [path, (JSON.parse(body) as { reason: string }).reason]).sort()).toEqual([
    ['/tok-of-the-hook', 'budget_cap'],
    ['/tok-of-the-hook', 'budget_stop'],
  ]);
  // Gone from disk what was sent; what isn't critical waits for more of its kind.
  expect(waiting().map((text) => text.split(' ')[0])).toEqual(['warning', 'warning']);
  expect(said.stdout + said.stderr).not.toMatch(/tok-of-the-hook|key-of-the-hook/);
});

test('without the key that policy grants it goes on, and tells so once', async () => {
  const policy = 'desired-state/local/policy.yaml';
  desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: owner } }\n`);
  // A port where nobody listens: what is told stays where it can be looked at.
  const channel = '{ type: slack, url: "http://127.0.0.1:9/${OPS_WEBHOOK}" }';
  desk.write('desired-state/local/loops/sentinel.yaml', `${settings}alertChannels: [ops]\nchannels: { ops: ${channel} }\n`);
  desk.write('events.ndjson', `${JSON.stringify({ ...spent, cost: 1 })}\n`);
  const env = { SENTINEL_SECRET: secret, OPS_WEBHOOK: 'of-the-hook' };
  for (let start = 1; start <= 2; start++) {
    const said = await desk.run('sentinel watch --env local --file events.ndjson --iterations 1', { env });
    expect(said).toMatchObject({ exit: 0, stderr: expect.stringContaining('nothing is paused at once') });
  }
  expect([recorded()?.state.evaluations, waiting()]).toEqual([1, [expect.stringMatching(/^critical pause_key_missing: /)]]);
});

describe('a dry run', () => {
  test('prints what would be done, sends and records nothing', async () => {
    const { exit, stdout, stderr } = await watch('--file events.ndjson --iterations 1 --dry-run');
    expect([exit, existsSync(join(desk.root, '.mooring/local/sentinel'))]).toEqual([0, false]);
    expect(stdout).toContain('events in events.ndjson');
    expect(stderr).toContain('would open a pull request: Pause engine-targets: the soft part of the budget is spent (emergency, sentinel)');
  });

  test('begins with what is recorded, and works beside a sentinel that is running', async () => {
    await watch('--file events.ndjson --iterations 1');
    const before = desk.files('.mooring/local/sentinel').map((file) => desk.read(file));
    const lock = await takeLock(join(desk.root, '.mooring/local/sentinel/lock'));
    appendFileSync(join(desk.root, 'events.ndjson'), `${JSON.stringify({ ...spent, id: 'e-2', cost: 20 })}\n`);
    const { stderr } = await watch('--file events.ndjson --iterations 1 --dry-run');
    lock.release();
    expect(stderr).toContain('would open a pull request: Pause engine-targets, arena: the budget is spent');
    expect(
      desk
        .files('.mooring/local/sentinel')
        .filter((file) => !file.includes('/lock'))
        .map((file) => desk.read(file)),
    ).toEqual(before.filter((text) => text !== ''));
  });
});

describe('is refused', () => {
  test.each<[string, string, number, string]>([
    ['a port that is none', '--listen 127.0.0.1:99999', 64, 'USAGE'],
    ['no port', '--listen localhost', 64, 'USAGE'],
    ['a number of turns that is none', '--file x --iterations some', 64, 'USAGE'],
  ])('%s', async (_name, more, exit, code) => {
    expect(await watch(more)).toMatchObject({ exit, stderr: expect.stringContaining(code) });
  });

  test.each([{}, { SENTINEL_SECRET: 'short' }])('an intake without a secret that is one', async (env) => {
    const said = await desk.run('sentinel watch --env local --listen 127.0.0.1:0 --iterations 1', { env });
    expect(said).toMatchObject({ exit: 64, stderr: expect.stringContaining('INTAKE_SECRET') });
    expect(said.stderr).not.toContain('short"');
  });

  test('a second one for the same environment', async () => {
    await watch('--file events.ndjson --iterations 1');
    const lock = await takeLock(join(desk.root, '.mooring/local/sentinel/lock'));
    expect(await watch('--file events.ndjson --iterations 1')).toMatchObject({ exit: 1, stderr: expect.stringContaining('LOOP_STATE_LOCKED') });
    lock.release();
  });

  test('a channel whose variable is not set, before anything is taken', async () => {
    desk.write('desired-state/local/loops/sentinel.yaml', `${settings}alertChannels: [ops]\nchannels: { ops: { type: slack, url: "\${OPS_WEBHOOK}" } }\n`);
    expect(await watch('--file events.ndjson --iterations 1')).toMatchObject({ exit: 64, stderr: expect.stringContaining('OPS_WEBHOOK') });
    expect(recorded()).toBeNull();
  });
});

test('a process that is told to stop answers what it has taken, and ends with 0', async () => {
  const { PATH = '' } = process.env;
  const args = [join(import.meta.dirname, '../../bin/mooring.mjs'), 'sentinel', 'watch', '--env', 'local', '--listen', '127.0.0.1:0'];
  const env = { PATH, HOME: desk.root, XDG_CACHE_HOME: join(desk.root, '.cache'), ...desk.env };
  const child = spawn(process.execPath, args, { cwd: desk.root, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
  const url = /(http:\/\/[^/]+)\/v1\/events/.exec(line)?.[1];
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'k' };
  const sent = fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify({ type: 'expansion', cost: 1 }) });
  const incoming = await fetch(`${url}/v1/alerts`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ severity: 'warning', reason: 'auto-slash:x', message: 'm' }),
  });
  expect(await incoming.json()).toEqual({ accepted: 1, repeated: 0, affected: ['arena', 'stake-manager'] });
  expect((await sent).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(recorded()?.state.totalCost).toBe(1);
  expect(waiting()).toEqual(['warning auto-slash:x: m (auto-slash:x affects arena, stake-manager)']);
});
