// loops: the thermostat and the sentinel decide from metrics and events what to propose. Pure reducers of (settings, state,
// event); no clock, network, file or git here: whoever runs a loop reads, proposes and remembers for it.
import type { RoiSample, ThermostatDecision, ThermostatMove } from '../../loop-types.ts';
import { onApplied, onClosed, onProposed } from './follow.ts';
import { judge, type Outcome, say } from './judge.ts';
import { median, periodOf, refusal } from './readings.ts';
import type { Settings } from './settings.ts';
import type { ProposalRule, State, Values } from './state.ts';

/** `at`: when it happened, seconds since the epoch; of a sample and a tick the clock of whoever runs the loop, null where there is none (replay). */
export type ThermostatEvent =
  | { type: 'sample'; at: number | null; sample: RoiSample }
  /** There was no reading to be had. */
  | { type: 'tick'; at: number }
  /** The pull request of a decision's moves was opened or updated. */
  | { type: 'proposed'; at: number | null; rule: ProposalRule; moves: readonly ThermostatMove[] }
  /** These values are in effect on chain, whoever set them. */
  | { type: 'applied'; at: number | null; values: Values }
  | { type: 'closed'; at: number | null; by: 'loop' | 'human' }
  | { type: 'sentinel'; at: number | null; paused: boolean }
  /** A human lets a stopped loop go on. */
  | { type: 'resumed'; at: number | null };

/** `decision` is null where an event asks for none. */
export type Reduced = { state: State; decision: ThermostatDecision | null };

/**
 * The thermostat. Moves count when an `applied` event says that they are in effect; the decision only asks for them.
 * Without guards, and with each move applied at once, its decisions are the reference's to the last bit.
 */
export function reduceThermostat(settings: Settings, state: State, event: ThermostatEvent): Reduced {
  switch (event.type) {
    case 'sample':
      return onSample(settings, state, event);
    case 'tick':
      return onTick(settings, state, event.at);
    case 'proposed':
      return { state: onProposed(settings, state, event), decision: null };
    case 'applied':
      return { state: onApplied(settings, state, event), decision: null };
    case 'closed':
      return { state: onClosed(state, event.by), decision: null };
    case 'sentinel':
      return { state: onSentinel(state, event.paused), decision: null };
    case 'resumed':
      return { state: { ...state, ...newStart, stopped: null, failures: null, vetoed: null }, decision: null };
  }
}

/** The rule that a decision's moves are proposed under; null where it has none. */
export function proposalRule({ kind, moves, rule }: ThermostatDecision): ProposalRule | null {
  return moves.length === 0 ? null : kind === 'stopped' ? 'back' : rule;
}

const newStart = { window: [], mean: null, trial: null, period: null } as const;

/** What was measured while the engine stood still says nothing about its targets. */
function onSentinel(state: State, paused: boolean): State {
  return paused === state.paused ? state : { ...state, ...newStart, paused };
}

function onSample(settings: Settings, before: State, { at: now, sample }: { at: number | null; sample: RoiSample }): Outcome {
  const { guards } = settings;
  const { at, roi } = sample;
  const why = refusal({ guards, state: before, sample, now });
  if (why !== null) return say(settings, before, { at, kind: 'refused', why });
  const state = { ...before, lastReading: at };
  if (guards.pause && state.paused) return say(settings, state, { at, kind: 'inhibited', why: 'sentinel-pause' });
  if (guards.period === null || at === null) return judge(settings, state, { at, now, roi });
  return collect(settings, state, { at, now, roi, length: guards.period });
}

type Reading = { at: number; now: number | null; roi: number; length: number };

/** A reading of a later period ends the one before it. */
function collect(settings: Settings, state: State, { at, now, roi, length }: Reading): Outcome {
  const index = periodOf(at, length);
  const { period } = state;
  if (period === null || period.index < index) {
    const next = { ...state, period: { index, readings: [roi] } };
    if (period !== null) return endPeriod(settings, next, { period, now, length });
    return say(settings, next, { at, kind: 'collecting', why: 'period-open' });
  }
  return say(settings, { ...state, period: { index, readings: [...period.readings, roi] } }, { at, kind: 'collecting', why: 'period-open' });
}

function endPeriod(
  settings: Settings,
  state: State,
  { period, now, length }: { period: NonNullable<State['period']>; now: number | null; length: number },
): Outcome {
  const at = (period.index + 1) * length;
  if (period.readings.length < Math.max(1, settings.guards.minReadings)) return say(settings, state, { at, kind: 'refused', why: 'too-few' });
  return judge(settings, state, { at, now, roi: median(period.readings) });
}

/** Time passes without readings: a period ends all the same, and silence is told. Late readings have as long as readings may be old. */
function onTick(settings: Settings, state: State, now: number): Reduced {
  const { period: length, maxAge, pause } = settings.guards;
  const { period } = state;
  if (pause && state.paused) return { state, decision: null };
  if (length !== null && period !== null && now >= (period.index + 1) * length + (maxAge ?? 0))
    return endPeriod(settings, { ...state, period: { index: periodOf(now - (maxAge ?? 0), length), readings: [] } }, { period, now, length });
  if (maxAge === null || state.lastReading === null || now - state.lastReading <= maxAge) return { state, decision: null };
  const { decision } = say(settings, state, { at: now, kind: 'refused', why: 'silent' });
  return { state, decision: { ...decision, alerts: [{ type: 'silent' }] } };
}
