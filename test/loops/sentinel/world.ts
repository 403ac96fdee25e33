// Settings and events of the sentinel's tests, and random ones of both from a seed.

import type { FieldAction, SentinelSettings } from '../../../src/loop-types.ts';
import { type Reduced, reduce } from '../../../src/loops/sentinel/reduce.ts';
import { initialState, type SentinelEvent, type SentinelState } from '../../../src/loops/sentinel/state.ts';
import type { Random } from '../seeded.ts';

export const engine: FieldAction = { contract: 'engine-targets', field: 'expansionsPaused', value: true };
export const arena: FieldAction = { contract: 'arena', field: 'paused', value: true };

/** The reference's defaults. */
export function settingsWith(changes: Partial<SentinelSettings> = {}): SentinelSettings {
  return {
    roiFloor: 1.2,
    roiGracePeriod: 3,
    budgetCap: 100_000,
    budgetSoftRatio: 0.8,
    failureStreak: { threshold: 5, successReset: true },
    successThreshold: 0.6,
    monitorIntervalSeconds: 1,
    alertChannels: [{ name: 'log', type: 'log' }],
    actions: { roi_floor: [engine], budget_soft: [engine], budget_stop: [engine, arena], failure_streak: [] },
    ...changes,
  };
}

const nothing = { agent: null, cost: null, value: null, reward: null, success: null, id: null, from: null };

export function expansion(cost: number | null, more: Partial<SentinelEvent> = {}): SentinelEvent {
  return { type: 'expansion', ...nothing, cost, ...more };
}

export function evaluation(more: Partial<SentinelEvent> = {}): SentinelEvent {
  return { type: 'evaluation', ...nothing, ...more };
}

/** Every turn of a trace, the first state included in none. */
export function run(settings: SentinelSettings, events: readonly SentinelEvent[], from: SentinelState = initialState): Reduced[] {
  let state = from;
  return events.map((event) => {
    const turn = reduce(settings, state, event);
    state = turn.state;
    return turn;
  });
}

/** Measures and alerts of a turn in a few words: `pause roi_floor`, `warning roi_floor`. */
export function told({ decision }: Reduced): string[] {
  const measures = decision.measures.map((measure) => `${measure.kind} ${measure.kind === 'prune' ? measure.agent : measure.reason}`);
  return [...measures, ...decision.alerts.map((alert) => `${alert.severity} ${alert.reason}`)];
}

export function pick<T>(next: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(next() * items.length)] ?? items[0];
}

const agents = ['a', 'b', 'root/c', '__proto__', 'constructor', null] as const;

export function randomSettings(next: Random): SentinelSettings {
  return settingsWith({
    roiFloor: pick(next, [0.5, 1, 1.2, 2]),
    roiGracePeriod: pick(next, [1, 2, 3]),
    budgetCap: pick(next, [0.3, 1, 10, 100, 1e9]),
    budgetSoftRatio: pick(next, [0.1, 0.5, 0.8, 1]),
    failureStreak: { threshold: pick(next, [1, 2, 3, 5]), successReset: next() < 0.5 },
    successThreshold: pick(next, [0, 0.6, 1]),
    actions: {
      roi_floor: pick(next, [[engine], [], [engine, arena]]),
      budget_soft: pick(next, [[engine], [arena]]),
      budget_stop: pick(next, [[engine, arena], [engine], []]),
      failure_streak: pick(next, [[], [engine]]),
    },
  });
}

export function randomEvent(next: Random): SentinelEvent {
  const amount = (): number | null => pick<() => number | null>(next, [() => null, () => 0, () => 0.1, () => Math.floor(next() * 8), () => next() * 3])();
  if (next() < 0.35) return expansion(amount(), { agent: pick(next, agents) });
  return evaluation({
    agent: pick(next, agents),
    cost: amount(),
    value: pick<() => number | null>(next, [amount, amount, () => next() * 20])(),
    reward: pick<() => number | null>(next, [() => null, () => next(), () => 0.6])(),
    success: pick(next, [null, null, true, false]),
  });
}
