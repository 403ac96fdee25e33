// ROI as Prometheus has it now: one instant query, one series, one number. No judgement of the number is made here.
import { MooringError } from '../../errors.ts';
import type { RoiSample } from '../../loop-types.ts';

export type PrometheusSource = {
  /** Filled in: it may carry secrets, and is never repeated. Ends before `/api/v1/query`. */
  url: string;
  query: string;
  timeoutMs: number;
};

const largestAnswer = 1024 * 1024;
const mostNamed = 5;

/**
 * The sample of an instant query; `roi` may be NaN or infinite. Its time is when it was scraped where the query names a metric, and of
 * an expression the time of the answer: Prometheus knows no other. Errors: METRICS_UNAVAILABLE where there is no answer,
 * METRICS_ANSWER where it is not one series of one number. SIDE EFFECTS: one request, or two.
 */
export async function readPrometheusSample(source: PrometheusSource, signal: AbortSignal): Promise<RoiSample> {
  const { query } = source;
  const { scalar, ...found } = onlySeries(await ask(source, { query }, signal));
  const at = scalar ? found.at : await scrapedAt(source, found.at, signal);
  return { at, roi: found.value, gmv: 0, cost: 0, successes: 0, failures: 0 };
}

/** An answer bears the time of the question, also where the value is minutes old: the sample's own is asked for, at the same moment. */
async function scrapedAt(source: PrometheusSource, evaluated: number, signal: AbortSignal): Promise<number> {
  const { value } = onlySeries(await ask(source, { query: `timestamp((${source.query}))`, time: evaluated.toFixed(3) }, signal));
  if (Number.isFinite(value)) return value;
  throw answer('a sample has no time', 'check what the query has');
}

function onlySeries(body: unknown): Series {
  const [series, ...more] = seriesIn(body);
  if (series === undefined) throw answer('the query found no series', 'check the query: it must name something that Prometheus scrapes');
  if (more.length === 0) return series;
  throw answer(`the query found ${more.length + 1} series: ${namesOf([series, ...more])}`, 'write the query so that it has one, as in sum(…) or with labels');
}

async function ask({ url, timeoutMs }: PrometheusSource, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
  const { target, headers } = addressOf(url);
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let response: Response;
  let text: string;
  try {
    const form = new URLSearchParams(parameters);
    response = await fetch(target, { method: 'POST', body: form, signal: within, redirect: 'error', headers });
    text = await textOf(response);
  } catch (error) {
    if (error instanceof MooringError) throw error;
    throw unavailable(within.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error));
  }
  const body = parsed(text);
  if (!response.ok) throw unavailable(`HTTP ${response.status}${errorText(body)}`);
  return body;
}

/** fetch takes no user info in a URL; a header carries it. */
function addressOf(url: string): { target: string; headers: Record<string, string> } {
  const target = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  const { username, password } = target;
  target.username = '';
  target.password = '';
  if (username === '' && password === '') return { target: target.href, headers: {} };
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { target: target.href, headers: { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` } };
}

/** A part of a URL as it was meant, also where a % stands for itself. */
function decoded(part: string): string {
  return part.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largestAnswer) throw answer(`the answer has more than ${largestAnswer} bytes`, 'write the query so that it has one series');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type Series = { labels: string; at: number; value: number; scalar: boolean };

function seriesIn(body: unknown): Series[] {
  if (!isRecord(body)) throw answer('the answer is not JSON', 'check that the URL is Prometheus’, and ends before /api/v1/query');
  if (body['status'] !== 'success') throw answer(`Prometheus refuses the query${errorText(body)}`, 'correct the query');
  const data = isRecord(body['data']) ? body['data'] : {};
  const { resultType, result } = data;
  if (resultType === 'scalar') return [{ ...seriesOf({ metric: {}, value: result }), scalar: true }];
  if (resultType === 'vector' && Array.isArray(result)) return result.map(seriesOf);
  throw answer(
    `the query has a ${typeof resultType === 'string' ? resultType : 'result of no known type'}`,
    'write an instant query that has one number, not a range',
  );
}

function seriesOf(found: unknown): Series {
  const { metric, value } = isRecord(found) ? found : {};
  const [at, text] = Array.isArray(value) ? value : [];
  if (typeof at !== 'number' || !Number.isFinite(at) || typeof text !== 'string')
    throw answer('a series has no number at a time', 'write a query that has one number, not a histogram');
  return { labels: JSON.stringify(isRecord(metric) ? metric : {}), at, value: numberIn(text), scalar: false };
}

/** As Prometheus writes numbers. */
function numberIn(text: string): number {
  const special: Readonly<Record<string, number>> = { NaN: Number.NaN, '+Inf': Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY };
  const named = Object.hasOwn(special, text) ? special[text] : undefined;
  if (named !== undefined) return named;
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return Number(text);
  throw answer('a value is not a number', 'check what the query has');
}

function namesOf(series: readonly Series[]): string {
  const rest = series.length > mostNamed ? ` and ${series.length - mostNamed} more` : '';
  return `${series
    .slice(0, mostNamed)
    .map(({ labels }) => (labels.length > 200 ? `${labels.slice(0, 199)}…` : labels))
    .join(', ')}${rest}`;
}

/** What Prometheus says of an error. */
function errorText(body: unknown): string {
  const text = isRecord(body) && typeof body['error'] === 'string' ? body['error'] : '';
  return text === '' ? '' : `: ${text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 300)}`;
}

/** Messages of such errors may hold the URL. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as Error & { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function answer(message: string, fix: string): MooringError {
  return new MooringError('METRICS_ANSWER', message, { fix });
}

function unavailable(why: string): MooringError {
  return new MooringError('METRICS_UNAVAILABLE', `Prometheus gives no answer: ${why}`, {
    fix: 'check prometheus.url in loops/thermostat.yaml, and that it can be reached from here',
  });
}
