// The sentinel without consequences: on a copy of its record, telling in place of doing.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { FieldAction } from '../../loop-types.ts';
import type { Log } from '../log.ts';
import type { SentinelLoopOptions } from './open-loop.ts';
import type { OpenedSentinel } from './open-sentinel.ts';

type Ports = Pick<SentinelLoopOptions, 'pause' | 'propose' | 'withdraw'>;

/** Alerts go to the log alone. SIDE EFFECTS: a temporary folder, until `remove`. */
export function rehearsal(sentinel: OpenedSentinel): { sentinel: OpenedSentinel; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-sentinel-'));
  if (existsSync(sentinel.folder)) cpSync(sentinel.folder, folder, { recursive: true, filter: (source) => basename(source) !== 'lock' });
  const settings = { ...sentinel.sentinel.settings, alertChannels: [{ name: 'log', type: 'log' as const }] };
  return {
    sentinel: { ...sentinel, folder, sentinel: { ...sentinel.sentinel, settings } },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `canPause`: whether policy grants a key. */
export function rehearsedPorts(canPause: boolean, log: Log): Ports {
  const pause = async (actions: readonly FieldAction[]) => {
    log(`would pause at once: ${actions.map(({ contract, field }) => `${contract}.${field}`).join(', ')}`);
    return { rows: actions.map((target) => ({ target, state: 'already' as const })) };
  };
  return {
    pause: canPause ? pause : null,
    async propose({ title, labels }) {
      log(`would open a pull request: ${title} (${labels.join(', ')})`);
      return 'rehearsed';
    },
    withdraw: async () => false,
  };
}
