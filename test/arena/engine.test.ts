// The HGM engine against a plain model of the same rules, and its sampler against the distribution's known moments.
import { describe, expect, test } from 'vitest';
import { childLimit, type EngineSettings, type EngineState, newEngine, nextAction, reduceEngine } from '../../src/arena/engine.ts';
import { type Random, seededRandom } from '../../src/arena/random.ts';
import { sampleBeta } from '../../src/arena/sample-beta.ts';
import { PlainTree } from './plain-tree.ts';

const settings: EngineSettings = { wideningAlpha: 0.5, minVisitations: 1, thompsonPrior: 1, open: true };
const family = (parent: string): string[] => {
  const depth = parent.split('/').length;
  return depth > 3 ? [] : Array.from({ length: 5 - depth }, (_, i) => `${parent}/${'abcd'[i]}`);
};
const never: Random = () => {
  throw new Error('no chance was to be taken');
};

function grown(...evaluations: [path: string, success: boolean][]): EngineState {
  return evaluations.reduce((state, [path, success]) => reduceEngine(state, { type: 'evaluated', path, reward: success ? 1 : 0, success }), newEngine());
}

describe('the sampler', () => {
  const count = process.env['MOORING_FULL'] === '1' ? 200_000 : 40_000;
  test.each([
    [1, 1],
    [0.5, 0.5],
    [0.25, 3],
    [2, 5],
    [30, 10],
    [700, 300],
    [0.05, 0.02],
  ])('Beta(%d, %d) has its mean, variance and third moment', (a, b) => {
    const random = seededRandom(`beta ${a} ${b}`);
    const samples = Array.from({ length: count }, () => sampleBeta(a, b, random));
    expect(samples.every((sample) => sample >= 0 && sample <= 1)).toBe(true);
    const moment = (k: number): number => samples.reduce((sum, sample) => sum + sample ** k, 0) / count;
    // E[X^k] = product of (a + i) / (a + b + i); five standard errors, the seed being fixed.
    const exact = (k: number): number => Array.from({ length: k }, (_, i) => (a + i) / (a + b + i)).reduce((x, y) => x * y, 1);
    for (const k of [1, 2, 3]) {
      const error = Math.sqrt(Math.max(exact(2 * k) - exact(k) ** 2, 0) / count);
      expect(Math.abs(moment(k) - exact(k)), `moment ${k}`).toBeLessThan(5 * error);
    }
  });

  test('extreme parameters give numbers, and senseless ones an error', () => {
    const random = seededRandom('extreme');
    for (const [a, b] of [
      [1e-3, 1e-3],
      [1e-6, 1e-6],
      [1e9, 1],
      [0.01, 1e7],
    ] as const)
      for (let i = 0; i < 500; i++) expect(sampleBeta(a, b, random)).toSatisfy((x: number) => x >= 0 && x <= 1);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => sampleBeta(bad, 1, random)).toThrow(RangeError);
  });

  test('is the same for the same seed, and spreads evenly', () => {
    const take = (seed: string): number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
    const random = seededRandom('even');
    const bins = new Array<number>(20).fill(0);
    for (let i = 0; i < 40_000; i++) {
      const bin = Math.floor(random() * 20);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chi = bins.reduce((sum, found) => sum + (found - 2_000) ** 2 / 2_000, 0);
    expect(chi).toBeLessThan(43.8);
  });
});

describe('the engine', () => {
  test.each([
    [0, 0.5, 1, 1],
    [3, 0.5, 1, 1],
    [4, 0.5, 1, 2],
    [9, 0.5, 1, 3],
    [0, 0.5, 16, 4],
    [2, 1.5, 1, 2],
    [100, 0.25, 1, 3],
  ])('after %d visits a node takes, at alpha %d and at least %d visits, %d children', (visits, wideningAlpha, minVisitations, limit) => {
    expect(childLimit({ visits }, { ...settings, wideningAlpha, minVisitations })).toBe(limit);
  });

  test('expands where there is room, and samples where there is none', () => {
    expect(nextAction(newEngine(), { settings, candidates: family, random: never })).toEqual({ type: 'expand', path: 'root/a' });
    const one = grown(['root/a', true]);
    expect(nextAction(one, { settings, candidates: (path) => (path === 'root' ? ['root/a', 'root/b'] : []), random: seededRandom('x') })).toEqual({
      type: 'evaluate',
      path: 'root/a',
    });
  });

  test('a reward counts for the node and all above it, and for nothing beside it', () => {
    const state = grown(['root/a/b', true], ['root/a', false], ['root/c', true]);
    const counts = ['root', 'root/a', 'root/a/b', 'root/c'].map((path) => {
      const { visits, successes, failures, reward } = state.get(path) as NonNullable<ReturnType<EngineState['get']>>;
      return [visits, successes, failures, reward];
    });
    expect(counts).toEqual([
      [3, 2, 1, 2],
      [2, 1, 1, 1],
      [1, 1, 0, 1],
      [1, 1, 0, 1],
    ]);
  });

  test('a closed gate yields no action, whatever there is room for', () => {
    expect(nextAction(newEngine(), { settings: { ...settings, open: false }, candidates: family, random: never })).toBeNull();
    expect(nextAction(grown(['root/a', true]), { settings: { ...settings, open: false }, candidates: family, random: never })).toBeNull();
  });

  test('what is pruned is never chosen, and with it all that is below', () => {
    const state = reduceEngine(grown(['root/a/x', true], ['root/a/x', true], ['root/b', false]), { type: 'pruned', path: 'root/a' });
    for (let i = 0; i < 50; i++)
      expect(nextAction(state, { settings, candidates: () => [], random: seededRandom(`${i}`) })).toEqual({ type: 'evaluate', path: 'root/b' });
    const none = reduceEngine(state, { type: 'pruned', path: 'root/b' });
    expect(nextAction(none, { settings, candidates: () => [], random: never })).toBeNull();
  });

  test('the better arm is chosen more often, and the other not never', () => {
    const state = grown(...Array.from({ length: 20 }, (_, i) => [i % 2 === 0 ? 'root/a' : 'root/b', i % 2 === 0 || i % 5 === 0] as [string, boolean]));
    const random = seededRandom('arms');
    const chosen = Array.from({ length: 300 }, () => nextAction(state, { settings: { ...settings, thompsonPrior: 3 }, candidates: () => [], random })?.path);
    const good = chosen.filter((path) => path === 'root/a').length;
    expect(good).toBeGreaterThan(250);
    expect(good).toBeLessThan(300);
  });

  test('a path that does not begin at the root is refused', () => {
    expect(() => reduceEngine(newEngine(), { type: 'expanded', path: 'elsewhere/a' })).toThrow(RangeError);
  });

  const lives = process.env['MOORING_FULL'] === '1' ? 400 : 60;
  test('does step by step what a plain model of the rules does', () => {
    for (let life = 0; life < lives; life++) liveTwice(life);
  });
});

/** Sixty steps of one random life, by the engine and by the plain model. */
function liveTwice(life: number): void {
  const chance = seededRandom(`life ${life}`);
  const own = { wideningAlpha: 0.25 + chance() * 1.2, minVisitations: 1 + Math.floor(chance() * 5), thompsonPrior: 0.2 + chance() * 3 };
  const plain = new PlainTree(seededRandom(`choices ${life}`));
  const random = seededRandom(`choices ${life}`);
  let state = newEngine();
  for (let step = 0; step < 60; step++) {
    const settings = { ...own, open: chance() > 0.05 };
    const action = nextAction(state, { settings, candidates: family, random });
    expect(action, `life ${life}, step ${step}`).toEqual(plain.next(settings, family));
    const [success, prunes] = [chance() < 0.5, chance() < 0.05];
    if (action === null) continue;
    state = reduceEngine(state, { type: 'evaluated', path: action.path, reward: success ? 1 : 0, success });
    plain.record(action.path, success);
    if (prunes) state = reduceEngine(state, { type: 'pruned', path: action.path });
    if (prunes) plain.prune(action.path);
  }
}
