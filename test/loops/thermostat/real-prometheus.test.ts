// What queries give: asked of the stand-in, and in the long form of Debian's Prometheus, so that the stand-in says what the real one says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPrometheusSample } from '../../../src/loops/thermostat/prometheus.ts';
import { startRealPrometheus } from '../../support/debian-prometheus.ts';
import { type Series, startPrometheus } from '../../support/prometheus.ts';

const full = process.env.MOORING_FULL === '1';

const exposed: readonly Series[] = [
  { labels: { __name__: 'hgm_roi' }, value: '1.93' },
  { labels: { __name__: 'roi_of', env: 'prod' }, value: '2.5' },
  { labels: { __name__: 'roi_of', env: 'test' }, value: '1.5' },
  { labels: { __name__: 'roi_nan' }, value: 'NaN' },
  { labels: { __name__: 'roi_up' }, value: '+Inf' },
  { labels: { __name__: 'roi_down' }, value: '-Inf' },
  { labels: { __name__: 'roi_large' }, value: '1e+308' },
];

type Server = { url: string; stop(): Promise<void> };

async function startStandIn(): Promise<Server> {
  const server = await startPrometheus();
  server.set(exposed);
  return server;
}

/** As an exporter writes them. */
function exposition(): string {
  const line = ({ labels: { __name__: name, ...labels }, value }: Series): string => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  };
  return exposed.map(line).join('');
}

const servers: [name: string, start: () => Promise<Server>][] = [
  ['the stand-in', startStandIn],
  ...(full ? ([['Debian’s Prometheus', () => startRealPrometheus(exposition())]] as [string, () => Promise<Server>][]) : []),
];

describe.each(servers)('%s', (_name, start) => {
  let server: Server;
  let before: number;
  beforeAll(async () => {
    before = Date.now() / 1_000;
    server = await start();
  });
  afterAll(() => server?.stop());

  const { signal } = new AbortController();
  const read = (query: string, path = '') => readPrometheusSample({ url: server.url + path, query, timeoutMs: 10_000 }, signal);

  test('one series is a sample, with the time at which it was scraped: the same however often it is asked', async () => {
    const sample = await read('hgm_roi');
    expect(sample).toEqual({ at: expect.any(Number), roi: 1.93, gmv: 0, cost: 0, successes: 0, failures: 0 });
    expect(sample.at).toBeGreaterThan(before - 1);
    expect(sample.at).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  test('of several, which are named, the query chooses by labels', async () => {
    const error = await read('roi_of').catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'METRICS_ANSWER', message: expect.stringMatching(/2 series.*prod.*test/) });
    expect((await read('roi_of{env="prod"}')).roi).toBe(2.5);
  });

  test.each([
    ['roi_nan', Number.NaN],
    ['roi_up', Number.POSITIVE_INFINITY],
    ['roi_down', Number.NEGATIVE_INFINITY],
    ['roi_large', 1e308],
    ['avg(roi_of)', 2],
    ['scalar(hgm_roi)', 1.93],
    ['2.25', 2.25],
  ])('%s is what it is', async (query, roi) => {
    const sample = await read(query);
    expect(sample.roi).toBe(roi);
    expect(Math.abs((sample.at ?? 0) - Date.now() / 1_000)).toBeLessThan(60);
  });

  test.each([
    ['nothing_like_it', '', 'METRICS_ANSWER', /no series/],
    ['hgm_roi[5m]', '', 'METRICS_ANSWER', /matrix/],
    ['"a text"', '', 'METRICS_ANSWER', /string/],
    ['hgm_roi{', '', 'METRICS_UNAVAILABLE', /HTTP 400: .*parse error/],
    ['hgm_roi', '/elsewhere', 'METRICS_UNAVAILABLE', /HTTP 404/],
  ])('%s%s is %s', async (query, path, code, message) => {
    await expect(read(query, path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
