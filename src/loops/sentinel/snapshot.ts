// The sentinel's state as people and the reference see it, and where each part comes from. Pure.
import type { SentinelReason, SentinelSettings } from '../../loop-types.ts';
import { type Mark, roiOf, type SentinelState } from './state.ts';

/** The fields of the reference. `roi` is null while nothing was spent; lists are sorted. */
export type SentinelSnapshot = {
  totalValue: number;
  totalCost: number;
  roi: number | null;
  pauseReasons: readonly SentinelReason[];
  stopRequested: boolean;
  stopReason: 'budget_cap' | null;
  prunedAgents: readonly string[];
  roiBreachCount: number;
};

export function snapshotOf(state: SentinelState): SentinelSnapshot {
  return {
    totalValue: state.totalValue,
    totalCost: state.totalCost,
    roi: roiOf(state),
    pauseReasons: (Object.keys(state.standing) as SentinelReason[]).sort(),
    stopRequested: state.stop !== null,
    stopReason: state.stop?.reason ?? null,
    prunedAgents: Object.keys(state.pruned).sort(),
    roiBreachCount: state.roiBreachCount,
  };
}

/** Where each field of a snapshot comes from, in words. */
export type SnapshotOrigins = Readonly<Record<keyof SentinelSnapshot, string>>;

export function originsOf(state: SentinelState, settings: SentinelSettings): SnapshotOrigins {
  const { expansions, evaluations, lastValue, lastCost } = state;
  return {
    totalValue: `${counted(evaluations, 'evaluation')}${lastOf(lastValue)}`,
    totalCost: `${counted(expansions, 'expansion')} and ${counted(evaluations, 'evaluation')}${lastOf(lastCost)}`,
    roi: 'totalValue / totalCost',
    pauseReasons: listed(Object.entries(state.standing).map(([reason, { since, detail }]) => `${reason} since ${markText(since)} (${detail})`)),
    stopRequested: state.stop === null ? `totalCost below budgetCap ${settings.budgetCap}` : markText(state.stop.since),
    stopReason: state.stop === null ? 'no stop requested' : 'totalCost at budgetCap',
    prunedAgents: listed(Object.entries(state.pruned).map(([agent, mark]) => `${JSON.stringify(agent)} by ${markText(mark)}`)),
    roiBreachCount: `roiFloor ${settings.roiFloor}, pauses at ${settings.roiGracePeriod}${lastOf(state.lastBreach)}`,
  };
}

/** `event 42 (id a-1, events.ndjson:17)`. */
export function markText({ event, id, from }: Mark): string {
  const known = [...(id === null ? [] : [`id ${id}`]), ...(from === null ? [] : [from])];
  return `event ${event}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

function lastOf(mark: Mark | null): string {
  return mark === null ? '' : `, last by ${markText(mark)}`;
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? 'no event' : [...parts].sort().join('; ');
}

function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
