// What the thermostat remembers between events. Plain JSON, so that it survives a restart as it is.
import type { RoiRule } from '../../loop-types.ts';
import type { Settings } from './settings.ts';

/** Why a proposal is open: a rule, or the wish to take back what did not help. */
export type ProposalRule = RoiRule | 'back';

export type Values = Readonly<Record<string, number>>;

export type State = {
  version: 1;
  /** What is in effect, by field. */
  values: Values;
  /** Oldest first. */
  window: readonly number[];
  /** Samples. */
  cooldown: number;
  /** The latest mean of a full window. */
  mean: number | null;
  /** When the latest reading that was believed was taken, and the latest sample of the window; seconds since the epoch. */
  lastReading: number | null;
  lastSample: number | null;
  /** The readings of the period that isn't over, `index` periods since the epoch; earlier ones are not opened again. */
  period: { index: number; readings: readonly number[] } | null;
  /** The proposal that waits for its approval. */
  open: { rule: ProposalRule; to: Values } | null;
  /** A human closed a proposal of this rule: none of it until ROI was back. */
  vetoed: ProposalRule | null;
  /** The change whose effect is awaited. */
  trial: Trial | null;
  /** Moves in a row without response, and the values before the first of them. */
  failures: { count: number; before: Values } | null;
  /** Steps of a move. */
  steps: number;
  /** Of the latest change: 1 against a dip, -1 against a surge. */
  direction: 1 | -1 | null;
  /** Changes of the last day. */
  changes: readonly Change[];
  /** Control cycles since a proposal was opened, while ROI isn't back. */
  cycle: { rule: RoiRule; samples: number; failed: number; escalated: boolean } | null;
  /** The sentinel has paused the engine. */
  paused: boolean;
  /** The loop is stopped; where to go back to. */
  stopped: { at: number | null; back: Values } | null;
};

export type Change = { at: number | null; field: string; by: number };

export type Trial = { rule: RoiRule; mean: number; before: Values; samples: number };

/** Nothing seen yet; `values` are what is in effect, one for each knob. */
export function initialState(settings: Settings, values: Values): State {
  return {
    version: 1,
    values: Object.fromEntries(settings.knobs.map(({ field }) => [field, valueIn(values, field)])),
    window: [],
    cooldown: 0,
    mean: null,
    lastReading: null,
    lastSample: null,
    period: null,
    open: null,
    vetoed: null,
    trial: null,
    failures: null,
    steps: settings.guards.steps,
    direction: null,
    changes: [],
    cycle: null,
    paused: false,
    stopped: null,
  };
}

/** Throws TypeError where the caller forgot a knob: nothing is assumed of a value that wasn't read. */
export function valueIn(values: Values, field: string): number {
  const value = Object.hasOwn(values, field) ? values[field] : undefined;
  if (value === undefined || !Number.isFinite(value)) throw new TypeError(`the thermostat has no value of ${field}`);
  return value;
}
