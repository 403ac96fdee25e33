// What the engine is told of the sentinel's state: that it is to stop, and whom it is to prune. Pure.
import type { SentinelState } from './state.ts';

/** `pruned`: the newest ones, newest first; all of them are in the snapshot. */
export type EngineOrders = { stop: { reason: 'budget_cap' } | null; pruned: readonly string[] };

/** Agents that one answer names. */
export const mostPruned = 100;

export function engineOrders({ stop, pruned }: Pick<SentinelState, 'stop' | 'pruned'>): EngineOrders {
  const newest = Object.entries(pruned).sort(([, a], [, b]) => b.event - a.event);
  return { stop: stop === null ? null : { reason: stop.reason }, pruned: newest.slice(0, mostPruned).map(([agent]) => agent) };
}
