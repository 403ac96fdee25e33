// What a move is: every knob one step (or several) in the rule's direction, within its bounds and its daily cap.
import type { ThermostatMove, ThermostatWhy } from '../../loop-types.ts';
import type { Knob, Settings } from './settings.ts';
import { type State, type Values, valueIn } from './state.ts';

const day = 86_400;
/** What is proposed has six decimals: a smaller move is none. */
const leastMove = 1e-6;

/** `why` where there are no moves. */
export type Moves = { moves: readonly ThermostatMove[]; why: ThermostatWhy };

/** Halved more often than that, a step is nothing any more. */
const leastShare = 1 / 8;

/** Against a dip or a surge: `direction` is 1 or -1. */
export function movesOf(settings: Settings, state: State, { direction, at }: { direction: 1 | -1; at: number | null }): Moves {
  return moveAll(settings, state, {
    at,
    steps: stepsFor(settings, state, direction),
    goal: (knob) => ((knob.dip === 'raise') === (direction === 1) ? Infinity : -Infinity),
  });
}

/** Towards values that were in effect before, at most as far as any move may go. */
export function movesBack(settings: Settings, state: State, { back, at }: { back: Values; at: number | null }): Moves {
  return moveAll(settings, state, { at, steps: state.steps, goal: (knob) => goalBack(knob.field, back, state.values) });
}

/** A field that was not moved then stays where it is. */
function goalBack(field: string, back: Values, values: Values): number {
  const now = valueIn(values, field);
  return reachable(back[field] ?? now, now);
}

/** The goal, or where it is already. */
function reachable(goal: number, from: number): number {
  return Math.abs(goal - from) < leastMove ? from : goal;
}

/** Half the steps where the direction changes, and twice as many, up to what they were, where it stays. */
export function stepsFor({ guards }: Settings, { steps, direction: before }: State, direction: 1 | -1): number {
  if (!guards.halve || before === null) return steps;
  return before === direction ? Math.min(guards.steps, steps * 2) : Math.max(guards.steps * leastShare, steps / 2);
}

type Goal = { at: number | null; steps: number; goal: (knob: Knob) => number };

function moveAll(settings: Settings, state: State, { at, steps, goal }: Goal): Moves {
  const results = settings.knobs.map((knob) => moveOne({ knob, settings, state, at, steps, goal: goal(knob) }));
  const moves = results.filter((result) => typeof result !== 'string');
  const reasons = results.filter((result) => typeof result === 'string');
  const why = (['out-of-bounds', 'daily-cap'] as const).find((reason) => reasons.includes(reason)) ?? 'at-bounds';
  return { moves, why };
}

type One = { knob: Knob; settings: Settings; state: State; at: number | null; steps: number; goal: number };

function moveOne({ knob, settings, state, at, steps, goal }: One): ThermostatMove | ThermostatWhy {
  const from = valueIn(state.values, knob.field);
  if (settings.guards.bounds && (from < knob.min || from > knob.max)) return 'out-of-bounds';
  const step = knob.step * steps;
  const most = Math.min(step, capLeft(knob, state, at));
  if (most < leastMove && step >= leastMove) return 'daily-cap';
  const to = goal > from ? Math.min(knob.max, goal, from + most) : Math.max(knob.min, goal, from - most);
  return to === from ? 'at-bounds' : { field: knob.field, from, to, most };
}

/** How far the field may still go within 24 hours of the latest changes. */
function capLeft(knob: Knob, { changes }: State, at: number | null): number {
  if (knob.dailyCap === null) return Infinity;
  const recent = changes.filter((change) => change.field === knob.field && (change.at === null || at === null || at - change.at < day));
  return recent.reduce((left, change) => left - Math.abs(change.by), knob.dailyCap);
}

/** The changes that still count against a daily cap at a time. */
export function recentChanges(changes: State['changes'], at: number | null): State['changes'] {
  return at === null ? changes : changes.filter((change) => change.at === null || at - change.at < day);
}
