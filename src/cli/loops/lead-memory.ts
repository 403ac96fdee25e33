// Which lease this checkout's own process held last: when it was killed, the next one needs not wait for its death to show.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { takeLock } from '../../journal/lock.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import { putWhole, readIfThere } from '../../loops/whole-file.ts';
import type { Loop } from './loop.ts';

export type LeadMemory = {
  /** Commits of leases that a process of this checkout held, which is no longer alive. */
  abandoned(): ReadonlySet<string>;
  /** Before it is offered to the remote. SIDE EFFECTS: writes. What can't be written is no trouble: then a dead holder is waited for. */
  keep(token: string): void;
};

/** Of several that were offered, only one is on the remote. */
const mostTokens = 32;

/** Nothing is known, and nothing is kept. */
export const noMemory: LeadMemory = { abandoned: () => new Set(), keep: () => {} };

/**
 * Under a lock, so that whoever wrote it is dead, or is this process. Where another process of this checkout is alive, nothing is
 * known. SIDE EFFECTS: a lock below `folder`, until `release`.
 */
export async function openLeadMemory(folder: string, loops: readonly Loop['name'][]): Promise<{ memory: LeadMemory; release(): void }> {
  const place = join(folder, 'lead', [...loops].sort().join('-'));
  const file = join(place, 'tokens.json');
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const lock = await takeLock(join(place, 'lock'));
    return { memory: { abandoned: () => read(file), keep: (token) => write(file, [...read(file), token].slice(-mostTokens)) }, release: lock.release };
  } catch (error) {
    if (error instanceof MooringError || isRefusal(error)) return { memory: noMemory, release: () => {} };
    throw error;
  }
}

/** Of a disk. */
function isRefusal(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).code === 'string';
}

function read(file: string): ReadonlySet<string> {
  try {
    const tokens: unknown = JSON.parse(readIfThere(file)?.toString('utf8') ?? '[]');
    return new Set(Array.isArray(tokens) ? tokens.filter((token) => typeof token === 'string') : []);
  } catch {
    return new Set();
  }
}

function write(file: string, tokens: readonly string[]): void {
  try {
    putWhole(file, JSON.stringify(tokens), syncFolder);
  } catch {
    // A full disk must not cost the lead.
  }
}
