// Signed transactions' raw bytes, by hash, on this machine alone: what a shared journal must never hold.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../errors.ts';
import type { Hex } from '../types.ts';

export type RawTransaction = { hash: Hex; raw: Hex };

/** Port: keeps raw bytes where only this machine's user reads them. */
export interface RawStore {
  /** Returns only when they would survive a crash. */
  keep(transactions: readonly RawTransaction[]): Promise<void>;
  /** Null where they aren't on this machine: such a transaction can't be sent again, only its nonce burnt. */
  find(hash: Hex): Promise<Hex | null>;
}

/** One file a transaction in `folder`, readable by its owner alone. Errors: JOURNAL_WRITE. */
export function fileRawStore(folder: string): RawStore {
  return {
    async keep(transactions) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        for (const transaction of transactions) keepOne(folder, transaction);
        if (transactions.length > 0) flushFolder(folder);
      } catch (error) {
        throw new MooringError('JOURNAL_WRITE', `${folder} could not be written: ${(error as Error).message}`, {
          fix: 'Make room on the disk, or make the folder writable, and apply again: nothing has been sent.',
        });
      }
    },
    async find(hash) {
      const file = fileOf(folder, hash);
      const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
      return /^0x(?:[0-9a-f]{2})+$/i.test(text) ? text : null;
    },
  };
}

function keepOne(folder: string, { hash, raw }: RawTransaction): void {
  const file = fileOf(folder, hash);
  // Whole or not there: half a transaction must never be taken for one.
  writeFileSync(`${file}.draft`, `${raw}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.draft`, file);
}

function fileOf(folder: string, hash: Hex): string {
  // A hash may come from a shared record: it must not name a file elsewhere.
  return join(folder, `${hash.replace(/[^0-9a-zA-Z]/g, '_')}.raw`);
}

function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
