// What the loop learns of its own moves: whether ROI answers, and when it is time to ask for more than a small step.
import { describe, expect, test } from 'vitest';
import type { RoiRule, ThermostatDecision } from '../../../src/loop-types.ts';
import { makeStage, noon, type Stage, said } from './stage.ts';

/** Window and cooldown, so that one move's test is six samples. */
const tuning = { window: 4, cooldown: 2 };
const guards = { fresh: true, response: 0 } as const;

/** Applies the move of the last decision, and feeds a cycle at this ROI. */
function answer(stage: Stage, move: ThermostatDecision | undefined, roi: number): ThermostatDecision | undefined {
  stage.apply(move);
  return stage.feed(roi, roi, roi, roi, roi, roi).at(-1);
}

describe('wrong sign', () => {
  const begin = (more = {}): { stage: Stage; first: ThermostatDecision | undefined } => {
    const stage = makeStage({ tuning, guards: { ...guards, ...more } });
    return { stage, first: stage.feed(1, 1, 1, 1).at(-1) };
  };

  test('two moves in a row without response stop the loop, raise an alert, and ask to take both back', () => {
    const { stage, first } = begin();
    const second = answer(stage, first, 0.9);
    expect(second).toMatchObject({ kind: 'raise', alerts: [] });
    const stop = answer(stage, second, 0.9);
    expect(stop).toMatchObject({ kind: 'stopped', why: 'no-response', alerts: [{ type: 'no-response' }] });
    expect(stop?.moves[0]?.from).toBe(0.6000000000000001);
    expect(stop?.moves.map(({ field, to }) => [field, Number(to.toFixed(9))])).toEqual([
      ['wideningAlpha', 0.55],
      ['thompsonPrior', 1.1],
    ]);
    const rest = answer(stage, stop, 1);
    expect(rest?.moves.map(({ to }) => to)).toEqual([0.5, 1]);
    expect(answer(stage, rest, 1)).toMatchObject({ kind: 'stopped', moves: [], alerts: [] });
  });

  test('a surge is judged the other way round', () => {
    const stage = makeStage({ tuning, guards });
    const second = answer(stage, stage.feed(3, 3, 3, 3).at(-1), 3.1);
    expect(answer(stage, second, 3.2)?.kind).toBe('stopped');
    const sound = makeStage({ tuning, guards });
    const next = answer(sound, sound.feed(3, 3, 3, 3).at(-1), 2.9);
    expect(answer(sound, next, 2.8)?.kind).toBe('lower');
  });

  test('one without response and one with it go on', () => {
    const { stage, first } = begin();
    const second = answer(stage, first, 0.9);
    const third = answer(stage, second, 1);
    expect(third?.kind).toBe('raise');
    expect(answer(stage, third, 0.9)?.kind).toBe('raise');
  });

  test('a response smaller than asked for is none', () => {
    const { stage, first } = begin({ response: 0.06 });
    expect(answer(stage, answer(stage, first, 1.1), 1.2)?.kind).toBe('stopped');
    const { stage: other, first: start } = begin({ response: 0.04 });
    expect(answer(other, answer(other, start, 1.1), 1.2)?.kind).toBe('raise');
  });

  test('nothing stops, where the guard is off', () => {
    const { stage, first } = begin({ response: null });
    expect(answer(stage, answer(stage, first, 0.9), 0.8)?.kind).toBe('raise');
  });

  test('ROI that came back clears the first', () => {
    const { stage, first } = begin();
    const second = answer(stage, first, 0.9);
    expect(answer(stage, second, 2)?.kind).toBe('inside');
    expect(stage.state.failures).toBeNull();
  });

  test('what somebody else changed meanwhile is no test of the loop’s move', () => {
    const { stage, first } = begin();
    const second = answer(stage, first, 0.9);
    stage.apply(second);
    stage.send({ type: 'applied', at: stage.now, values: { wideningAlpha: 0.3 } });
    expect(stage.feed(0.8, 0.8, 0.8, 0.8, 0.8, 0.8).at(-1)?.kind).toBe('raise');
  });

  test('stopped is stopped, until a human lets it go on', () => {
    const { stage, first } = begin();
    answer(stage, answer(stage, first, 0.9), 0.9);
    expect(new Set(said(stage.feed(1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9)))).toEqual(new Set(['stopped no-response']));
    stage.send({ type: 'resumed', at: stage.now });
    expect(said(stage.feed(1, 1, 1, 1)).at(-1)).toBe('raise dip');
  });

  test('taking back waits for the cooldown too, also without a fresh window', () => {
    const stage = makeStage({ tuning, guards: { response: 0 } });
    stage.apply(stage.feed(1, 1, 1, 1).at(-1));
    stage.propose(stage.feed(1, 1, 1, 1, 1, 1).at(-1));
    stage.send({ type: 'applied', at: stage.now, values: { wideningAlpha: 0.6, thompsonPrior: 1.2 } });
    const stop = stage.feed(1, 1, 1, 1, 1, 1).at(-1);
    expect([stop?.kind, stop?.moves.length]).toEqual(['stopped', 2]);
    stage.apply(stop);
    expect(stage.feed(1, 1, 1).map(({ moves }) => moves.length)).toEqual([0, 0, 2]);
  });

  test('what is back but for less than a proposal can say is back', () => {
    const { stage, first } = begin();
    const stop = answer(stage, answer(stage, first, 0.9), 0.9);
    stage.propose(stop);
    stage.send({ type: 'applied', at: stage.now, values: { wideningAlpha: 0.5000004, thompsonPrior: 0.9999996 } });
    expect(stage.feed(1, 1, 1, 1, 1, 1).at(-1)).toMatchObject({ kind: 'stopped', moves: [] });
  });

  test('a taking back that a human closed is not asked for again; one in a freeze waits', () => {
    const { stage, first } = begin();
    const stop = answer(stage, answer(stage, first, 0.9), 0.9);
    stage.propose(stop);
    expect(stage.feed(1)[0]).toMatchObject({ kind: 'stopped', withdraw: false });
    stage.send({ type: 'closed', at: stage.now, by: 'human' });
    expect(stage.feed(1)[0]).toMatchObject({ kind: 'stopped', moves: [] });
    const frozen = makeStage({ tuning, guards: { ...guards, freeze: true }, more: { freezes: [{ from: noon + 900, to: noon + 1_800, reason: 'holidays' }] } });
    const second = answer(frozen, frozen.feed(1, 1, 1, 1).at(-1), 0.9);
    expect(answer(frozen, second, 0.9)).toMatchObject({ kind: 'stopped', moves: [], alerts: [{ type: 'no-response' }] });
    frozen.now = noon + 1_800;
    expect(frozen.feed(1)[0]?.moves).toHaveLength(2);
  });
});

describe('control cycles', () => {
  const begin = (roi: number, escalate: number | null = 2): Stage => {
    const stage = makeStage({ tuning, guards: { escalate } });
    stage.propose(stage.feed(roi, roi, roi, roi).at(-1));
    return stage;
  };
  const alertsAt = (stage: Stage, rois: readonly number[]): [number, unknown][] =>
    stage.feed(...rois).flatMap(({ alerts }, i) => alerts.map((alert): [number, unknown] => [i + 1, alert]));
  const low = Array<number>(40).fill(1);

  test('two without ROI being back escalate once, though nobody approved anything: a cycle is a window and the cooldown', () => {
    expect(alertsAt(begin(1), low)).toEqual([[12, { type: 'not-restored', cycles: 2, pause: true }]]);
  });

  test('also where every proposal was applied', () => {
    const stage = makeStage({ tuning, guards: { escalate: 2, fresh: true } });
    const first = stage.feed(1, 1, 1, 1).at(-1);
    const second = answer(stage, first, 1);
    expect(second).toMatchObject({ kind: 'raise', alerts: [] });
    expect(answer(stage, second, 1)).toMatchObject({ kind: 'raise', alerts: [{ type: 'not-restored', cycles: 2, pause: true }] });
  });

  test('or where a human closed the proposal', () => {
    const stage = begin(1);
    stage.send({ type: 'closed', at: stage.now, by: 'human' });
    expect(alertsAt(stage, low).map(([at]) => at)).toEqual([12]);
  });

  test('updating the proposal doesn’t begin them anew', () => {
    const stage = begin(1);
    const [later] = stage.feed(1, 1, 1, 1, 1).slice(-1);
    stage.propose(later);
    expect(alertsAt(stage, low).map(([at]) => at)).toEqual([7]);
  });

  test('a surge asks for no pause', () => {
    expect(alertsAt(begin(3), Array<number>(40).fill(3))).toEqual([[12, { type: 'not-restored', cycles: 2, pause: false }]]);
  });

  test('ROI that was back once ends them', () => {
    expect(alertsAt(begin(1), [...low.slice(0, 8), 5, 5, 1, 1, 1, ...low.slice(0, 20)])).toEqual([]);
  });

  test('with nothing left to propose they run all the same', () => {
    const stage = makeStage({ tuning: { ...tuning, maxWideningAlpha: 0.5, maxThompsonPrior: 1 }, guards: { escalate: 2 } });
    expect(stage.feed(1, 1, 1, 1).at(-1)?.kind).toBe('saturated');
    expect(alertsAt(stage, low)).toEqual([[12, { type: 'not-restored', cycles: 2, pause: true }]]);
  });

  test('the number of them is a setting, and none is', () => {
    expect(alertsAt(begin(1, 1), low).map(([at]) => at)).toEqual([6]);
    expect(alertsAt(begin(1, null), low)).toEqual([]);
  });

  test('a second cause begins its own', () => {
    const stage = begin(1);
    stage.propose(stage.feed(9, 9).at(-1));
    expect(stage.state.cycle?.rule satisfies RoiRule | undefined).toBe('surge');
  });
});
