// A short form of `npm run bench:loops`: the shipped defaults reach their targets on simulated plants, and a miss would show.
import { expect, test } from 'vitest';
import { families, makePlant } from '../../../bench/loops/plants.ts';
import { benchText, targetsOf } from '../../../bench/loops/report.ts';
import { percentile, runBench, shortSize } from '../../../bench/loops/run.ts';
import { simulate } from '../../../bench/loops/simulate.ts';
import { makeThermostat } from '../../../bench/loops/thermostat.ts';
import { guardedSettings, noGuards } from '../../../src/loops/thermostat/settings.ts';

test('every target is met, and the figures are Markdown', () => {
  const bench = runBench(shortSize);
  const targets = targetsOf(bench);
  expect(targets).toHaveLength(7);
  expect(targets.filter(({ met }) => !met)).toEqual([]);
  const text = benchText(bench);
  for (const { name } of bench.rows) expect(text).toContain(`| ${name} |`);
  expect(text).not.toContain('NaN');
  // Each target can be missed.
  const [own, ...others] = bench.rows;
  if (own === undefined) throw new Error('nothing was measured');
  const bad = { ...own, error: 0.51, proposalsPerDay: 0.16, flips95: 1.1, unsettled: 0.06, onSpikes: 2 };
  const best = Math.min(...others.slice(1).map(({ error }) => error));
  expect(
    targetsOf({ ...bench, rows: [bad, ...others.map((row) => ({ ...row, error: Math.min(row.error, 0.5) }))], breaches: 1 }).map(({ met }) => met),
  ).toEqual(Array(7).fill(false));
  expect(targetsOf({ ...bench, rows: [{ ...own, error: best }, ...others] })[1]?.met).toBe(false);
});

test('a plant is the same for the same seed, and no two families are alike', () => {
  const plants = families.map((family) => makePlant(family, 7, 10));
  expect(plants).toEqual(families.map((family) => makePlant(family, 7, 10)));
  expect(new Set(plants.map(({ base }) => base.join())).size).toBe(families.length);
  expect(makePlant('lag', 8, 10)).not.toEqual(plants[0]);
});

test('the guards are what keeps a plant of the wrong sign from harm', () => {
  const plant = makePlant('wrong sign', 1_001, 120);
  const guarded = simulate(plant, makeThermostat(guardedSettings()));
  const { response: _response, ...others } = guardedSettings().guards;
  const unguarded = simulate(plant, makeThermostat({ ...guardedSettings(), guards: { ...others, response: noGuards.response } }));
  expect(guarded.error).toBeLessThan(unguarded.error / 1.5);
});

test('a percentile is the least value that so large a share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([percentile(hundred, 0.95), percentile([3, 1, 2], 0.95), percentile([5], 0.5)]).toEqual([95, 3, 5]);
});
