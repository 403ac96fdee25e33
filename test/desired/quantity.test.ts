// Numbers: what is read, what is refused, and that nothing is changed on the way.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuantity, type QuantityFor, readQuantity } from '../../src/desired/quantity.ts';
import { decimalText, formatScalar, formatValue } from '../../src/format.ts';
import type { Unit } from '../../src/types.ts';

const tokens = new Map([
  ['AGIALPHA', 18],
  ['USDC', 6],
]);
const as = (unit: Unit, type = 'uint256'): QuantityFor => ({ unit, type, tokens });

const accepted: readonly [text: string, as: QuantityFor, value: bigint][] = [
  ['0', as('count'), 0n],
  ['5.0', as('count'), 5n],
  ['9007199254740993', as('none'), 9007199254740993n],
  [String(2n ** 256n - 1n), as('none'), 2n ** 256n - 1n],
  ['-5', as('none', 'int8'), -5n],
  ['-128', as('none', 'int8'), -128n],
  ['255', as('count', 'uint8'), 255n],
  ['150 AGIALPHA', as('token'), 150n * 10n ** 18n],
  ['0.5 AGIALPHA', as('token'), 5n * 10n ** 17n],
  ['0.000000000000000001 AGIALPHA', as('token'), 1n],
  ['1.5 USDC', as('token'), 1_500_000n],
  ['150', as('token'), 150n],
  ['60%', as('bps'), 6_000n],
  ['60 %', as('bps'), 6_000n],
  ['60.5%', as('bps'), 6_050n],
  ['60.55%', as('bps'), 6_055n],
  ['2000', as('bps'), 2_000n],
  ['2000 bps', as('bps'), 2_000n],
  ['60%', as('percent'), 60n],
  ['60', as('percent'), 60n],
  ['60%', as('percentOrBps'), 6_000n],
  ['60', as('percentOrBps'), 6_000n],
  ['100', as('percentOrBps'), 10_000n],
  ['6000', as('percentOrBps'), 6_000n],
  ['600 bps', as('percentOrBps'), 600n],
  ['7 days', as('seconds'), 604_800n],
  ['1 day', as('seconds'), 86_400n],
  ['1.5 days', as('seconds'), 129_600n],
  ['2 hours', as('seconds'), 7_200n],
  ['1 week', as('seconds'), 604_800n],
  ['90', as('seconds'), 90n],
  ['0.9', as('fixed18', 'int256'), 9n * 10n ** 17n],
  ['-0.5', as('fixed18', 'int256'), -5n * 10n ** 17n],
  ['2', as('fixed18', 'int256'), 2n * 10n ** 18n],
  ['10%', as('fixed18', 'uint256'), 10n ** 17n],
  ['1000000000000000000.0', as('fixed18', 'int256'), 10n ** 36n],
];

const refused: readonly [text: string, as: QuantityFor, code: string][] = [
  ['', as('count'), 'NUMBER_SYNTAX'],
  [' 5', as('count'), 'NUMBER_SYNTAX'],
  ['+5', as('count'), 'NUMBER_SYNTAX'],
  ['.5', as('fixed18'), 'NUMBER_SYNTAX'],
  ['5.', as('fixed18'), 'NUMBER_SYNTAX'],
  ['--5', as('none', 'int256'), 'NUMBER_SYNTAX'],
  ['five', as('count'), 'NUMBER_SYNTAX'],
  ['٣', as('count'), 'NUMBER_SYNTAX'],
  ['150AGIALPHA', as('token'), 'NUMBER_SYNTAX'],
  ['1e18', as('token'), 'NUMBER_EXPONENT'],
  ['1.5E-3', as('fixed18'), 'NUMBER_EXPONENT'],
  ['1e18 AGIALPHA', as('token'), 'NUMBER_EXPONENT'],
  ['.nan', as('count'), 'NUMBER_NOT_FINITE'],
  ['NaN', as('count'), 'NUMBER_NOT_FINITE'],
  ['-Infinity', as('count'), 'NUMBER_NOT_FINITE'],
  ['0o17', as('count'), 'NUMBER_BASE'],
  ['0x10', as('count'), 'NUMBER_BASE'],
  ['0b11', as('count'), 'NUMBER_BASE'],
  ['017', as('count'), 'NUMBER_LEADING_ZERO'],
  ['00', as('count'), 'NUMBER_LEADING_ZERO'],
  ['1_000', as('count'), 'NUMBER_SEPARATOR'],
  ['1,000', as('count'), 'NUMBER_SEPARATOR'],
  ["1'000 AGIALPHA", as('token'), 'NUMBER_SEPARATOR'],
  ['0.5', as('count'), 'NUMBER_TOO_FINE'],
  ['0.5', as('token'), 'NUMBER_TOO_FINE'],
  ['0.0000005 USDC', as('token'), 'NUMBER_TOO_FINE'],
  ['0.001%', as('bps'), 'NUMBER_TOO_FINE'],
  ['0.5%', as('percent'), 'NUMBER_TOO_FINE'],
  ['60.5%', as('percentOrBps'), 'NUMBER_TOO_FINE'],
  ['150', as('percentOrBps'), 'NUMBER_TOO_FINE'],
  ['0.3 seconds', as('seconds'), 'NUMBER_TOO_FINE'],
  ['0.0000000000000000001', as('fixed18'), 'NUMBER_TOO_FINE'],
  ['256', as('count', 'uint8'), 'NUMBER_TOO_WIDE'],
  ['128', as('none', 'int8'), 'NUMBER_TOO_WIDE'],
  ['-129', as('none', 'int8'), 'NUMBER_TOO_WIDE'],
  [String(2n ** 256n), as('none'), 'NUMBER_TOO_WIDE'],
  ['9'.repeat(1_000), as('none'), 'NUMBER_TOO_WIDE'],
  ['-1', as('count'), 'NUMBER_NEGATIVE'],
  ['-0', as('count'), 'NUMBER_NEGATIVE'],
  ['5%', as('count'), 'NUMBER_UNIT'],
  ['5%', as('token'), 'NUMBER_UNIT'],
  ['5 s', as('seconds'), 'NUMBER_UNIT'],
  ['5 AGIALPHA', as('bps'), 'NUMBER_UNIT'],
  ['5 ETH', as('token'), 'TOKEN_UNKNOWN'],
  ['1000000000000000000', as('fixed18'), 'NUMBER_LOOKS_RAW'],
];

describe('parseQuantity', () => {
  test.each(accepted)('%s', (text, wanted, value) => {
    expect(parseQuantity(text, wanted)).toBe(value);
  });

  test.each(refused)('refuses %s', (text, wanted, code) => {
    expect(readQuantity(text, wanted)).toMatchObject({ code });
    expect(() => parseQuantity(text, wanted)).toThrow(expect.objectContaining({ code }));
  });
});

const runs = process.env.MOORING_FULL === '1' ? 50_000 : 3_000;
const units: readonly Unit[] = ['none', 'count', 'token', 'bps', 'percent', 'percentOrBps', 'seconds', 'fixed18'];
const bits = fc.integer({ min: 1, max: 32 }).map((bytes) => bytes * 8);

/** A value of an integer type, the ends of its range included. */
const typed = fc.tuple(fc.constantFrom(...units), bits, fc.boolean()).chain(([unit, width, signed]) => {
  const max = 2n ** BigInt(width - (signed ? 1 : 0)) - 1n;
  const min = signed ? -max - 1n : 0n;
  const step = unit === 'percentOrBps' ? 100n : 1n;
  return fc
    .oneof(fc.bigInt({ min: min / step, max: max / step }), fc.constantFrom(min / step, max / step))
    .map((value) => ({ unit, type: `${signed ? '' : 'u'}int${width}`, value: value * step }));
});

describe('formatScalar', () => {
  test.each([
    [150n * 10n ** 18n, 'token', '150 AGIALPHA'],
    [1n, 'token', '0.000000000000000001 AGIALPHA'],
    [6_050n, 'bps', '60.5 %'],
    [60n, 'percent', '60 %'],
    [604_800n, 'seconds', '7 days'],
    [3_600n, 'seconds', '1 hour'],
    [0n, 'seconds', '0 seconds'],
    [2n * 10n ** 18n, 'fixed18', '2.0'],
    [-5n * 10n ** 17n, 'fixed18', '-0.5'],
  ] as const)('%s %s', (value, unit, text) => {
    expect(formatScalar(value, { unit, tokens })).toBe(text);
  });

  test('what it writes is read as the same number, for every unit and type', () => {
    fc.assert(
      fc.property(typed, ({ unit, type, value }) => {
        expect(parseQuantity(formatScalar(value, { unit, tokens }), { unit, type, tokens })).toBe(value);
      }),
      { numRuns: runs },
    );
  });

  test('whatever number is read is written as the same number', () => {
    const number = fc.tuple(
      fc.constantFrom('', '-'),
      fc.bigInt({ min: 0n, max: 10n ** 30n }),
      fc.option(fc.stringMatching(/^[0-9]{1,20}$/)),
      fc.constantFrom('', '%', ' %', ' AGIALPHA', ' USDC', ' days', ' hours', ' bps'),
    );
    fc.assert(
      fc.property(number, fc.constantFrom(...units), ([sign, whole, fraction, suffix], unit) => {
        const wanted = as(unit, 'int256');
        const value = readQuantity(`${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`, wanted);
        if (typeof value === 'bigint') expect(parseQuantity(formatScalar(value, { unit, tokens }), wanted)).toBe(value);
      }),
      { numRuns: runs },
    );
  });

  test('no text crashes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9._,exn %A-Z]{0,30}$/)), fc.constantFrom(...units), (text, unit) => {
        const value = readQuantity(text, as(unit, 'int256'));
        expect(typeof value === 'bigint' || typeof value.code === 'string').toBe(true);
      }),
      { numRuns: runs },
    );
  });

  test('an exact value is what it says, digit by digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 36 }), (value, decimals) => {
        const [whole = '', fraction = ''] = decimalText(value, decimals).split('.');
        expect(BigInt(whole.replace('-', '') + fraction.padEnd(decimals, '0'))).toBe(value < 0n ? -value : value);
      }),
      { numRuns: runs },
    );
  });
});

describe('formatValue', () => {
  const a = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
  const b = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
  const names = new Map([[a, 'account-a']]);

  test.each([
    [{ type: 'scalar', value: a } as const, 'account-a'],
    [{ type: 'scalar', value: false } as const, 'false'],
    [{ type: 'unset' } as const, 'unset'],
    [{ type: 'range', min: 100n, max: 250n } as const, 'within 1 % and 2.5 %'],
    [{ type: 'members', members: [b, a] } as const, `${b}, account-a`],
    [{ type: 'members', members: [] } as const, 'none'],
    [{ type: 'entries', entries: new Map([[a, 5n]]) } as const, 'account-a: 0.05 %'],
    [
      { type: 'mixed', parts: ['feePool', 'jobRegistry', 'stakeManager'].map((field) => ({ field, target: a, value: field === 'feePool' })) } as const,
      'mixed: feePool true, 2 others false',
    ],
    [{ type: 'unknown', reason: 'timed out' } as const, 'unknown: timed out'],
  ])('%o', (value, text) => {
    expect(formatValue(value, { unit: 'bps', names })).toBe(text);
  });
});
