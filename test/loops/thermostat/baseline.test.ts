// Two baselines of ROI: lift, drawdown, and when it is finance's business.
import { describe, expect, test } from 'vitest';
import { baselineLine, compareBaselines, targetsIn } from '../../../src/loops/thermostat/baseline.ts';
import { parseSamples } from '../../../src/loops/thermostat/samples.ts';

const context = { environment: 'local', block: '7', targets: { targetRoi: 2, wideningAlpha: 0.5 }, settings: { roiWindow: '12' }, query: 'hgm_roi' };
const sample = { at: 1_750_000_000.25, roi: 1.93, gmv: 0, cost: 0, successes: 0, failures: 0 };

test('a line of a baseline is a sample of a history', () => {
  const line = baselineLine(sample, context);
  expect(parseSamples('x', Buffer.from(line + line))).toEqual([sample, sample]);
  expect(JSON.parse(line)).toEqual({ timestamp: sample.at, roi: 1.93, ...context });
});

describe('the change', () => {
  test.each<[name: string, old: number[], fresh: number[], by: number, certain: boolean, exceeded: boolean]>([
    ['none', [2, 2.1, 1.9], [2, 2.1, 1.9], 0, false, false],
    ['a small lift, certain', [2, 2.001, 1.999], [2.1, 2.101, 2.099], 0.05, true, false],
    ['ten per cent, which is not more than ten', [2, 2.001, 1.999], [2.2, 2.201, 2.199], 0.1, true, false],
    ['ten per cent, of which doubles make a hair more', [1, 1], [1.1, 1.1], 0.1, true, false],
    ['more than ten per cent up', [2, 2.001, 1.999], [2.201, 2.202, 2.2], 0.1005, true, true],
    ['more than ten per cent down', [2, 2.001, 1.999], [1.799, 1.8, 1.798], -0.1005, true, true],
    ['as much, and it may be scatter: told all the same', [1, 3, 2], [1, 2.5, 1], -0.25, false, true],
    ['of a negative baseline upwards', [-1, -1.001, -0.999], [-0.5, -0.501, -0.499], 0.5, true, true],
  ])('%s', (_name, old, fresh, by, certain, exceeded) => {
    const compared = compareBaselines(old, fresh);
    expect(compared.relative?.by).toBeCloseTo(by, 9);
    expect([compared.certain, compared.exceeded]).toEqual([certain, exceeded]);
    expect(compared.difference.from).toBeLessThanOrEqual(compared.difference.by);
  });

  test('from zero there is no share: any change is told', () => {
    expect(compareBaselines([0, 0], [1, 1])).toMatchObject({ relative: null, exceeded: true });
    expect(compareBaselines([0, 0], [0, 0])).toMatchObject({ relative: null, exceeded: false });
  });
});

test('targets are those of its lines, each set once, and nothing else is taken for one', () => {
  const moved = { ...context, targets: { ...context.targets, wideningAlpha: 0.6 } };
  const text = [context, context, moved, context].map((one) => baselineLine(sample, one)).join('');
  expect(targetsIn(text)).toEqual([context.targets, moved.targets]);
  expect(targetsIn('{"targets": [1]}\n{"targets": null}\nx\n[]\nnull\n{"targets": {"a b": 1, "x": "1"}}\n')).toEqual([]);
});
