// What the sentinel knows and what it may decide. Plain JSON throughout, so that it survives on disk as it is. Pure.
import type { FieldAction, SentinelReason } from '../../loop-types.ts';

/** `null` where the event doesn't say. Amounts are finite doubles; a cost is never negative. */
export type SentinelEvent = {
  type: 'expansion' | 'evaluation';
  agent: string | null;
  cost: number | null;
  value: number | null;
  reward: number | null;
  success: boolean | null;
  /** Idempotency key: an id that was seen is skipped before it gets here. */
  id: string | null;
  /** Where it came from, for people: `http`, `events.ndjson:17`. */
  from: string | null;
};

/** Which event something comes from: the first counted one is number 1. */
export type Mark = { event: number; id: string | null; from: string | null };

/** A reason that holds, and the flags that it asks for. */
export type Standing = { since: Mark; detail: string; actions: readonly FieldAction[] };

export type SentinelState = {
  version: 1;
  expansions: number;
  evaluations: number;
  totalValue: number;
  totalCost: number;
  /** What rounding has taken from `totalCost` so far; the exact sum is the two together. */
  lostCost: number;
  lastValue: Mark | null;
  lastCost: Mark | null;
  roiBreachCount: number;
  /** The event that last changed the count. */
  lastBreach: Mark | null;
  standing: Readonly<Partial<Record<SentinelReason, Standing>>>;
  /** Flags that were asked for and not proposed to be cleared since. */
  asked: readonly FieldAction[];
  stop: { reason: 'budget_cap'; since: Mark } | null;
  /** Failures by agent, only where there are any; look up with `Object.hasOwn`, for an agent may be called `__proto__`. */
  failures: Readonly<Record<string, number>>;
  pruned: Readonly<Record<string, Mark>>;
  /** `severity:reason:message` of what is not to be told again. */
  alerted: readonly string[];
};

export type AlertSeverity = 'info' | 'warning' | 'critical';

export type SentinelAlert = {
  severity: AlertSeverity;
  /** A reason; `budget_cap` for the request to stop, `…_clear` for a proposal to clear, `agents_unfollowed`. */
  reason: string;
  message: string;
  detail: string;
};

/** There is no measure that unpauses, grants or raises: `proposeClear` asks people to judge. */
export type Measure =
  | { kind: 'pause'; reason: SentinelReason; actions: readonly FieldAction[]; detail: string }
  | { kind: 'requestStop'; reason: 'budget_cap'; detail: string }
  | { kind: 'prune'; reason: 'failure_streak'; agent: string; failures: number }
  /** The flags that no reason holds any more. */
  | { kind: 'proposeClear'; reason: SentinelReason; actions: readonly FieldAction[]; detail: string };

export type Decision = { measures: readonly Measure[]; alerts: readonly SentinelAlert[] };

export const noDecision: Decision = { measures: [], alerts: [] };

export const initialState: SentinelState = {
  version: 1,
  expansions: 0,
  evaluations: 0,
  totalValue: 0,
  totalCost: 0,
  lostCost: 0,
  lastValue: null,
  lastCost: null,
  roiBreachCount: 0,
  lastBreach: null,
  standing: {},
  asked: [],
  stop: null,
  failures: {},
  pruned: {},
  alerted: [],
};

/** Value / cost of all events so far; null while nothing was spent. */
export function roiOf(state: Pick<SentinelState, 'totalValue' | 'totalCost'>): number | null {
  return state.totalCost > 0 ? state.totalValue / state.totalCost : null;
}

export function eventsIn(state: Pick<SentinelState, 'expansions' | 'evaluations'>): number {
  return state.expansions + state.evaluations;
}
