// The operations log: one line for each rebalancing of the engine's targets, with the baseline that it is to be measured against.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Rebalanced = {
  /** Seconds since the epoch, when it was seen. */
  at: number;
  engine: string;
  changes: readonly { field: string; from: number; to: number }[];
};

/** Where a baseline is recorded unless somebody says otherwise; from the root. */
export const usualBaseline = 'reports/roi-baseline.ndjson';

/**
 * Appends to `.mooring/<env>/operations.ndjson`. The baseline is the file as it is now: its name, its hash and how many samples
 * it has; null where none was recorded. SIDE EFFECTS: appends.
 */
export function logRebalancing({ root, folder, baseline }: { root: string; folder: string; baseline: string }, { at, engine, changes }: Rebalanced): void {
  const file = join(folder, 'operations.ndjson');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const line = { type: 'rebalanced', at: new Date(at * 1000).toISOString(), engine, changes, baseline: baselineOf(root, baseline) };
  appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
}

function baselineOf(root: string, name: string): { file: string; sha256: string; samples: number } | null {
  const file = join(root, name);
  if (!existsSync(file)) return null;
  const bytes = readFileSync(file);
  const samples = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
  return { file: name, sha256: createHash('sha256').update(bytes).digest('hex'), samples };
}
