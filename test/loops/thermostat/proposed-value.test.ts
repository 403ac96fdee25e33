// What is proposed: six decimals, exact integers, never beyond the step or the bounds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proposedValue, toDouble } from '../../../src/loops/thermostat/proposed-value.ts';

const one = 10n ** 18n;
const micro = 10n ** 12n;

test.each([
  [0.5 + 0.05, 0.5, 550_000n],
  [0.1 + 0.2, 0.25, 300_000n],
  [1.1 - 0.1, 1.1, 1_000_000n],
  [0.00000051, 0, 1n],
  [0.00000049, 0, 0n],
])('%d from %d is proposed as %d millionths', (to, from, micros) => {
  expect(proposedValue({ field: 'x', from, to, most: 1 }, BigInt(Math.round(from * 1e6)) * micro)).toBe(micros * micro);
});

test('a live value between two millionths is not moved further than a step', () => {
  const live = one / 2n + 600_000_000_001n;
  expect(proposedValue({ field: 'x', from: toDouble(live), to: toDouble(live) + 0.05, most: 0.05 }, live)).toBe(550_000n * micro);
  const below = one / 2n + 400_000_000_000n;
  expect(proposedValue({ field: 'x', from: toDouble(below), to: toDouble(below) - 0.05, most: 0.05 }, below)).toBe(450_001n * micro);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e16])('%d is no value to propose', (to) => {
  expect(() => proposedValue({ field: 'x', from: 1, to, most: 1 }, one)).toThrow(RangeError);
});

test('any move: a whole number of millionths, near the double, within step and bounds', () => {
  const micros = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 16n, max: 3n * one }), micros(1, 500_000), micros(10_000, 3_000_000), fc.boolean(), (live, step, bound, up) => {
      const from = toDouble(live);
      const most = step / 1e6;
      const edge = bound / 1e6;
      const to = up ? Math.min(edge, from + most) : Math.max(edge, from - most);
      fc.pre(up ? to > from : to < from);
      const value = proposedValue({ field: 'x', from, to, most }, live);
      expect(value % micro).toBe(0n);
      expect(Math.abs(toDouble(value) - to)).toBeLessThan(1.500001e-6);
      const moved = value > live ? value - live : live - value;
      expect(moved <= BigInt(step) * micro).toBe(true);
      expect(up ? value <= BigInt(bound) * micro : value >= BigInt(bound) * micro).toBe(true);
    }),
  );
});

test('a value of the chain becomes the nearest double', () => {
  expect([toDouble(one / 2n), toDouble(550_000n * micro), toDouble(0n), toDouble(123_456_789_012_345_678n)]).toEqual([0.5, 0.55, 0, 0.12345678901234568]);
});
