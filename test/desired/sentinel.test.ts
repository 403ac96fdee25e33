// loops/sentinel.yaml: the reference's names and defaults, actions that only reduce risk, channels without secrets; and its
// JSON Schema agrees with the reader.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type LoadedSentinel, loadSentinel } from '../../src/desired/loops/load-sentinel.ts';
import { MooringError } from '../../src/errors.ts';
import type { ContractState, Finding } from '../../src/types.ts';
import { settingsWith } from '../loops/sentinel/world.ts';
import { allKinds, places, sourceWith } from './world.ts';

function contract(name: string, kind: string, observe: readonly string[] = []): ContractState {
  return { name, kind, address: `0x${'1'.repeat(40)}`, fromBlock: 0n, fields: new Map(), observe: new Set(observe) };
}

const usual = [
  contract('arena', 'SelfPlayArena'),
  contract('engine-targets', 'EngineTargets'),
  contract('stake-manager', 'StakeManager'),
  contract('system-pause', 'SystemPause'),
  contract('watched', 'SelfPlayArena', ['paused']),
];
const head = 'apiVersion: mooring/v1\nkind: Sentinel\n';

function load(text: string | null, contracts: readonly ContractState[] = usual.slice(0, 4)): LoadedSentinel {
  return loadSentinel({ source: sourceWith(text === null ? {} : { 'loops/sentinel.yaml': text }), environment: 'local', contracts, kinds: allKinds });
}

function findings(body: string, contracts: readonly ContractState[] = usual): readonly Finding[] {
  try {
    return load(head + body, contracts).warnings;
  } catch (error) {
    if (error instanceof MooringError && error.code === 'INPUT_INVALID') return error.findings;
    throw error;
  }
}

const example = `${head}roiFloor: 1.5
roiGracePeriod: 4
budgetCap: 250000.5
budgetSoftRatio: 75%
failureStreak:
  threshold: 7
  successReset: false
successThreshold: 0.7
monitorIntervalSeconds: 0.5
alertChannels: [log, ops, am, pager, chat]
channels:
  ops: { type: webhook, url: "https://ops.example.org/\${OPS_ALERT_TOKEN}", secretEnv: OPS_SECRET }
  am: { type: alertmanager, url: "http://127.0.0.1:9093" }
  pager: { type: pagerduty, keyEnv: PAGER_KEY }
  chat: { type: slack, url: "\${CHAT_WEBHOOK}" }
actions:
  roi_floor: { engine-targets.expansionsPaused: true }
  budget_soft: {}
  budget_stop:
    engine-targets.paused: true
    arena.paused: true
    system-pause.paused: true
  failure_streak: { arena.paused: true }
`;

describe('what it says', () => {
  test.each([
    ['no file', null],
    ['a file without settings', head],
  ])('%s has the reference’s defaults, and stops what the kinds say', (_name, text) => {
    const { settings, sources, warnings } = load(text);
    expect(settings).toEqual(settingsWith());
    expect([sources.size, warnings.length]).toEqual([0, 0]);
  });

  test('all of it', () => {
    const { settings, sources, file } = load(example);
    expect(settings).toEqual({
      roiFloor: 1.5,
      roiGracePeriod: 4,
      budgetCap: 250_000.5,
      budgetSoftRatio: 0.75,
      failureStreak: { threshold: 7, successReset: false },
      successThreshold: 0.7,
      monitorIntervalSeconds: 0.5,
      alertChannels: [
        { name: 'log', type: 'log' },
        { name: 'ops', type: 'webhook', url: 'https://ops.example.org/${OPS_ALERT_TOKEN}', secretVariable: 'OPS_SECRET' },
        { name: 'am', type: 'alertmanager', url: 'http://127.0.0.1:9093' },
        { name: 'pager', type: 'pagerduty', url: 'https://events.pagerduty.com', keyVariable: 'PAGER_KEY' },
        { name: 'chat', type: 'slack', url: '${CHAT_WEBHOOK}' },
      ],
      actions: {
        roi_floor: [{ contract: 'engine-targets', field: 'expansionsPaused', value: true }],
        budget_soft: [],
        budget_stop: ['engine-targets', 'arena', 'system-pause'].map((name) => ({ contract: name, field: 'paused', value: true })),
        failure_streak: [{ contract: 'arena', field: 'paused', value: true }],
      },
    });
    expect(file).toBe('desired-state/local/loops/sentinel.yaml');
    expect([sources.get('budgetCap'), sources.get('failureStreak.threshold'), sources.get('actions.budget_stop')]).toMatchObject([
      { line: 5, column: 12 },
      { line: 8, column: 14 },
      { line: 21, column: 3 },
    ]);
  });

  test('decimals are the doubles that a reader of JSON would have', () => {
    expect(load(`${head}roiFloor: 0.1\nbudgetCap: 123456789.123456789\n`).settings).toMatchObject({
      roiFloor: 0.1,
      budgetCap: JSON.parse('123456789.123456789') as number,
    });
    expect(load(`${head}budgetSoftRatio: 0.1%\n`).settings.budgetSoftRatio).toBe(0.001);
  });
});

describe('what is refused', () => {
  test.each([
    ['an unknown key', 'roiFlor: 1\n', 'KEY_UNKNOWN 3:1'],
    ['no number', 'roiFloor: high\n', 'NUMBER_SYNTAX 3:11'],
    ['a quoted number', 'roiFloor: "1.2"\n', 'NUMBER_SYNTAX 3:11'],
    ['an exponent', 'budgetCap: 1e5\n', 'NUMBER_EXPONENT 3:12'],
    ['not a number', 'roiFloor: .nan\n', 'NUMBER_NOT_FINITE 3:11'],
    ['a negative floor', 'roiFloor: -1\n', 'VALUE_TOO_SMALL 3:11'],
    ['a cap of zero, which could mean none', 'budgetCap: 0\n', 'VALUE_TOO_SMALL 3:12'],
    ['a soft ratio above the cap', 'budgetSoftRatio: 1.1\n', 'VALUE_TOO_LARGE 3:18'],
    ['no grace at all', 'roiGracePeriod: 0\n', 'VALUE_TOO_SMALL 3:17'],
    ['half a failure', 'failureStreak: { threshold: 2.5 }\n', 'NUMBER_TOO_FINE 3:29'],
    ['a misspelt key of the streak', 'failureStreak: { treshold: 2 }\n', 'KEY_UNKNOWN 3:18'],
    ['a word for a flag', 'failureStreak: { successReset: yes }\n', 'BOOLEAN_EXPECTED 3:32'],
    ['an unknown channel', 'alertChannels: [log, ops]\n', 'CHANNEL_UNKNOWN 3:22'],
    ['a channel twice', 'alertChannels: [log, log]\n', 'MEMBER_DUPLICATE 3:22'],
    ['another log', 'channels: { log: { type: slack, url: "${X_WEBHOOK}" } }\n', 'VALUE_NOT_ALLOWED 3:13'],
    ['an unknown type of channel', 'channels: { a: { type: fax } }\n', 'VALUE_NOT_ALLOWED 3:24'],
    ['a key of another type', 'channels: { a: { type: slack, url: "${X_WEBHOOK}", secretEnv: S } }\n', 'KEY_UNKNOWN 3:52'],
    ['a webhook that is not signed', 'channels: { a: { type: webhook, url: "https://x.example" } }\n', 'KEY_MISSING 3:16'],
    ['a channel’s URL of another protocol', 'channels: { a: { type: alertmanager, url: "file:///x" } }\n', 'CHANNEL_URL 3:43'],
    ['an incoming webhook in the clear', 'channels: { a: { type: slack, url: "https://hooks.example/T/B/x" } }\n', 'SECRET_IN_FILE 3:36'],
    ['a key in place of its variable', `channels: { a: { type: pagerduty, keyEnv: ${'ab'.repeat(32)} } }\n`, 'SECRET_IN_FILE 3:43'],
  ])('%s', (_name, body, expected) => {
    expect(places(findings(body))).toEqual([expected]);
  });

  test.each([
    ['an unpause', 'arena.paused: false', 'ACTION_NOT_REDUCING 5:19'],
    ['an unpause under another name', 'engine-targets.expansionsPaused: false', 'ACTION_NOT_REDUCING 5:38'],
    ['an unpause of everything', 'system-pause.paused: false', 'ACTION_NOT_REDUCING 5:26'],
    ['a flag without a clear direction', 'stake-manager.autoStakeTuning: true', 'ACTION_NOT_REDUCING 5:36'],
    ['a number, which may be higher or lower than what is live', 'stake-manager.feePct: 5%', 'ACTION_NOT_REDUCING 5:5'],
    ['a grant', 'arena.orchestrators: true', 'ACTION_NOT_REDUCING 5:5'],
    ['a change of owner', 'arena.owner: true', 'ACTION_NOT_REDUCING 5:5'],
    ['an unknown contract', 'arina.paused: true', 'CONTRACT_UNKNOWN 5:5'],
    ['no contract', 'paused: true', 'CONTRACT_UNKNOWN 5:5'],
    ['an unknown field', 'arena.pausd: true', 'FIELD_UNKNOWN 5:5'],
    ['a field that nothing writes', 'arena.totalRounds: true', 'FIELD_READ_ONLY 5:5'],
    ['a field that is only observed', 'watched.paused: true', 'SPEC_OBSERVE_CONFLICT 5:5'],
    ['a word', 'arena.paused: stop', 'BOOLEAN_EXPECTED 5:19'],
  ])('as an action, %s', (_name, action, expected) => {
    expect(places(findings(`actions:\n  budget_stop:\n    ${action}\n`))).toEqual([expected]);
  });

  test('a reason that is none', () => {
    expect(places(findings('actions: { roi_flor: {} }\n'))).toEqual(['KEY_UNKNOWN 3:12']);
  });

  test('every error is told, not only the first', () => {
    expect(findings('roiFloor: x\nbudgetCap: 0\nactions: { budget_stop: { arena.paused: false } }\n')).toHaveLength(3);
  });
});

test('where no contract can be stopped, that is a warning for each reason, and writing nothing is an answer', () => {
  expect(places(findings('roiFloor: 1\n', []))).toEqual(['ACTION_MISSING 1:1', 'ACTION_MISSING 1:1', 'ACTION_MISSING 1:1']);
  expect(findings('actions: { roi_floor: {}, budget_soft: {}, budget_stop: {} }\n', [])).toEqual([]);
});

describe('the schema', () => {
  const text = readFileSync(new URL('../../schemas/sentinel.schema.json', import.meta.url), 'utf8');
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(text));
  const asEditor = (body: string): unknown => parse(body, { schema: 'core' });

  test.each([
    ['the example', example],
    ['nothing but the head', head],
    ['no channels', `${head}alertChannels: []\n`],
  ])('has no red line under %s', (_name, body) => {
    expect(validate(asEditor(body)), JSON.stringify(validate.errors)).toBe(true);
    expect(load(body).warnings).toEqual([]);
  });

  test.each(
    [
      'x: 1\n',
      'roiFloor: high\n',
      'roiGracePeriod: 0\n',
      'failureStreak: { treshold: 1 }\n',
      'actions: { x: {} }\n',
      'actions: { budget_stop: { paused: true } }\n',
    ].concat('channels: { a: { type: slack, url: "${X_WEBHOOK}", secretEnv: S } }\n', 'channels: { a: { type: fax } }\n'),
  )('has one where the reader has an error: %s', (body) => {
    expect([validate(asEditor(head + body)), findings(body).some(({ severity }) => severity === 'error')]).toEqual([false, true]);
  });

  test('describes every property, and has the defaults of the reader', () => {
    type Property = { description?: string; const?: string; default?: unknown; properties?: Record<string, Property> };
    const { properties } = JSON.parse(text) as { properties: Record<string, Property> };
    expect(Object.entries(properties).filter(([, value]) => value.description === undefined && value.const === undefined)).toEqual([]);
    const usual = settingsWith();
    for (const [key, value] of Object.entries(properties))
      if (typeof value.default === 'number') expect([key, usual[key as 'roiFloor']]).toEqual([key, value.default]);
    expect(properties['failureStreak']?.properties).toMatchObject({ threshold: { default: 5 }, successReset: { default: true } });
  });
});
