// One-off acts in a plan: what is left to do, in which order, and what is said of files that contradict history.
import { describe, expect, test } from 'vitest';
import { decodeCall } from '../../src/kinds/abi.ts';
import { sortActs } from '../../src/plan/act-drafts.ts';
import { attempt } from '../../src/plan/attempt.ts';
import { diffScope } from '../../src/plan/diff.ts';
import { callersOf } from '../../src/plan/routes.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { fieldCell, liveWorld } from '../../src/plan/world.ts';
import { kinds, people, places, token } from '../support/plan-world.ts';
import { act, actPlan, actWorld, codesOf, past } from './act-world.ts';

const ids = (made: ReturnType<typeof actPlan>): string[] => made.steps.map(({ id }) => id);

describe('an act that is left to do', () => {
  const made = actPlan({ acts: [act('spring')] });

  test('is a change to be judged, and one transaction', () => {
    expect(made.changes).toMatchObject([{ id: 'arena.acts[spring]', action: 'do', risk: 'ambiguous', from: null }]);
    expect(made.approvals).toEqual([{ count: 2, teams: ['owners'] }]);
    expect(made.steps).toMatchObject([
      { id: 'arena.reportValidatorMisconduct[spring]', covers: ['arena.acts[spring]'], risk: 'ambiguous', emits: ['ValidatorMisconduct'] },
    ]);
    expect(codesOf(made)).toEqual([]);
  });

  test('says its id where its reason ends', () => {
    const fn = kinds.get('SelfPlayArena')?.functions.get('reportValidatorMisconduct');
    const args = fn === undefined ? [] : decodeCall(fn, made.steps[0]?.data ?? '0x');
    expect(args).toEqual([7n, people.alice, 5n * token, people.treasury, 'judged without looking [local/spring]']);
  });

  test('relies on not being done, and on the right to do it', () => {
    const [step] = made.steps;
    expect(step?.precondition).toContainEqual({ contract: 'arena', field: 'acts', member: 'spring', value: { type: 'scalar', value: false } });
    expect(step?.precondition).toContainEqual(expect.objectContaining({ contract: 'arena', field: 'owner' }));
    expect(step?.postcondition).toEqual([{ contract: 'arena', field: 'acts', member: 'spring', value: { type: 'scalar', value: true } }]);
  });

  test('is sent by an orchestrator where the owner’s key is not here, and by nobody else', () => {
    const asAlice = actPlan({ acts: [act('spring')], signers: [people.alice], live: { arena: { orchestrators: [people.alice] } } });
    expect(asAlice.steps[0]?.route).toEqual({ via: 'direct', signer: people.alice });
    const asNobody = actPlan({ acts: [act('spring')], signers: [people.bob], live: { arena: { orchestrators: [people.alice] } } });
    expect([asNobody.steps, codesOf(asNobody)]).toEqual([[], ['ROUTE_UNREACHABLE']]);
  });
});

describe('the digest', () => {
  const digest = (change: Parameters<typeof act>[1] = {}): string => actPlan({ acts: [act('spring', change)] }).digest;

  test.each<[string, Parameters<typeof act>[1]]>([
    ['round', { round: 8n }],
    ['validator', { validator: people.bob }],
    ['amount', { amount: 5n * token + 1n }],
    ['recipient', { recipient: people.bob }],
    ['reason', { reason: 'something else' }],
  ])('covers the %s', (_, change) => {
    expect(digest(change)).not.toBe(digest());
  });

  test('covers the id', () => {
    expect(actPlan({ acts: [act('winter')] }).digest).not.toBe(digest());
  });
});

describe('is done or not by the end of a reason alone', () => {
  const done = past({ reason: 'judged without looking [local/spring]' });

  test.each<[string, ReturnType<typeof past>[], string[]]>([
    ['its own', [done], []],
    ['one of the same content, sent by hand', [past()], ['spring']],
    ['another act’s', [past({ reason: 'judged without looking [local/winter]' })], ['spring']],
    ['another environment’s', [past({ reason: 'judged without looking [prod/spring]' })], ['spring']],
    ['one that only speaks of it', [past({ reason: 'see [local/spring] above' })], ['spring']],
  ])('%s', (_, events, left) => {
    const made = actPlan({ acts: [act('spring')], past: { done: events } });
    expect(made.changes.map(({ member }) => member)).toEqual(left);
    expect(made.steps).toHaveLength(left.length);
  });

  test('two that say the same are two', () => {
    const both = [act('spring'), act('winter')];
    expect(ids(actPlan({ acts: both }))).toEqual(['arena.reportValidatorMisconduct[spring]', 'arena.reportValidatorMisconduct[winter]']);
    expect(ids(actPlan({ acts: both, past: { done: [done] } }))).toEqual(['arena.reportValidatorMisconduct[winter]']);
  });

  test('also where its file names another contract by now', () => {
    const made = actPlan({ acts: [act('spring', { contract: 'stake' })], past: { done: [done] }, desired: { stake: {} } });
    expect([made.steps, made.changes, codesOf(made)]).toEqual([[], [], ['ACT_CHANGED']]);
  });
});

test.each([
  ['could not be read', { unknown: 'the node cuts its answers' }],
  ['was not read', null],
])('a history that %s keeps its acts from being planned, and nothing else', (_, history) => {
  const made = actPlan({ acts: [act('spring')], past: history, desired: { stake: { feePct: 6n } } });
  expect(ids(made)).toEqual(['stake.setFeePct']);
  expect(made.findings).toMatchObject([{ code: 'ACT_UNKNOWN', severity: 'error', changes: ['arena.acts[spring]'] }]);
  expect(actPlan({ past: history }).findings).toEqual([]);
});

describe('while the arena is paused', () => {
  const paused = { live: { arena: { paused: true } }, reductions: [] };

  test('it is done where the arena takes it', () => {
    const made = actPlan({ acts: [act('spring')], past: { waitsForUnpause: false }, ...paused });
    expect([ids(made), codesOf(made)]).toEqual([['arena.reportValidatorMisconduct[spring]'], []]);
  });

  test('it waits where the arena refuses it, and keeps nothing else', () => {
    const made = actPlan({ acts: [act('spring')], past: { waitsForUnpause: true }, ...paused, desired: { stake: { feePct: 6n } } });
    expect(ids(made)).toEqual(['stake.setFeePct']);
    expect(made.changes.map(({ id }) => id)).toEqual(['stake.feePct']);
    expect(made.findings).toMatchObject([{ code: 'ACT_WAITS', severity: 'warning', changes: ['arena.acts[spring]'] }]);
  });

  test.each([true, false])('it comes after the unpause of the same plan (the arena refuses it: %s)', (waitsForUnpause) => {
    const made = actPlan({ acts: [act('spring')], past: { waitsForUnpause }, ...paused, desired: { arena: { paused: false } } });
    expect(ids(made)).toEqual(['arena.unpause', 'arena.reportValidatorMisconduct[spring]']);
    expect(made.steps.map(({ group }) => group)).toEqual([0, 1]);
    const relies = made.steps[1]?.precondition.some(({ field, value }) => field === 'paused' && value?.type === 'scalar' && value.value === false);
    expect(relies).toBe(waitsForUnpause);
  });

  test('it comes after the unpause also where both must come before the arena is given away', () => {
    const declared = { paused: false, owner: people.treasury, orchestrators: [] };
    const live = { arena: { paused: true, orchestrators: [] } };
    const made = actPlan({ acts: [act('spring')], past: { waitsForUnpause: true }, live, desired: { arena: declared } });
    expect(ids(made)).toEqual(['arena.unpause', 'arena.reportValidatorMisconduct[spring]', 'arena.transferOwnership']);
  });

  test('it can not be done before the unpause, whatever order is tried', () => {
    const input = actWorld({ acts: [act('spring')], past: { waitsForUnpause: true }, live: { arena: { paused: true } } });
    const scope = scopeOf({ desired: input.desired.state, live: input.live, kinds });
    const judge = { scope, callers: callersOf(scope, input.desired.environment), withheld: new Set<string>(), heedsWarnings: true };
    const world = liveWorld(scope);
    const paused = fieldCell(places.arena, 'paused');
    world.write(paused, false);
    const [draft] = sortActs({ judge, world, changes: diffScope(scope).changes, drafts: [] }).ready;
    if (draft === undefined) throw new Error('the act waits');
    expect(attempt(judge, world, draft)).toBeNull();
    world.write(paused, true);
    expect(attempt(judge, world, draft)).toEqual({ type: 'paused' });
  });

  test('it waits where the plan pauses an arena that has not shown yet what it does then', () => {
    const made = actPlan({ acts: [act('spring')], desired: { arena: { paused: true } } });
    expect([ids(made), codesOf(made)]).toEqual([['arena.pause'], ['ACT_WAITS']]);
  });

  test('it waits where the unpause itself is held back', () => {
    const pause = {
      contract: 'arena',
      field: 'paused',
      transaction: `0x${'aa'.repeat(32)}`,
      block: 90n,
      sender: people.guardian,
      from: null,
      to: { type: 'scalar', value: true },
      known: false,
    } as const;
    const made = actPlan({
      acts: [act('spring')],
      past: { waitsForUnpause: true },
      live: { arena: { paused: true } },
      desired: { arena: { paused: false } },
      reductions: [pause],
    });
    expect([ids(made), codesOf(made)]).toEqual([[], ['STICKY_REDUCTION', 'ACT_WAITS']]);
  });
});

describe('order', () => {
  test('an act goes last, alone, and each after the one before it', () => {
    const made = actPlan({ acts: [act('spring'), act('winter')], desired: { arena: { committeeSize: 5n } } });
    expect(made.steps.map(({ id, group }) => [id, group])).toEqual([
      ['arena.setCommitteeParameters', 0],
      ['arena.reportValidatorMisconduct[spring]', 1],
      ['arena.reportValidatorMisconduct[winter]', 2],
    ]);
  });

  test('but before the right to do it is given away', () => {
    const made = actPlan({ acts: [act('spring')], desired: { arena: { owner: people.treasury, orchestrators: [] } }, live: { arena: { orchestrators: [] } } });
    expect(ids(made)).toEqual(['arena.reportValidatorMisconduct[spring]', 'arena.transferOwnership']);
  });
});

describe('what contradicts history is said, and stops nothing', () => {
  const done = past({ reason: 'judged without looking [local/spring]' });

  test.each<[string, Parameters<typeof act>[1]]>([
    ['round', { round: 8n }],
    ['validator', { validator: people.bob }],
    ['amount', { amount: 1n }],
    ['recipient', { recipient: people.bob }],
    ['reason', { reason: 'something else' }],
  ])('a file of a done act with another %s', (_, change) => {
    const made = actPlan({ acts: [act('spring', change)], past: { done: [done] }, desired: { stake: { feePct: 6n } } });
    expect(made.findings).toMatchObject([{ code: 'ACT_CHANGED', severity: 'warning', source: { file: 'desired-state/local/acts/spring.yaml' } }]);
    expect(ids(made)).toEqual(['stake.setFeePct']);
  });

  test('an act that the chain shows twice', () => {
    const again = { ...done, transaction: `0x${'ab'.repeat(32)}` };
    expect(actPlan({ acts: [act('spring')], past: { done: [done, again] } }).findings).toMatchObject([{ code: 'ACT_TWICE', severity: 'warning' }]);
  });

  test('a file that is gone', () => {
    expect(actPlan({ past: { done: [done] } }).findings).toMatchObject([{ code: 'ACT_REMOVED', severity: 'warning', contract: 'arena' }]);
  });

  test('an event without an act is listed as unmanaged', () => {
    const made = actPlan({ acts: [act('spring')], past: { done: [done, past()] } });
    const own = made.unmanaged.filter(({ reason }) => reason === 'by hand');
    expect(own).toEqual([
      {
        ...{ contract: 'arena', field: `acts[0x${'ee'.repeat(32)}]`, unit: 'none', reason: 'by hand' },
        value: { type: 'scalar', value: `slash ${people.alice} in round 7: 5 AGIALPHA to ${people.treasury}, judged without looking` },
      },
    ]);
  });
});

test('what somebody else has written on chain is shown on one line, and not without end', () => {
  const made = actPlan({ past: { done: [past({ reason: `a\n\u001b[31m\u202e${'x'.repeat(1_000)}` })] } });
  const shown = made.unmanaged.flatMap(({ reason, value }) => (reason === 'by hand' && value.type === 'scalar' ? [String(value.value)] : []));
  expect(shown).toEqual([expect.stringMatching(/, a\uFFFD\uFFFD\[31m\uFFFDx{400,500}…$/)]);
});

test('a frozen kind of act is never planned', () => {
  const limits = [{ match: 'SelfPlayArena.acts', frozen: true }];
  const made = actPlan({ acts: [act('spring')], policy: { limits } });
  expect([made.steps, codesOf(made)]).toEqual([[], ['POLICY_FROZEN']]);
  expect(places.arena).toBe(made.changes[0]?.address);
});
