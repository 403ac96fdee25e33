// From a request's body to alerts in the outbox: on disk when it returns.
import { MooringError } from '../../errors.ts';
import { acceptOnce } from './accept-once.ts';
import type { KnownContract } from './affected.ts';
import { readIncoming } from './incoming.ts';
import type { OutboxFile } from './outbox-file.ts';

export type TakeOptions = {
  box: OutboxFile;
  environment: string;
  contracts: readonly KnownContract[];
  /** Names of the channels that alerts go to. */
  channels: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
};

export type TakenAlerts = { accepted: number; repeated: number; affected: readonly string[] };

/**
 * A plain body needs an idempotency key; an Alertmanager sends none, and what it repeats is known by what it says. Throws
 * INTAKE_REQUEST, EVENT_ID_CONFLICT, LOOP_STATE_WRITE; nothing was taken then. SIDE EFFECTS: writes the outbox.
 */
export function takeIncoming(body: string, key: string | undefined, { box, environment, contracts, channels, now }: TakeOptions): TakenAlerts {
  const { form, alerts, affected, own } = readIncoming(body, contracts);
  if (form === 'plain' && key === undefined)
    throw new MooringError('INTAKE_REQUEST', 'the request has no Idempotency-Key', { fix: 'send one, the same when the request is repeated' });
  const at = now();
  const taken = acceptOnce(box.state(), { key: key ?? null, body }, { alerts: alerts.map((alert) => ({ ...alert, environment, at })), now: at, channels });
  if (taken.result === 'conflict')
    throw new MooringError('EVENT_ID_CONFLICT', 'the idempotency key was used for another body; nothing was taken', { fix: 'use a new key for each request' });
  box.change(() => taken.outbox);
  const isNew = taken.result === 'accepted';
  return {
    accepted: isNew ? alerts.length : 0,
    repeated: own + (isNew ? 0 : alerts.length),
    affected: [...new Set(affected.flatMap((one) => one.contracts))].sort(),
  };
}
