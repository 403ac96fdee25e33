// One alert of a command through the declared channels: on disk first, tried at once, at least once to each.
import { join } from 'node:path';
import { takeLock } from '../../journal/lock.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import { deliver } from '../../loops/alerts/deliver.ts';
import { type Alert, accept, groupMs } from '../../loops/alerts/outbox.ts';
import { openOutbox } from '../../loops/alerts/outbox-file.ts';
import type { Context, Options } from '../command.ts';
import { stateFolder } from '../environment/open.ts';
import { makeLog } from '../log.ts';
import { openSentinel } from '../sentinel/open-sentinel.ts';
import { readyChannels } from '../sentinel/ready-channels.ts';

/** `folder`: below `.mooring/<env>`, one for each sort of command. */
export type Telling = { folder: string; alert: Omit<Alert, 'environment' | 'at'> };

/**
 * Resolves to how many alerts some channel doesn't have yet: they are on disk, and the next one tries them again. What was
 * told within four hours isn't told again. Throws INPUT_INVALID, ENVIRONMENT_VARIABLE_MISSING, JOURNAL_LOCKED, LOOP_STATE_*.
 * SIDE EFFECTS: sends; writes below `.mooring/<env>`.
 */
export async function tellNow(context: Context, options: Options, { folder: name, alert }: Telling): Promise<number> {
  const { declared, sentinel } = openSentinel(context, options);
  const channels = readyChannels(sentinel.settings.alertChannels, context.env);
  const folder = join(stateFolder(declared), name);
  const log = await makeLog(context, options);
  const lock = await takeLock(join(folder, 'lock'));
  try {
    const box = openOutbox(folder, syncFolder);
    const now = context.now();
    box.change((outbox) => accept(outbox, [{ ...alert, environment: declared.name, at: now }], { now, channels: channels.map((channel) => channel.name) }));
    // Nothing more of its kind will come from this command: it doesn't wait to be grouped.
    await deliver({ box, channels, log, now: () => context.now() + groupMs });
    return box.state().notifications.length;
  } finally {
    lock.release();
  }
}
