// What the thermostat is set to, and where each part comes from: flags over EngineTargets over loops/thermostat.yaml over defaults.
import type { LoadedThermostat } from '../../desired/loops/load-thermostat.ts';
import { MooringError } from '../../errors.ts';
import type { ThermostatGuards, ThermostatKnob, ThermostatTuning } from '../../loop-types.ts';
import {
  type Freeze,
  type Knob,
  noGuards,
  referenceKnobs,
  type Settings,
  settingsDefaults,
  startValues,
  type Tuning,
  tuningDefaults,
} from '../../loops/thermostat/settings.ts';
import type { OriginRow } from '../../render/origin-rows.ts';
import type { FreezeWindow } from '../../types.ts';
import { type EngineField, type EngineValues, engineFields } from './engine-values.ts';
import { flagOf, type TuningFlags, tuningKeys } from './tuning-flags.ts';

export type LoopInput = {
  /** Null: the reference's defaults, whatever is declared. */
  thermostat: LoadedThermostat | null;
  /** What is in effect, live or as declared; what isn't there has the reference's default. */
  engine: EngineValues;
  flags: TuningFlags;
  freezes: readonly FreezeWindow[];
  /** Values of the further fields that the file names, by `contract.field`; one that isn't there is left out. */
  further?: ReadonlyMap<string, { value: number; from: string }>;
  /** False: the reference to the last bit, without guards, daily caps and freezes. */
  guarded: boolean;
};

export type LoopSettings = {
  settings: Settings;
  /** What the loop starts from, by field. */
  start: Readonly<Record<string, number>>;
  /** Each setting with its value and its origin, in words. */
  origins: readonly OriginRow[];
  /** Flags that stand in place of what is declared or live: a preview, or something to be proposed. */
  overrides: readonly string[];
};

/** Names in the file where they differ from the flags'. */
export const fileKeys: Readonly<Record<Exclude<keyof Tuning, EngineField>, keyof ThermostatTuning>> = {
  window: 'roiWindow',
  wideningStep: 'wideningStep',
  minWideningAlpha: 'minWideningAlpha',
  maxWideningAlpha: 'maxWideningAlpha',
  thompsonStep: 'thompsonStep',
  minThompsonPrior: 'minThompsonPrior',
  maxThompsonPrior: 'maxThompsonPrior',
  cooldown: 'cooldownSteps',
};

/** Guards' names in the file where they differ. */
const guardKeys: Readonly<Record<string, string>> = {
  period: 'guards.periodSeconds',
  maxAge: 'prometheus.maxAgeSeconds',
  maxAhead: 'guards.maxAheadSeconds',
  maxGap: 'guards.maxGapSeconds',
};

type Found = { name: string; value: number; from: string };

/** Settings with their origins. Throws USAGE where flags leave a lower bound above its upper one. */
export function loopSettings(input: LoopInput): LoopSettings {
  const { thermostat, engine, flags, guarded } = input;
  const found = tuningKeys.map((key) => [key, findTuning(input, key)] as const);
  const tuning = Object.fromEntries(found.map(([key, { value }]) => [key, value])) as Tuning;
  checkBounds(tuning);
  const declared = thermostat?.settings ?? settingsDefaults;
  const further = guarded ? furtherKnobs(declared.fields, input.further ?? new Map()) : [];
  const knobs = [...referenceKnobs(tuning, guarded ? (declared.dailyCaps as Readonly<Record<string, number>>) : {}), ...further.map(({ knob }) => knob)];
  const { targetRoi, lowerMargin, upperMargin, window, cooldown } = tuning;
  const guards = guarded ? declared.guards : noGuards;
  const freezes = guarded ? input.freezes.filter(stops).map(freezeOf) : [];
  const own = (['wideningAlpha', 'thompsonPrior'] as const).map((field) => ({ name: field as string, ...(engine[field] ?? preset(startValues[field])) }));
  const starts = [...own, ...further.map(({ knob, value, from }) => ({ name: knob.field, value, from }))];
  const rows = [...found.map(([, row]) => row), ...starts.map((row) => ({ ...row, name: `${row.name} at the start` }))].map(rowOf);
  return {
    settings: { targetRoi, lowerMargin, upperMargin, window, cooldown, knobs, guards, freezes },
    start: Object.fromEntries(starts.map(({ name, value }) => [name, value])),
    origins: [...rows, ...(guarded ? guardRows(thermostat, guards, freezes) : [{ name: 'guards', value: 'none', from: 'as the reference' }])],
    overrides: Object.keys(flags).map((key) => flagOf(key as keyof Tuning)),
  };
}

function furtherKnobs(fields: readonly ThermostatKnob[], values: NonNullable<LoopInput['further']>): { knob: Knob; value: number; from: string }[] {
  return fields.flatMap(({ contract, field, step, min, max, dip, dailyCap }) => {
    const name = `${contract}.${field}`;
    const found = values.get(name);
    return found === undefined ? [] : [{ knob: { field: name, step, min, max, dip, dailyCap }, ...found }];
  });
}

function preset(value: number): { value: number; from: string } {
  return { value, from: 'default' };
}

function rowOf({ name, value, from }: Found): OriginRow {
  return { name, value: String(value), from };
}

function isEngineField(key: keyof Tuning): key is EngineField & keyof Tuning {
  return (engineFields as readonly string[]).includes(key);
}

function findTuning({ thermostat, engine, flags }: LoopInput, key: keyof Tuning): Found {
  const name = isEngineField(key) ? key : fileKeys[key];
  const flag = flags[key];
  if (flag !== undefined) return { name, value: flag, from: flagOf(key) };
  if (isEngineField(key)) return { name, ...(engine[key] ?? preset(tuningDefaults[key])) };
  if (thermostat === null) return { name, ...preset(tuningDefaults[key]) };
  return { name, value: thermostat.settings[fileKeys[key]], from: placeOf(thermostat, name) };
}

/** Where the file has a setting. */
export function placeOf({ sources }: LoadedThermostat, path: string): string {
  const source = sources.get(path);
  return source === undefined ? 'default' : `${source.file}:${source.line}`;
}

function checkBounds({ minWideningAlpha, maxWideningAlpha, minThompsonPrior, maxThompsonPrior }: Tuning): void {
  const bounds = [
    ['widening-alpha', minWideningAlpha, maxWideningAlpha],
    ['thompson-prior', minThompsonPrior, maxThompsonPrior],
  ] as const;
  for (const [name, low, high] of bounds)
    if (low > high) throw new MooringError('USAGE', `--min-${name} would be ${low}, above --max-${name}, ${high}`, { fix: 'give both' });
}

/** A freeze that lets both directions through is none for this loop; one that lets one through may change sides any time. */
function stops({ allow }: FreezeWindow): boolean {
  return !(allow.includes('increase') && allow.includes('reduce'));
}

function freezeOf({ from, to, reason }: FreezeWindow): Freeze {
  return { from: Number(from), to: Number(to), reason };
}

function guardRows(thermostat: LoadedThermostat | null, guards: ThermostatGuards, freezes: readonly Freeze[]): OriginRow[] {
  const from = (path: string): string => (thermostat === null ? 'default' : placeOf(thermostat, path));
  const rows = Object.entries(guards).map(([key, value]) => {
    const name = guardKeys[key] ?? `guards.${key}`;
    return { name, value: value === null ? 'off' : String(value), from: from(name) };
  });
  const caps = Object.entries(thermostat?.settings.dailyCaps ?? {}).map(([field, cap]) => ({
    name: `dailyCaps.${field}`,
    value: String(cap),
    from: from(`dailyCaps.${field}`),
  }));
  return [...caps, ...rows, { name: 'freeze windows', value: String(freezes.length), from: 'policy' }];
}
