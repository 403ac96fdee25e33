// What becomes of a proposal: opened, applied, closed; whether ROI answers to it, and how long it takes.
import type { RoiRule, ThermostatAlert, ThermostatMove } from '../../loop-types.ts';
import { recentChanges, stepsFor } from './moves.ts';
import type { Settings } from './settings.ts';
import { type Change, type ProposalRule, type State, type Values, valueIn } from './state.ts';

/** A proposal stands open, new or updated. Its control cycle begins with the first. */
export function onProposed(settings: Settings, state: State, { rule, moves }: { rule: ProposalRule; moves: readonly ThermostatMove[] }): State {
  const open = { rule, to: Object.fromEntries(moves.map(({ field, to }) => [field, to])) };
  return { ...(rule === 'back' ? state : startCycle(settings, state, rule)), open };
}

/** A human's close is remembered: the same cause doesn't open it again. */
export function onClosed(state: State, by: 'loop' | 'human'): State {
  if (state.open === null) return state;
  return { ...state, open: null, vetoed: by === 'human' ? state.open.rule : state.vetoed };
}

/** These values are in effect since `at`; a knob that isn't among them stays. Whoever changed one, the cooldown begins. */
export function onApplied(settings: Settings, state: State, { at, values }: { at: number | null; values: Values }): State {
  const changes = settings.knobs.flatMap(({ field }): Change[] => {
    if (!Object.hasOwn(values, field)) return [];
    const by = valueIn(values, field) - valueIn(state.values, field);
    return by === 0 ? [] : [{ at, field, by }];
  });
  if (changes.length === 0) return state;
  const direction = directionOf(settings, changes);
  const rule = ownRule(state, direction);
  return {
    ...state,
    ...adapt(settings, state, { rule, direction }),
    values: { ...state.values, ...Object.fromEntries(changes.map(({ field }) => [field, valueIn(values, field)])) },
    window: settings.guards.fresh ? [] : state.window,
    mean: settings.guards.fresh ? null : state.mean,
    cooldown: settings.cooldown,
    open: rule === null ? state.open : null,
    vetoed: null,
    changes: [...recentChanges(state.changes, at), ...changes],
  };
}

/** Which way a change goes: 1 as against a dip. Each knob counts by its step. */
function directionOf(settings: Settings, changes: readonly Change[]): 1 | -1 {
  const sum = settings.knobs.reduce((total, { field, step, dip }) => {
    const by = changes.find((change) => change.field === field)?.by ?? 0;
    return total + ((dip === 'raise' ? 1 : -1) * by) / (step === 0 ? 1 : step);
  }, 0);
  return sum >= 0 ? 1 : -1;
}

/** The rule of the open proposal where the change is what it asked for; null where somebody else moved the values. */
function ownRule({ open }: State, direction: 1 | -1): ProposalRule | null {
  if (open === null || open.rule === 'back') return open?.rule ?? null;
  return (open.rule === 'dip') === (direction === 1) ? open.rule : null;
}

type Adapted = Pick<State, 'steps' | 'direction' | 'trial' | 'failures'>;

/** A change of its own is put to the test; one of somebody else's hand ends a test, for it can't be told apart. */
function adapt(settings: Settings, state: State, { rule, direction }: { rule: ProposalRule | null; direction: 1 | -1 }): Adapted {
  const { steps, failures } = state;
  if (rule === null) return { steps, direction: state.direction, trial: null, failures: null };
  if (rule === 'back') return { steps, direction: null, trial: null, failures };
  const trial = state.mean === null ? null : { rule, mean: state.mean, before: state.values, samples: 0 };
  return { steps: stepsFor(settings, state, direction), direction, trial, failures };
}

type Followed = { state: State; alerts: readonly ThermostatAlert[] };

/** Whether ROI answered to the latest change. The second time in a row that it didn't, the loop is stopped. */
export function heedResponse(settings: Settings, state: State, { rule, mean, at }: { rule: RoiRule | null; mean: number; at: number | null }): Followed {
  const { trial, failures } = state;
  const { response } = settings.guards;
  if (response === null || trial === null || trial.samples < settings.window + settings.cooldown) return { state, alerts: [] };
  const gained = (mean - trial.mean) * (trial.rule === 'dip' ? 1 : -1);
  if (rule !== trial.rule || gained > response * settings.targetRoi) return { state: { ...state, trial: null, failures: null }, alerts: [] };
  const failed = { count: (failures?.count ?? 0) + 1, before: failures?.before ?? trial.before };
  if (failed.count < 2) return { state: { ...state, trial: null, failures: failed }, alerts: [] };
  return { state: { ...state, trial: null, failures: null, stopped: { at, back: failed.before } }, alerts: [{ type: 'no-response' }] };
}

/** A control cycle begins when a proposal is opened, or where there is nothing left to propose. */
export function startCycle({ guards }: Settings, state: State, rule: RoiRule): State {
  if (guards.escalate === null || state.cycle?.rule === rule) return state;
  return { ...state, cycle: { rule, samples: 0, failed: 0, escalated: false } };
}

/** Counts a sample of the running cycle, which is a full window plus the cooldown, and judges it at its end. */
export function countCycle(settings: Settings, state: State, rule: RoiRule | null): Followed {
  const { cycle } = state;
  const { escalate } = settings.guards;
  if (escalate === null || cycle === null) return { state, alerts: [] };
  if (rule !== cycle.rule) return { state: { ...state, cycle: null }, alerts: [] };
  if (cycle.samples < settings.window + settings.cooldown) return { state, alerts: [] };
  const failed = cycle.failed + 1;
  const escalated = cycle.escalated || failed >= escalate;
  const alerts: ThermostatAlert[] = escalated && !cycle.escalated ? [{ type: 'not-restored', cycles: failed, pause: rule === 'dip' }] : [];
  return { state: { ...state, cycle: { rule, samples: 0, failed, escalated } }, alerts };
}

/** One more sample seen since the latest change and since the cycle began. */
export function countSample(state: State): State {
  const trial = state.trial === null ? null : { ...state.trial, samples: state.trial.samples + 1 };
  const cycle = state.cycle === null ? null : { ...state.cycle, samples: state.cycle.samples + 1 };
  return { ...state, trial, cycle };
}
