// The instant query against a server that answers as Prometheus does, and as it doesn't.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPrometheus } from '../../../src/cli/thermostat/read-roi.ts';
import { MooringError } from '../../../src/errors.ts';
import { reduceThermostat } from '../../../src/loops/thermostat/controller.ts';
import { readPrometheusSample } from '../../../src/loops/thermostat/prometheus.ts';
import { guardedSettings, noGuards, settingsDefaults, startValues } from '../../../src/loops/thermostat/settings.ts';
import { initialState } from '../../../src/loops/thermostat/state.ts';
import { startPrometheus } from '../../support/prometheus.ts';

let server: Server;
let url: string;
let asked: { method: string; path: string; body: string; authorization: string | undefined }[];
let reply: RequestListener;
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        method: request.method ?? '',
        path: request.url ?? '',
        body: Buffer.concat(chunks).toString(),
        authorization: request.headers.authorization,
      });
      reply(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const { signal } = new AbortController();
const scraped = 1_749_999_990.25;
const says = (body: unknown, status = 200): void => {
  reply = (_request, response) => {
    const isTime = asked.at(-1)?.body.startsWith('query=timestamp') === true;
    const said = isTime ? vector([{}, String(scraped)]) : body;
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof said === 'string' ? said : JSON.stringify(said));
  };
};
const vector = (...series: readonly [labels: object, value: string][]): object => ({
  status: 'success',
  data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [1_750_000_000.5, value] })) },
});
const staleAfter = (maxAge: number) => ({ ...guardedSettings(), guards: { ...noGuards, maxAge } });
const read = (more: object = {}) => readPrometheusSample({ url, query: 'sum(roi)', timeoutMs: 5_000, ...more }, signal);

test('one series is the sample, with the time at which it was scraped, which is asked for at the same moment', async () => {
  says(vector([{ job: 'engine' }, '1.93']));
  expect(await read()).toMatchObject({ at: scraped, roi: 1.93 });
  expect(asked).toMatchObject([
    { method: 'POST', path: '/api/v1/query', body: 'query=sum%28roi%29' },
    { method: 'POST', path: '/api/v1/query', body: 'query=timestamp%28%28sum%28roi%29%29%29&time=1750000000.500' },
  ]);
});

test('a sample that was scraped long ago is as old as it is, however new the answer: the guards see it', async () => {
  const prometheus = await startPrometheus();
  try {
    prometheus.set([{ labels: { __name__: 'hgm_roi' }, value: '2', at: prometheus.now() - 250 }]);
    const sample = await read({ url: prometheus.url, query: 'hgm_roi' });
    const { state, decision } = reduceThermostat(staleAfter(120), initialState(staleAfter(120), startValues), { type: 'sample', at: prometheus.now(), sample });
    expect([decision?.kind, decision?.why, state.window]).toEqual(['refused', 'stale', []]);
  } finally {
    await prometheus.stop();
  }
});

test('a path before the API, and a password in the URL, which goes into a header', async () => {
  says(vector([{}, '2']));
  await read({ url: `${url.replace('//', '//me:p%40ss@')}/prometheus/` });
  expect(asked[0]).toMatchObject({ path: '/prometheus/api/v1/query', authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` });
});

test.each(['p%ss', '%', 'a%zz'])('a password with a %% of its own: %s', async (password) => {
  says(vector([{}, '2']));
  await read({ url: url.replace('//', `//me:${password}@`) });
  expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from(`me:${password}`).toString('base64')}`);
});

test('a scalar is one, too', async () => {
  says({ status: 'success', data: { resultType: 'scalar', result: [1_750_000_000, '3e-1'] } });
  expect((await read()).roi).toBe(0.3);
});

test.each([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
  ['1e308', 1e308],
  ['-1', -1],
])('%s is handed on as what it is: the loop judges it', async (text, value) => {
  says(vector([{}, text]));
  expect((await read()).roi).toBe(value);
});

describe('no sample', () => {
  test.each<[what: string, body: unknown, says: RegExp]>([
    ['no series', vector(), /no series/],
    ['two series, named', vector([{ agent: 'a' }, '1'], [{ agent: 'b' }, '2']), /2 series: \{"agent":"a"\}, \{"agent":"b"\}/],
    ['a range', { status: 'success', data: { resultType: 'matrix', result: [] } }, /matrix/],
    ['a refused query', { status: 'error', errorType: 'bad_data', error: 'parse error' }, /parse error/],
    ['no JSON', '<html>hello</html>', /not JSON/],
    ['no value', { status: 'success', data: { resultType: 'vector', result: [{ metric: {} }] } }, /no number/],
    ['a value that is no text', { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, 2] }] } }, /no number/],
    ['a text that is no number', vector([{}, 'many']), /not a number/],
    ['null', 'null', /not JSON/],
    ['too much', ' '.repeat(1_100_000), /more than/],
  ])('%s', async (_what, body, message) => {
    says(body);
    await expect(read()).rejects.toMatchObject({ code: 'METRICS_ANSWER', message: expect.stringMatching(message) });
  });

  test('an HTTP error, with what Prometheus says of it', async () => {
    says({ status: 'error', error: 'query timed out' }, 503);
    await expect(read()).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE', message: expect.stringContaining('HTTP 503: query timed out') });
  });

  test('no answer in time', async () => {
    reply = () => {};
    await expect(read({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE', message: expect.stringContaining('within 20 ms') });
  });

  test('an answer that begins and never ends', async () => {
    reply = (_request, response) => void response.writeHead(200).write('{');
    await expect(read({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });

  test('nobody there, a redirect elsewhere, and no secret in what is said', async () => {
    const { port } = new URL(url);
    for (const target of ['http://user:hunter2@127.0.0.1:9/token-hunter2', `http://user:hunter2@127.0.0.1:${port}/token-hunter2`]) {
      reply = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
      const error = await read({ url: target }).catch((one: unknown) => one);
      expect(error).toMatchObject({ code: 'METRICS_UNAVAILABLE' });
      expect(JSON.stringify([error, (error as Error).message])).not.toContain('hunter2');
    }
  });

  test('a redirect is not followed, also where it would lead to an answer', async () => {
    says(vector([{}, '2']));
    const well = reply;
    reply = (request, response) =>
      request.url === '/elsewhere' ? well(request, response) : void response.writeHead(307, { location: `${url}/elsewhere` }).end();
    await expect(read()).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
    expect(asked).toHaveLength(1);
  });

  test('told to stop, it waits no longer', async () => {
    reply = () => {};
    const stop = new AbortController();
    const asking = readPrometheusSample({ url, query: 'x', timeoutMs: 60_000 }, stop.signal);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await expect(asking).rejects.toBeInstanceOf(MooringError);
  });
});

describe('as the file names it', () => {
  const settings = (template: string | null) => ({ ...settingsDefaults, prometheus: { ...settingsDefaults.prometheus, url: template } });

  test('variables are filled in', async () => {
    says(vector([{}, '2']));
    expect((await readPrometheus({ env: { PROMETHEUS_HOST: url } })(settings('${PROMETHEUS_HOST}'), signal)).roi).toBe(2);
  });

  test.each<[string | null, string]>([
    [null, 'METRICS_URL'],
    ['${PROMETHEUS_HOST}', 'ENVIRONMENT_VARIABLE_MISSING'],
    ['ftp://127.0.0.1', 'METRICS_URL'],
  ])('%s', async (template, code) => {
    await expect(readPrometheus({ env: {} })(settings(template), signal)).rejects.toMatchObject({ code });
  });
});
