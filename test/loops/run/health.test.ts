// What /healthz, /readyz and /metrics answer, over a real connection.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HealthServer, listenAddress, openHealthServer } from '../../../src/cli/loops/health-server.ts';
import { prometheusMeters } from '../../../src/cli/loops/prometheus-meters.ts';
import { makePulse, type Pulse } from '../../../src/cli/loops/pulse.ts';

const meters = prometheusMeters();
let time: number;
let pulse: Pulse;
let server: HealthServer;
beforeEach(async () => {
  time = 1_000_000;
  pulse = makePulse(() => time);
  server = await openHealthServer({ host: '127.0.0.1', port: 0 }, { pulse, meters });
});
afterEach(() => server.close());

async function ask(path: string, method = 'GET'): Promise<{ status: number; text: string; type: string | null }> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
}

const { signal } = new AbortController();

test('it is alive at once, and ready after a good turn of each loop', async () => {
  expect(await ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  expect(await ask('/readyz')).toMatchObject({ status: 503, text: 'standing by: another replica leads\n' });
  const loops = (['drift', 'thermostat'] as const).map((name) => pulse.watch({ name, every: 1_000, turn: async () => {}, close: async () => {} }));
  await loops[0]?.turn(signal);
  expect((await ask('/readyz')).text).toContain('thermostat');
  await loops[1]?.turn(signal);
  expect((await ask('/readyz')).status).toBe(200);
});

test('a loop whose turns fail makes it unready, not ill', async () => {
  const faults: boolean[] = [false];
  const turn = async (): Promise<void> => (faults[0] === true ? Promise.reject(new Error('no')) : undefined);
  const loop = pulse.watch({ name: 'drift', every: 1_000, turn, close: async () => {} });
  await loop.turn(signal);
  faults[0] = true;
  time += 120_000;
  await expect(loop.turn(signal)).rejects.toThrow();
  expect((await ask('/readyz')).status).toBe(503);
  expect((await ask('/healthz')).status).toBe(200);
});

test('a turn that hangs makes it ill', async () => {
  const end = Promise.withResolvers<void>();
  const loop = pulse.watch({ name: 'drift', every: 1_000, turn: () => end.promise, close: async () => {} });
  const turn = loop.turn(signal);
  time += 20 * 60_000;
  expect(await ask('/healthz')).toMatchObject({ status: 503, text: 'a turn of drift hangs\n' });
  end.resolve();
  await turn;
  expect((await ask('/healthz')).status).toBe(200);
});

test('metrics are as Prometheus reads them', async () => {
  meters.set('drifted_changes', 3);
  meters.add('turns_total', { loop: 'drift', result: 'failed' });
  meters.add('turns_total', { loop: 'drift', result: 'failed' });
  const { text, type } = await ask('/metrics');
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('# TYPE mooring_turns_total counter\nmooring_turns_total{loop="drift",result="failed"} 2');
  expect(text).toContain('mooring_drifted_changes 3');
});

test('nothing else is answered', async () => {
  expect((await ask('/metrics', 'POST')).status).toBe(405);
  expect((await ask('/secrets')).status).toBe(404);
});

test('addresses', () => {
  expect(listenAddress('127.0.0.1:9464')).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(listenAddress('[::1]:0')).toEqual({ host: '::1', port: 0 });
  for (const wrong of ['9464', 'here', '127.0.0.1:99999', 'a b:1']) expect(() => listenAddress(wrong)).toThrow(/--health .* is not HOST:PORT/);
});

test('an address that is taken is a clear error', async () => {
  await expect(openHealthServer({ host: '127.0.0.1', port: server.port }, { pulse, meters })).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
});
