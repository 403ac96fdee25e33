// Numbers that look random and are the same for the same seed, on every machine. Pure; not for keys.
import { createHash } from 'node:crypto';

/** A number in [0, 1) with 53 random bits; the next one with each call. */
export type Random = () => number;

/** sfc32, started from the SHA-256 of `seed`. The same seed gives the same sequence. */
export function seededRandom(seed: string): Random {
  const hash = createHash('sha256').update(seed, 'utf8').digest();
  let [a, b, c, counter] = [hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), 1];
  function next(): number {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  }
  // The first outputs still show the seed's structure.
  for (let i = 0; i < 16; i++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
