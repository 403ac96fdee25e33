// A notification as the request that each kind of channel takes. Pure.
import { createHmac } from 'node:crypto';
import type { Notification } from './outbox.ts';

/** A channel with its secrets filled in: never to be shown. */
export type ReadyChannel = { name: string } & (
  | { type: 'log' }
  | { type: 'webhook'; url: string; secret: string }
  | { type: 'alertmanager'; url: string }
  | { type: 'pagerduty'; url: string; key: string }
  | { type: 'slack'; url: string }
);

export type OutgoingRequest = { url: string; headers: Readonly<Record<string, string>>; body: string };

type HttpChannel = Exclude<ReadyChannel, { type: 'log' }>;

/** `now` in milliseconds since the epoch. */
export function requestFor(channel: HttpChannel, notification: Notification, now: number): OutgoingRequest {
  switch (channel.type) {
    case 'webhook':
      return webhook(channel, notification, now);
    case 'alertmanager':
      return { url: `${trimmed(channel.url)}/api/v2/alerts`, headers: json, body: JSON.stringify([alertmanagerAlert(notification)]) };
    case 'pagerduty':
      return { url: `${trimmed(channel.url)}/v2/enqueue`, headers: json, body: JSON.stringify(pagerDutyEvent(channel.key, notification)) };
    case 'slack':
      return { url: channel.url, headers: json, body: JSON.stringify({ text: slackText(notification) }) };
  }
}

const json = { 'content-type': 'application/json' } as const;

/** The first message, cleaned, and how many more there are. */
export function summaryOf({ messages, count }: Pick<Notification, 'messages' | 'count'>): string {
  return `${clean(messages[0] ?? '')}${count > 1 ? ` (and ${count - 1} more)` : ''}`;
}

/** One line that shows what it says: texts come from strangers. */
function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').trim();
  return line.length > 900 ? `${line.slice(0, 899)}…` : line;
}

/**
 * Signed over `<timestamp>.<body>` (HMAC-SHA256), so that a receiver can tell who sent it and when. The same notification
 * has the same key each time.
 */
function webhook({ url, secret }: Extract<ReadyChannel, { type: 'webhook' }>, notification: Notification, now: number): OutgoingRequest {
  const { severity, source, environment, reason, count, firstAt, lastAt, messages } = notification;
  const times = { firstAt: iso(firstAt), lastAt: iso(lastAt) };
  const body = JSON.stringify({ version: 1, id: keyOf(notification), severity, source, environment, reason, count, ...times, messages: messages.map(clean) });
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const headers = { ...json, 'idempotency-key': keyOf(notification), 'mooring-timestamp': timestamp, 'mooring-signature': `sha256=${signature}` };
  return { url, headers, body };
}

function keyOf({ environment, id, firstAt }: Notification): string {
  return `${environment}-${id}-${firstAt}`;
}

/** Without an end Alertmanager would take a single alert for resolved within minutes. */
const standingMs = { info: 3_600_000, warning: 24 * 3_600_000, critical: 24 * 3_600_000 } as const;

function alertmanagerAlert(notification: Notification) {
  const { severity, source, environment, reason, firstAt, lastAt, messages } = notification;
  return {
    labels: { alertname: `Mooring_${reason}`, severity, source, environment, reason },
    annotations: { summary: summaryOf(notification), description: messages.map(clean).join('\n') },
    startsAt: iso(firstAt),
    endsAt: iso(lastAt + standingMs[severity]),
  };
}

const cleared = /_clear$/;

/** A reason that no longer holds resolves the incident that it opened. */
function pagerDutyEvent(key: string, notification: Notification) {
  const { severity, source, environment, reason, lastAt, count, messages } = notification;
  const dedup_key = `mooring/${environment}/${source}/${reason.replace(cleared, '')}`;
  const payload = {
    summary: summaryOf(notification),
    severity,
    source: `mooring ${source} (${environment})`,
    component: environment,
    group: source,
    class: reason,
    timestamp: iso(lastAt),
    custom_details: { count, messages: messages.map(clean) },
  };
  return { routing_key: key, event_action: cleared.test(reason) ? 'resolve' : 'trigger', dedup_key, payload };
}

const marks = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const;

function slackText(notification: Notification): string {
  const { severity, source, environment, reason, messages, count } = notification;
  // These three are all that such a text gives a meaning to: no mention, no link.
  const escaped = messages.map((message) => `• ${clean(message).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}`);
  const more = count > messages.length ? [`and ${count - messages.length} more`] : [];
  return [`${marks[severity]} *${environment}* ${source}: ${reason}`, ...escaped, ...more].join('\n');
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
