// The sentinel folds the engine's events into totals, and decides what must stop before losses grow. Pure reducers and
// codecs, with what reads events and sends alerts beside them; no chain, no git, and no decision that raises a risk.
import type { SentinelReason, SentinelSettings } from '../../loop-types.ts';
import { countFailure, isFailure } from './failures.ts';
import { clearPause, type Pause, pause, type Turn, tell } from './pauses.ts';
import { type Decision, eventsIn, type Mark, roiOf, type SentinelEvent, type SentinelState } from './state.ts';
import { addExactly, hasReached } from './sums.ts';

export type Reduced = { state: SentinelState; decision: Decision };

/**
 * Counts one event. Equal to the reference on the same events, to the last bit of its doubles, but that a pause which the
 * reference would clear by itself is only proposed to be cleared. Never throws.
 */
export function reduce(settings: SentinelSettings, state: SentinelState, event: SentinelEvent): Reduced {
  const mark: Mark = { event: eventsIn(state) + 1, id: event.id, from: event.from };
  const isExpansion = event.type === 'expansion';
  const cost = event.cost ?? 0;
  const value = isExpansion ? 0 : (event.value ?? 0);
  let turn: Turn = { state: count(state, { event, cost, value, mark }), measures: [], alerts: [] };
  if (!isExpansion && event.agent !== null) turn = countFailure(settings, turn, { agent: event.agent, failed: isFailure(settings, event), mark });
  // Only what moves the sums makes a new ROI.
  if (cost !== 0 || value !== 0) turn = checkRoi(settings, turn, mark);
  turn = checkBudget(settings, turn, mark);
  return { state: turn.state, decision: { measures: turn.measures, alerts: turn.alerts } };
}

type Counted = { event: SentinelEvent; cost: number; value: number; mark: Mark };

function count(state: SentinelState, { event, cost, value, mark }: Counted): SentinelState {
  const spent = addExactly(state.totalCost, cost);
  return {
    ...state,
    expansions: state.expansions + (event.type === 'expansion' ? 1 : 0),
    evaluations: state.evaluations + (event.type === 'evaluation' ? 1 : 0),
    totalValue: state.totalValue + value,
    totalCost: spent.sum,
    lostCost: state.lostCost + spent.lost,
    lastValue: value === 0 ? state.lastValue : mark,
    lastCost: cost === 0 ? state.lastCost : mark,
  };
}

function checkRoi(settings: SentinelSettings, turn: Turn, mark: Mark): Turn {
  const roi = roiOf(turn.state);
  if (roi === null) return turn;
  const { roiBreachCount } = turn.state;
  const breaches = roi < settings.roiFloor ? roiBreachCount + 1 : Math.max(0, roiBreachCount - 1);
  const counted = breaches === roiBreachCount ? turn : { ...turn, state: { ...turn.state, roiBreachCount: breaches, lastBreach: mark } };
  const detail = `ROI ${roi.toFixed(3)}, floor ${settings.roiFloor.toFixed(3)}`;
  if (roi < settings.roiFloor && breaches >= settings.roiGracePeriod) return hold(settings, counted, { reason: 'roi_floor', detail, mark });
  return breaches === 0 ? clearPause(counted, { reason: 'roi_floor', detail }) : counted;
}

function checkBudget(settings: SentinelSettings, turn: Turn, mark: Mark): Turn {
  const { budgetCap, budgetSoftRatio } = settings;
  const soft = budgetCap * budgetSoftRatio;
  const spent = (limit: number, name: string): string => `cost ${turn.state.totalCost.toFixed(2)}, ${name} ${limit.toFixed(2)}`;
  let next = turn;
  if (hasReached(next.state, soft)) next = hold(settings, next, { reason: 'budget_soft', detail: spent(soft, 'soft cap'), mark });
  if (!hasReached(next.state, budgetCap) || next.state.stop !== null) return next;
  const detail = spent(budgetCap, 'cap');
  next = hold(settings, next, { reason: 'budget_stop', detail, mark });
  next = { ...next, state: { ...next.state, stop: { reason: 'budget_cap', since: mark } } };
  next = { ...next, measures: [...next.measures, { kind: 'requestStop', reason: 'budget_cap', detail }] };
  return tell(next, { severity: 'critical', reason: 'budget_cap', message: 'The engine is to stop: its budget is spent.', detail });
}

const messages: Readonly<Record<Exclude<SentinelReason, 'failure_streak'>, Pick<Pause, 'severity' | 'message'>>> = {
  roi_floor: { severity: 'warning', message: 'Expansions are to pause: ROI stays below its floor.' },
  budget_soft: { severity: 'warning', message: 'Expansions are to pause: the soft part of the budget is spent.' },
  budget_stop: { severity: 'critical', message: 'Everything is to pause: the budget is spent.' },
};

function hold(settings: SentinelSettings, turn: Turn, { reason, detail, mark }: { reason: keyof typeof messages; detail: string; mark: Mark }): Turn {
  return pause(turn, { reason, detail, mark, actions: settings.actions[reason], ...messages[reason] });
}
