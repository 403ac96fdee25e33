// Simulated engines: how ROI answers to the thermostat's two fields, and what else moves it. Ten families, each hard in its
// own way; the same seed makes the same plant.
import { type Random, seeded } from '../../test/loops/seeded.ts';

export const families = ['lag', 'delay', 'noise', 'gain', 'step', 'drift', 'season', 'spike', 'wrong sign', 'zero gain'] as const;
export type Family = (typeof families)[number];

export const targetRoi = 2;
export const band = { lower: targetRoi * 0.9, upper: targetRoi * 1.15 };

/** Hours between two readings. */
export const tick = 0.5;

/** The fields as one number: steps of the reference from where the engine starts, the mean of both. */
export const reach = { least: -6.25, most: 20 } as const;

export type Plant = {
  family: Family;
  seed: number;
  /** ROI a step, once it has settled. */
  gain: number;
  /** Hours of the first-order lag, and of the pure delay before it. */
  lag: number;
  delay: number;
  /** What ROI would be, were nothing moved, at each tick. */
  base: Float64Array;
  /** What the readings show besides, at each tick: noise, and spikes. */
  seen: Float64Array;
};

type Draw = { random: Random; between: (low: number, high: number) => number };

/** Of hours since the start. */
type Course = (hours: number) => number;

type Nature = Pick<Plant, 'gain' | 'lag' | 'delay'> & {
  /** Standard deviations: of each reading by itself, and of what wanders over a day. */
  noise: number;
  wander: number;
  /** What only the readings show, and passes. */
  spike: Course;
};

/** `days`: how long it will be watched. */
export function makePlant(family: Family, seed: number, days: number): Plant {
  const random = seeded(seed * 7_919 + families.indexOf(family) * 104_729 + 1);
  const between = (low: number, high: number): number => low + random() * (high - low);
  const draw: Draw = { random, between };
  const usual = { gain: between(0.04, 0.08), lag: between(6, 24), delay: between(2, 8), noise: between(0.05, 0.15), wander: between(0, 0.05), spike: () => 0 };
  const nature: Nature = { ...usual, ...hardship(family, draw, days) };
  const { gain, lag, delay } = nature;
  const course = baseOf(family, draw, { days, gain: Math.abs(gain) });
  const ticks = Math.round((days * 24) / tick);
  const base = Float64Array.from({ length: ticks }, (_, i) => course(i * tick));
  return { family, seed, gain, lag, delay, base, seen: seenOf(nature, ticks, random) };
}

function seenOf({ noise, wander, spike }: Nature, ticks: number, random: Random): Float64Array {
  const keep = Math.exp(-tick / 24);
  let wandered = 0;
  return Float64Array.from({ length: ticks }, (_, i) => {
    wandered = wandered * keep + wander * Math.sqrt(1 - keep * keep) * normal(random);
    return wandered + noise * normal(random) + spike(i * tick);
  });
}

/** Of mean 0 and deviation 1. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What makes its family hard, besides what moves ROI. */
function hardship(family: Family, { between, random }: Draw, days: number): Partial<Nature> {
  switch (family) {
    case 'lag':
      return { lag: between(48, 120) };
    case 'delay':
      return { delay: between(24, 72) };
    case 'noise':
      return { noise: between(0.3, 0.8), wander: between(0.05, 0.15) };
    case 'gain':
      return { gain: Math.exp(between(Math.log(0.015), Math.log(0.2))) };
    case 'spike':
      return { spike: spikes({ between, random }, days) };
    case 'wrong sign':
      return { gain: -between(0.04, 0.08) };
    case 'zero gain':
      return { gain: 0 };
    default:
      return {};
  }
}

/** Every few days ROI jumps far off for some hours, up or down. */
function spikes({ between, random }: Draw, days: number): Course {
  const all: { from: number; to: number; by: number }[] = [];
  for (let at = between(0, 200); at < days * 24; at += between(24, 240))
    all.push({ from: at, to: at + between(0.5, 2), by: (random() < 0.5 ? -1 : 1) * between(3, 10) });
  return (hours) => all.reduce((sum, { from, to, by }) => (from <= hours && hours < to ? sum + by : sum), 0);
}

function baseOf(family: Family, draw: Draw, { days, gain }: { days: number; gain: number }): Course {
  const { between } = draw;
  const centre = targetRoi + between(-0.1, 0.15);
  if (family === 'spike') return () => centre;
  if (family === 'drift') {
    const by = disturbance(draw, gain, centre);
    return (hours) => centre + (by * hours) / (days * 24);
  }
  if (family === 'season') {
    const [size, period, phase] = [between(0.1, 0.4), draw.random() < 0.5 ? 24 : 7 * 24, between(0, 2 * Math.PI)];
    return (hours) => centre + size * Math.sin((2 * Math.PI * hours) / period + phase);
  }
  const step = { at: between(5, 20) * 24, by: disturbance(draw, gain, centre) };
  return (hours) => centre + (step.at <= hours ? step.by : 0);
}

/** From a level out of the band, mostly downwards, and no further than the fields' bounds can answer with something to spare. */
function disturbance({ between, random }: Draw, gain: number, centre: number): number {
  // Where nothing answers, as far as where something does.
  const power = 0.8 * (gain === 0 ? 0.06 : gain);
  if (random() < 0.75) return -Math.min(between(0.4, 1.2), centre - band.lower + power * reach.most);
  return Math.min(between(0.45, 0.8), band.upper - centre + power * -reach.least);
}
