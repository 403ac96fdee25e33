// Sends what waits in the outbox: at least once to each channel, one channel never holding up another.
import type { OutgoingRequest, ReadyChannel } from './channel-request.ts';
import { requestFor, summaryOf } from './channel-request.ts';
import { due, failed, type Notification, sent, type Waiting } from './outbox.ts';
import type { OutboxFile } from './outbox-file.ts';
import { postRequest } from './post-request.ts';

export type DeliverOptions = {
  box: OutboxFile;
  /** Those that alerts go to now; what waits for another one is dropped, and told. */
  channels: readonly ReadyChannel[];
  /** What happens, and the alerts of the log channel. No URL, key or secret is in it. */
  log: (message: string, data: Readonly<Record<string, string | number>>) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How a request is sent: resolves to the status of the answer, rejects where there was none. */
  post?: (request: OutgoingRequest) => Promise<number>;
};

/** Tries what is due once; resolves to how many attempts failed. SIDE EFFECTS: sends; records each outcome as soon as it is known. */
export async function deliver(options: DeliverOptions): Promise<number> {
  const byChannel = Map.groupBy(due(options.box.state(), options.now()), ({ waiting }) => waiting.channel);
  const counts = await Promise.all([...byChannel].map(([name, items]) => deliverTo(name, items, options)));
  return counts.reduce((sum, count) => sum + count, 0);
}

type Due = { notification: Notification; waiting: Waiting };

async function deliverTo(name: string, items: readonly Due[], options: DeliverOptions): Promise<number> {
  const channel = options.channels.find((candidate) => candidate.name === name);
  let failures = 0;
  for (const { notification, waiting } of items) {
    const outcome = channel === undefined ? 'no such channel' : await attempt(channel, notification, options);
    const address = { id: notification.id, channel: name };
    const isDone = outcome === null || channel === undefined;
    options.box.change((outbox) => (isDone ? sent(outbox, address) : failed(outbox, address, options.now())));
    if (outcome === null) continue;
    failures++;
    options.log(isDone ? 'an alert is dropped' : 'an alert could not be sent', {
      channel: name,
      reason: notification.reason,
      why: outcome,
      attempts: waiting.attempts + 1,
    });
  }
  return failures;
}

/** Null where the channel has it; else why not, without anything of the request. */
async function attempt(channel: ReadyChannel, notification: Notification, { log, now, post = postRequest }: DeliverOptions): Promise<string | null> {
  if (channel.type === 'log') {
    const { severity, source, reason, count } = notification;
    log(summaryOf(notification), { alert: severity, source, reason, count });
    return null;
  }
  try {
    const status = await post(requestFor(channel, notification, now()));
    return status >= 200 && status < 300 ? null : `HTTP ${status}`;
  } catch (error) {
    return codeOf(error);
  }
}

/** Messages of such errors may hold the URL. */
function codeOf(error: unknown): string {
  const { cause, name } = error as Error & { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : name;
}
