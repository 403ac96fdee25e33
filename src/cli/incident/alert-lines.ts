// What this checkout's loops and commands have told, or are still to tell, as lines of JSON that begin with their time.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import type { Outbox } from '../../loops/alerts/outbox.ts';
import { openOutbox } from '../../loops/alerts/outbox-file.ts';
import { stateFolder } from '../environment/open.ts';
import type { IncidentDesk } from './open-desk.ts';

export type KeptAlert = { at: string; box: string; severity: string; source: string; reason: string; message: string };

/** Of this environment, as its outboxes have them: told in the last hours, or waiting. What can't be read is logged. SIDE EFFECTS: reads. */
export function alertsOnDisk({ root, name, log, say }: Pick<IncidentDesk, 'root' | 'name' | 'log' | 'say'>): KeptAlert[] {
  const folder = stateFolder({ root, name });
  const boxes = existsSync(folder) ? readdirSync(folder).filter((box) => existsSync(join(folder, box, 'outbox.json'))) : [];
  return boxes.sort().flatMap((box) => {
    try {
      return alertsIn(openOutbox(join(folder, box), () => {}).state(), { box, name, say });
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      log(error.message, { code: error.code });
      return [];
    }
  });
}

function alertsIn({ told, notifications }: Outbox, { box, name, say }: { box: string; name: string; say(text: string): string }): KeptAlert[] {
  const lately = Object.entries(told).flatMap(([key, at]): KeptAlert[] => {
    const [severity = '', source = '', environment, reason = '', ...message] = key.split('|');
    return environment === name ? [{ at: iso(at), box, severity, source, reason, message: say(message.join('|')) }] : [];
  });
  const known = new Set(lately.map(({ reason, message }) => `${reason} ${message}`));
  const waiting = notifications.flatMap(({ severity, source, reason, firstAt, messages }) =>
    messages.map((message) => ({ at: iso(firstAt), box, severity, source, reason, message: say(message) })),
  );
  return [...lately, ...waiting.filter(({ reason, message }) => !known.has(`${reason} ${message}`))];
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** `since` in seconds since the epoch. */
export function alertLines(desk: Parameters<typeof alertsOnDisk>[0], since: bigint): string[] {
  const from = iso(Number(since) * 1_000);
  return alertsOnDisk(desk)
    .filter(({ at }) => at >= from)
    .map((alert) => JSON.stringify(alert));
}
