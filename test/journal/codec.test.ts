import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeValue } from '../../src/journal/codec.ts';

const runs = process.env['MOORING_FULL'] === '1' ? 50_000 : 2_000;

describe('the lossless codec', () => {
  test('gives back any value that the journal may hold, on one line', () => {
    const leaf = fc.oneof(fc.bigInt(), fc.boolean(), fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null));
    const key = fc.oneof(fc.string(), fc.constantFrom('$bigint', '$map', '$set', '$object', '$', '__proto__', 'constructor', 'toString'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(key, tie('value'), { noNullPrototype: true }),
        fc.array(fc.tuple(fc.string(), tie('value'))).map((pairs) => new Map(pairs)),
        fc.uniqueArray(fc.string()).map((items) => new Set(items)),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const text = encodeValue(given);
        expect(text).not.toContain('\n');
        deepStrictEqual(decodeValue(text), given);
        expect(encodeValue(decodeValue(text))).toBe(text);
      }),
      { numRuns: runs },
    );
  });

  test('gives equal objects equal text, whatever order their keys were set in', () => {
    expect(encodeValue({ b: 1n, a: [true] })).toBe(encodeValue({ a: [true], b: 1n }));
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [new Date(0)], [Symbol('s')], [[undefined]]])(
    'refuses what it could not give back: %s',
    (value) => {
      expect(() => encodeValue({ value })).toThrow(TypeError);
    },
  );

  test.each(['{"$bigint":"1.5"}', '{"$bigint":"1","x":2}', '{"$other":1}', '{"$map":[[1]]}', '{"$map":{}}', '{'])(
    'refuses text that it did not write: %s',
    (text) => {
      expect(() => decodeValue(text)).toThrow();
    },
  );
});
