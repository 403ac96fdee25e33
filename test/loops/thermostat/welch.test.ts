// Welch's t against what tables and worked examples have.
import { describe, expect, test } from 'vitest';
import { compareMeans, quantile, summarise } from '../../../src/loops/thermostat/welch.ts';

describe('quantiles of Student’s distribution', () => {
  test.each([
    [0.975, 1, 12.706_204_736],
    [0.975, 2, 4.302_652_73],
    [0.975, 5, 2.570_581_836],
    [0.975, 10, 2.228_138_852],
    [0.975, 30, 2.042_272_456],
    [0.975, 120, 1.979_930_405],
    [0.975, 1e7, 1.959_964_2],
    [0.995, 4, 4.604_094_871],
    [0.9, 20, 1.325_340_707],
    [0.5, 7, 0],
  ])('%f with %i degrees', (p, degrees, expected) => {
    expect(quantile(p, degrees)).toBeCloseTo(expected, 6);
  });

  test('lie between for degrees that are no whole number', () => {
    const [low, middle, high] = [quantile(0.975, 11), quantile(0.975, 10.5), quantile(0.975, 10)];
    expect(low).toBeLessThan(middle);
    expect(middle).toBeLessThan(high);
  });
});

test('a worked example, as a statistics library has it', () => {
  const old = summarise([27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]);
  const fresh = summarise([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4]);
  const { by, from, to, degrees } = compareMeans(old, fresh, 0.95);
  expect(by / Math.sqrt(old.deviation ** 2 / 15 + fresh.deviation ** 2 / 15)).toBeCloseTo(2.852_954_870_17, 10);
  expect(degrees).toBeCloseTo(27.887_303_988_42, 10);
  expect([from, to]).toEqual([expect.closeTo(0.798_643_924_87, 9), expect.closeTo(4.868_022_741_79, 9)]);
});

test('values that do not vary: the difference is what it is', () => {
  expect(compareMeans(summarise([2, 2, 2]), summarise([1.5, 1.5]), 0.95)).toEqual({ by: -0.5, from: -0.5, to: -0.5, degrees: null });
});

test.each([[[1]], [[1, Number.NaN]], [[1, Number.POSITIVE_INFINITY]]])('%j is refused', (values) => {
  expect(() => summarise(values)).toThrow(RangeError);
});

test('in 95 of 100 cases the interval holds the true difference', () => {
  let state = 42;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = (mean: number, deviation: number): number => mean + deviation * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  let held = 0;
  for (let i = 0; i < 4_000; i++) {
    const old = summarise(Array.from({ length: 6 }, () => normal(2, 0.1)));
    const fresh = summarise(Array.from({ length: 12 }, () => normal(1.7, 0.4)));
    const { from, to } = compareMeans(old, fresh, 0.95);
    if (from <= -0.3 && -0.3 <= to) held += 1;
  }
  expect(held / 4_000).toBeGreaterThan(0.94);
  expect(held / 4_000).toBeLessThan(0.96);
});
