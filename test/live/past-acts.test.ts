// What was ever done, by two RPCs, and what is made of a history that can not be told.
import { describe, expect, test } from 'vitest';
import { encodeCall, encodeTopic, parseFunction } from '../../src/kinds/abi.ts';
import { slashEvent } from '../../src/kinds/slashes.ts';
import { agreePast, pastActsOf } from '../../src/live/past-acts.ts';
import type { Log, PastActs } from '../../src/types.ts';
import { kinds, people, token } from '../support/plan-world.ts';

const arena = kinds.get('SelfPlayArena');
if (arena === undefined) throw new Error('no arena');
const event = slashEvent(arena);

const tail = parseFunction('function tail(uint256 amount, string reason)');
const log: Log = {
  address: people.alice,
  topics: [event?.topic ?? '', encodeTopic('uint256', 7n), encodeTopic('address', people.alice), encodeTopic('address', people.treasury)],
  data: `0x${encodeCall(tail, [5n * token, 'judged [local/spring]']).slice(10)}`,
  ...{ blockNumber: 9n, blockHash: `0x${'01'.repeat(32)}`, transactionHash: `0x${'02'.repeat(32)}`, transactionIndex: 0, logIndex: 0 },
};
const done = { round: 7n, validator: people.alice, amount: 5n * token, recipient: people.treasury, reason: 'judged [local/spring]' };
const known: PastActs = { done: [{ ...done, transaction: log.transactionHash, block: 9n }], waitsForUnpause: null };

describe('one RPC', () => {
  test('tells each event', () => {
    expect(pastActsOf(arena, () => [log])).toEqual(known);
  });

  test('that cannot tell all of them leaves it unknown, never empty', () => {
    expect(pastActsOf(arena, () => ({ unknown: 'cut' }))).toEqual({ unknown: 'cut' });
    expect(pastActsOf(arena, () => [{ ...log, data: '0x' }])).toEqual({ unknown: expect.any(String) });
  });

  test('is not asked about kinds on which nothing can be slashed', () => {
    const pool = kinds.get('FeePool');
    expect(pool === undefined ? null : pastActsOf(pool, () => [log])).toBeUndefined();
  });
});

describe('two RPCs', () => {
  const empty: PastActs = { done: [], waitsForUnpause: null };

  test('that say the same are believed', () => {
    expect(agreePast(known, { ...known })).toBe(known);
  });

  test('of which one knows less contradict each other', () => {
    expect([agreePast(known, empty), agreePast(empty, known)]).toEqual([null, null]);
  });

  test('of which one could not read it leave it unknown', () => {
    expect(agreePast({ unknown: 'cut' }, known)).toEqual({ unknown: 'cut' });
    expect(agreePast(known, { unknown: 'cut' })).toEqual({ unknown: 'the second RPC could not read it: cut' });
    expect(agreePast(known, undefined)).toEqual({ unknown: 'the second RPC could not read it' });
  });
});
