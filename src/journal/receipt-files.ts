// Receipts on disk: one file each, numbered in order, whole or not there.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../errors.ts';
import type { Hex, Receipt } from '../types.ts';
import { decodeValue, encodeValue } from './codec.ts';
import { type KeptReceipt, receiptHash } from './receipt.ts';
import { syncFolder } from './sync-folder.ts';

const fileName = /^(\d{6})-.*\.json$/;

/** The receipts in `folder`, oldest first. Throws RECEIPT_CORRUPT where a file can't be read or doesn't name the one before. */
export function readReceipts(folder: string): KeptReceipt[] {
  const place = join(folder, 'receipts');
  if (!existsSync(place)) return [];
  const kept: KeptReceipt[] = [];
  for (const name of readdirSync(place)
    .filter((file) => fileName.test(file))
    .sort()) {
    const read = readOne(join(place, name));
    const before = kept.at(-1);
    if (read.receipt.previous !== (before === undefined ? null : receiptHash(before.receipt)))
      throw corrupt(join(place, name), 'it does not name the receipt before it');
    kept.push(read);
  }
  return kept;
}

/** SIDE EFFECTS: writes one file, complete and flushed before it has its name. Throws RECEIPT_CORRUPT, JOURNAL_WRITE. */
export function keepReceipt(folder: string, receipt: Receipt, signature: Hex): string {
  const place = join(folder, 'receipts');
  const before = readReceipts(folder);
  const file = join(place, `${String(before.length + 1).padStart(6, '0')}-${receipt.run.replace(/[^\w.-]/g, '_')}.json`);
  const last = before.at(-1);
  if (receipt.previous !== (last === undefined ? null : receiptHash(last.receipt))) throw corrupt(file, 'it was not made to follow the last one');
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const draft = `${file}.draft`;
    // Readable by people, and every line of it still goes through the lossless codec.
    writeFileSync(draft, `${pretty({ receipt, signature })}\n`, { mode: 0o600, flush: true });
    linkSync(draft, file);
    rmSync(draft);
    syncFolder(place);
    return file;
  } catch (error) {
    throw new MooringError('JOURNAL_WRITE', `${file} could not be written: ${(error as Error).message}`, {
      cause: error,
      fix: 'Make room on the disk and apply again: the run is recorded, only its receipt is missing.',
    });
  }
}

function pretty(kept: KeptReceipt): string {
  return JSON.stringify(JSON.parse(encodeValue(kept)), null, 2);
}

function readOne(file: string): KeptReceipt {
  try {
    const value = decodeValue(readFileSync(file, 'utf8')) as Partial<KeptReceipt>;
    if (typeof value.signature === 'string' && typeof value.receipt?.run === 'string') return value as KeptReceipt;
  } catch (error) {
    throw corrupt(file, (error as Error).message);
  }
  throw corrupt(file, 'it is not a receipt');
}

function corrupt(file: string, why: string): MooringError {
  return new MooringError('RECEIPT_CORRUPT', `${file}: ${why}`, {
    fix: 'Put the receipts back from a copy. They are evidence, not state: the chain is as it is.',
  });
}
