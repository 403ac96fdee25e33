// The whole measurement: rivals tuned on half of the plants, everything reported on the other half.
import { guardedSettings } from '../../src/loops/thermostat/settings.ts';
import { playRandomStream } from '../../test/loops/thermostat/random-streams.ts';
import { band, families, makePlant, type Plant } from './plants.ts';
import { nothing, type Parameters, type Rival, rivals } from './rivals.ts';
import { type Controller, type Outcome, simulate } from './simulate.ts';
import { makeThermostat } from './thermostat.ts';

export type Size = {
  /** Plants of each family, half of them for tuning. */
  plants: number;
  firstSeed: number;
  days: number;
  /** Every so manieth combination of parameters is tried. */
  sparse: number;
  streams: number;
};

export const fullSize: Size = { plants: 32, firstSeed: 1_000, days: 180, sparse: 1, streams: 10_000 };
export const shortSize: Size = { plants: 8, firstSeed: 2_000, days: 180, sparse: 7, streams: 200 };

export type Row = {
  name: string;
  parameters: string;
  /** Of doing nothing. */
  error: number;
  distance: number;
  proposalsPerDay: number;
  flips95: number;
  unsettled: number;
  onSpikes: number;
  byFamily: Readonly<Record<string, number>>;
};

export type Bench = { rows: readonly Row[]; breaches: number; size: Size };

/** `tell`: what is being done, for who waits. */
export function runBench(size: Size, tell: (text: string) => void = () => {}): Bench {
  const seeds = Array.from({ length: size.plants }, (_, i) => size.firstSeed + i);
  const plants = (odd: number): Plant[] =>
    families.flatMap((family) => seeds.filter((seed) => seed % 2 === odd).map((seed) => makePlant(family, seed, size.days)));
  const [tuning, reported] = [plants(0), plants(1)];
  const play = (on: readonly Plant[], make: () => Controller): Outcome[] => on.map((plant) => simulate(plant, make()));
  const still = play(reported, () => nothing.make({}));
  const row = (name: string, parameters: string, make: () => Controller): Row => {
    tell(name);
    return rowOf({ name, parameters, outcomes: play(reported, make), still, days: size.days });
  };
  const tuned = rivals.map((rival) => {
    tell(`tuning ${rival.name}`);
    return { rival, best: tune(rival, size.sparse, (make) => meanOf(play(tuning, make), ({ error }) => error)) };
  });
  const rows = [
    row('thermostat, as shipped', '', () => makeThermostat(guardedSettings())),
    row(nothing.name, '', () => nothing.make({})),
    ...tuned.map(({ rival, best }) => row(rival.name, wordsOf(best), () => rival.make(best))),
  ];
  tell(`${size.streams} random streams`);
  const breaches = Array.from({ length: size.streams }, (_, i) => playRandomStream(i + 1).breaches.length).reduce((sum, count) => sum + count, 0);
  return { rows, breaches, size };
}

/** The parameters with the least error. */
function tune({ grid, make }: Rival, sparse: number, errorOf: (make: () => Controller) => number): Parameters {
  const tried = grid.filter((_, i) => i % sparse === 0).map((parameters) => ({ parameters, error: errorOf(() => make(parameters)) }));
  return tried.reduce((best, one) => (one.error < best.error ? one : best)).parameters;
}

function wordsOf(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

type Played = { name: string; parameters: string; outcomes: readonly Outcome[]; still: readonly Outcome[]; days: number };

function rowOf({ name, parameters, outcomes, still, days }: Played): Row {
  const of = (family: string, from: readonly Outcome[]): Outcome[] => from.filter(({ plant }) => plant.family === family);
  const ratio = (from: readonly Outcome[], to: readonly Outcome[], what: 'error' | 'distance'): number =>
    meanOf(from, (one) => one[what]) / meanOf(to, (one) => one[what]);
  const steps = of('step', outcomes);
  return {
    name,
    parameters,
    error: ratio(outcomes, still, 'error'),
    distance: ratio(outcomes, still, 'distance'),
    proposalsPerDay: meanOf(outcomes, ({ proposals }) => proposals) / days,
    flips95: percentile(
      outcomes.map(({ flips }) => (flips * 30) / days),
      0.95,
    ),
    unsettled: steps.filter(({ end }) => end < band.lower || end > band.upper).length / steps.length,
    onSpikes: Math.max(...of('spike', outcomes).map(({ proposals }) => proposals)),
    byFamily: Object.fromEntries(families.map((family) => [family, ratio(of(family, outcomes), of(family, still), 'distance')])),
  };
}

export function meanOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** The least value that so large a share doesn't exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
