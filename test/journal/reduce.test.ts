import { describe, expect, test } from 'vitest';
import { isClosed, knownTransactions, reduceJournal, remainingSteps } from '../../src/journal/reduce.ts';
import type { JournalEvent } from '../../src/types.ts';
import { mined, signed, signer, started } from './events.ts';

const group: JournalEvent = { run: 'r1', at: 2, type: 'signed', group: 0, transactions: [signed('a', 4, '0xaa'), signed('b', 5, '0xbb')] };
const sent: JournalEvent = { run: 'r1', at: 2, type: 'sent', hash: '0xaa', answer: 'unsure' };
const replaced: JournalEvent = { run: 'r1', at: 2, type: 'replacement-signed', replaces: '0xaa', transaction: signed('a', 4, '0xa2') };
const burnt: JournalEvent = { run: 'r1', at: 2, type: 'burn-signed', replaces: '0xbb', transaction: signed(null, 5, '0xb2') };
const finished: JournalEvent = { run: 'r1', at: 9, type: 'run-finished', outcome: 'partial', findings: [] };

function confirmed(hash: string, step: string | null): JournalEvent {
  return { run: 'r1', at: 4, type: 'confirmed', hash, step, confirmations: 1 };
}

function openNonces(events: JournalEvent[]): number[] {
  return (reduceJournal(events).open.get(signer.toLowerCase()) ?? []).map((nonce) => nonce.nonce);
}

describe('the journal, reduced', () => {
  test('a signed nonce is open until it is confirmed, whether it was sent, mined or the run finished', () => {
    expect(openNonces([started('r1'), group])).toEqual([4, 5]);
    expect(openNonces([started('r1'), group, sent, mined('r1', 'a', '0xaa'), finished])).toEqual([4, 5]);
    expect(openNonces([started('r1'), group, mined('r1', 'a', '0xaa'), confirmed('0xaa', 'a')])).toEqual([5]);
  });

  test('whichever hash is mined settles the nonce', () => {
    const events = [started('r1'), group, replaced, mined('r1', 'a', '0xa2'), confirmed('0xa2', 'a')];
    expect(openNonces(events)).toEqual([5]);
    expect(remainingSteps(reduceJournal(events).runs[0] as never).map((step) => step.id)).toEqual(['b']);
  });

  test('a burnt nonce is closed and its step remains', () => {
    const events = [started('r1'), group, burnt, mined('r1', null, '0xb2'), confirmed('0xb2', null)];
    expect(openNonces(events)).toEqual([4]);
    expect(remainingSteps(reduceJournal(events).runs[0] as never).map((step) => step.id)).toEqual(['a', 'b']);
  });

  test('a reverted step is closed and remains', () => {
    const events = [started('r1'), group, mined('r1', 'a', '0xaa', false), confirmed('0xaa', 'a')];
    expect(openNonces(events)).toEqual([5]);
    expect(remainingSteps(reduceJournal(events).runs[0] as never).map((step) => step.id)).toEqual(['a', 'b']);
  });

  test('a reorg takes the block back', () => {
    const events: JournalEvent[] = [
      started('r1'),
      group,
      mined('r1', 'a', '0xaa'),
      { run: 'r1', at: 4, type: 'reorged', hash: '0xaa', block: { number: 9n, hash: '0xb9', timestamp: 5n } },
    ];
    expect(reduceJournal(events).runs[0]?.nonces[0]?.mined).toBeNull();
  });

  test('a foreign transaction closes the nonce and does nothing for the step', () => {
    const run = reduceJournal([started('r1'), group, { run: 'r1', at: 4, type: 'foreign', signer, nonce: 5, hash: null }]).runs[0];
    expect(run?.nonces.map(isClosed)).toEqual([false, true]);
  });

  test('everything ever signed is ours', () => {
    expect(knownTransactions([started('r1'), group, replaced, burnt])).toEqual(new Set(['0xaa', '0xbb', '0xa2', '0xb2']));
  });

  test('runs are told apart and keep their order', () => {
    const states = reduceJournal([started('r1'), started('r2'), group, finished]);
    expect(states.runs.map((run) => [run.run, run.nonces.length, run.finished?.outcome])).toEqual([
      ['r1', 2, 'partial'],
      ['r2', 0, undefined],
    ]);
  });

  test.each([[[group]], [[started('r1'), replaced]], [[started('r1'), mined('r1', 'a', '0xaa')]], [[started('r1'), started('r1')]]])(
    'an event that belongs to nothing is corruption',
    (events: JournalEvent[]) => {
      expect(() => reduceJournal(events)).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }));
    },
  );
});
