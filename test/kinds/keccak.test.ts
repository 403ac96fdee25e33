import { getAddress } from 'ethers/address';
import { keccak256 as reference } from 'ethers/crypto';
import { id as referenceId } from 'ethers/hash';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { id, keccak256, toChecksum } from '../../src/kinds/keccak.ts';

it('hashes like ethers at every length around a block', () => {
  for (let length = 0; length <= 300; length += 1) {
    const data = `0x${Buffer.alloc(length, length).toString('hex')}`;
    expect(keccak256(data)).toBe(reference(data));
  }
});

it('hashes random bytes and texts like ethers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.string({ unit: 'grapheme' }), (bytes, text) => {
      expect(keccak256(`0x${Buffer.from(bytes).toString('hex')}`)).toBe(reference(bytes));
      expect(id(text)).toBe(referenceId(text));
    }),
  );
});

it('checksums like ethers, whatever the case', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const lower = `0x${Buffer.from(bytes).toString('hex')}`;
      expect(toChecksum(lower)).toBe(getAddress(lower));
      expect(toChecksum(`0x${lower.slice(2).toUpperCase()}`)).toBe(getAddress(lower));
    }),
  );
});

it('refuses what is no bytes or no address', () => {
  for (const data of ['', '0x1', '0xzz', 'ff']) expect(() => keccak256(data)).toThrow(RangeError);
  for (const address of ['0x', `0x${'0'.repeat(39)}`, `0x${'g'.repeat(40)}`]) expect(() => toChecksum(address)).toThrow(RangeError);
});
