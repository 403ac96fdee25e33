// mooring thermostat replay as operators meet it: the reference to the last bit, or what an environment declares.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tuningDefaults } from '../../src/loops/thermostat/settings.ts';
import { type ReferenceSettings, runReference } from '../loops/thermostat/reference.ts';
import { type Desk, localFiles, makeDesk } from '../support/cli.ts';

const files = localFiles();
const start = { wideningAlpha: 0.5, thompsonPrior: 1 };
const begin = 1_750_000_000;

/** A dip, the way back, a surge, and what a broken exporter says. */
const rois = [...Array<number>(14).fill(1.7), 1.83, 1.9, 1.7, 1.65, 1.2, 2.2, ...Array<number>(16).fill(2.61), 1 / 3, 0.1, 0.7];

function ndjson(values: readonly number[], seconds = 15): string {
  return values.map((roi, i) => `${JSON.stringify({ timestamp: begin + i * seconds, roi })}\n`).join('');
}

type Said = {
  environment: string | null;
  settings: { name: string; value: string; from: string }[];
  samples: { sample: { roi: number | string }; decision: { kind: string; mean: number | null; moves: unknown[]; cooldown: number }; values: typeof start }[];
  end: typeof start;
};

let desk: Desk;

beforeEach(() => {
  desk = makeDesk(files);
  desk.write('roi.ndjson', ndjson(rois));
});
afterEach(() => desk.remove());

async function said(line: string): Promise<Said> {
  const { exit, stdout, stderr } = await desk.run(`thermostat replay ${line} --format json`);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as Said;
}

function steps({ samples }: Said) {
  return samples.map(({ decision: { mean, moves, cooldown }, values }) => ({ mean, moved: moves.length > 0, ...values, cooldown }));
}

const usual: ReferenceSettings = (({ window: roiWindow, cooldown: cooldownSteps, ...rest }) => ({ ...rest, roiWindow, cooldownSteps }))(tuningDefaults);

describe('without an environment it is the reference', () => {
  test('with its defaults, to the last bit', async () => {
    const found = steps(await said('roi.ndjson'));
    expect(found).toEqual(runReference(usual, start, rois));
    expect(found.filter(({ moved }) => moved).length).toBeGreaterThan(3);
  });

  test.each<[flag: string, setting: Partial<ReferenceSettings>]>([
    ['--target-roi 1.8', { targetRoi: 1.8 }],
    ['--lower-margin 0.2', { lowerMargin: 0.2 }],
    ['--upper-margin 0.5', { upperMargin: 0.5 }],
    ['--window 5', { roiWindow: 5 }],
    ['--widening-step 0.07', { wideningStep: 0.07 }],
    ['--min-widening-alpha 0.52', { minWideningAlpha: 0.52 }],
    ['--max-widening-alpha 0.53', { maxWideningAlpha: 0.53 }],
    ['--thompson-step 3e-2', { thompsonStep: 0.03 }],
    ['--min-thompson-prior 1.05', { minThompsonPrior: 1.05 }],
    ['--max-thompson-prior 1.1', { maxThompsonPrior: 1.1 }],
    ['--cooldown 0', { cooldownSteps: 0 }],
  ])('also with %s', async (flag, setting) => {
    const told = await said(`roi.ndjson ${flag}`);
    expect(steps(told)).toEqual(runReference({ ...usual, ...setting }, start, rois));
    expect(steps(told)).not.toEqual(runReference(usual, start, rois));
    expect(told.settings).toContainEqual(expect.objectContaining({ name: Object.keys(setting)[0], from: flag.split(' ')[0] }));
  });

  test('from a JSON list, with gmv and cost, without times, and with what is not finite', async () => {
    desk.write(
      'roi.json',
      `[{"gmv": 17, "cost": 10}, {"roi": NaN, "revenue": 3, "spend": 2}, {"timestamp": "2026-01-01T00:00:00Z", "roi": "1e400", "cost": 0}, {"roi": -Infinity, "gmv": 1e308, "cost": 1e-308}]`,
    );
    const { samples } = await said('roi.json --window 2');
    expect(samples.map(({ sample, decision }) => [sample.roi, decision.kind])).toEqual([
      [1.7, 'filling'],
      [1.5, 'raise'],
      [0, 'cooling'],
      ['Infinity', 'refused'],
    ]);
  });
});

describe('with an environment it has what that declares', () => {
  const declared = `apiVersion: mooring/v1
kind: Thermostat
roiWindow: 6
wideningStep: 0.04
cooldownSteps: 2
dailyCaps: { wideningAlpha: 0.06 }
guards: { periodSeconds: off, steps: 1 }
`;

  test('targets and start of EngineTargets, the rest of its file; no guards', async () => {
    desk.write('desired-state/local/loops/thermostat.yaml', declared);
    const engine = 'desired-state/local/contracts/engine-targets.yaml';
    desk.write(engine, desk.read(engine).replace('targetRoi: 2.0', 'targetRoi: 1.9').replace('wideningAlpha: 0.5', 'wideningAlpha: 0.7'));
    const told = await said('roi.ndjson --env local --thompson-step 0.2');
    const setting = { ...usual, targetRoi: 1.9, roiWindow: 6, wideningStep: 0.04, cooldownSteps: 2, thompsonStep: 0.2 };
    expect(steps(told)).toEqual(runReference(setting, { ...start, wideningAlpha: 0.7 }, rois));
    const from = (name: string) => told.settings.find((row) => row.name === name)?.from;
    expect([from('targetRoi'), from('roiWindow'), from('thompsonStep'), from('maxWideningAlpha'), from('guards')]).toEqual([
      expect.stringMatching(/engine-targets\.yaml:\d+$/),
      'desired-state/local/loops/thermostat.yaml:3',
      '--thompson-step',
      'default',
      'as the reference',
    ]);
  });

  test('and its guards and daily caps with --guarded', async () => {
    desk.write('desired-state/local/loops/thermostat.yaml', declared);
    desk.write('roi.ndjson', ndjson([...Array<number>(20).fill(1), 2_000, 1]));
    const told = await said('roi.ndjson --env local --guarded');
    expect(told.end.wideningAlpha).toBeCloseTo(0.56, 9);
    expect(told.samples.map(({ decision }) => decision.kind).slice(-2)[0]).toBe('refused');
    expect(told.settings).toContainEqual({ name: 'guards.periodSeconds', value: 'off', from: 'desired-state/local/loops/thermostat.yaml:7' });
    expect(told.settings).toContainEqual({ name: 'dailyCaps.wideningAlpha', value: '0.06', from: 'desired-state/local/loops/thermostat.yaml:6' });
  });

  test('a freeze of its policy defers, unless it lets both directions through', async () => {
    const policy = 'desired-state/local/policy.yaml';
    const freeze = (allow: string): string => `freezes:\n  - { from: 2025-01-01T00:00:00Z, to: 2026-01-01T00:00:00Z, reason: audit${allow} }\n`;
    const before = desk.read(policy);
    desk.write('desired-state/local/loops/thermostat.yaml', declared);
    for (const [allow, deferred] of [
      ['', true],
      [', allow: [reduce]', true],
      [', allow: [reduce, increase]', false],
    ] as const) {
      desk.write(policy, before + freeze(allow));
      const { samples } = await said('roi.ndjson --env local --guarded');
      expect(samples.some(({ decision }) => decision.kind === 'deferred')).toBe(deferred);
    }
  });

  test('by default a period of five hours makes a sample', async () => {
    desk.write('roi.ndjson', ndjson(Array<number>(120).fill(1.2), 3_600));
    const told = await said('roi.ndjson --env local --guarded');
    expect(told.samples.filter(({ decision }) => decision.moves.length > 0)).toHaveLength(1);
    expect(told.end).toEqual({ wideningAlpha: 0.6, thompsonPrior: 1.2 });
  });

  test('an error in its file ends with 65', async () => {
    desk.write('desired-state/local/loops/thermostat.yaml', `${declared}targetRoi: 2.5\n`);
    const { exit, stdout } = await desk.run('thermostat replay roi.ndjson --env local --format json');
    expect([exit, stdout.includes('SETTING_ELSEWHERE')]).toEqual([65, true]);
  });
});

describe('what people read', () => {
  test('each sample with its mean, band, decision and why', async () => {
    const { exit, stdout } = await desk.run('thermostat replay roi.ndjson --env local --dry-run --window 8');
    expect(exit).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/cli/thermostat-replay.txt');
  });

  test('with --quiet only what moved', async () => {
    const { stdout } = await desk.run('thermostat replay roi.ndjson --quiet');
    expect(stdout).toContain('raise');
    expect(stdout).not.toContain('filling');
  });
});

describe('what is refused', () => {
  test.each([
    ['--window 0', 'a window without samples'],
    ['--window 1.5', 'half a sample'],
    ['--target-roi NaN', 'no number'],
    ['--target-roi 0', 'a target of zero'],
    ['--lower-margin -0.1', 'a negative margin'],
    ['--cooldown 1e9', 'a cooldown without end'],
    ['--min-widening-alpha 2', 'a lower bound above the upper one'],
    ['--max-thompson-prior 0.1', 'an upper bound below the lower one'],
    ['--widening 1', 'an option that is none'],
    ['other.ndjson', 'two files'],
  ])('%s: %s', async (more) => {
    expect(await desk.run(`thermostat replay roi.ndjson ${more}`)).toMatchObject({ exit: 64, stdout: '' });
  });

  test.each([
    ['nowhere.ndjson', 'FILE_MISSING'],
    ['desired-state', 'FILE_NOT_REGULAR'],
    ['bad.ndjson', 'SAMPLES_INVALID'],
  ])('of %s ends with 65', async (file, code) => {
    desk.write('bad.ndjson', '{"roi": 1}\n{"roi": "x"}\n');
    const { exit, stdout } = await desk.run(`thermostat replay ${file} --format json`);
    expect([exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([65, code]);
  });
});
