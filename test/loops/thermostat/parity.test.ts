// Without guards, and with each move applied at once, the thermostat is the reference: to the last bit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoiSample } from '../../../src/loop-types.ts';
import { replay } from '../../../src/loops/thermostat/replay.ts';
import { referenceSettings, startValues, type Tuning, tuningDefaults } from '../../../src/loops/thermostat/settings.ts';
import { runReference } from './reference.ts';

const runs = process.env.MOORING_FULL === '1' ? 30_000 : 3_000;

function samplesOf(rois: readonly number[]): RoiSample[] {
  return rois.map((roi, i) => ({ at: 1_700_000_000 + i * 15, roi, gmv: 0, cost: 0, successes: 0, failures: 0 }));
}

function play(rois: readonly number[], tuning: Partial<Tuning> = {}) {
  return replay(referenceSettings(tuning), startValues, samplesOf(rois)).rows;
}

function kinds(rois: readonly number[], tuning: Partial<Tuning> = {}): string[] {
  return play(rois, tuning).map(({ decision }) => decision.kind);
}

function times<T>(count: number, value: T): T[] {
  return Array<T>(count).fill(value);
}

describe('worked by hand', () => {
  test('twelve samples at 1.0: the window fills, then both knobs go up one step', () => {
    const rows = play(times(12, 1));
    expect(rows.slice(0, 11).every(({ decision }) => decision.kind === 'filling' && decision.mean === null)).toBe(true);
    const last = rows[11]?.decision;
    expect(last).toMatchObject({ kind: 'raise', why: 'dip', rule: 'dip', mean: 1, filled: 12, cooldown: 4, band: { lower: 1.8, upper: 2.3 } });
    expect(last?.moves.map(({ field, from, to }) => [field, from, to])).toEqual([
      ['wideningAlpha', 0.5, 0.55],
      ['thompsonPrior', 1, 1.1],
    ]);
  });

  test('then four samples cool down, and the fifth moves again', () => {
    const rows = play(times(22, 1));
    expect(rows.slice(12).map(({ decision: { kind, cooldown } }) => `${kind} ${cooldown}`)).toEqual([
      'cooling 3',
      'cooling 2',
      'cooling 1',
      'cooling 0',
      'raise 4',
      'cooling 3',
      'cooling 2',
      'cooling 1',
      'cooling 0',
      'raise 4',
    ]);
    // 0.5 + 0.05 + 0.05 + 0.05 and 1 + 0.1 + 0.1 + 0.1, added one by one as doubles.
    expect(rows.at(-1)?.values).toEqual({ wideningAlpha: 0.5 + 0.05 + 0.05 + 0.05, thompsonPrior: 1 + 0.1 + 0.1 + 0.1 });
  });

  test('a surge lowers both', () => {
    expect(play(times(12, 3)).at(-1)?.decision).toMatchObject({
      kind: 'lower',
      why: 'surge',
      moves: [
        { field: 'wideningAlpha', from: 0.5, to: 0.45 },
        { field: 'thompsonPrior', from: 1, to: 0.9 },
      ],
    });
  });

  test('the mean is summed from the oldest on: twelve times 1.8 is a hair above 1.8, twelve times 0.1 a hair below 0.1', () => {
    expect(play(times(12, 1.8)).at(-1)?.decision).toMatchObject({ kind: 'inside', mean: 1.8000000000000005 });
    expect(play(times(12, 2.3)).at(-1)?.decision).toMatchObject({ kind: 'lower', mean: 2.3000000000000003 });
    expect(play(times(12, 0.1)).at(-1)?.decision.mean).toBe(0.09999999999999999);
  });

  test('the edges of the band are inside', () => {
    const edges = { targetRoi: 2, lowerMargin: 0.5, upperMargin: 0.5, window: 1 };
    expect(kinds([1, 3, 0.9999999999999999, 3.0000000000000004], { ...edges, cooldown: 0 })).toEqual(['inside', 'inside', 'raise', 'lower']);
  });

  test('inside the band the cooldown goes on counting', () => {
    const tuning = { window: 1, cooldown: 3 };
    expect(play([1, 2, 2, 1, 1], tuning).map(({ decision: { kind, cooldown } }) => [kind, cooldown])).toEqual([
      ['raise', 3],
      ['inside', 2],
      ['inside', 1],
      ['cooling', 0],
      ['raise', 3],
    ]);
  });

  test('one knob at its bound: the other moves alone; both: saturated, and the cooldown begins all the same', () => {
    const tuning = { window: 1, cooldown: 1, maxWideningAlpha: 0.55, maxThompsonPrior: 1.15 };
    const rows = play([1, 1, 1, 1, 1, 1], tuning);
    expect(rows.map(({ decision: { kind, cooldown, moves } }) => [kind, cooldown, moves.map(({ field, to }) => `${field} ${to}`)])).toEqual([
      ['raise', 1, ['wideningAlpha 0.55', 'thompsonPrior 1.1']],
      ['cooling', 0, []],
      ['raise', 1, ['thompsonPrior 1.15']],
      ['cooling', 0, []],
      ['saturated', 1, []],
      ['cooling', 0, []],
    ]);
  });

  test('what is not finite is refused, and neither window nor cooldown sees it', () => {
    const rows = play([1, Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1], { window: 2, cooldown: 2 });
    expect(rows.map(({ decision: { kind, filled, cooldown } }) => [kind, filled, cooldown])).toEqual([
      ['filling', 1, 0],
      ['refused', 1, 0],
      ['raise', 2, 2],
      ['refused', 2, 2],
      ['refused', 2, 2],
      ['cooling', 2, 1],
    ]);
  });

  test('a value outside its bounds is clamped, as in the reference', () => {
    const { rows } = replay(referenceSettings({ window: 1 }), { wideningAlpha: 2, thompsonPrior: 0.1 }, samplesOf([1]));
    expect(rows[0]?.values).toEqual({ wideningAlpha: 1.5, thompsonPrior: 0.2 });
  });

  test('cycles, alerts, stops and halved steps are none of the reference’s', () => {
    const { rows, state } = replay(
      referenceSettings({ window: 2, cooldown: 1 }),
      startValues,
      samplesOf([...times(300, 0.1), ...times(50, 9), ...times(50, 0.1)]),
    );
    expect(rows.every(({ decision }) => decision.alerts.length === 0 && decision.kind !== 'stopped')).toBe(true);
    expect(state.steps).toBe(1);
  });
});

const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const tuning: fc.Arbitrary<Tuning> = fc
  .record({
    targetRoi: fc.double({ min: 0.01, max: 10, noNaN: true }),
    lowerMargin: share,
    upperMargin: share,
    window: fc.integer({ min: 1, max: 16 }),
    wideningStep: fc.double({ min: 0, max: 0.5, noNaN: true }),
    minWideningAlpha: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    maxWideningAlpha: fc.double({ min: 0.5, max: 2, noNaN: true }),
    thompsonStep: fc.double({ min: 0, max: 0.5, noNaN: true }),
    minThompsonPrior: fc.double({ min: 0.01, max: 1, noNaN: true }),
    maxThompsonPrior: fc.double({ min: 1, max: 3, noNaN: true }),
    cooldown: fc.integer({ min: 0, max: 6 }),
  })
  .chain((own) => fc.constantFrom<Tuning>(own, { ...tuningDefaults }, { ...own, ...pick(tuningDefaults, ['targetRoi', 'lowerMargin', 'upperMargin']) }));

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** Around the band, far off it, and what a broken exporter says. */
const roi = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 4, noNaN: true }) },
  { weight: 4, arbitrary: fc.constantFrom(1.8, 2.3, 2, 1, 3, 0, 0.1) },
  { weight: 1, arbitrary: fc.constantFrom(1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, -5) },
);
/** In runs of one value, so that moves follow each other. */
const history = fc
  .array(fc.record({ roi, times: fc.integer({ min: 1, max: 25 }) }), { maxLength: 12 })
  .map((pieces) => pieces.flatMap((piece) => times(piece.times, piece.roi)));

test('over random histories and settings: the same means, moves, values and cooldowns', () => {
  const start = fc.record({ wideningAlpha: fc.double({ min: 0.01, max: 3, noNaN: true }), thompsonPrior: fc.double({ min: 0.01, max: 4, noNaN: true }) });
  let moved = 0;
  fc.assert(
    fc.property(tuning, fc.oneof(fc.constant({ ...startValues }), start), history, (own, values, rois) => {
      const { window: roiWindow, cooldown: cooldownSteps, ...rest } = own;
      const expected = runReference({ ...rest, roiWindow, cooldownSteps }, values, rois);
      const { rows } = replay(referenceSettings(own), values, samplesOf(rois));
      const found = rows.map(({ decision, values: after }) => ({
        mean: decision.mean,
        moved: decision.moves.length > 0,
        ...after,
        cooldown: decision.cooldown,
      }));
      moved += expected.filter((step) => step.moved).length;
      // toEqual compares doubles with Object.is: every bit counts.
      expect(found).toEqual(expected);
    }),
    { numRuns: runs },
  );
  expect(moved).toBeGreaterThan(runs);
});
