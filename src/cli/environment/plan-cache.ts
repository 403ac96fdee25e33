// Plans that this checkout has made, by digest: when one has gone stale, apply can say what moved. A cache, never evidence.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeValue, encodeValue } from '../../journal/codec.ts';
import type { Plan } from '../../types.ts';

const keptPlans = 50;

/** SIDE EFFECTS: writes `<directory>/plans/<digest>.json` and drops the oldest beyond fifty. Never fails a command. */
export function rememberPlan(directory: string, plan: Plan): void {
  const folder = join(directory, 'plans');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${plan.digest}.json`), encodeValue(plan));
    const byAge = readdirSync(folder).map((file) => ({ file, at: statSync(join(folder, file)).mtimeMs }));
    for (const { file } of byAge.sort((a, b) => b.at - a.at).slice(keptPlans)) rmSync(join(folder, file), { force: true });
  } catch {
    // A full disk or a read-only checkout must not keep anyone from planning.
  }
}

/** The plan of that digest, or null where this checkout has not made it. */
export function recallPlan(directory: string, digest: string): Plan | null {
  try {
    const plan = decodeValue(readFileSync(join(directory, 'plans', `${digest}.json`), 'utf8')) as Plan;
    return plan.digest === digest ? plan : null;
  } catch {
    return null;
  }
}
