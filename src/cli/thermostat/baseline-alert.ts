// Finance is told of a change of ROI beyond what is theirs to know: through the declared channels, at least once, from disk.
import { join } from 'node:path';
import { takeLock } from '../../journal/lock.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import { deliver } from '../../loops/alerts/deliver.ts';
import { accept, groupMs } from '../../loops/alerts/outbox.ts';
import { openOutbox } from '../../loops/alerts/outbox-file.ts';
import type { Context, Options } from '../command.ts';
import { makeLog } from '../log.ts';
import { stateFolder } from '../open.ts';
import { openSentinel } from '../sentinel/open-sentinel.ts';
import { readyChannels } from '../sentinel/ready-channels.ts';

export type Escalation = { severity: 'warning' | 'critical'; message: string; detail: string };

/**
 * Resolves to how many alerts some channel doesn't have yet: they are on disk, and the next escalation tries them again. What
 * was told within four hours isn't told again. Throws INPUT_INVALID, ENVIRONMENT_VARIABLE_MISSING, JOURNAL_LOCKED, LOOP_STATE_*.
 * SIDE EFFECTS: sends; writes below `.mooring/<env>/baseline`.
 */
export async function escalate(context: Context, options: Options, escalation: Escalation): Promise<number> {
  const { declared, sentinel } = openSentinel(context, options);
  const channels = readyChannels(sentinel.settings.alertChannels, context.env);
  const folder = join(stateFolder(declared), 'baseline');
  const log = await makeLog(context, options);
  const lock = await takeLock(join(folder, 'lock'));
  try {
    const box = openOutbox(folder, syncFolder);
    const now = context.now();
    const alert = { ...escalation, source: 'thermostat', reason: 'roi_baseline', environment: declared.name, at: now };
    box.change((outbox) => accept(outbox, [alert], { now, channels: channels.map(({ name }) => name) }));
    // Nothing more of its kind will come from this command: it doesn't wait to be grouped.
    await deliver({ box, channels, log, now: () => context.now() + groupMs });
    return box.state().notifications.length;
  } finally {
    lock.release();
  }
}
