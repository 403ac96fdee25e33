// What a request to the intake must be, and what its answer says. Pure; knows nothing of sockets.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Code, MooringError } from '../../errors.ts';
import { parseEvents } from './parse-events.ts';
import type { SentinelEvent } from './state.ts';

export const eventsPath = '/v1/events';
export const alertsPath = '/v1/alerts';
export const statePath = '/v1/state';
export const shortestSecret = 16;
/** Events that one request may bring. */
export const mostEvents = 1_000;

export type Answer = { status: number; headers: Readonly<Record<string, string>>; body: unknown };

export type RequestHead = { method: string; path: string; headers: Readonly<Record<string, string | undefined>> };

/** Throws INTAKE_SECRET where the secret is too short to be one. */
export function checkSecret(secret: string): void {
  if (secret.length < shortestSecret)
    throw new MooringError('INTAKE_SECRET', `the secret has ${secret.length} characters, expected at least ${shortestSecret}`, {
      fix: 'make one with: openssl rand -hex 32',
    });
}

/** Null where the request may go on to its body. The secret is asked for before anything is told. */
export function checkHead({ method, path, headers }: RequestHead, secret: string): Answer | null {
  if (!isAllowed(headers['authorization'], secret))
    return refuse(
      401,
      { code: 'INTAKE_DENIED', message: 'the secret is missing or wrong', fix: 'send it as "Authorization: Bearer …"' },
      { 'www-authenticate': 'Bearer' },
    );
  if (path !== eventsPath && path !== alertsPath && path !== statePath)
    return refuse(404, {
      code: 'INTAKE_REQUEST',
      message: 'there is nothing at this path',
      fix: `send events to ${eventsPath}, alerts to ${alertsPath}; ask ${statePath}`,
    });
  const allow = path === statePath ? 'GET' : 'POST';
  if (method !== allow) return refuse(405, { code: 'INTAKE_REQUEST', message: `this is done by ${allow}`, fix: `${allow} ${path}` }, { allow });
  if (path === statePath) return null;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const encoding = headers['content-encoding'] ?? 'identity';
  if ((type !== 'application/json' && type !== 'application/x-ndjson') || encoding !== 'identity')
    return refuse(415, {
      code: 'INTAKE_REQUEST',
      message: 'the body is neither plain JSON nor NDJSON',
      fix: 'send "Content-Type: application/json" or application/x-ndjson',
    });
  return null;
}

/** Hashes are compared, so that the time it takes tells nothing of the secret, its length included. */
function isAllowed(authorization: string | undefined, secret: string): boolean {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/**
 * The events of a body. Each has an id: its own, or the request's idempotency key with its position, so that a repeated
 * request counts once. Throws EVENTS_INVALID or INTAKE_REQUEST.
 */
export function readBody(text: string, key: string | undefined): readonly SentinelEvent[] {
  checkKey(key);
  const { events, findings } = parseEvents(text, 'body');
  if (findings.length > 0)
    throw new MooringError('EVENTS_INVALID', 'the body has errors; nothing of it was counted', {
      findings: findings.slice(0, 100),
      fix: 'correct each and send the whole body again',
    });
  if (events.length === 0 || events.length > mostEvents)
    throw new MooringError('INTAKE_REQUEST', `the body has ${events.length} events`, { fix: `send 1 to ${mostEvents} of them` });
  return events.map((event, index) => ({ ...event, id: event.id ?? idOf(key, index), from: 'http' }));
}

/** Throws INTAKE_REQUEST. */
export function checkKey(key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]{1,100}$/.test(key))
    throw new MooringError('INTAKE_REQUEST', 'the idempotency key is not usable', { fix: 'use 1 to 100 visible ASCII characters, such as a UUID' });
}

function idOf(key: string | undefined, index: number): string {
  if (key !== undefined) return `${key}#${index + 1}`;
  throw new MooringError('INTAKE_REQUEST', `event ${index + 1} has no id`, {
    fix: 'send an Idempotency-Key header, the same when the request is repeated, or give each event an "id"',
  });
}

type Fault = { code: Code; message: string; fix?: string | undefined; findings?: readonly unknown[] };

export function refuse(status: number, { code, message, fix, findings = [] }: Fault, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { error: { code, message, fix: fix ?? null, findings } } };
}

export function busy(message: string, seconds: number): Answer {
  return refuse(503, { code: 'INTAKE_BUSY', message, fix: `send the request again in ${seconds} s, with the same key` }, { 'retry-after': String(seconds) });
}

/** What is told of an error. One that isn't known is not told: it may hold anything. */
export function answerTo(error: unknown): Answer {
  if (!(error instanceof MooringError)) return refuse(500, { code: 'INTERNAL', message: 'nothing was recorded', fix: 'send it again; the log says more' });
  const findings = error.findings.map(({ code, message, fix, source }) => ({ code, message, fix, line: source?.line }));
  const fault = { code: error.code, message: error.message, fix: error.fix, findings };
  if (error.code === 'EVENT_ID_CONFLICT') return refuse(409, fault);
  if (error.code === 'EVENTS_INVALID' || error.code === 'INTAKE_REQUEST') return refuse(400, fault);
  // The disk: what it says is of this machine alone.
  return refuse(503, { code: error.code, message: 'it could not be recorded, and counts for nothing', fix: 'send it again' }, { 'retry-after': '5' });
}
