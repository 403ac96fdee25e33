// mooring thermostat baseline: recorded against a real chain and a Prometheus stand-in, compared, and finance told.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BaselineView } from '../../src/render/baseline-text.ts';
import { type Desk, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import { type PrometheusStandIn, startPrometheus } from '../support/prometheus.ts';

const file = 'reports/roi-baseline.ndjson';
const out = 'record --iterations 3 --interval 0.01';

let world: FieldWorld;
let prometheus: PrometheusStandIn;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ on: 'hardhat' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
  prometheus = await startPrometheus();
  desk.write(
    `${folder}/loops/thermostat.yaml`,
    'apiVersion: mooring/v1\nkind: Thermostat\nroiWindow: 6\nprometheus: { url: "http://me:${PROMETHEUS_PASSWORD}@${PROMETHEUS_HOST}" }\n',
  );
  Object.assign(desk.env, { PROMETHEUS_PASSWORD: 'hunter-2-and-more', PROMETHEUS_HOST: prometheus.url.slice('http://'.length) });
  says(2.0, 1.9, 2.1);
});
afterEach(async () => {
  await prometheus.stop();
  desk.remove();
});

/** Scraped one after the other, over and over. */
function says(...values: readonly (number | string)[]): void {
  let next = 0;
  prometheus.set(() => {
    const value = String(values[next % values.length]);
    next += 1;
    return [{ labels: { __name__: 'hgm_roi' }, value }];
  });
}

const baseline = (line: string): Promise<Said> => desk.run(`thermostat baseline ${line} --env ${environmentName}`);
const lines = (name = file): Record<string, unknown>[] =>
  desk
    .read(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('record', () => {
  test('writes each sample with the settings and the live targets of its time', async () => {
    await world.byHand({ on: 'engineTargets', call: 'setWideningAlpha', args: [6n * 10n ** 17n] });
    const said = await baseline(out);
    expect(said, said.stderr).toMatchObject({ exit: 0, stdout: `wrote ${file}: 3 samples, mean ROI 2\n` });
    expect(lines().map(({ roi }) => roi)).toEqual([2, 1.9, 2.1]);
    expect(lines()[0]).toMatchObject({
      timestamp: expect.any(Number),
      environment: environmentName,
      block: expect.stringMatching(/^\d+$/),
      targets: { targetRoi: 2, lowerMargin: 0.1, upperMargin: 0.15, wideningAlpha: 0.6, thompsonPrior: 1 },
      settings: { roiWindow: '6', cooldownSteps: '4', 'guards.periodSeconds': '18000' },
      query: 'hgm_roi',
    });
    expect(desk.read(file) + said.stdout + said.stderr).not.toContain('hunter-2');
    expect(desk.has(`${file}.partial`)).toBe(false);
    // A history like any other.
    expect((await desk.run(`thermostat replay ${file}`)).exit).toBe(0);
  });

  test('a reading that is not to be believed is told and taken again', async () => {
    says(2.0, 'NaN', -1, 1.9, 1e6, 2.1);
    const { exit, stderr } = await baseline(out);
    expect(exit).toBe(0);
    expect(lines().map(({ roi }) => roi)).toEqual([2, 1.9, 2.1]);
    expect(stderr.match(/left out: (not-finite|implausible)/g)).toHaveLength(3);
  });

  test('one scrape counts once, a stale one not at all; then nothing is written, and what there was stays', async () => {
    desk.write(file, 'what there was\n');
    prometheus.set([{ labels: { __name__: 'hgm_roi' }, value: '2' }]);
    const once = await baseline(`${out} --force`);
    expect([once.exit, once.stderr]).toEqual([5, expect.stringContaining('BASELINE_INCOMPLETE')]);
    expect(once.stderr).toContain('left out: replayed');
    expect(desk.read(file)).toBe('what there was\n');
    expect(lines(`${file}.partial`)).toHaveLength(1);
    desk.edit(`${folder}/loops/thermostat.yaml`, [{ path: ['prometheus', 'maxAgeSeconds'], set: '60' }]);
    prometheus.set([{ labels: { __name__: 'hgm_roi' }, value: '2', at: prometheus.now() - 100 }]);
    const stale = await baseline(`${out} --force`);
    expect([stale.exit, stale.stderr]).toEqual([5, expect.stringContaining('left out: stale')]);
    expect(desk.has(`${file}.partial`)).toBe(false);
  });

  test('an earlier baseline is replaced with --force alone', async () => {
    desk.write(file, 'what there was\n');
    const refused = await baseline(out);
    expect([refused.exit, refused.stderr]).toEqual([64, expect.stringContaining('FILE_EXISTS')]);
    expect(prometheus.requests).toEqual([]);
    expect((await baseline(`${out} --force`)).exit).toBe(0);
    expect(lines()).toHaveLength(3);
  });

  test('a source that is down, an engine that can’t be read, a Prometheus that nobody named', async () => {
    desk.env['PROMETHEUS_HOST'] = '127.0.0.1:9';
    const down = await baseline(out);
    expect([down.exit, down.stderr]).toEqual([5, expect.stringContaining('METRICS_UNAVAILABLE')]);
    expect(down.stderr).not.toContain('hunter-2');
    world.proxy.hooks.before = () => 'drop';
    expect((await baseline(out)).exit).toBe(5);
    world.proxy.hooks = {};
    desk.write(`${folder}/loops/thermostat.yaml`, 'apiVersion: mooring/v1\nkind: Thermostat\n');
    expect(await baseline(out)).toMatchObject({ exit: 65, stderr: expect.stringContaining('METRICS_URL') });
    expect(desk.has(file)).toBe(false);
  });

  test('told to stop, it ends at once and writes nothing', async () => {
    const stop = new AbortController();
    const running = desk.run(`thermostat baseline record --iterations 3 --interval 3600 --env ${environmentName}`, {
      stop: stop.signal,
      stderr: (text) => void (text.includes('sample 1 of 3') && stop.abort()),
    });
    expect((await running).exit).toBe(5);
    expect(desk.has(file)).toBe(false);
  });

  test.each(['--iterations 1', '--iterations 2.5', '--interval 0', '--out', 'x'])('%s is not understood', async (more) => {
    expect((await desk.run(`thermostat baseline record ${more}`)).exit).toBe(64);
  });
});

describe('compare', () => {
  const record = (name: string, rois: readonly (number | string)[], targets: object = { wideningAlpha: 0.5 }): void =>
    desk.write(name, rois.map((roi, i) => `${JSON.stringify({ timestamp: 1_750_000_000 + i, roi, targets })}\n`).join(''));
  beforeEach(() => {
    record('old.ndjson', [2.0, 2.1, 1.9, 2.05, 1.95, 2.02, 1.98]);
    record('down.ndjson', [1.6, 1.5, 1.55, 1.45, 1.52, 'NaN', 1.58], { wideningAlpha: 0.6 });
    record('same.ndjson', [2.01, 2.08, 1.91, 2.03, 1.99]);
  });
  const compare = (line: string): Promise<Said> => desk.run(`thermostat baseline compare ${line}`);

  test('a drawdown beyond ten per cent exits with 2 and says how sure it is', async () => {
    const { exit, stdout, stderr } = await compare('old.ndjson down.ndjson');
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('../golden/cli/baseline-compare.txt');
  });

  test('what is within it exits with 0', async () => {
    const { exit, stdout } = await compare('old.ndjson same.ndjson');
    expect(exit).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/cli/baseline-compare-same.txt');
  });

  test('as JSON', async () => {
    const view = JSON.parse((await compare('down.ndjson old.ndjson --format json')).stdout) as BaselineView;
    expect(view).toMatchObject({ old: { count: 6, dropped: 1 }, fresh: { count: 7, dropped: 0 }, certain: true, exceeded: true, level: 0.95, threshold: 0.1 });
    expect(view.relative?.by).toBeCloseTo(2 / (9.2 / 6) - 1, 12);
    expect(view.targets).toEqual([{ field: 'wideningAlpha', old: '0.6', fresh: '0.5' }]);
  });

  test.each([
    ['old.ndjson', 64, 'USAGE'],
    ['old.ndjson same.ndjson down.ndjson', 64, 'USAGE'],
    ['old.ndjson nowhere.ndjson', 65, 'FILE_MISSING'],
    ['old.ndjson one.ndjson', 65, 'BASELINE_TOO_FEW'],
    ['old.ndjson bad.ndjson', 65, 'SAMPLES_INVALID'],
  ])('%s ends with %i', async (line, exit, code) => {
    record('one.ndjson', [1, 'NaN', 'Infinity']);
    desk.write('bad.ndjson', '{"roi": 1}\n{"roi": 2\n');
    const said = await compare(line);
    expect([said.exit, said.stderr]).toEqual([exit, expect.stringContaining(code)]);
  });

  describe('with --alert', () => {
    let hook: { url: string; got: { body: string; status: number }[]; status: number; stop(): Promise<void> };
    beforeEach(async () => {
      const server = createServer(async (request, response) => {
        let body = '';
        for await (const piece of request.setEncoding('utf8')) body += piece;
        hook.got.push({ body, status: hook.status });
        response.writeHead(hook.status).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const stop = async (): Promise<void> => {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      };
      hook = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got: [], status: 200, stop };
      desk.env['OPS_WEBHOOK'] = hook.url;
      desk.write(
        `${folder}/loops/sentinel.yaml`,
        'apiVersion: mooring/v1\nkind: Sentinel\nalertChannels: [log, finance]\nchannels: { finance: { type: slack, url: "${OPS_WEBHOOK}" } }\n',
      );
    });
    afterEach(() => hook.stop());
    const alert = (line: string): Promise<Said> => compare(`${line} --alert --env ${environmentName}`);

    test.each([
      ['old.ndjson down.ndjson', 'rotating_light', 'Drawdown of 23.3 %'],
      ['down.ndjson old.ndjson', ':warning:', 'Lift of 30.4 %'],
    ])('%s: finance is told through each channel, at once', async (files, mark, says) => {
      const { exit, stderr } = await alert(files);
      expect(exit).toBe(2);
      expect(hook.got).toHaveLength(1);
      for (const part of [mark, environmentName, 'roi_baseline', 'For finance', says, 'old.ndjson', 'down.ndjson']) expect(hook.got[0]?.body).toContain(part);
      expect(stderr).toContain(says);
      expect(await alert(files)).toMatchObject({ exit: 2 });
      // It was told already.
      expect(hook.got).toHaveLength(1);
    });

    test('within ten per cent nobody is told', async () => {
      expect((await alert('old.ndjson same.ndjson')).exit).toBe(0);
      expect(hook.got).toEqual([]);
    });

    test('a channel that is down keeps its alert, which goes with the next', async () => {
      hook.status = 503;
      const first = await alert('old.ndjson down.ndjson');
      expect([first.exit, first.stderr]).toEqual([2, expect.stringContaining('not every channel')]);
      hook.status = 200;
      const later = await desk.run(`thermostat baseline compare down.ndjson old.ndjson --alert --env ${environmentName}`, { now: () => Date.now() + 60_000 });
      expect(later.exit).toBe(2);
      expect(later.stderr).not.toContain('not every channel');
      expect(hook.got.map(({ body, status }) => [status, /Drawdown|Lift/.exec(body)?.[0]])).toEqual([
        [503, 'Drawdown'],
        [200, 'Drawdown'],
        [200, 'Lift'],
      ]);
      expect(steady(later.stdout)).toContain('Lift');
    });
  });
});
