// Remembers event scans between runs, so that a second plan reads only new blocks. A cache: whatever is not exactly as it
// was written counts as not there.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Address, Hex, Log } from '../types.ts';

/** `opinion`: the second RPC keeps scans of its own, or it could not disagree. */
export type CursorKey = { chainId: bigint; address: Address; topic: Hex; opinion: 'first' | 'second' };

export type Checkpoint = { number: bigint; hash: Hex };

/** All logs of one event of one contract, from `fromBlock` to the last checkpoint. */
export type CursorRecord = {
  fromBlock: bigint;
  /** Blocks that earlier scans ended with, ascending. */
  checkpoints: readonly Checkpoint[];
  logs: readonly Log[];
};

export type CursorStore = {
  load(key: CursorKey): CursorRecord | null;
  save(key: CursorKey, record: CursorRecord): void;
};

/**
 * Keeps each scan in a file below `directory`/cursors. SIDE EFFECTS: `save` writes, replacing the file in one step; it
 * never fails, since a full disk or a read-only checkout must not keep anyone from reading the chain.
 */
export function fileCursorStore(directory: string): CursorStore {
  const pathOf = (key: CursorKey): string =>
    join(directory, 'cursors', `${key.chainId}-${key.opinion}`, `${key.address.toLowerCase()}-${key.topic.toLowerCase()}.json`);
  return {
    load(key) {
      try {
        return decode(readFileSync(pathOf(key), 'utf8'), key);
      } catch {
        // Missing, unreadable or damaged: all mean a scan from the start.
        return null;
      }
    },
    save(key, record) {
      const path = pathOf(key);
      const temporary = `${path}.${randomUUID()}`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, encode(record, key));
        renameSync(temporary, path);
      } catch {
        dropQuietly(temporary);
      }
    },
  };
}

function dropQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be written, nothing can be left behind.
  }
}

/** A check sum over everything behind the first line, which names what it is about. */
function encode(record: CursorRecord, key: CursorKey): string {
  const body = JSON.stringify({ version: 1, about: about(key), ...record }, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return `${sum(body)}\n${body}\n`;
}

function decode(text: string, key: CursorKey): CursorRecord | null {
  const body = text.slice(65, -1);
  if (text.slice(0, 64) !== sum(body)) return null;
  const data = JSON.parse(body, (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as CursorRecord & {
    version: number;
    about: string;
  };
  return data.version === 1 && data.about === about(key) ? { fromBlock: data.fromBlock, checkpoints: data.checkpoints, logs: data.logs } : null;
}

function about(key: CursorKey): string {
  return `${key.chainId} ${key.opinion} ${key.address} ${key.topic}`.toLowerCase();
}

function sum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
