// Plays a controller against a plant: readings every half hour, proposals that people approve within a day.
import { type Random, seeded } from '../../test/loops/seeded.ts';
import { band, type Plant, reach, targetRoi, tick } from './plants.ts';

/** What a controller wants done after a reading. `to`: the position in steps; null: what is open has lost its reason. */
export type Wish = { to: number } | { withdraw: true } | null;

export type Controller = {
  /** `at` in seconds since the epoch; called at each reading. */
  read(at: number, roi: number): Wish;
  /** A proposal of its own stands open. */
  opened(at: number): void;
  /** What it wished for last is in effect. */
  applied(at: number): void;
  closed(at: number): void;
};

export type Outcome = {
  plant: Plant;
  /** How far ROI lies outside the band, which is what a thermostat is for; and how far from the target. Means, without noise and spikes. */
  error: number;
  distance: number;
  proposals: number;
  /** Changes of direction between two applied moves. */
  flips: number;
  /** Mean ROI of the last twenty days. */
  end: number;
};

/** Seconds since the epoch, and the beginning of a period. */
const begin = 1_700_006_400;
const lastDays = 20;
const latencyHours = { least: 1, most: 24 } as const;

type Run = { position: number; moves: number[]; open: { to: number; due: number } | null; proposals: number };

/** Deterministic: the plant's seed is that of the approvals, too. */
export function simulate(plant: Plant, controller: Controller): Outcome {
  const people = seeded(plant.seed * 37 + 5);
  const engine = makeEngine(plant);
  const run: Run = { position: 0, moves: [], open: null, proposals: 0 };
  const sums = { error: 0, distance: 0, end: 0, ended: 0 };
  const ticks = plant.base.length;
  const days = (ticks * tick) / 24;
  for (let i = 0; i < ticks; i++) {
    const hours = i * tick;
    const at = begin + hours * 3_600;
    const { roi, reading } = engine(i, run.position);
    sums.distance += Math.abs(roi - targetRoi);
    sums.error += Math.max(0, band.lower - roi, roi - band.upper);
    if (hours >= (days - lastDays) * 24) [sums.end, sums.ended] = [sums.end + roi, sums.ended + 1];
    approve(run, controller, { hours, at });
    follow(run, controller, { wish: controller.read(at, reading), hours, at, people });
  }
  const flips = run.moves.filter((by, i) => i > 0 && by * (run.moves[i - 1] ?? 0) < 0).length;
  return { plant, error: sums.error / ticks, distance: sums.distance / ticks, proposals: run.proposals, flips, end: sums.end / sums.ended };
}

/** ROI as it is, and as it is read, one tick after the other. */
function makeEngine(plant: Plant): (i: number, position: number) => { roi: number; reading: number } {
  const delayed: number[] = Array<number>(Math.round(plant.delay / tick)).fill(0);
  const share = 1 - Math.exp(-tick / plant.lag);
  let felt = 0;
  return (i, position) => {
    const slot = i % delayed.length;
    felt += ((delayed[slot] ?? 0) - felt) * share;
    delayed[slot] = position;
    const roi = Math.max(0, (plant.base[i] ?? 0) + plant.gain * felt);
    return { roi, reading: Math.max(0, roi + (plant.seen[i] ?? 0)) };
  };
}

function approve(run: Run, controller: Controller, { hours, at }: { hours: number; at: number }): void {
  if (run.open === null || run.open.due > hours) return;
  const { to } = run.open;
  if (to !== run.position) run.moves.push(to - run.position);
  run.position = to;
  run.open = null;
  controller.applied(at);
}

type Wished = { wish: Wish; hours: number; at: number; people: Random };

function follow(run: Run, controller: Controller, { wish, hours, at, people }: Wished): void {
  if (wish === null) return;
  if ('withdraw' in wish) {
    if (run.open !== null) controller.closed(at);
    run.open = null;
    return;
  }
  const to = Math.min(reach.most, Math.max(reach.least, wish.to));
  if (run.open === null && Math.abs(to - run.position) < 1e-9) return;
  if (run.open === null) run.proposals += 1;
  run.open = { to, due: run.open?.due ?? hours + latencyHours.least + people() * (latencyHours.most - latencyHours.least) };
  controller.opened(at);
}
