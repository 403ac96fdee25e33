// A stand-in for Prometheus' instant query API: as much of it as queries for ROI need, with the answers of the real one (the
// long form of test/loops/thermostat/real-prometheus.test.ts asks both the same).
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `at` in seconds since the epoch: when it was scraped; by default now. `value` as Go writes it. */
export type Series = { labels: Readonly<Record<string, string>>; value: string; at?: number };

export type PrometheusStandIn = {
  url: string;
  /** What was asked, oldest first. */
  requests: { path: string; query: string; time: string | null; authorization: string | undefined }[];
  /** What `hgm_roi` and others are now; a function is asked, and its series are scraped anew, with each query but one for a time. */
  set(series: readonly Series[] | (() => readonly Series[])): void;
  /** What stands before its API's paths. */
  prefix: string;
  /** Its clock, in seconds since the epoch; no two calls have the same time. */
  now: () => number;
  stop(): Promise<void>;
};

/** Older samples are not found any more, as by default. */
const lookback = 300;

/** SIDE EFFECTS: a server on a free port of the loopback, until `stop`. */
export async function startPrometheus(): Promise<PrometheusStandIn> {
  let series: readonly Series[] = [];
  let scrape: (() => readonly Series[]) | null = null;
  let latest = 0;
  const take = (next: readonly Series[]): void => {
    series = next.map((one) => ({ ...one, at: one.at ?? standIn.now() }));
  };
  const server = createServer(async (request, response) => {
    const { pathname, parameters } = await readRequest(request);
    const [query, time] = [parameters.get('query') ?? '', parameters.get('time')];
    standIn.requests.push({ path: pathname, query, time, authorization: request.headers.authorization });
    if (scrape !== null && !query.startsWith('timestamp')) take(scrape());
    const { status, body } = pathname === `${standIn.prefix}/api/v1/query` ? evaluate(series, query, time === null ? standIn.now() : Number(time)) : notFound;
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const standIn: PrometheusStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    prefix: '',
    now: () => {
      latest = Math.max(Date.now() / 1_000, latest + 1e-3);
      return latest;
    },
    set: (next) => {
      scrape = typeof next === 'function' ? next : null;
      if (typeof next !== 'function') take(next);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

async function readRequest(request: IncomingMessage): Promise<{ pathname: string; parameters: URLSearchParams }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  let form = '';
  for await (const piece of request.setEncoding('utf8')) form += piece;
  return { pathname, parameters: request.method === 'POST' ? new URLSearchParams(form) : searchParams };
}

type Answer = { status: number; body: unknown };

const notFound: Answer = { status: 404, body: '404 page not found\n' };

function success(resultType: string, result: unknown): Answer {
  return { status: 200, body: { status: 'success', data: { resultType, result } } };
}

function badData(error: string): Answer {
  return { status: 400, body: { status: 'error', errorType: 'bad_data', error: `invalid parameter "query": ${error}` } };
}

/** Selectors with labels that equal, `timestamp((…))`, `avg(…)`, `scalar(…)`, numbers, ranges and texts; nothing else. */
function evaluate(series: readonly Series[], query: string, at: number): Answer {
  if (/^[\d.]+$/.test(query)) return success('scalar', [at, query]);
  if (/^"[^"]*"$/.test(query)) return success('string', [at, query.slice(1, -1)]);
  const [, name, inner = ''] = /^(timestamp|avg|scalar)\((.*)\)$/.exec(query) ?? [];
  if (name !== undefined) return callOf(series, { name, inner: inner.replace(/^\((.*)\)$/, '$1'), at });
  const [, metric, labels = '', range] = /^([a-z_]\w*)(?:\{([^}]*)\})?(\[\w+\])?$/i.exec(query) ?? [];
  if (metric === undefined) return badData('1:9: parse error: unexpected end of input inside braces');
  const wanted = { __name__: metric, ...Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])) };
  const found = series.filter((one) => Object.entries(wanted).every(([key, value]) => one.labels[key] === value) && isSeen(one, at));
  if (range !== undefined)
    return success(
      'matrix',
      found.map(({ labels: metricOf, value, at: taken }) => ({ metric: metricOf, values: [[taken, value]] })),
    );
  return success(
    'vector',
    found.map(({ labels: metricOf, value }) => ({ metric: metricOf, value: [at, value] })),
  );
}

function isSeen({ at: taken = 0 }: Series, at: number): boolean {
  return taken <= at && at - taken < lookback;
}

function callOf(series: readonly Series[], { name, inner, at }: { name: string; inner: string; at: number }): Answer {
  const { status, body } = evaluate(series, inner, at);
  if (status !== 200) return { status, body };
  const { resultType, result } = (body as { data: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] } }).data;
  if (resultType !== 'vector') return badData(`parse error: expected type instant vector in call to function "${name}", got ${resultType}`);
  const values = result.map(({ value }) => Number(value[1]));
  if (name === 'scalar') return success('scalar', [at, String(values.length === 1 ? values[0] : Number.NaN)]);
  if (name === 'avg') {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return success('vector', values.length === 0 ? [] : [{ metric: {}, value: [at, String(mean)] }]);
  }
  // Of a plain selector, when it was scraped; of anything else, now.
  const isPlain = /^[a-z_]\w*(\{[^}]*\})?$/i.test(inner);
  const timeOf = (metric: Record<string, string>): number => (isPlain ? (series.find(({ labels }) => labels === metric)?.at ?? at) : at);
  return success(
    'vector',
    result.map(({ metric }) => ({
      metric: Object.fromEntries(Object.entries(metric).filter(([key]) => key !== '__name__')),
      value: [at, String(timeOf(metric))],
    })),
  );
}
