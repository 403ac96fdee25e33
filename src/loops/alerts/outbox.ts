// alerts: what loops have to tell waits here until each channel has it. Grouping, repetition and retries are pure; files
// and requests lie beside. Nothing here decides what is alarming.
import type { SentinelAlert } from '../sentinel/state.ts';

/** `at` in milliseconds since the epoch. `source`: which loop tells. */
export type Alert = Pick<SentinelAlert, 'severity' | 'reason' | 'message' | 'detail'> & { source: string; environment: string; at: number };

/** Alerts of one severity, source and reason that came close together, and the channels that don't have them yet. */
export type Notification = {
  id: number;
  severity: Alert['severity'];
  source: string;
  environment: string;
  reason: string;
  count: number;
  firstAt: number;
  lastAt: number;
  /** The first ones that differ, with their details. */
  messages: readonly string[];
  waiting: readonly Waiting[];
};

export type Waiting = { channel: string; attempts: number; notBefore: number };

/**
 * Plain JSON. `told`: when which alert was last taken, so that repetitions are quiet for a while. `keys`: of requests that
 * brought alerts, with a print of their bodies.
 */
export type Outbox = {
  version: 1;
  next: number;
  notifications: readonly Notification[];
  told: Readonly<Record<string, number>>;
  keys?: readonly (readonly [key: string, print: string])[];
};

export const emptyOutbox: Outbox = { version: 1, next: 1, notifications: [], told: {} };

/** What is no more than repeated is told again after this time. */
export const quietMs = 4 * 3_600_000;
/** What isn't critical waits so long for more of its kind. */
export const groupMs = 5_000;
const longestPause = 300_000;
const mostMessages = 10;
const mostNotifications = 1_000;
const mostTold = 10_000;

/** `foreign`: what others tell, who may repeat whatever they like. */
type Taking = { now: number; channels: readonly string[]; foreign?: boolean };

/** Takes alerts in for all channels; what was told lately is left out, but for our own `info`, which is never a repetition. */
export function accept(outbox: Outbox, alerts: readonly Alert[], taking: Taking): Outbox {
  return taking.channels.length === 0 ? outbox : alerts.reduce((box, alert) => acceptOne(box, alert, taking), outbox);
}

function acceptOne(outbox: Outbox, alert: Alert, { now, channels, foreign = false }: Taking): Outbox {
  const key = [alert.severity, alert.source, alert.environment, alert.reason, alert.message].join('|');
  const last = outbox.told[key];
  if ((foreign || alert.severity !== 'info') && last !== undefined && now - last < quietMs && now >= last) return outbox;
  const told = remember(withoutEnd(outbox.told, alert), key, now);
  const home = findHome(outbox, alert, now);
  if (home !== undefined) {
    const grown = grow(home, alert);
    return { ...outbox, told, notifications: outbox.notifications.map((other) => (other === home ? grown : other)) };
  }
  const { severity, source, environment, reason, at } = alert;
  const notBefore = severity === 'critical' ? now : now + groupMs;
  const waiting = channels.map((channel) => ({ channel, attempts: 0, notBefore }));
  const fresh: Notification = { id: outbox.next, severity, source, environment, reason, count: 1, firstAt: at, lastAt: at, messages: [textOf(alert)], waiting };
  return { ...outbox, told, next: outbox.next + 1, notifications: [...outbox.notifications, fresh] };
}

/** A notification that nobody has yet and that still waits for more of its kind; when too many wait, the last as grave. */
function findHome({ notifications }: Outbox, alert: Alert, now: number): Notification | undefined {
  const open = notifications.find((other) => isAlike(other, alert) && other.waiting.every(({ attempts, notBefore }) => attempts === 0 && notBefore > now));
  if (open !== undefined || notifications.length < mostNotifications) return open;
  return notifications.findLast(({ severity }) => severity === alert.severity);
}

function isAlike(a: Notification, b: Alert): boolean {
  return a.severity === b.severity && a.source === b.source && a.environment === b.environment && a.reason === b.reason;
}

function grow(notification: Notification, alert: Alert): Notification {
  const text = textOf(alert);
  const isNew = !notification.messages.includes(text) && notification.messages.length < mostMessages;
  return { ...notification, count: notification.count + 1, lastAt: alert.at, messages: isNew ? [...notification.messages, text] : notification.messages };
}

function textOf({ message, detail }: Alert): string {
  return detail === '' || message.includes(detail) ? message : `${message} (${detail})`;
}

/** The end of what is told again is told again. */
function withoutEnd(told: Outbox['told'], { source, environment, reason }: Alert): Outbox['told'] {
  const end = ['info', source, environment, `${reason}_clear`, ''].join('|');
  return Object.fromEntries(Object.entries(told).filter(([key]) => !key.startsWith(end)));
}

function remember(told: Outbox['told'], key: string, now: number): Outbox['told'] {
  const kept = Object.entries(told).filter(([other, at]) => other !== key && now - at < quietMs);
  return Object.fromEntries([...kept.slice(-(mostTold - 1)), [key, now]]);
}

/** What may be sent now, oldest first. */
export function due(outbox: Outbox, now: number): { notification: Notification; waiting: Waiting }[] {
  return outbox.notifications.flatMap((notification) =>
    notification.waiting.filter(({ notBefore }) => notBefore <= now).map((waiting) => ({ notification, waiting })),
  );
}

/** When something is to be sent next, in milliseconds since the epoch; null where nothing waits. */
export function nextDue({ notifications }: Outbox): number | null {
  const times = notifications.flatMap(({ waiting }) => waiting.map(({ notBefore }) => notBefore));
  return times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time));
}

type Address = { id: number; channel: string };

/** The channel has it. */
export function sent(outbox: Outbox, { id, channel }: Address): Outbox {
  const notifications = outbox.notifications.map((notification) =>
    notification.id === id ? { ...notification, waiting: notification.waiting.filter((other) => other.channel !== channel) } : notification,
  );
  return { ...outbox, notifications: notifications.filter(({ waiting }) => waiting.length > 0) };
}

/** The channel doesn't have it, as far as is known: again after 1, 2, 4 … seconds, at most 5 minutes, for as long as it takes. */
export function failed(outbox: Outbox, { id, channel }: Address, now: number): Outbox {
  const retry = (waiting: Waiting): Waiting => {
    const pause = Math.min(longestPause, 1_000 * 2 ** Math.min(waiting.attempts, 20));
    return waiting.channel === channel ? { channel, attempts: waiting.attempts + 1, notBefore: now + pause } : waiting;
  };
  return { ...outbox, notifications: outbox.notifications.map((other) => (other.id === id ? { ...other, waiting: other.waiting.map(retry) } : other)) };
}
