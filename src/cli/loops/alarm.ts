// Alerts of a loop: on disk as soon as they are raised, sent with each turn.

import { syncFolder } from '../../journal/sync-folder.ts';
import type { ReadyChannel } from '../../loops/alerts/channel-request.ts';
import { deliver } from '../../loops/alerts/deliver.ts';
import { type Alert, accept } from '../../loops/alerts/outbox.ts';
import { openOutbox } from '../../loops/alerts/outbox-file.ts';
import type { Log } from '../log.ts';
import { redactAlerts } from '../secrets/secrets.ts';
import type { Meters } from './loop.ts';

export type Alarm = {
  /** On disk when it returns. Throws LOOP_STATE_WRITE. */
  raise(alerts: readonly Omit<Alert, 'at' | 'environment'>[]): void;
  /** Tries what is due once; what fails waits for the next turn. */
  send(): Promise<void>;
};

export type AlarmOptions = {
  /** Whoever opens it holds its lock. */
  folder: string;
  environment: string;
  channels: readonly ReadyChannel[];
  /** Whose secrets are in no alert. */
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
  meters: Meters;
  /** Milliseconds since the epoch. */
  now(): number;
};

/** Throws LOOP_STATE_CORRUPT. SIDE EFFECTS: files in the folder. */
export function openAlarm({ folder, environment, channels, env, log, meters, now }: AlarmOptions): Alarm {
  const box = openOutbox(folder, syncFolder);
  const names = channels.map(({ name }) => name);
  return {
    raise(alerts) {
      for (const { severity } of alerts) meters.add('alerts_total', { severity });
      box.change((outbox) =>
        accept(
          outbox,
          redactAlerts(alerts, env).map((alert) => ({ ...alert, environment, at: now() })),
          { now: now(), channels: names },
        ),
      );
    },
    async send() {
      await deliver({ box, channels, log, now });
      meters.set('alerts_waiting', box.state().notifications.length);
    },
  };
}
