import { describe, expect, test } from 'vitest';
import { approvedOf, completedKeys, runsUnder, stepKey, whatMoved, whatMovedAround } from '../../src/apply/approved.ts';
import { showWith } from '../../src/apply/show.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import type { Change, JournalEvent, Plan, Step } from '../../src/types.ts';
import { mined, signed, signer, started, step } from '../journal/events.ts';

function change(id: string, from: bigint, to: bigint): Change {
  return {
    id: `box.${id}`,
    contract: 'box',
    kind: 'Box',
    address: signer,
    field: id,
    action: 'set',
    from: { type: 'scalar', value: from },
    to: { type: 'scalar', value: to },
    unit: 'none',
    risk: 'reduce',
  };
}

function stepFor(id: string, data: string, from = 0n): Step {
  return { ...step(id), data, precondition: [{ contract: 'box', field: id, value: { type: 'scalar', value: from } }] };
}

function plan(digest: string, changes: readonly Change[], steps: readonly Step[]): Plan {
  const block = { number: 1n, hash: '0x', timestamp: 1n };
  return {
    version: 1,
    environment: 'e',
    chainId: 1n,
    block,
    digest,
    changes,
    steps,
    findings: [],
    unmanaged: [],
    sideEffects: [],
    reductions: [],
    approvals: [],
    edits: [],
    policyVersion: '',
    declared: 0,
    simulation: { status: 'not needed' },
  };
}

const show = showWith({});
const a = stepFor('a', '0x0a');
const b = stepFor('b', '0x0b');
const changes = [change('a', 0n, 1n), change('b', 0n, 1n)];
const approved = plan('d1', changes, [a, b]);

function moved(fresh: Plan, completed: readonly Step[] = []): (readonly string[])[] {
  return whatMoved(fresh, approved, { completed: new Set(completed.map(stepKey)), show }).map((finding) => finding.changes ?? []);
}

describe('what remains of an approved plan', () => {
  test('does not go on where what a step calls has become another contract', () => {
    const at = (hash: string): Pick<Step, 'code'> => ({ code: [{ address: signer, identity: { hash } }] });
    const before = plan('d1', changes, [a, { ...b, ...at('0x01') }]);
    const fresh = (hash: string): Plan => plan('d2', changes.slice(1), [{ ...b, ...at(hash) }]);
    const look = (now: Plan, known: Plan = before) => whatMoved(now, known, { completed: new Set([stepKey(a)]), show });
    expect(look(fresh('0x01'))).toEqual([]);
    expect(look(fresh('0x02'))).toMatchObject([{ code: 'PLAN_MOVED', message: expect.stringContaining('other code') }]);
    // A journal that doesn't say what code it was.
    expect(look(fresh('0x01'), approved)).toMatchObject([{ code: 'PLAN_MOVED' }]);
  });

  test('may go on after what our own transactions did', () => {
    expect(moved(plan('d2', changes.slice(1), [b]), [a])).toEqual([]);
    expect(moved(plan('d2', changes.slice(1), [{ ...b, id: 'other', group: 3 }]), [a])).toEqual([]);
  });

  test('may not, when a part was done by somebody else', () => {
    expect(moved(plan('d2', changes.slice(1), [b]))).toEqual([['box.a']]);
  });

  test('may not, when it starts from another value, or another value carried along', () => {
    expect(moved(plan('d2', [change('b', 7n, 1n)], [stepFor('b', '0x0b', 7n)]), [a])).toEqual([['box.b']]);
    expect(moved(plan('d2', changes.slice(1), [{ ...b, precondition: [...b.precondition, { contract: 'box', field: 'c', value: null }] }]), [a])).toEqual([
      ['box.b'],
    ]);
  });

  test('may not, when it leads elsewhere, through another caller, or to more', () => {
    expect(moved(plan('d2', [change('b', 0n, 2n)], [stepFor('b', '0x0c')]), [a])).toEqual([['box.b']]);
    expect(moved(plan('d2', changes.slice(1), [{ ...b, route: { via: 'direct', signer: '0x00' } }]), [a])).toEqual([['box.b']]);
    expect(moved(plan('d2', [...changes, change('c', 0n, 1n)], [a, b, stepFor('c', '0x0c')]))).toEqual([['box.c']]);
  });

  test('may put back a side effect of what is done, as it was approved to', () => {
    const correction: Step = { ...stepFor('e', '0x0e'), covers: [], corrects: ['box.e'] };
    const whole = plan('d1', changes.slice(0, 1), [a, correction]);
    const fresh = plan('d2', [change('e', 5n, 0n)], [{ ...correction, covers: ['box.e'], corrects: [] }]);
    expect(whatMoved(fresh, whole, { completed: new Set([stepKey(a)]), show })).toEqual([]);
    const other = plan('d2', [change('f', 5n, 0n)], [{ ...correction, data: '0x0f', covers: ['box.f'], corrects: [] }]);
    expect(whatMoved(other, whole, { completed: new Set([stepKey(a)]), show }).map(({ changes: ids }) => ids)).toEqual([['box.f']]);
  });
});

test('an emergency that came after the approval is told, and a policy that moved', () => {
  const reduction = {
    contract: 'arena',
    field: 'paused',
    transaction: '0xAA',
    block: 7n,
    sender: signer,
    from: null,
    to: { type: 'scalar', value: true },
    known: false,
  } as const;
  const seen = { ...approved, reductions: [{ ...reduction, transaction: '0xaa' }] };
  expect(whatMovedAround(seen, { ...seen, reductions: [reduction] })).toEqual([]);
  expect(whatMovedAround(seen, approved)).toMatchObject([{ code: 'PLAN_MOVED', contract: 'arena', field: 'paused' }]);
  expect(whatMovedAround(seen, { ...seen, policyVersion: 'other' })).toMatchObject([{ code: 'PLAN_MOVED' }]);
});

describe('what a digest stands for', () => {
  const run = (events: JournalEvent[]) => reduceJournal(events).runs;
  const begun = { ...started('r1'), digest: 'd1', steps: [a, b], changes } as JournalEvent;
  const settled: JournalEvent = { run: 'r1', at: 5, type: 'continued', digest: 'd5', steps: [b], changes: changes.slice(1) };
  const fresh = plan('d9', [], []);

  test('is the fresh plan, or what a run has journaled', () => {
    expect(approvedOf('d9', { fresh, runs: run([begun]) })).toBe(fresh);
    expect(approvedOf('d1', { fresh, runs: run([begun]) })).toMatchObject({ steps: [a, b] });
    expect(approvedOf('d5', { fresh, runs: run([begun, settled]) })).toMatchObject({ steps: [b] });
    expect(approvedOf('d7', { fresh, runs: run([begun]) })).toBeNull();
  });

  test('is nothing any more, once a run has completed it', () => {
    const done: JournalEvent = { run: 'r1', at: 9, type: 'run-finished', outcome: 'done', findings: [] };
    expect(approvedOf('d1', { fresh, runs: run([begun, done]) })).toBeNull();
  });

  test('its completed steps are those that succeeded under it', () => {
    const events: JournalEvent[] = [
      begun,
      { run: 'r1', at: 2, type: 'signed', group: 0, transactions: [signed('a', 4, '0xaa'), signed('b', 5, '0xbb')] },
      mined('r1', 'a', '0xaa'),
      { run: 'r1', at: 4, type: 'confirmed', hash: '0xaa', step: 'a', confirmations: 1 },
      mined('r1', 'b', '0xbb', false),
      { run: 'r1', at: 4, type: 'confirmed', hash: '0xbb', step: 'b', confirmations: 1 },
    ];
    expect(completedKeys(runsUnder('d1', run(events)))).toEqual(new Set([stepKey(a)]));
    expect(completedKeys(runsUnder('d2', run(events)))).toEqual(new Set());
  });
});
