// A thermostat to which a test says what happens, in few words, and what it answers.

import type { RoiSample, ThermostatDecision } from '../../../src/loop-types.ts';
import { proposalRule, reduceThermostat, type ThermostatEvent } from '../../../src/loops/thermostat/controller.ts';
import { type Guards, noGuards, referenceSettings, type Settings, startValues, type Tuning } from '../../../src/loops/thermostat/settings.ts';
import { initialState, type State, type Values } from '../../../src/loops/thermostat/state.ts';

/** Any time that is the beginning of an hour. */
export const noon = 1_700_006_400;

export function sampleOf(roi: number, at: number | null): RoiSample {
  return { at, roi, gmv: 0, cost: 0, successes: 0, failures: 0 };
}

export type Stage = {
  state: State;
  settings: Settings;
  /** One reading a minute, each at its time; the decisions. */
  feed(...rois: readonly number[]): ThermostatDecision[];
  send(event: ThermostatEvent): ThermostatDecision | null;
  /** Opens the proposal of a decision. */
  propose(decision: ThermostatDecision | undefined): void;
  /** And applies it. */
  apply(decision: ThermostatDecision | undefined): void;
  /** Seconds since the epoch of the next reading. */
  now: number;
};

/** Short windows and no guards but those that the test is about. Every state passes through JSON, as on disk. */
export function makeStage({
  tuning = {},
  guards = {},
  more = {},
}: {
  tuning?: Partial<Tuning>;
  guards?: Partial<Guards>;
  more?: Partial<Settings>;
} = {}): Stage {
  const settings: Settings = { ...referenceSettings({ window: 3, cooldown: 2, ...tuning }), guards: { ...noGuards, ...guards }, ...more };
  const send = (event: ThermostatEvent): ThermostatDecision | null => {
    const { state, decision } = reduceThermostat(settings, stage.state, event);
    stage.state = JSON.parse(JSON.stringify(state)) as State;
    return decision;
  };
  const propose = (decision: ThermostatDecision | undefined): void => {
    const rule = decision === undefined ? null : proposalRule(decision);
    if (decision === undefined || rule === null) throw new Error(`nothing to propose: ${JSON.stringify(decision)}`);
    send({ type: 'proposed', at: stage.now, rule, moves: decision.moves });
  };
  const stage: Stage = {
    settings,
    state: initialState(settings, valuesFor(settings)),
    now: noon,
    send,
    feed: (...rois) =>
      rois.flatMap((roi) => {
        const decision = send({ type: 'sample', at: stage.now, sample: sampleOf(roi, stage.now) });
        stage.now += 60;
        return decision === null ? [] : [decision];
      }),
    propose,
    apply: (decision) => {
      propose(decision);
      send({ type: 'applied', at: stage.now, values: Object.fromEntries((decision?.moves ?? []).map(({ field, to }) => [field, to])) });
    },
  };
  return stage;
}

function valuesFor({ knobs }: Settings): Values {
  return Object.fromEntries(knobs.map(({ field, min }) => [field, Object.hasOwn(startValues, field) ? startValues[field as keyof typeof startValues] : min]));
}

/** `kind why` of each. */
export function said(decisions: readonly ThermostatDecision[]): string[] {
  return decisions.map(({ kind, why }) => `${kind} ${why}`);
}

export function times<T>(count: number, value: T): T[] {
  return Array<T>(count).fill(value);
}
