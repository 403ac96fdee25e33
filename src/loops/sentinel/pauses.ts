// How reasons to pause come to stand and fall, and what is told of it. Pure. A pause is asked for; its end is only proposed.
import type { FieldAction, SentinelReason } from '../../loop-types.ts';
import type { AlertSeverity, Mark, Measure, SentinelAlert, SentinelState, Standing } from './state.ts';

/** One event's way through the rules. */
export type Turn = { state: SentinelState; measures: readonly Measure[]; alerts: readonly SentinelAlert[] };

export type Pause = { reason: SentinelReason; detail: string; mark: Mark; actions: readonly FieldAction[]; severity: AlertSeverity; message: string };

/** Nothing where the reason stands already. */
export function pause(turn: Turn, { reason, detail, mark, actions, severity, message }: Pause): Turn {
  const { state } = turn;
  if (state.standing[reason] !== undefined) return turn;
  const standing = { ...state.standing, [reason]: { since: mark, detail, actions } };
  const asked = [...state.asked, ...without(actions, state.asked)];
  const measures: readonly Measure[] = [...turn.measures, { kind: 'pause', reason, actions, detail }];
  return tell({ ...turn, state: { ...state, standing, asked }, measures }, { severity, reason, message, detail });
}

/**
 * Drops a reason, and proposes to clear the flags that no other reason holds: none while a stop is requested. Nothing where
 * the reason doesn't stand.
 */
export function clearPause(turn: Turn, { reason, detail }: { reason: SentinelReason; detail: string }): Turn {
  const { [reason]: dropped, ...standing } = turn.state.standing;
  if (dropped === undefined) return turn;
  const held = Object.values<Standing>(standing).flatMap(({ actions }) => actions);
  const free = turn.state.stop === null ? without(turn.state.asked, held) : [];
  const state = { ...turn.state, standing, asked: without(turn.state.asked, free) };
  const measures: readonly Measure[] = free.length === 0 ? turn.measures : [...turn.measures, { kind: 'proposeClear', reason, actions: free, detail }];
  const rest = free.length === 0 ? 'Other reasons still hold what it asked for.' : 'People are asked whether to clear what it asked for.';
  return tell({ ...turn, state, measures }, { severity: 'info', reason: `${reason}_clear`, message: `The reason ${reason} no longer holds. ${rest}`, detail });
}

/** Adds an alert; but for `info`, each severity, reason and message only once. */
export function tell(turn: Turn, alert: SentinelAlert): Turn {
  const key = alertKey(alert);
  if (alert.severity === 'info') return { ...turn, alerts: [...turn.alerts, alert] };
  if (turn.state.alerted.includes(key)) return turn;
  return { ...turn, state: { ...turn.state, alerted: [...turn.state.alerted, key] }, alerts: [...turn.alerts, alert] };
}

export function alertKey({ severity, reason, message }: Pick<SentinelAlert, 'severity' | 'reason' | 'message'>): string {
  return `${severity}:${reason}:${message}`;
}

function without(actions: readonly FieldAction[], others: readonly FieldAction[]): FieldAction[] {
  return actions.filter((action) => !others.some((other) => other.contract === action.contract && other.field === action.field));
}
