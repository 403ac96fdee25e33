import { expect, test } from 'vitest';
import type { KindField } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { pastMoves } from '../../src/live/past-moves.ts';
import type { Past, Place, Touch } from '../../src/live/timeline.ts';
import type { Change, Log } from '../../src/types.ts';
import { addressOf } from './probe-codes.ts';

const field = loadKinds({ names: ['FeePool'] })
  .get('FeePool')
  ?.fields.get('burnPct') as KindField;
const change: Change = {
  id: 'pool.burnPct',
  contract: 'pool',
  kind: 'FeePool',
  address: addressOf(1),
  field: 'burnPct',
  action: 'set',
  from: null,
  to: null,
  unit: 'percent',
  risk: 'increase',
};

function place(current: Past, initial?: Past): Place {
  return { change, field, address: addressOf(1), fromBlock: 0n, current, events: [], getter: null, initial };
}

function touch(block: number, after: Past, before?: Past): Touch {
  const log: Log = {
    address: addressOf(1),
    topics: [],
    data: '0x',
    blockNumber: BigInt(block),
    blockHash: '0x',
    transactionHash: `0x${block}`,
    transactionIndex: 0,
    logIndex: 0,
  };
  return { log, after, before };
}

/** All moves, as `[block, before, after]`; `past` is the state before an event's block. */
async function moves(
  current: Past,
  touches: readonly Touch[],
  { initial, past }: { initial?: Past; past?: Past } = {},
): Promise<{ moves: [number, Past, Past][]; unclear: boolean; stuckAt: number | null }> {
  const found = await pastMoves({ place: place(current, initial), touches, readPast: async () => past, goOn: () => true });
  return {
    moves: found.moves.map(({ log, before, after }) => [Number(log.blockNumber), before, after]),
    unclear: found.unclear !== null,
    stuckAt: found.stuckAt === null ? null : Number(found.stuckAt.blockNumber),
  };
}

test("the event's own word comes before the event that was before it", async () => {
  const found = await moves(2n, [touch(1, 9n, 0n), touch(2, 2n, 5n)]);
  // Between 9 and 5 something happened without an event: from there on nothing is known.
  expect(found).toEqual({ moves: [[2, 5n, 2n]], unclear: true, stuckAt: null });
});

test('null is a word, too: not set', async () => {
  expect((await moves(2n, [touch(1, 9n, 0n), touch(2, 2n, null)])).moves[0]).toEqual([2, null, 2n]);
});

test('repetitions are no moves', async () => {
  const touches = [touch(1, 5n), touch(2, 3n), touch(3, 3n), touch(4, 3n)];
  expect(await moves(3n, touches, { past: 7n })).toEqual({
    moves: [
      [2, 5n, 3n],
      [1, 7n, 5n],
    ],
    unclear: false,
    stuckAt: null,
  });
});

test('the oldest event needs the state before it, or what all values begin as', async () => {
  expect(await moves(3n, [touch(1, 3n)])).toEqual({ moves: [], unclear: true, stuckAt: 1 });
  expect((await moves(3n, [touch(1, 3n)], { past: 3n })).moves).toEqual([]);
  expect((await moves(3n, [touch(1, 3n)], { past: null })).moves).toEqual([[1, null, 3n]]);
  expect((await moves(true, [touch(1, true)], { initial: false })).moves).toEqual([[1, false, true]]);
});

test("a flag's first event counts as its change", async () => {
  expect((await moves(true, [touch(1, true), touch(2, true)])).moves).toEqual([[1, false, true]]);
});

test('an event that says no value is filled in from its neighbours', async () => {
  expect(await moves(3n, [touch(1, 5n), touch(2, undefined)], { past: 9n })).toEqual({
    moves: [
      [2, 5n, 3n],
      [1, 9n, 5n],
    ],
    unclear: false,
    stuckAt: null,
  });
});

test('a value that no event ends at, or that is not known, tells nothing', async () => {
  expect(await moves(4n, [touch(1, 5n)])).toEqual({ moves: [], unclear: true, stuckAt: null });
  expect(await moves(undefined, [touch(1, 5n)])).toEqual({ moves: [], unclear: true, stuckAt: null });
});
