// Random ABI types with values that fit them, and the same values in the form that ethers gives back.
import fc from 'fast-check';
import type { AbiValue } from '../../src/kinds/abi.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';

export type Typed = { type: string; value: AbiValue };

const hexOf = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
const bits = fc.integer({ min: 1, max: 32 }).map((bytes) => bytes * 8);

function unsigned(size: number): fc.Arbitrary<Typed> {
  return fc.bigInt({ min: 0n, max: (1n << BigInt(size)) - 1n }).map((value) => ({ type: `uint${size}`, value }));
}

function signed(size: number): fc.Arbitrary<Typed> {
  const limit = 1n << BigInt(size - 1);
  return fc.bigInt({ min: -limit, max: limit - 1n }).map((value) => ({ type: `int${size}`, value }));
}

export const elementary: fc.Arbitrary<Typed> = fc.oneof(
  bits.chain(unsigned),
  bits.chain(signed),
  fc.boolean().map((value) => ({ type: 'bool', value })),
  hexOf(20, 20).map((value) => ({ type: 'address', value: toChecksum(value) })),
  fc.integer({ min: 1, max: 32 }).chain((size) => hexOf(size, size).map((value) => ({ type: `bytes${size}`, value }))),
  hexOf(0, 100).map((value) => ({ type: 'bytes', value })),
  fc.string({ unit: 'grapheme', maxLength: 50 }).map((value) => ({ type: 'string', value })),
);

/** Lists of one type: the first value's type, repeated with the same value (values of one type need one generator). */
function lists(item: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  return fc.tuple(item, fc.integer({ min: 0, max: 3 }), fc.boolean()).map(([of, length, fixed]) => ({
    type: `${of.type}[${fixed && length > 0 ? length : ''}]`,
    value: new Array<AbiValue>(length).fill(of.value),
  }));
}

function tuples(item: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  return fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => ({
    type: `tuple(${items.map((each) => each.type).join(',')})`,
    value: items.map((each) => each.value),
  }));
}

export const typed: fc.Arbitrary<Typed> = fc.letrec<{ any: Typed }>((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, elementary, lists(tie('any')), tuples(tie('any'))),
})).any;
