// One sample of the window: the mean, the band, and what follows. Without guards it is the reference, step by step.
import type { RoiRule, ThermostatDecision, ThermostatKind, ThermostatMove, ThermostatWhy } from '../../loop-types.ts';
import { countCycle, countSample, heedResponse, startCycle } from './follow.ts';
import { movesBack, movesOf } from './moves.ts';
import { meanOf } from './readings.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';

export type Outcome = { state: State; decision: ThermostatDecision };

/** `at`: when the sample was taken; `now`: the clock, which caps and freezes go by. Seconds since the epoch, null where unknown. */
export type Moment = { at: number | null; now: number | null };

/** The band's edges, as the reference computes them. */
export function bandOf({ targetRoi, lowerMargin, upperMargin }: Settings): { lower: number; upper: number } {
  return { lower: targetRoi * (1 - lowerMargin), upper: targetRoi * (1 + upperMargin) };
}

type Saying = {
  kind: ThermostatKind;
  why: ThermostatWhy;
  at: number | null;
  rule?: RoiRule | null;
  roi?: number | null;
  mean?: number | null;
  moves?: readonly ThermostatMove[];
};

/** A state and the decision about it; what isn't said is nothing. */
export function say(settings: Settings, state: State, { kind, why, at, rule = null, roi = null, mean = null, moves = [] }: Saying): Outcome {
  const { cooldown, window } = state;
  const decision = { kind, why, at, roi, mean, band: bandOf(settings), rule, filled: window.length, cooldown, moves, withdraw: false, alerts: [] };
  return { state, decision };
}

/** Takes a sample into the window and judges it. `roi` is finite. */
export function judge(settings: Settings, before: State, { roi, ...moment }: Moment & { roi: number }): Outcome {
  const state = seen(settings, before, moment.at);
  // Samples of the cooldown show the old values and the new ones mixed.
  if (settings.guards.fresh && state.cooldown > 0) return say(settings, coolDown(state), { roi, ...moment, kind: 'cooling', why: 'cooldown' });
  const window = [...state.window, roi].slice(-settings.window);
  if (window.length < settings.window) return say(settings, coolDown({ ...state, window }), { roi, ...moment, kind: 'filling', why: 'window-not-full' });
  const mean = meanOf(window);
  return judgeMean(settings, { ...state, window, mean: Number.isFinite(mean) ? mean : null }, { roi, mean, rule: ruleOf(settings, mean), ...moment });
}

/** A long hole empties the window: what lies before it says nothing about now. */
function seen({ guards }: Settings, state: State, at: number | null): State {
  const hole = guards.maxGap !== null && at !== null && state.lastSample !== null && at - state.lastSample > guards.maxGap;
  return { ...countSample(state), window: hole ? [] : state.window, lastSample: at };
}

function coolDown(state: State): State {
  return state.cooldown > 0 ? { ...state, cooldown: state.cooldown - 1 } : state;
}

function ruleOf(settings: Settings, mean: number): RoiRule | null {
  const { lower, upper } = bandOf(settings);
  return mean < lower ? 'dip' : mean > upper ? 'surge' : null;
}

type Judged = Moment & { roi: number; mean: number; rule: RoiRule | null };

/** Cycles and responses first, then what the rule asks for. */
function judgeMean(settings: Settings, before: State, judged: Judged): Outcome {
  const counted = countCycle(settings, before, judged.rule);
  const heeded = heedResponse(settings, counted.state, judged);
  const { state, decision } = act(settings, heeded.state, judged);
  return { state, decision: { ...decision, withdraw: isPointless(state, decision), alerts: [...counted.alerts, ...heeded.alerts] } };
}

/** Whether what is open has lost its reason. */
function isPointless({ open, stopped }: State, { rule, moves, kind }: ThermostatDecision): boolean {
  if (open === null || moves.length > 0 || kind === 'inhibited') return false;
  return open.rule !== (stopped === null ? rule : 'back');
}

function act(settings: Settings, before: State, judged: Judged): Outcome {
  if (before.stopped !== null) return takeBack(settings, before, judged);
  const state = judged.rule === before.vetoed ? before : { ...before, vetoed: null };
  if (judged.rule === null) return say(settings, coolDown(state), { ...judged, kind: 'inside', why: 'in-band' });
  if (state.cooldown > 0) return say(settings, coolDown(state), { ...judged, kind: 'cooling', why: 'cooldown' });
  if (state.vetoed !== null) return say(settings, state, { ...judged, kind: 'inhibited', why: 'closed-by-human' });
  return move(settings, state, { ...judged, rule: judged.rule });
}

/** A stopped loop goes back to where it was before what did not help, and no further. */
function takeBack(settings: Settings, state: State, judged: Judged): Outcome {
  const may = state.cooldown === 0 && state.vetoed !== 'back' && !isFrozen(settings, judged.now);
  const { moves } = may && state.stopped !== null ? movesBack(settings, state, { back: state.stopped.back, at: judged.now }) : { moves: [] };
  return say(settings, coolDown(state), { ...judged, kind: 'stopped', why: 'no-response', moves });
}

function move(settings: Settings, state: State, judged: Judged & { rule: RoiRule }): Outcome {
  const { rule, now } = judged;
  const { moves, why } = movesOf(settings, state, { direction: rule === 'dip' ? 1 : -1, at: now });
  if (moves.length === 0 && why === 'daily-cap') return say(settings, state, { ...judged, kind: 'deferred', why });
  if (moves.length === 0) {
    const waiting = { ...startCycle(settings, state, rule), cooldown: settings.cooldown };
    return say(settings, waiting, { ...judged, kind: why === 'out-of-bounds' ? 'refused' : 'saturated', why });
  }
  if (isFrozen(settings, now)) return say(settings, state, { ...judged, kind: 'deferred', why: 'freeze' });
  return say(settings, state, { ...judged, kind: rule === 'dip' ? 'raise' : 'lower', why: rule, moves });
}

function isFrozen({ guards, freezes }: Settings, now: number | null): boolean {
  return guards.freeze && now !== null && freezes.some(({ from, to }) => from <= now && now < to);
}
