// A history of ROI as samples: bytes of a JSON array or NDJSON, of unknown origin, and every fault told with its place.
import { type Code, MooringError } from '../../errors.ts';
import type { RoiSample } from '../../loop-types.ts';
import type { Finding, Source } from '../../types.ts';
import { type Piece, splitSamples } from './split-samples.ts';

/** Largest history that is read, in bytes. */
export const historyLimit = 64 * 1024 * 1024;
const mostSamples = 1_000_000;
const longestSample = 64 * 1024;
const mostFindings = 100;
/** The end of the year 9999, in seconds since the epoch. */
const latest = 253_402_300_799;

/**
 * The samples of a history, in its order. A missing or non-finite `roi` is gmv (`revenue`) by cost (`spend`), or 0 where cost
 * is 0, as in the reference (`atNoCost`: another number, or NaN where nothing is to be made up); it may still not be finite.
 * Throws SAMPLES_INVALID with every fault.
 */
export function parseSamples(file: string, bytes: Uint8Array, { atNoCost = 0 } = {}): RoiSample[] {
  const findings: Finding[] = [];
  const text = decode(file, bytes);
  const { pieces, fault } = splitSamples(text, mostSamples);
  if (pieces.length > mostSamples) throw invalid(file, [tooMany(file, pieces)]);
  const samples = pieces.flatMap((piece) => (findings.length > mostFindings ? [] : (readSample({ file, piece, findings }, atNoCost) ?? [])));
  if (fault !== null)
    findings.push(finding('SAMPLE_SYNTAX', { file, ...fault }, { message: fault.message, fix: 'write a JSON array of samples, or one sample a line' }));
  if (pieces.length === 0 && findings.length === 0) findings.push(empty(file));
  if (findings.length > 0) throw invalid(file, findings);
  return samples;
}

function decode(file: string, bytes: Uint8Array): string {
  const source = { file, line: 1, column: 1 };
  if (bytes.length > historyLimit)
    throw new MooringError('FILE_TOO_LARGE', `${file} has more than ${historyLimit} bytes`, { source, fix: 'play it in pieces' });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MooringError('FILE_NOT_UTF8', `${file} is not valid UTF-8`, { source, fix: 'save it as UTF-8' });
  }
}

function finding(code: Code, { file, line, column }: Source, { message, fix }: { message: string; fix: string }): Finding {
  return { code, severity: 'error', message, fix, source: { file, line, column } };
}

function tooMany(file: string, pieces: readonly Piece[]): Finding {
  const last = pieces.at(-1) ?? { line: 1, column: 1 };
  return finding('FILE_TOO_LARGE', { file, ...last }, { message: `the history has more than ${mostSamples} samples`, fix: 'play it in pieces' });
}

function empty(file: string): Finding {
  return finding(
    'FILE_EMPTY',
    { file, line: 1, column: 1 },
    { message: 'the history has no sample', fix: 'write a JSON array of samples, or one sample a line' },
  );
}

function invalid(file: string, findings: readonly Finding[]): MooringError {
  const shown = findings.slice(0, mostFindings);
  const more = findings.length > mostFindings ? ', and perhaps more' : '';
  return new MooringError('SAMPLES_INVALID', `${file} has ${shown.length === 1 ? '1 error' : `${shown.length} errors`}${more}`, { findings: shown });
}

type Place = { file: string; piece: Piece; findings: Finding[] };

function readSample(place: Place, atNoCost: number): RoiSample | null {
  const { findings } = place;
  const before = findings.length;
  const data = parse(place);
  if (data === null) return null;
  const number = (...keys: readonly string[]): number | null => readNumber(place, data, keys);
  const [own, gmv, cost] = [number('roi'), number('gmv', 'revenue'), number('cost', 'spend')];
  const at = readTime(place, data);
  const [successes, failures] = [number('successes') ?? 0, number('failures') ?? 0];
  if (own === null && gmv === null && cost === null && findings.length === before)
    report(place, 'SAMPLE_VALUE', { message: 'the sample has neither roi nor gmv and cost', fix: 'write roi, or gmv (revenue) and cost (spend)' });
  if (findings.length > before) return null;
  return {
    at,
    roi: own !== null && Number.isFinite(own) ? own : cost === null || cost === 0 ? atNoCost : (gmv ?? 0) / cost,
    gmv: gmv ?? 0,
    cost: cost ?? 0,
    successes,
    failures,
  };
}

type Data = Readonly<Record<string, unknown>>;

function parse(place: Place): Data | null {
  const { text } = place.piece;
  if (text.length > longestSample) {
    report(place, 'FILE_TOO_LARGE', { message: `the sample has more than ${longestSample} characters`, fix: 'write one sample a line' });
    return null;
  }
  try {
    const data: unknown = JSON.parse(quoteNumbers(text));
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Data;
    report(place, 'SAMPLE_SYNTAX', { message: `found ${shorten(text)}, expected an object`, fix: 'write a sample as { "timestamp": …, "roi": … }' });
  } catch {
    report(place, 'SAMPLE_SYNTAX', { message: `found ${shorten(text)}, which is not JSON`, fix: 'write a JSON array of samples, or one sample a line' });
  }
  return null;
}

/** Some writers put bare NaN and Infinity into their JSON. */
function quoteNumbers(text: string): string {
  return /NaN|Infinity/.test(text)
    ? text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) => (found.startsWith('"') ? found : `"${found}"`))
    : text;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}

function report({ file, piece, findings }: Place, code: Code, words: { message: string; fix: string }): void {
  findings.push(finding(code, { file, line: piece.line, column: piece.column }, words));
}

/** The first of the keys that is there and not null. */
function valueAt(data: Data, keys: readonly string[]): { key: string; value: unknown } | null {
  const key = keys.find((candidate) => Object.hasOwn(data, candidate) && data[candidate] !== null);
  return key === undefined ? null : { key, value: data[key] };
}

/** A number, or one in a text, as metrics have it. Null where there is none, or something else, which is reported. */
function readNumber(place: Place, data: Data, keys: readonly string[]): number | null {
  const found = valueAt(data, keys);
  if (found === null) return null;
  const number = toNumber(found.value);
  if (number === null)
    report(place, 'SAMPLE_VALUE', {
      message: `${found.key} is ${shorten(JSON.stringify(found.value))}, expected a number`,
      fix: 'write a number, or leave it out',
    });
  return number;
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const word = /^([-+]?)(nan|inf|infinity)$/i.exec(text);
  if (word !== null) return word[2]?.toLowerCase() === 'nan' ? Number.NaN : word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** Seconds since the epoch; null where the sample has no timestamp. */
function readTime(place: Place, data: Data): number | null {
  const found = valueAt(data, ['timestamp']);
  if (found === null) return null;
  const seconds = toNumber(found.value) ?? isoSeconds(found.value);
  if (seconds !== null && seconds >= 0 && seconds <= latest) return seconds;
  const fix =
    seconds !== null && seconds > latest ? 'write seconds since the epoch, not milliseconds' : 'write seconds since the epoch, or 2026-01-31T00:00:00Z';
  report(place, 'SAMPLE_VALUE', { message: `timestamp is ${shorten(JSON.stringify(found.value))}, expected a time`, fix });
  return null;
}

const isoPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?)?\s?(Z|[-+]\d{2}:?\d{2})?$/i;

/** A time without a zone is UTC, as in the reference. */
function isoSeconds(value: unknown): number | null {
  const [, date, time = '00:00', second = ':00', fraction = '', zone = 'Z'] = (typeof value === 'string' ? isoPattern.exec(value.trim()) : null) ?? [];
  if (date === undefined || Number.isNaN(Date.parse(`${date}T00:00:00Z`)) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return null;
  const offset = zone.toUpperCase().replace(/^([-+]\d{2})(\d{2})$/, '$1:$2');
  const whole = Date.parse(`${date}T${time}${second}${offset}`);
  return Number.isNaN(whole) ? null : whole / 1_000 + Number(`0${fraction}`);
}
