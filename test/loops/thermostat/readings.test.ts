// Guards on readings: what is not to be believed never reaches the window, and a period's readings become one sample.
import { describe, expect, test } from 'vitest';
import type { Guards } from '../../../src/loops/thermostat/settings.ts';
import { makeStage, noon, said, sampleOf, times } from './stage.ts';

describe('a reading is refused', () => {
  const cases: readonly [why: string, guards: Partial<Guards>, roi: number, at: number | null][] = [
    ['implausible', { plausible: 1_000 }, 1_000.1, noon],
    ['implausible', { plausible: 1_000 }, 1e308, noon],
    ['implausible', { plausible: 1_000 }, -0.1, noon],
    ['stale', { maxAge: 300 }, 1, noon - 301],
    ['future', { maxAhead: 60 }, 1, noon + 61],
    ['no-timestamp', { maxAge: 300 }, 1, null],
    ['no-timestamp', { order: true }, 1, null],
    ['replayed', { order: true }, 1, noon - 10],
    ['out-of-order', { order: true }, 1, noon - 11],
  ];
  test.each(cases)('%s', (why, guards, roi, at) => {
    for (const [on, expected] of [
      [guards, `refused ${why}`],
      [{}, 'filling window-not-full'],
    ] as const) {
      const stage = makeStage({ guards: on });
      stage.send({ type: 'sample', at: noon - 10, sample: sampleOf(1, noon - 10) });
      const before = stage.state;
      const decision = stage.send({ type: 'sample', at: noon, sample: sampleOf(roi, at) });
      expect(said(decision === null ? [] : [decision])).toEqual([expected]);
      if (on === guards) expect(stage.state).toEqual(before);
    }
  });

  test.each<[string, Partial<Guards>, number, number]>([
    ['as old as may be', { maxAge: 300 }, 1, noon - 300],
    ['as far ahead as may be', { maxAhead: 60 }, 1, noon + 60],
    ['at the most that is plausible', { plausible: 1_000 }, 1_000, noon],
    ['at zero', { plausible: 1_000 }, 0, noon],
  ])('but not %s', (_, guards, roi, at) => {
    expect(makeStage({ guards }).send({ type: 'sample', at: noon, sample: sampleOf(roi, at) })?.kind).toBe('filling');
  });
});

describe('a long hole', () => {
  test('empties the window', () => {
    const stage = makeStage({ guards: { maxGap: 600 } });
    stage.feed(1, 1);
    stage.now += 541;
    expect(stage.feed(1)[0]).toMatchObject({ kind: 'filling', filled: 1 });
  });

  test('a shorter one does not', () => {
    const stage = makeStage({ guards: { maxGap: 600 } });
    stage.feed(1, 1);
    stage.now += 540;
    expect(stage.feed(1)[0]).toMatchObject({ kind: 'raise', filled: 3 });
  });
});

describe('a period', () => {
  const guards = { period: 3_600, minReadings: 3 } as const;

  test('is one sample, the median of its readings, when one of the next period comes', () => {
    const stage = makeStage({ guards });
    expect(said(stage.feed(2, 900, 2.1, 1.9, 0))).toEqual(times(5, 'collecting period-open'));
    stage.now = noon + 3_600;
    expect(stage.feed(7)[0]).toMatchObject({ kind: 'filling', roi: 2, at: noon + 3_600, filled: 1 });
    expect(stage.state.period?.readings).toEqual([7]);
  });

  test('with few readings is none', () => {
    const stage = makeStage({ guards });
    stage.feed(1, 1);
    stage.now = noon + 3_600;
    expect(said(stage.feed(1))).toEqual(['refused too-few']);
    expect(stage.state.window).toEqual([]);
  });

  test('that is over is not opened again', () => {
    const stage = makeStage({ guards });
    stage.now = noon + 3_600;
    stage.feed(1);
    stage.now = noon + 3_599;
    expect(said(stage.feed(1))).toEqual(['refused out-of-order']);
  });

  test('ends by the clock where nothing more comes, once late readings had their time', () => {
    const stage = makeStage({ guards: { ...guards, maxAge: 300 } });
    stage.feed(1, 2, 3);
    expect(stage.send({ type: 'tick', at: noon + 3_899 })).toMatchObject({ kind: 'refused', why: 'silent' });
    expect(stage.send({ type: 'tick', at: noon + 3_900 })).toMatchObject({ kind: 'filling', roi: 2, at: noon + 3_600 });
    expect(stage.send({ type: 'tick', at: noon + 3_960 })).toMatchObject({ kind: 'refused', why: 'silent' });
    expect(said([stage.send({ type: 'sample', at: noon + 3_961, sample: sampleOf(1, noon + 3_599) }) ?? never()])).toEqual(['refused stale']);
    expect(said([stage.send({ type: 'sample', at: noon + 3_800, sample: sampleOf(1, noon + 3_599) }) ?? never()])).toEqual(['refused out-of-order']);
  });

  test('takes no more readings than a sound source has', () => {
    const stage = makeStage({ guards: { period: 3_600 } });
    stage.feed(1);
    stage.state = { ...stage.state, period: { index: Math.floor(noon / 3_600), readings: times(50_000, 1) } };
    expect(said(stage.feed(1))).toEqual(['refused too-many']);
  });
});

describe('silence', () => {
  test('is told with an alert as soon as the latest reading is stale', () => {
    const stage = makeStage({ guards: { maxAge: 300 } });
    expect(stage.send({ type: 'tick', at: noon })).toBeNull();
    stage.feed(1);
    expect(stage.send({ type: 'tick', at: noon + 300 })).toBeNull();
    expect(stage.send({ type: 'tick', at: noon + 301 })).toMatchObject({ kind: 'refused', why: 'silent', alerts: [{ type: 'silent' }] });
  });

  test('is nobody’s business where staleness is not watched, or the engine is paused', () => {
    const stage = makeStage();
    stage.feed(1);
    expect(stage.send({ type: 'tick', at: noon + 1e6 })).toBeNull();
    const paused = makeStage({ guards: { maxAge: 300, pause: true } });
    paused.feed(1);
    paused.send({ type: 'sentinel', at: noon, paused: true });
    expect(paused.send({ type: 'tick', at: noon + 1e6 })).toBeNull();
  });
});

function never(): never {
  throw new Error('no decision');
}
