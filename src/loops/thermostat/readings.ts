// Which readings are believed, and how those of a period become one sample.
import type { RoiSample, ThermostatWhy } from '../../loop-types.ts';
import type { Guards } from './settings.ts';
import type { State } from './state.ts';

/** More readings of one period are a fault of the source. */
const mostReadings = 50_000;

/** Why a reading is refused at the time `now`; null where it is believed. */
export function refusal({ guards, state, sample, now }: { guards: Guards; state: State; sample: RoiSample; now: number | null }): ThermostatWhy | null {
  if (!Number.isFinite(sample.roi)) return 'not-finite';
  if (guards.plausible !== null && (sample.roi < 0 || sample.roi > guards.plausible)) return 'implausible';
  return timeRefusal(guards, sample.at, now) ?? orderRefusal(guards, state, sample.at);
}

function timeRefusal(guards: Guards, at: number | null, now: number | null): ThermostatWhy | null {
  const needed = guards.period !== null || guards.maxAge !== null || guards.maxAhead !== null || guards.order || guards.maxGap !== null;
  if (at === null) return needed ? 'no-timestamp' : null;
  if (now === null) return null;
  if (guards.maxAge !== null && now - at > guards.maxAge) return 'stale';
  return guards.maxAhead !== null && at - now > guards.maxAhead ? 'future' : null;
}

function orderRefusal(guards: Guards, { lastReading, period }: State, at: number | null): ThermostatWhy | null {
  if (at === null) return null;
  if (guards.order && lastReading !== null && at <= lastReading) return at === lastReading ? 'replayed' : 'out-of-order';
  // A period that is over isn't opened again.
  if (guards.period !== null && period !== null && periodOf(at, guards.period) < period.index) return 'out-of-order';
  return guards.period !== null && period !== null && periodOf(at, guards.period) === period.index && period.readings.length >= mostReadings
    ? 'too-many'
    : null;
}

/** Periods since the epoch. */
export function periodOf(at: number, length: number): number {
  return Math.floor(at / length);
}

/** The middle of the readings; of an even number, the mean of the middle two. */
export function median(readings: readonly number[]): number {
  const sorted = [...readings].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = sorted.length % 2 === 1 ? [sorted[half], sorted[half]] : [sorted[half - 1], sorted[half]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The mean as the reference computes it: summed from the oldest on, then divided once. */
export function meanOf(window: readonly number[]): number {
  return window.reduce((sum, roi) => sum + roi, 0) / window.length;
}
