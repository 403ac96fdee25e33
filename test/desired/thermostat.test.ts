// loops/thermostat.yaml: the reference's names and defaults, guards that can each be switched off, no target and no secret;
// and its JSON Schema agrees with the reader.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type LoadedThermostat, loadThermostat } from '../../src/desired/loops/load-thermostat.ts';
import { MooringError } from '../../src/errors.ts';
import { defaultGuards, settingsDefaults } from '../../src/loops/thermostat/settings.ts';
import type { ContractState, Finding } from '../../src/types.ts';
import { allKinds, places, sourceWith } from './world.ts';

function contract(name: string, kind: string, observe: readonly string[] = []): ContractState {
  return { name, kind, address: `0x${'1'.repeat(40)}`, fromBlock: 0n, fields: new Map(), observe: new Set(observe) };
}

const engine = contract('engine-targets', 'EngineTargets');
const usual = [contract('arena', 'SelfPlayArena'), engine];
const head = 'apiVersion: mooring/v1\nkind: Thermostat\n';

function load(text: string | null, contracts: readonly ContractState[] = usual): LoadedThermostat {
  const source = sourceWith(text === null ? {} : { 'loops/thermostat.yaml': text });
  return loadThermostat({ source, environment: 'local', contracts, kinds: allKinds, tokens: new Map([['AGIALPHA', 18]]), defaults: settingsDefaults });
}

function findings(body: string, contracts: readonly ContractState[] = usual): readonly Finding[] {
  try {
    return load(head + body, contracts).warnings;
  } catch (error) {
    if (error instanceof MooringError && error.code === 'INPUT_INVALID') return error.findings;
    throw error;
  }
}

const example = `${head}engine: engine-targets
roiWindow: 8
wideningStep: 0.1
minWideningAlpha: 0.3
maxWideningAlpha: 1.2
thompsonStep: 0.2
minThompsonPrior: 0.5
maxThompsonPrior: 2.5
cooldownSteps: 6
dailyCaps: { wideningAlpha: 0.15, thompsonPrior: 0.3 }
intervalSeconds: 60
prometheus:
  url: "https://\${PROMETHEUS_USER}:\${PROMETHEUS_PASSWORD}@metrics.example.org/prometheus"
  query: avg(hgm_roi{env="prod"})
  timeoutSeconds: 2.5
  maxAgeSeconds: 120
guards:
  periodSeconds: 3600
  minReadings: 4
  maxAheadSeconds: 30
  order: false
  plausible: 50
  maxGapSeconds: 86400
  fresh: false
  bounds: false
  steps: 3
  halve: false
  response: 1%
  pause: false
  freeze: false
  escalate: 3
`;

describe('what it says', () => {
  test.each([
    ['no file', null],
    ['a file without settings', head],
  ])('%s has the reference’s defaults, all guards, and the only engine', (_name, text) => {
    const { settings, sources, warnings } = load(text);
    expect(settings).toEqual({ ...settingsDefaults, engine: 'engine-targets' });
    expect([sources.size, warnings.length]).toEqual([0, 0]);
  });

  test('all of it', () => {
    const { settings, sources, file } = load(example);
    expect(settings).toEqual({
      engine: 'engine-targets',
      fields: [],
      roiWindow: 8,
      wideningStep: 0.1,
      minWideningAlpha: 0.3,
      maxWideningAlpha: 1.2,
      thompsonStep: 0.2,
      minThompsonPrior: 0.5,
      maxThompsonPrior: 2.5,
      cooldownSteps: 6,
      dailyCaps: { wideningAlpha: 0.15, thompsonPrior: 0.3 },
      intervalSeconds: 60,
      prometheus: {
        url: 'https://${PROMETHEUS_USER}:${PROMETHEUS_PASSWORD}@metrics.example.org/prometheus',
        query: 'avg(hgm_roi{env="prod"})',
        timeoutSeconds: 2.5,
      },
      guards: {
        period: 3_600,
        minReadings: 4,
        maxAge: 120,
        maxAhead: 30,
        order: false,
        plausible: 50,
        maxGap: 86_400,
        fresh: false,
        bounds: false,
        steps: 3,
        halve: false,
        response: 0.01,
        pause: false,
        freeze: false,
        escalate: 3,
      },
    });
    expect(file).toBe('desired-state/local/loops/thermostat.yaml');
    expect([sources.get('roiWindow'), sources.get('dailyCaps.wideningAlpha'), sources.get('guards.escalate')]).toMatchObject([
      { line: 4, column: 12 },
      { line: 12, column: 29 },
      { line: 33, column: 13 },
    ]);
  });

  test.each([
    ['guards: { periodSeconds: off, maxGapSeconds: off }', { period: null, maxGap: null }],
    ['guards: { maxAheadSeconds: off }', { maxAhead: null }],
    ['guards: { plausible: off }', { plausible: null }],
    ['guards: { response: off }', { response: null }],
    ['guards: { escalate: off }', { escalate: null }],
    ['guards: { minReadings: 1, steps: 1 }', { minReadings: 1, steps: 1 }],
    ['prometheus: { maxAgeSeconds: off }', { maxAge: null }],
  ])('%s switches that off and nothing else', (body, changed) => {
    expect(load(`${head}${body}\n`).settings.guards).toEqual({ ...defaultGuards, ...changed });
  });

  test('where several engines are declared, one is named', () => {
    expect(load(`${head}engine: b\n`, [engine, contract('b', 'EngineTargets')]).settings.engine).toBe('b');
    expect(places(findings('roiWindow: 3\n', [engine, contract('b', 'EngineTargets')]))).toEqual(['KEY_MISSING 1:1']);
    expect(load(null, [engine, contract('b', 'EngineTargets')]).settings.engine).toBeNull();
  });

  test('where none is, that is a warning', () => {
    expect(findings('roiWindow: 3\n', [])).toMatchObject([{ code: 'ENGINE_MISSING', severity: 'warning' }]);
    expect(load(null, []).settings.engine).toBeNull();
  });
});

describe('what is refused', () => {
  test.each([
    ['the target, whose home is on chain', 'targetRoi: 2.0\n', 'SETTING_ELSEWHERE 3:1'],
    ['a margin', 'lowerMargin: 0.1\n', 'SETTING_ELSEWHERE 3:1'],
    ['the other margin', 'upperMargin: 0.1\n', 'SETTING_ELSEWHERE 3:1'],
    ['the window by its flag’s name', 'window: 12\n', 'KEY_UNKNOWN 3:1'],
    ['the cooldown by its flag’s name', 'cooldown: 4\n', 'KEY_UNKNOWN 3:1'],
    ['an unknown key', 'wideningStp: 1\n', 'KEY_UNKNOWN 3:1'],
    ['an unknown guard', 'guards: { ordr: true }\n', 'KEY_UNKNOWN 3:11'],
    ['no window', 'roiWindow: 0\n', 'VALUE_TOO_SMALL 3:12'],
    ['half a sample', 'roiWindow: 1.5\n', 'NUMBER_TOO_FINE 3:12'],
    ['no step', 'wideningStep: 0\n', 'VALUE_TOO_SMALL 3:15'],
    ['a step that no chain would take', 'wideningStep: 11\n', 'VALUE_TOO_LARGE 3:15'],
    ['a bound that the contract refuses', 'maxWideningAlpha: 10.1\n', 'VALUE_TOO_LARGE 3:19'],
    ['another', 'minThompsonPrior: 0\n', 'VALUE_TOO_SMALL 3:19'],
    ['bounds the wrong way round', 'minWideningAlpha: 1.6\n', 'RANGE_INVERTED 3:19'],
    ['bounds with nothing between', 'minThompsonPrior: 1\nmaxThompsonPrior: 1\n', 'RANGE_INVERTED 4:19'],
    ['a cap of another field', 'dailyCaps: { minVisitations: 1 }\n', 'KEY_UNKNOWN 3:14'],
    ['a cap of nothing', 'dailyCaps: { wideningAlpha: 0 }\n', 'VALUE_TOO_SMALL 3:29'],
    ['a quoted number', 'wideningStep: "0.1"\n', 'NUMBER_SYNTAX 3:15'],
    ['an exponent', 'wideningStep: 1e-2\n', 'NUMBER_EXPONENT 3:15'],
    ['a word for a flag', 'guards: { order: no }\n', 'BOOLEAN_EXPECTED 3:18'],
    ['off for a flag', 'guards: { order: off }\n', 'BOOLEAN_EXPECTED 3:18'],
    ['a quoted off', 'guards: { plausible: "off" }\n', 'NUMBER_SYNTAX 3:22'],
    ['too few readings for a period', 'intervalSeconds: 10000\n', 'VALUE_TOO_LARGE 3:18'],
    ['gaps that every sample has', 'guards: { maxGapSeconds: 18000 }\n', 'VALUE_TOO_SMALL 3:26'],
    ['an unknown contract', 'engine: engine\n', 'CONTRACT_UNKNOWN 3:9'],
    ['a contract of another kind', 'engine: arena\n', 'CONTRACT_UNKNOWN 3:9'],
    ['a URL of another protocol', 'prometheus: { url: "file:///x" }\n', 'METRICS_URL 3:20'],
    ['a URL with a query', 'prometheus: { url: "http://x.example/?a=b" }\n', 'METRICS_URL 3:20'],
    ['a variable that is not meant for it', 'prometheus: { url: "http://x.example/${DEPLOYER_PRIVATE_KEY}" }\n', 'URL_VARIABLE 3:20'],
    ['a password in the clear', 'prometheus: { url: "http://a:b@x.example" }\n', 'SECRET_IN_FILE 3:20'],
    ['a key in place of its variable', `prometheus: { url: "http://x.example/${'ab'.repeat(32)}" }\n`, 'SECRET_IN_FILE 3:20'],
    ['no time for an answer', 'prometheus: { timeoutSeconds: 0 }\n', 'VALUE_TOO_SMALL 3:31'],
  ])('%s', (_name, body, expected) => {
    expect(places(findings(body))).toEqual([expected]);
  });

  test('a field that is only observed', () => {
    expect(places(findings('engine: engine-targets\n', [contract('engine-targets', 'EngineTargets', ['wideningAlpha'])]))).toEqual([
      'SPEC_OBSERVE_CONFLICT 3:9',
    ]);
  });

  test('the target, saying where to write it', () => {
    expect(findings('targetRoi: 2.0\n')[0]?.fix).toContain('contracts/engine-targets.yaml');
  });

  test('every error is told, not only the first', () => {
    expect(findings('roiWindow: x\nwideningStep: 0\ntargetRoi: 1\nguards: { steps: 0 }\n')).toHaveLength(4);
  });
});

test('the bounds are those of the fields on chain', () => {
  const bounds = (name: string) => {
    const field = allKinds.get('EngineTargets')?.fields.get(name);
    return [field?.min, field?.max].map((bound) => Number(bound) / 1e18);
  };
  expect(bounds('wideningAlpha')).toEqual([0.01, 10]);
  expect(bounds('thompsonPrior')).toEqual([0.01, 1_000]);
  expect(findings('minWideningAlpha: 0.01\nmaxWideningAlpha: 10\nminThompsonPrior: 0.01\nmaxThompsonPrior: 1000\n')).toEqual([]);
});

describe('the schema', () => {
  const text = readFileSync(new URL('../../schemas/thermostat.schema.json', import.meta.url), 'utf8');
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(text));
  const asEditor = (body: string): unknown => parse(body, { schema: 'core' });

  test.each([
    ['the example', example],
    ['nothing but the head', head],
    ['guards that are off', `${head}guards: { periodSeconds: off, escalate: off, response: off }\nprometheus: { maxAgeSeconds: off }\n`],
  ])('has no red line under %s', (_name, body) => {
    expect(validate(asEditor(body)), JSON.stringify(validate.errors)).toBe(true);
    expect(load(body).warnings).toEqual([]);
  });

  test.each(['x: 1\n', 'targetRoi: 1\n', 'roiWindow: 0\n', 'roiWindow: many\n', 'wideningStep: big\n', 'dailyCaps: { x: 1 }\n', 'guards: { ordr: true }\n'])(
    'has one where the reader has an error: %s',
    (body) => {
      expect([validate(asEditor(head + body)), findings(body).some(({ severity }) => severity === 'error')]).toEqual([false, true]);
    },
  );

  test('describes every property, and has the defaults of the reader', () => {
    type Property = { description?: string; const?: string; default?: unknown; properties?: Record<string, Property> };
    const { properties } = JSON.parse(text) as { properties: Record<string, Property> };
    const flat = (entries: Record<string, Property>, prefix = ''): [string, Property][] =>
      Object.entries(entries).flatMap(([key, value]) => [[`${prefix}${key}`, value] as [string, Property], ...flat(value.properties ?? {}, `${key}.`)]);
    const all = flat(properties);
    expect(all.filter(([, value]) => value.description === undefined && value.const === undefined)).toEqual([]);
    const { guards, prometheus, ...own } = settingsDefaults;
    const named = { periodSeconds: guards.period, maxAheadSeconds: guards.maxAhead, maxGapSeconds: guards.maxGap };
    const usualOf: Record<string, unknown> = {
      ...own,
      ...Object.fromEntries(Object.entries({ ...guards, ...named }).map(([key, value]) => [`guards.${key}`, value])),
      ...Object.fromEntries(Object.entries({ ...prometheus, maxAgeSeconds: guards.maxAge }).map(([key, value]) => [`prometheus.${key}`, value])),
    };
    const withDefault = all.filter(([, value]) => value.default !== undefined);
    expect(withDefault.map(([path, value]) => [path, value.default])).toEqual(withDefault.map(([path]) => [path, usualOf[path]]));
    expect(withDefault).toHaveLength(26);
  });
});

describe('further fields', () => {
  const stakes = contract('stake-manager', 'StakeManager', ['unbondingPeriod']);
  const all = [...usual, stakes];
  const field = (name: string, body = '{ step: 1%, min: 0%, max: 10%, dip: lower, dailyCap: 2% }'): string => `fields:\n  ${name}: ${body}\n`;

  test('in the units of the contract', () => {
    const { settings } = load(`${head}${field('stake-manager.feePct')}`, all);
    expect(settings.fields).toEqual([{ contract: 'stake-manager', field: 'feePct', decimals: 0, step: 1, min: 0, max: 10, dip: 'lower', dailyCap: 2 }]);
    const more = load(`${head}${field('stake-manager.minStake', '{ step: 0.5 AGIALPHA, min: 1 AGIALPHA, max: 20 AGIALPHA, dip: raise }')}`, all).settings
      .fields;
    expect(more).toEqual([{ contract: 'stake-manager', field: 'minStake', decimals: 18, step: 0.5, min: 1, max: 20, dip: 'raise', dailyCap: null }]);
  });

  test.each([
    ['an unknown contract', field('stake-manger.feePct'), 'CONTRACT_UNKNOWN 4:3'],
    ['an unknown field', field('stake-manager.feePtc'), 'FIELD_UNKNOWN 4:3'],
    ['one that has settings of its own', field('engine-targets.wideningAlpha', '{ step: 0.1, min: 0.1, max: 2, dip: raise }'), 'FIELD_UNKNOWN 4:3'],
    ['what the loop aims at', field('engine-targets.targetRoi', '{ step: 0.1, min: 0.1, max: 2, dip: raise }'), 'FIELD_UNKNOWN 4:3'],
    ['an account', field('stake-manager.owner'), 'FIELD_UNKNOWN 4:3'],
    ['a flag', field('arena.paused'), 'FIELD_UNKNOWN 4:3'],
    ['what is only observed', field('stake-manager.unbondingPeriod', '{ step: 1 day, min: 1 day, max: 9 days, dip: raise }'), 'FIELD_UNKNOWN 4:3'],
    ['a number in another unit', field('stake-manager.feePct', '{ step: 1 day, min: 0%, max: 10%, dip: lower }'), 'NUMBER_UNIT 4:33'],
    ['bounds upside down', field('stake-manager.feePct', '{ step: 1%, min: 10%, max: 1%, dip: lower }'), 'RANGE_INVERTED 4:52'],
    ['no step', field('stake-manager.feePct', '{ step: 0%, min: 0%, max: 1%, dip: lower }'), 'VALUE_TOO_SMALL 4:33'],
    ['no direction', field('stake-manager.feePct', '{ step: 1%, min: 0%, max: 1% }'), 'KEY_MISSING 4:25'],
  ])('refuses %s', (_what, body, expected) => {
    expect(places(findings(body, all))).toEqual([expected]);
  });
});
