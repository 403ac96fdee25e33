// What changed settings do to the sentinel's state: a cap that people raised takes a spent budget's reasons away. Pure.
import type { SentinelSettings } from '../../loop-types.ts';
import { clearPause, type Turn } from './pauses.ts';
import type { Reduced } from './reduce.ts';
import type { SentinelState } from './state.ts';
import { hasReached } from './sums.ts';

/**
 * To be called once when the declared settings are not those that the state was made with. A budget that is no longer spent
 * is watched anew, alerts included; otherwise a raised cap would never be guarded again. What was paused for it is only
 * proposed to be cleared.
 */
export function applySettings(settings: SentinelSettings, state: SentinelState): Reduced {
  const detail = `cost ${state.totalCost.toFixed(2)}, cap now ${settings.budgetCap.toFixed(2)}`;
  let turn: Turn = { state, measures: [], alerts: [] };
  if (!hasReached(state, settings.budgetCap)) turn = forget(clearPause(withoutStop(turn), { reason: 'budget_stop', detail }), ['budget_stop', 'budget_cap']);
  if (!hasReached(state, settings.budgetCap * settings.budgetSoftRatio)) turn = forget(clearPause(turn, { reason: 'budget_soft', detail }), ['budget_soft']);
  return { state: turn.state, decision: { measures: turn.measures, alerts: turn.alerts } };
}

function withoutStop(turn: Turn): Turn {
  return { ...turn, state: { ...turn.state, stop: null } };
}

function forget(turn: Turn, reasons: readonly string[]): Turn {
  const alerted = turn.state.alerted.filter((key) => !reasons.includes(key.split(':', 2)[1] ?? ''));
  return { ...turn, state: { ...turn.state, alerted } };
}
