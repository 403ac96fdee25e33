// What the thermostat is measured against. Each decides on the same medians of five hours, proposes in the same way, and has
// parameters that are tuned on the plants that are not reported.
import { median } from '../../src/loops/thermostat/readings.ts';
import { defaultGuards } from '../../src/loops/thermostat/settings.ts';
import { band, reach, targetRoi } from './plants.ts';
import type { Controller, Wish } from './simulate.ts';

const period = defaultGuards.period ?? 5 * 3_600;

export type Parameters = Readonly<Record<string, number>>;

export type Rival = { name: string; make: (parameters: Parameters) => Controller; grid: readonly Parameters[] };

type Seen = { mean: number; position: number; samples: number };
type Rule = (seen: Seen) => number;

/** A rule that is asked once a period, with the mean of its last `window` medians; it waits while a proposal is open. */
function periodic(window: number, rule: Rule): Controller {
  const medians: number[] = [];
  let readings: number[] = [];
  let [index, position, wished, open, samples] = [0, 0, 0, false, 0];
  return {
    read(at, roi): Wish {
      const now = Math.floor(at / period);
      const ended = readings.length > 0 && now > index;
      if (ended) {
        medians.push(median(readings));
        if (medians.length > window) medians.shift();
        readings = [];
        samples += 1;
      }
      index = now;
      readings.push(roi);
      if (!ended || open || medians.length < window) return null;
      const to = rule({ mean: medians.reduce((sum, value) => sum + value, 0) / window, position, samples });
      wished = Math.min(reach.most, Math.max(reach.least, to));
      return Math.abs(wished - position) < 0.05 ? null : { to: wished };
    },
    opened: () => {
      open = true;
    },
    applied: () => {
      [position, open] = [wished, false];
    },
    closed: () => {
      open = false;
    },
  };
}

/** Every combination. */
function gridOf(choices: Readonly<Record<string, readonly number[]>>): Parameters[] {
  return Object.entries(choices).reduce<Parameters[]>((all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))), [{}]);
}

function at(parameters: Parameters, key: string): number {
  const value = parameters[key];
  if (value === undefined) throw new TypeError(`no parameter ${key}`);
  return value;
}

export const nothing: Rival = { name: 'doing nothing', make: () => periodic(1, ({ position }) => position), grid: [{}] };

/** One of two positions, by which side of the target the mean is on. */
const bangBang: Rival = {
  name: 'bang-bang',
  make: (given) => periodic(at(given, 'window'), ({ mean }) => (mean < targetRoi ? at(given, 'up') : -at(given, 'down'))),
  grid: gridOf({ window: [1, 4, 12, 28], up: [1, 2, 4, 8, 20], down: [0, 1, 2, 4] }),
};

/** Steps while the mean is outside the band, until it is within a share of it; then none until it is outside again. */
const hysteresis: Rival = {
  name: 'hysteresis, tuned',
  make(given) {
    let [active, moved] = [0, -1_000];
    return periodic(at(given, 'window'), ({ mean, position, samples }) => {
      const inner = at(given, 'inner');
      const [low, high] = [targetRoi - (targetRoi - band.lower) * inner, targetRoi + (band.upper - targetRoi) * inner];
      if (mean < band.lower) active = 1;
      else if (mean > band.upper) active = -1;
      else if (mean > low && mean < high) active = 0;
      if (active === 0 || samples - moved < at(given, 'wait')) return position;
      moved = samples;
      return position + active * at(given, 'step');
    });
  },
  grid: gridOf({ window: [1, 4, 12, 28], step: [0.5, 1, 2, 4], wait: [1, 4, 8, 16, 28], inner: [0.2, 0.6, 1] }),
};

const pid: Rival = {
  name: 'PID, tuned',
  make(given) {
    let [integral, before] = [0, 0];
    return periodic(at(given, 'window'), ({ mean }) => {
      const error = targetRoi - mean;
      const [kp, ki, kd] = [at(given, 'kp'), at(given, 'ki'), at(given, 'kd')];
      const change = error - before;
      before = error;
      // No further than the bounds reach: nothing winds up.
      integral = Math.min(reach.most, Math.max(reach.least, integral + ki * error));
      return integral + kp * error + kd * change;
    });
  },
  grid: gridOf({ window: [1, 4, 12], kp: [0, 1, 3, 9, 20], ki: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2], kd: [0, 2, 8] }),
};

/** wideningAlpha times target by mean, outside a tolerance; downwards only what the whole stabilisation window asks for. */
const hpa: Rival = {
  name: 'HPA-like, tuned',
  make(given) {
    const wanted: number[] = [];
    return periodic(at(given, 'window'), ({ mean, position }) => {
      const ratio = targetRoi / Math.max(0.05, mean);
      const value = 0.5 + 0.05 * position;
      const most = at(given, 'most');
      const limited = Math.min(1 + most, Math.max(1 / (1 + most), ratio));
      const desired = Math.abs(ratio - 1) <= at(given, 'tolerance') ? position : (value * limited - 0.5) / 0.05;
      wanted.push(desired);
      if (wanted.length > at(given, 'stable')) wanted.shift();
      return Math.max(desired, Math.min(position, Math.max(...wanted)));
    });
  },
  grid: gridOf({ window: [1, 4, 12], tolerance: [0.02, 0.05, 0.1, 0.2], stable: [1, 4, 12], most: [0.01, 0.02, 0.05, 0.2, 1] }),
};

export const rivals: readonly Rival[] = [bangBang, hysteresis, pid, hpa];
