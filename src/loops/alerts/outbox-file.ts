// The outbox on disk: an alert that was raised is there until each channel has it, whatever happens to the process.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { sealed, unsealed } from '../sealed-text.ts';
import { putWhole, readIfThere } from '../whole-file.ts';
import { emptyOutbox, type Outbox } from './outbox.ts';

export type OutboxFile = {
  state(): Outbox;
  /** On disk when it returns; throws LOOP_STATE_WRITE, and nothing has changed then. */
  change(by: (outbox: Outbox) => Outbox): void;
};

/** Opens the outbox in `folder`; whoever does holds that folder's lock. Throws LOOP_STATE_CORRUPT. SIDE EFFECTS: reads, writes. */
export function openOutbox(folder: string, syncFolder: (folder: string) => void): OutboxFile {
  const file = join(folder, 'outbox.json');
  let state = read(file);
  return {
    state: () => state,
    change(by) {
      const next = by(state);
      if (next === state) return;
      write(file, next, { folder, syncFolder });
      state = next;
    },
  };
}

function read(file: string): Outbox {
  const bytes = readIfThere(file);
  if (bytes === null) return emptyOutbox;
  const text = unsealed(bytes.toString('utf8').replace(/\n$/, ''));
  const outbox = text === null ? null : (JSON.parse(text) as Outbox);
  if (outbox?.version === 1) return outbox;
  throw new MooringError('LOOP_STATE_CORRUPT', `${file} is not what was written there`, {
    fix: 'Nothing was changed. It holds alerts that may not have been sent: read it, then move it away.',
  });
}

function write(file: string, outbox: Outbox, { folder, syncFolder }: { folder: string; syncFolder: (folder: string) => void }): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    putWhole(file, `${sealed(JSON.stringify(outbox))}\n`, syncFolder);
  } catch (error) {
    throw new MooringError('LOOP_STATE_WRITE', `${file} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the folder writable.',
      cause: error,
    });
  }
}
