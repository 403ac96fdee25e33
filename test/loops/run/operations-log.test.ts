// The operations log: a line for each rebalancing, joined with the baseline as it is then.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logRebalancing, usualBaseline } from '../../../src/cli/loops/operations-log.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mooring-operations-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const moved = { at: 1_800_000_000, engine: 'engine-targets', changes: [{ field: 'wideningAlpha', from: 0.5, to: 0.55 }] };
const file = (): string => join(root, '.mooring/field/operations.ndjson');
const log = (): void => logRebalancing({ root, folder: join(root, '.mooring/field'), baseline: usualBaseline }, moved);

test('without a baseline it says so; with one, which, and how many samples it has', () => {
  log();
  const baseline = '{"roi":2}\n{"roi":2.1}\n';
  mkdirSync(join(root, 'reports'));
  writeFileSync(join(root, usualBaseline), baseline);
  log();
  const lines = readFileSync(file(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { baseline: unknown });
  expect(lines).toEqual([
    { type: 'rebalanced', at: '2027-01-15T08:00:00.000Z', engine: 'engine-targets', changes: moved.changes, baseline: null },
    expect.objectContaining({ baseline: { file: usualBaseline, sha256: createHash('sha256').update(baseline).digest('hex'), samples: 2 } }),
  ]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});
