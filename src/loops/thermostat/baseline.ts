// Baselines of ROI: what a line of one holds, and what two of them say of each other. Pure.

import type { RoiSample } from '../../loop-types.ts';
import { compareMeans, type Difference, type Summary, summarise } from './welch.ts';

/** What was in effect when a sample was taken. */
export type BaselineContext = {
  environment: string;
  /** The block that the targets were read at. */
  block: string;
  /** By field of EngineTargets. */
  targets: Readonly<Record<string, number>>;
  /** By name, as `thermostat watch` prints them. */
  settings: Readonly<Record<string, string>>;
  query: string;
};

/** Of the mean's confidence interval. */
export const level = 0.95;
/** A relative change beyond this is finance's business. */
export const threshold = 0.1;

export type Comparison = {
  old: Summary;
  fresh: Summary;
  difference: Difference;
  /** The difference by the old mean, which is taken as it is; null where that is zero. */
  relative: { by: number; from: number; to: number } | null;
  /** A lift or a drawdown that the samples' scatter alone would not explain. */
  certain: boolean;
  exceeded: boolean;
};

/** One line, readable as a sample of a history. */
export function baselineLine({ at, roi }: RoiSample, { environment, block, targets, settings, query }: BaselineContext): string {
  return `${JSON.stringify({ timestamp: at, roi, environment, block, targets, settings, query })}\n`;
}

/** Means of ROI; each has at least two finite values. Throws RangeError. */
export function compareBaselines(old: readonly number[], fresh: readonly number[]): Comparison {
  const [before, after] = [summarise(old), summarise(fresh)];
  const difference = compareMeans(before, after, level);
  const base = Math.abs(before.mean);
  const relative = base === 0 ? null : { by: difference.by / base, from: difference.from / base, to: difference.to / base };
  return {
    old: before,
    fresh: after,
    difference,
    relative,
    certain: difference.from > 0 || difference.to < 0,
    // Exactly the threshold is not beyond it, whatever dust the doubles leave.
    exceeded: relative === null ? difference.by !== 0 : Math.abs(relative.by) > threshold + 1e-9,
  };
}

/** Targets in a baseline's lines, each different set once, in their order. What isn't such a line has none. */
export function targetsIn(text: string): Readonly<Record<string, number>>[] {
  const found = text
    .split('\n')
    .map(targetsOf)
    .filter((targets) => targets !== null);
  return [...new Map(found.map((targets) => [JSON.stringify(Object.entries(targets).sort()), targets])).values()];
}

function targetsOf(line: string): Readonly<Record<string, number>> | null {
  try {
    const { targets } = JSON.parse(line) as { targets?: unknown };
    if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) return null;
    const numbers = Object.entries(targets).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && /^[A-Za-z]{1,40}$/.test(entry[0]));
    return numbers.length === 0 ? null : Object.fromEntries(numbers);
  } catch {
    return null;
  }
}
