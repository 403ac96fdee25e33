// From a decision to its effect: proposed, applied, closed; and the guards on what is proposed.
import { describe, expect, test } from 'vitest';
import { referenceKnobs, tuningDefaults } from '../../../src/loops/thermostat/settings.ts';
import { makeStage, noon, said, times } from './stage.ts';

const fresh = { fresh: true } as const;

describe('a move counts when it is applied', () => {
  test('until then the same is asked for again, with fresh evidence', () => {
    const stage = makeStage();
    const [first] = stage.feed(1, 1, 1).slice(-1);
    stage.propose(first);
    const [later] = stage.feed(1.3);
    expect(later).toMatchObject({ kind: 'raise', mean: (1 + 1 + 1.3) / 3, moves: first?.moves, cooldown: 0, withdraw: false });
    stage.send({ type: 'applied', at: stage.now, values: { wideningAlpha: 0.55, thompsonPrior: 1.1 } });
    expect(said(stage.feed(1, 1, 1))).toEqual(['cooling cooldown', 'cooling cooldown', 'raise dip']);
    expect(stage.state.values).toEqual({ wideningAlpha: 0.55, thompsonPrior: 1.1 });
  });

  test('values that differ by somebody else’s hand begin the cooldown too, and are what the next move starts from', () => {
    const stage = makeStage();
    stage.feed(1, 1);
    stage.send({ type: 'applied', at: noon, values: { wideningAlpha: 0.8, thompsonPrior: 1 } });
    expect(stage.feed(1, 1, 1).at(-1)).toMatchObject({ kind: 'raise', moves: [{ from: 0.8 }, { from: 1 }] });
  });

  test('values that are the same begin nothing', () => {
    const stage = makeStage({ guards: fresh });
    stage.feed(1, 1);
    stage.send({ type: 'applied', at: noon, values: stage.state.values });
    expect(said(stage.feed(1))).toEqual(['raise dip']);
  });

  test('a value that is no number is never taken', () => {
    expect(() => makeStage().send({ type: 'applied', at: noon, values: { wideningAlpha: Number.NaN } })).toThrow(TypeError);
  });

  test('with a fresh window, samples of the cooldown count for nothing', () => {
    const stage = makeStage({ guards: fresh });
    stage.apply(stage.feed(1, 1, 1).at(-1));
    expect(said(stage.feed(1, 1, 2, 2, 2))).toEqual([
      'cooling cooldown',
      'cooling cooldown',
      'filling window-not-full',
      'filling window-not-full',
      'inside in-band',
    ]);
  });
});

describe('an open proposal', () => {
  test('is withdrawn when ROI is back', () => {
    const stage = makeStage();
    stage.propose(stage.feed(1, 1, 1).at(-1));
    expect(stage.feed(9)[0]).toMatchObject({ kind: 'lower', withdraw: false });
    expect(stage.feed(1, 0).at(-1)?.kind).toBe('lower');
    const back = makeStage();
    back.propose(back.feed(1, 1, 1).at(-1));
    expect(back.feed(4)[0]).toMatchObject({ kind: 'inside', withdraw: true });
    back.send({ type: 'closed', at: back.now, by: 'loop' });
    expect(back.feed(1)[0]).toMatchObject({ kind: 'inside', withdraw: false });
  });

  test('that a human closed is not opened again for the same cause, until ROI was back', () => {
    const stage = makeStage();
    stage.propose(stage.feed(1, 1, 1).at(-1));
    stage.send({ type: 'closed', at: stage.now, by: 'human' });
    expect(said(stage.feed(1, 1, 4, 2))).toEqual(['inhibited closed-by-human', 'inhibited closed-by-human', 'inside in-band', 'lower surge']);
    expect(said(stage.feed(0, 0, 0)).at(-1)).toBe('raise dip');
  });

  test('that the loop closed may come again', () => {
    const stage = makeStage();
    stage.propose(stage.feed(1, 1, 1).at(-1));
    stage.send({ type: 'closed', at: stage.now, by: 'loop' });
    expect(said(stage.feed(1))).toEqual(['raise dip']);
  });

  test('a close of nothing is nothing', () => {
    const stage = makeStage();
    const before = stage.state;
    stage.send({ type: 'closed', at: noon, by: 'human' });
    expect(stage.state).toEqual(before);
  });
});

describe('bounds', () => {
  const live = (value: number, guards = {}) => {
    const stage = makeStage({ tuning: { window: 1 }, guards });
    stage.send({ type: 'applied', at: noon, values: { wideningAlpha: value, thompsonPrior: 3 } });
    stage.state = { ...stage.state, cooldown: 0 };
    return stage.feed(1)[0];
  };

  test('a value beyond them is left alone, and said', () => {
    expect(live(1.6, { bounds: true })).toMatchObject({ kind: 'refused', why: 'out-of-bounds', moves: [] });
    expect(live(1.6)).toMatchObject({ kind: 'raise', moves: [{ from: 1.6, to: 1.5 }] });
  });

  test('a value at them is in order', () => {
    expect(live(1.5, { bounds: true })).toMatchObject({ kind: 'saturated', why: 'at-bounds' });
  });
});

describe('a daily cap', () => {
  const knobs = referenceKnobs(tuningDefaults, { wideningAlpha: 0.08, thompsonPrior: 0.1 });
  const tuning = { window: 1, cooldown: 0 };

  test('cuts a move to what is left of it, and defers what is not', () => {
    const stage = makeStage({ tuning, more: { knobs } });
    stage.apply(stage.feed(1)[0]);
    const [second] = stage.feed(1);
    expect(second?.moves).toHaveLength(1);
    expect(second?.moves[0]?.to).toBeCloseTo(0.58, 12);
    stage.apply(second);
    expect(said(stage.feed(1))).toEqual(['deferred daily-cap']);
    stage.now = noon + 86_400;
    expect(said(stage.feed(1))).toEqual(['deferred daily-cap']);
    stage.now = noon + 86_400 + 120;
    expect(said(stage.feed(1))).toEqual(['raise dip']);
  });

  test('counts what others changed', () => {
    const stage = makeStage({ tuning, more: { knobs } });
    stage.send({ type: 'applied', at: noon, values: { wideningAlpha: 0.58, thompsonPrior: 1.1 } });
    expect(said(stage.feed(1))).toEqual(['deferred daily-cap']);
  });
});

describe('a freeze window', () => {
  const more = { freezes: [{ from: noon + 100, to: noon + 200, reason: 'holidays' }] };

  test('defers, and the evidence goes on', () => {
    const stage = makeStage({ tuning: { window: 1 }, guards: { freeze: true }, more });
    stage.now = noon + 99;
    expect(said(stage.feed(1))).toEqual(['raise dip']);
    stage.now = noon + 100;
    expect(said(stage.feed(1))).toEqual(['deferred freeze']);
    stage.now = noon + 200;
    expect(said(stage.feed(1))).toEqual(['raise dip']);
  });

  test('does not, where the guard is off', () => {
    const stage = makeStage({ tuning: { window: 1 }, more });
    stage.now = noon + 100;
    expect(said(stage.feed(1))).toEqual(['raise dip']);
  });
});

describe('a pause of the sentinel', () => {
  test('inhibits; what is measured meanwhile counts for nothing, and afterwards the window begins anew', () => {
    const stage = makeStage({ guards: { pause: true } });
    stage.feed(1, 1);
    stage.send({ type: 'sentinel', at: stage.now, paused: true });
    expect(said(stage.feed(1, 1))).toEqual(times(2, 'inhibited sentinel-pause'));
    stage.send({ type: 'sentinel', at: stage.now, paused: false });
    expect(said(stage.feed(1, 1, 1))).toEqual(['filling window-not-full', 'filling window-not-full', 'raise dip']);
  });

  test('does not, where the guard is off', () => {
    const stage = makeStage();
    stage.send({ type: 'sentinel', at: stage.now, paused: true });
    expect(said(stage.feed(1, 1, 1)).at(-1)).toBe('raise dip');
  });
});

describe('steps', () => {
  /** Applies a move against a dip or a surge, and says how far the widening went. */
  const run = (rois: readonly number[], guards = {}) => {
    const stage = makeStage({ tuning: { window: 1, cooldown: 0, minWideningAlpha: 0.01 }, guards });
    return rois.map((roi) => {
      const [decision] = stage.feed(roi);
      stage.apply(decision);
      return Math.round(((decision?.moves[0]?.to ?? 0) - (decision?.moves[0]?.from ?? 0)) * 1e6) / 1e6;
    });
  };

  test('are halved by each change of direction, down to an eighth, and doubled again by two moves in one', () => {
    expect(run([1, 3, 1, 3, 1, 3, 3, 3, 3, 3], { halve: true, steps: 2 })).toEqual([0.1, -0.05, 0.025, -0.0125, 0.0125, -0.0125, -0.025, -0.05, -0.1, -0.1]);
  });

  test('are not those of somebody else, whose change is no change of direction', () => {
    const stage = makeStage({ tuning: { window: 1, cooldown: 0 }, guards: { halve: true } });
    stage.apply(stage.feed(1)[0]);
    stage.send({ type: 'applied', at: stage.now, values: { wideningAlpha: 0.3 } });
    expect(stage.state).toMatchObject({ steps: 1, direction: 1 });
  });

  test('stay, where the guard is off', () => {
    expect(run([1, 3, 1, 3, 1], { steps: 2 })).toEqual([0.1, -0.1, 0.1, -0.1, 0.1]);
  });
});
