// Culture rewards: exact, deterministic, with what slashes cost; and as the reference reckons them.
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/arena/random.ts';
import { allocate, allocateAsReference, type SlashPenalty } from '../../src/arena/rewards.ts';
import type { Scoreboard } from '../../src/arena/scoreboard.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';

const address = (n: number): string => toChecksum(`0x${n.toString(16).padStart(40, '0')}`);
const board = (...rows: [agent: string, wins: number, slashes?: number][]): Scoreboard =>
  new Map(rows.map(([agent, wins, slashes = 0]) => [agent, { wins, losses: 1, slashes, notes: [], updatedAt: 0 }]));
const none: SlashPenalty = { type: 'none' };
const share = (percent: bigint): SlashPenalty => ({ type: 'share', bps: percent * 100n });
const amounts = (rows: Scoreboard, penalty: SlashPenalty = none, total = 1_000n): [string, bigint][] =>
  allocate(rows, { total, top: 8, penalty }).map((row) => [row.address, row.amount]);
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('amounts', () => {
  test('add up exactly: what rounding leaves goes to the largest remainders, then by address', () => {
    expect(amounts(board([address(3), 1], [address(1), 1], [address(2), 1]))).toEqual([
      [address(1), 334n],
      [address(2), 333n],
      [address(3), 333n],
    ]);
    expect(amounts(board([address(1), 1], [address(2), 5]), none, 100n)).toEqual([
      [address(2), 83n],
      [address(1), 17n],
    ]);
  });

  test('do so for any board, penalty and total, whatever order the board is in', () => {
    const random = seededRandom('boards');
    for (let i = 0; i < 400; i++) {
      const rows = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, n): [string, number, number] => [
        address(n + 1),
        1 + Math.floor(random() * 9),
        Math.floor(random() * 3),
      ]);
      const terms = { total: BigInt(Math.floor(random() * 1e12)) ** 2n, top: 1 + Math.floor(random() * 12), penalty: i % 2 === 0 ? none : share(33n) };
      const found = allocate(board(...rows), terms);
      expect(found.reduce((sum, { amount }) => sum + amount, 0n)).toBe(terms.total);
      expect(found.every(({ amount }) => amount >= 0n)).toBe(true);
      expect(allocate(board(...rows.toReversed()), terms)).toEqual(found);
    }
  });

  test('go to the top agents with wins only, most wins first, ties by address', () => {
    const rows = board([address(9), 0], [address(4), 2], [address(3), 2], [address(2), 7], [address(1), 2]);
    expect(allocate(rows, { total: 90n, top: 3, penalty: none }).map((row) => row.address)).toEqual([address(2), address(1), address(3)]);
    expect(codeOf(() => amounts(board([address(1), 0])))).toBe('REWARD_NOBODY');
  });
});

describe('a slash', () => {
  const rows = board([address(1), 2, 2], [address(2), 1], [address(3), 1]);

  test('costs its part of one’s own share, which goes to those without a slash, by wins', () => {
    expect(amounts(rows, share(25n))).toEqual([
      [address(1), 250n],
      [address(2), 375n],
      [address(3), 375n],
    ]);
    expect(amounts(rows, none).map(([, amount]) => amount)).toEqual([500n, 250n, 250n]);
  });

  test('never costs more than everything, and can exclude', () => {
    expect(amounts(rows, share(60n)).map(([, amount]) => amount)).toEqual([0n, 500n, 500n]);
    expect(amounts(rows, { type: 'exclude' })).toEqual([
      [address(2), 500n],
      [address(3), 500n],
    ]);
  });

  test('where everyone has one, what is forfeited goes by what each has kept', () => {
    expect(amounts(board([address(1), 1, 1], [address(2), 1, 2]), share(25n))).toEqual([
      [address(1), 600n],
      [address(2), 400n],
    ]);
    expect(codeOf(() => amounts(board([address(1), 1, 4]), share(25n)))).toBe('REWARD_NOBODY');
  });
});

describe('an address', () => {
  const mixed = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

  test.each([
    ['is none', board(['alice', 1])],
    ['has a wrong checksum', board([mixed.replace('aA', 'Aa'), 1])],
    ['is zero', board([`0x${'0'.repeat(40)}`, 1])],
    ['stands twice in other casing', board([mixed, 1], [mixed.toLowerCase(), 2])],
  ])('that %s is refused', (_name, rows) => {
    expect(codeOf(() => amounts(rows))).toBe('REWARD_ADDRESS');
  });

  test('in lower case is given its checksum, and what has no wins is not looked at', () => {
    expect(amounts(board([mixed.toLowerCase(), 1], ['alice', 0]))).toEqual([[mixed, 1_000n]]);
  });
});

test('the reference’s amounts: four decimals, half to even, slashes ignored, not adding up', () => {
  const rows = board(['c', 1, 5], ['a', 1], ['b', 1]);
  expect(allocateAsReference(rows, { total: 1_000, top: 8 })).toEqual(['c', 'a', 'b'].map((name) => ({ address: name, wins: 1, amount: 333.3333 })));
  expect(allocateAsReference(board(['a', 1], ['b', 1]), { total: 0.0625, top: 2 }).map(({ amount }) => amount)).toEqual([0.0312, 0.0312]);
  expect(allocateAsReference(board(['a', 1], ['b', 1]), { total: 0.1875, top: 2 }).map(({ amount }) => amount)).toEqual([0.0938, 0.0938]);
});
