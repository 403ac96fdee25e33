// What the thermostat is set to: the reference's parameters, the fields that it may move, and the guards beyond the reference.
import type { ThermostatGuards, ThermostatSettings } from '../../loop-types.ts';

/** A field that the loop may move. Numbers in the field's own unit; `dailyCap` bounds all moves of 24 hours together. */
export type Knob = { field: string; step: number; min: number; max: number; dip: 'raise' | 'lower'; dailyCap: number | null };

export type Guards = ThermostatGuards;

/** A time in which nothing is proposed, in seconds since the epoch. */
export type Freeze = { from: number; to: number; reason: string };

export type Settings = {
  targetRoi: number;
  lowerMargin: number;
  upperMargin: number;
  /** Samples. */
  window: number;
  /** Samples. */
  cooldown: number;
  knobs: readonly Knob[];
  guards: Guards;
  freezes: readonly Freeze[];
};

/** The reference's parameters and their defaults, by the names of its flags. In files `window` is `roiWindow`, and `cooldown` `cooldownSteps`. */
export const tuningDefaults = {
  targetRoi: 2.0,
  lowerMargin: 0.1,
  upperMargin: 0.15,
  window: 12,
  wideningStep: 0.05,
  minWideningAlpha: 0.25,
  maxWideningAlpha: 1.5,
  thompsonStep: 0.1,
  minThompsonPrior: 0.25,
  maxThompsonPrior: 3.0,
  cooldown: 4,
} as const;

export type Tuning = { -readonly [K in keyof typeof tuningDefaults]: number };

/** Where the reference's engine starts. */
export const startValues = { wideningAlpha: 0.5, thompsonPrior: 1.0 } as const;

/** The reference has none. */
export const noGuards: Guards = {
  period: null,
  minReadings: 1,
  maxAge: null,
  maxAhead: null,
  order: false,
  plausible: null,
  maxGap: null,
  fresh: false,
  bounds: false,
  steps: 1,
  halve: false,
  response: null,
  pause: false,
  freeze: false,
  escalate: null,
};

/** What `watch` has where nothing else is written. `npm run bench:loops` measures them; tuned on half of its plants. */
export const defaultGuards: Guards = {
  period: 5 * 3_600,
  minReadings: 3,
  maxAge: 300,
  maxAhead: 60,
  order: true,
  plausible: 1_000,
  maxGap: 2 * 86_400,
  fresh: true,
  bounds: true,
  steps: 2,
  halve: true,
  response: 0,
  pause: true,
  freeze: true,
  escalate: 2,
};

/** loops/thermostat.yaml where nothing is written. */
export const settingsDefaults: ThermostatSettings = {
  engine: null,
  roiWindow: tuningDefaults.window,
  wideningStep: tuningDefaults.wideningStep,
  minWideningAlpha: tuningDefaults.minWideningAlpha,
  maxWideningAlpha: tuningDefaults.maxWideningAlpha,
  thompsonStep: tuningDefaults.thompsonStep,
  minThompsonPrior: tuningDefaults.minThompsonPrior,
  maxThompsonPrior: tuningDefaults.maxThompsonPrior,
  cooldownSteps: tuningDefaults.cooldown,
  dailyCaps: {},
  fields: [],
  intervalSeconds: 15,
  prometheus: { url: null, query: 'hgm_roi', timeoutSeconds: 10 },
  guards: defaultGuards,
};

/** The two knobs of the reference, with the bounds and steps of `tuning`. `caps` by field. */
export function referenceKnobs(tuning: Tuning, caps: Readonly<Record<string, number>> = {}): Knob[] {
  const cap = (field: string): number | null => caps[field] ?? null;
  return [
    {
      field: 'wideningAlpha',
      step: tuning.wideningStep,
      min: tuning.minWideningAlpha,
      max: tuning.maxWideningAlpha,
      dip: 'raise',
      dailyCap: cap('wideningAlpha'),
    },
    {
      field: 'thompsonPrior',
      step: tuning.thompsonStep,
      min: tuning.minThompsonPrior,
      max: tuning.maxThompsonPrior,
      dip: 'raise',
      dailyCap: cap('thompsonPrior'),
    },
  ];
}

/** Settings of the reference, without any guard. */
export function referenceSettings(tuning: Partial<Tuning> = {}): Settings {
  const all: Tuning = { ...tuningDefaults, ...tuning };
  const { targetRoi, lowerMargin, upperMargin, window, cooldown } = all;
  return { targetRoi, lowerMargin, upperMargin, window, cooldown, knobs: referenceKnobs(all), guards: noGuards, freezes: [] };
}

/** What `watch` has by default: the reference's parameters behind all guards. */
export function guardedSettings(tuning: Partial<Tuning> = {}): Settings {
  return { ...referenceSettings(tuning), guards: defaultGuards };
}
