// The sentinel's rules one by one, against vectors reckoned by hand.
import { describe, expect, test } from 'vitest';
import { applySettings } from '../../../src/loops/sentinel/apply-settings.ts';
import { followedAgents } from '../../../src/loops/sentinel/failures.ts';
import { reduce } from '../../../src/loops/sentinel/reduce.ts';
import { originsOf, snapshotOf } from '../../../src/loops/sentinel/snapshot.ts';
import { initialState, type SentinelState } from '../../../src/loops/sentinel/state.ts';
import { arena, engine, evaluation, expansion, run, settingsWith, told } from './world.ts';

const settings = settingsWith();

function last(turns: readonly { state: SentinelState }[]): SentinelState {
  return turns.at(-1)?.state ?? initialState;
}

describe('the ROI floor', () => {
  // Totals after each: 5/10, 10/20, 15/30, 115/40, 215/50, 315/60, 415/70.
  const dip = [1, 2, 3].map(() => evaluation({ cost: 10, value: 5 }));
  const surge = [1, 2, 3, 4].map(() => evaluation({ cost: 10, value: 100 }));

  test('pauses at the third breach, takes one back for each good ROI, and proposes to clear at zero', () => {
    const turns = run(settings, [...dip, ...surge]);
    expect(turns.map(({ state }) => state.roiBreachCount)).toEqual([1, 2, 3, 2, 1, 0, 0]);
    expect(turns.map(told)).toEqual([[], [], ['pause roi_floor', 'warning roi_floor'], [], [], ['proposeClear roi_floor', 'info roi_floor_clear'], []]);
    expect(turns[2]?.decision.measures[0]).toMatchObject({ kind: 'pause', actions: [engine], detail: 'ROI 0.500, floor 1.200' });
    expect(turns[5]?.decision.measures[0]).toMatchObject({ kind: 'proposeClear', actions: [engine], detail: 'ROI 5.250, floor 1.200' });
  });

  test('an ROI that is exactly the floor is no breach', () => {
    expect(last(run(settings, [evaluation({ cost: 10, value: 12 })])).roiBreachCount).toBe(0);
    expect(last(run(settings, [evaluation({ cost: 10, value: 11.999999999999998 })])).roiBreachCount).toBe(1);
  });

  test('what moves no sum makes no new ROI', () => {
    const idle = [evaluation({ success: true }), evaluation({ cost: 0, value: 0 }), expansion(0), expansion(null), expansion(null, { value: 50 })];
    expect(last(run(settings, [...dip.slice(0, 2), ...idle])).roiBreachCount).toBe(2);
  });

  test('without cost there is no ROI, and no breach', () => {
    const state = last(run(settings, [evaluation({ value: 5 })]));
    expect([snapshotOf(state).roi, state.roiBreachCount]).toEqual([null, 0]);
  });

  test('expansions cost too, and their value does not count', () => {
    const state = last(run(settings, [expansion(10, { value: 500 }), evaluation({ value: 5 })]));
    expect(snapshotOf(state)).toMatchObject({ totalCost: 10, totalValue: 5, roi: 0.5, roiBreachCount: 2 });
  });

  test('a second pause for it is asked for, and told only once', () => {
    const again = [1, 2, 3].map(() => evaluation({ cost: 500, value: 0 }));
    const turns = run(settings, [...dip, ...surge, ...again]);
    expect(told(turns[9] ?? { state: initialState, decision: { measures: [], alerts: [] } })).toEqual(['pause roi_floor']);
  });
});

describe('the budget', () => {
  const rich = settingsWith({ roiFloor: 0, budgetCap: 100 });

  test('pauses at the soft cap, and at the cap pauses the arena too and asks for a stop, once', () => {
    const turns = run(rich, [expansion(79.9), expansion(0.1), expansion(19), expansion(1), expansion(50)]);
    expect(turns.map(told)).toEqual([
      [],
      ['pause budget_soft', 'warning budget_soft'],
      [],
      ['pause budget_stop', 'requestStop budget_cap', 'critical budget_stop', 'critical budget_cap'],
      [],
    ]);
    expect(turns[3]?.decision.measures[0]).toMatchObject({ actions: [engine, arena], detail: 'cost 100.00, cap 100.00' });
    expect(snapshotOf(last(turns))).toMatchObject({ pauseReasons: ['budget_soft', 'budget_stop'], stopRequested: true, stopReason: 'budget_cap' });
  });

  test('one event may take it all at once', () => {
    expect(run(rich, [expansion(100)]).map(told)[0]).toContain('requestStop budget_cap');
  });

  test('never clears by itself, and a stop keeps every other reason from being proposed to be cleared', () => {
    const floor = settingsWith({ roiFloor: 1, roiGracePeriod: 1, budgetCap: 100, actions: { ...settings.actions, budget_stop: [], budget_soft: [] } });
    const turns = run(floor, [evaluation({ cost: 100, value: 1 }), evaluation({ value: 1e6 })]);
    expect(told(turns[1] ?? turns[0] ?? { state: initialState, decision: { measures: [], alerts: [] } })).toEqual(['info roi_floor_clear']);
    expect(last(turns).asked).toEqual([engine]);
  });

  test('a reason that clears proposes only what no other reason holds', () => {
    const floor = settingsWith({ roiGracePeriod: 1, budgetCap: 100, actions: { ...settings.actions, roi_floor: [engine, arena] } });
    const turns = run(floor, [evaluation({ cost: 85, value: 1 }), evaluation({ value: 1e6 })]);
    expect(turns[1]?.decision.measures).toMatchObject([{ kind: 'proposeClear', reason: 'roi_floor', actions: [arena] }]);
  });

  test('decides on the reference’s doubles: ten times 0.1 is not 1', () => {
    const turns = run(
      settingsWith({ roiFloor: 0, budgetCap: 1, budgetSoftRatio: 1 }),
      Array.from({ length: 11 }, () => expansion(0.1)),
    );
    expect(turns[9]?.state).toMatchObject({ totalCost: 0.9999999999999999, stop: null });
    expect(turns[10]?.state.stop).not.toBeNull();
  });

  test('amounts that a double’s sum can’t show are spending all the same', () => {
    const cap = settingsWith({ roiFloor: 0, budgetCap: 2 ** 53 + 2 ** 24, budgetSoftRatio: 1 });
    const start = { ...initialState, totalCost: 2 ** 53, lostCost: 2 ** 24 - 3 };
    const turns = run(cap, [expansion(1), expansion(1), expansion(1)], start);
    expect(turns.map(({ state }) => [state.totalCost, state.stop !== null])).toEqual([
      [2 ** 53, false],
      [2 ** 53, false],
      [2 ** 53, true],
    ]);
  });
});

describe('failure streaks', () => {
  const fail = (agent: string) => evaluation({ agent, success: false });
  const succeed = (agent: string) => evaluation({ agent, success: true });

  test('five failures in a row prune an agent, once', () => {
    const turns = run(settings, [...[1, 2, 3, 4].map(() => fail('a')), fail('b'), fail('a'), fail('a'), succeed('a'), fail('a')]);
    expect(turns.flatMap(told)).toEqual(['prune a', 'critical failure_streak']);
    expect(turns[5]?.decision.measures).toEqual([{ kind: 'prune', reason: 'failure_streak', agent: 'a', failures: 5 }]);
    expect(snapshotOf(last(turns)).prunedAgents).toEqual(['a']);
  });

  test('a success resets, or takes one back', () => {
    const events = [fail('a'), fail('a'), succeed('a'), fail('a'), fail('a')];
    const threshold = (successReset: boolean) => settingsWith({ failureStreak: { threshold: 3, successReset } });
    expect(run(threshold(true), events).flatMap(told)).toEqual([]);
    expect(run(threshold(false), events).flatMap(told)).toEqual(['prune a', 'critical failure_streak']);
    expect(last(run(threshold(false), [succeed('a')])).failures).toEqual({});
  });

  test.each([
    ['a reward below the threshold', { reward: 0.59 }, true],
    ['a reward at the threshold', { reward: 0.6 }, false],
    ['a success that is said counts before a reward', { reward: 0, success: true }, false],
    ['a reward counts before value and cost', { reward: 1, value: 0, cost: 9 }, false],
    ['a value below the cost', { value: 0, cost: 5 }, true],
    ['a value at the cost', { value: 5, cost: 5 }, false],
    ['a value without cost', { value: 0 }, false],
    ['a cost without value', { cost: 5 }, false],
    ['nothing', {}, false],
  ])('%s', (_name, more, failed) => {
    const once = settingsWith({ failureStreak: { threshold: 1, successReset: true } });
    expect(snapshotOf(last(run(once, [evaluation({ agent: 'a', ...more })]))).prunedAgents).toEqual(failed ? ['a'] : []);
  });

  test('expansions and evaluations without an agent count for none', () => {
    const once = settingsWith({ failureStreak: { threshold: 1, successReset: true } });
    expect(last(run(once, [expansion(0, { agent: 'a', success: false }), evaluation({ success: false })])).pruned).toEqual({});
  });

  test('agents named like what every object has are agents', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const twice = settingsWith({ failureStreak: { threshold: 2, successReset: true } });
    const first = last(run(twice, names.map(fail)));
    // As it would come back from disk.
    const back = JSON.parse(JSON.stringify(first)) as SentinelState;
    expect(Object.keys(back.failures).sort()).toEqual([...names].sort());
    expect(snapshotOf(last(run(twice, names.map(fail), back))).prunedAgents).toEqual([...names].sort());
    expect(({} as { event?: unknown }).event).toBeUndefined();
  });

  test('flags that the reason names are asked for besides', () => {
    const pausing = settingsWith({ failureStreak: { threshold: 1, successReset: true }, actions: { ...settings.actions, failure_streak: [engine] } });
    const turns = run(pausing, [fail('a'), fail('b')]);
    expect(turns.map(told)).toEqual([
      ['prune a', 'pause failure_streak', 'critical failure_streak', 'critical failure_streak'],
      ['prune b', 'critical failure_streak'],
    ]);
  });

  test('more failing agents than are followed are told once, and cost no memory', () => {
    const failures = Object.fromEntries(Array.from({ length: followedAgents }, (_, i) => [`a${i}`, 1]));
    const turns = run(settings, [fail('x'), fail('y'), fail('a1')], { ...initialState, failures });
    expect(turns.map(told)).toEqual([['warning agents_unfollowed'], [], []]);
    expect([Object.keys(last(turns).failures).length, last(turns).failures['a1']]).toEqual([followedAgents, 2]);
  });
});

describe('changed settings', () => {
  const spent = last(run(settingsWith({ roiFloor: 0, budgetCap: 100 }), [expansion(100)]));

  test('a cap raised above the cost is watched anew, alerts included; clearing is proposed', () => {
    const raised = settingsWith({ roiFloor: 0, budgetCap: 1_000 });
    const turn = applySettings(raised, spent);
    expect(turn.decision.measures).toMatchObject([
      { kind: 'proposeClear', reason: 'budget_stop', actions: [arena] },
      { kind: 'proposeClear', reason: 'budget_soft', actions: [engine] },
    ]);
    expect(snapshotOf(turn.state)).toMatchObject({ pauseReasons: [], stopRequested: false, totalCost: 100 });
    expect(told(reduce(raised, turn.state, expansion(900)))).toEqual([
      'pause budget_soft',
      'pause budget_stop',
      'requestStop budget_cap',
      'warning budget_soft',
      'critical budget_stop',
      'critical budget_cap',
    ]);
  });

  test('a cap that is still spent changes nothing', () => {
    const turn = applySettings(settingsWith({ budgetCap: 100 }), spent);
    expect(turn).toEqual({ state: spent, decision: { measures: [], alerts: [] } });
  });

  test('a raised soft ratio alone leaves the stop', () => {
    const soft = last(run(settingsWith({ roiFloor: 0, budgetCap: 100, budgetSoftRatio: 0.5 }), [expansion(60)]));
    const turn = applySettings(settingsWith({ budgetCap: 100, budgetSoftRatio: 0.9 }), soft);
    expect(told(turn)).toEqual(['proposeClear budget_soft', 'info budget_soft_clear']);
  });
});

test('the state survives as JSON, and decides on as before', () => {
  const events = [evaluation({ agent: 'a', cost: 10, value: 5, success: false, id: 'e-1', from: 'events.ndjson:1' }), expansion(90_000)];
  const state = last(run(settings, events));
  const back = JSON.parse(JSON.stringify(state)) as SentinelState;
  expect(back).toEqual(state);
  expect(reduce(settings, back, expansion(20_000))).toEqual(reduce(settings, state, expansion(20_000)));
});

test('the origins name events, settings and formulas', () => {
  const state = last(run(settings, [evaluation({ cost: 10, value: 5, id: 'e-1', from: 'events.ndjson:1' }), expansion(90_000, { from: 'http' })]));
  expect(originsOf(state, settings)).toMatchObject({
    totalValue: '1 evaluation, last by event 1 (id e-1, events.ndjson:1)',
    totalCost: '1 expansion and 1 evaluation, last by event 2 (http)',
    pauseReasons: 'budget_soft since event 2 (http) (cost 90010.00, soft cap 80000.00)',
    prunedAgents: 'no event',
  });
});
