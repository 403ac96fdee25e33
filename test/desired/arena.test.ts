// loops/arena.yaml: who takes part, in which lineage, and what may be slashed; its schema agrees with the reader, and
// docs/arena.md shows one that is valid.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type LoadedArena, loadArena } from '../../src/desired/loops/load-arena.ts';
import { MooringError } from '../../src/errors.ts';
import type { ContractState, Finding } from '../../src/types.ts';
import { accounts, allKinds, load as loadAll, places, sample, sourceWith } from './world.ts';

function contract(name: string, kind: string): ContractState {
  return { name, kind, address: `0x${'1'.repeat(40)}`, fromBlock: 0n, fields: new Map(), observe: new Set() };
}

const contracts = [contract('arena', 'SelfPlayArena'), contract('engine-targets', 'EngineTargets')];
const { desired } = loadAll({ 'contracts/sample.yaml': sample('') });
const head = 'apiVersion: mooring/v1\nkind: Arena\n';
const people = 'teachers: [{ account: account-a, job: 1 }]\nagents: [{ account: account-b, job: 1 }]\nvalidators: [{ account: account-c, job: 1 }]\n';

function load(text: string | null, own: readonly ContractState[] = contracts): LoadedArena {
  const source = sourceWith(text === null ? {} : { 'loops/arena.yaml': text });
  const { addresses: book, environment } = desired;
  return loadArena({ source, environment: 'local', contracts: own, kinds: allKinds, book, tokens: environment.tokens });
}

function findings(body: string): readonly Finding[] {
  try {
    return load(head + body).warnings;
  } catch (error) {
    if (error instanceof MooringError && error.code === 'INPUT_INVALID') return error.findings;
    throw error;
  }
}

const example = `${head}teachers:
  - { account: account-a, job: 1 }
agents:
  - { account: account-b, job: 2, subdomain: bee, proof: ["0x${'ab'.repeat(32)}"] }
  - { account: account-c, job: 3, parent: account-b }
validators: []
studentsPerRound: 2
difficulty: { first: 3, step: 2, min: 2, max: 9 }
winScore: 70%
judge: "https://judge.example.org/\${JUDGE_TOKEN}"
moderation: { agents: [account-c], subjects: [collusion], minScore: 0.5 }
slash: { amount: 5 AGIALPHA, maxPerRun: 20.5 AGIALPHA, recipient: account-a }
`;

test('everything that can be written is read', () => {
  expect(load(example).settings).toMatchObject({
    arena: 'arena',
    engine: 'engine-targets',
    teachers: [{ name: 'account-a', address: accounts['account-a'], job: 1n, subdomain: '', proof: [] }],
    agents: [
      { name: 'account-b', job: 2n, subdomain: 'bee', proof: [`0x${'ab'.repeat(32)}`], path: 'root/account-b' },
      { name: 'account-c', job: 3n, path: 'root/account-b/account-c' },
    ],
    validators: [],
    studentsPerRound: 2,
    difficulty: { first: 3, step: 2, min: 2, max: 9 },
    winScore: 0.7,
    judge: 'https://judge.example.org/${JUDGE_TOKEN}',
    moderation: { agents: [accounts['account-c']], subjects: ['collusion'], minScore: 0.5 },
    slash: { amount: 5n * 10n ** 18n, maxPerRun: 205n * 10n ** 17n, recipient: accounts['account-a'] },
  });
});

test('without a file nobody takes part and nobody is slashed; of two arenas none is taken', () => {
  const two = [...contracts, contract('other', 'SelfPlayArena')];
  expect(load(null).settings).toMatchObject({ arena: 'arena', teachers: [], agents: [], slash: null, judge: null });
  expect(load(head + people, two).settings.arena).toBeNull();
  expect(load(`${head}${people}arena: other\n`, two).settings.arena).toBe('other');
});

const refused: readonly [name: string, body: string, expected: string][] = [
  ['an unknown key', `${people}judg: x\n`, 'KEY_UNKNOWN 6:1'],
  ['nobody', 'teachers: []\nagents: []\n', 'KEY_MISSING 1:1'],
  ['a misspelt name', people.replace('account-b', 'acount-b'), 'NAME_UNKNOWN 4:21'],
  ['an entrant without a job', people.replace('account-b, job: 1', 'account-b'), 'KEY_MISSING 4:10'],
  ['job 0, which there never is', people.replace('account-b, job: 1', 'account-b, job: 0'), 'VALUE_TOO_SMALL 4:37'],
  ['somebody twice', people.replace('agents: [', 'agents: [{ account: account-b, job: 2 }, '), 'MEMBER_DUPLICATE 4:42'],
  ['a parent that comes later', people.replace('agents: [', 'agents: [{ account: account-a, job: 2, parent: account-b }, '), 'NAME_UNKNOWN 4:48'],
  ['a parent of a teacher', people.replace('account-a, job: 1', 'account-a, job: 1, parent: account-b'), 'KEY_UNKNOWN 3:42'],
  ['a proof that is none', people.replace('account-b, job: 1', 'account-b, job: 1, proof: ["0x12"]'), 'HEX_SYNTAX 4:48'],
  ['a judge of another protocol', `${people}judge: "file:///x"\n`, 'CHANNEL_URL 6:8'],
  ['a judge who is sent a secret of another kind', `${people}judge: "https://x.example/\${OWNER_KEY}"\n`, 'URL_VARIABLE 6:8'],
  ['a first difficulty out of bounds', `${people}difficulty: { first: 9, max: 5 }\n`, 'VALUE_NOT_ALLOWED 6:13'],
  ['a winning score of nothing', `${people}winScore: 0\n`, 'VALUE_TOO_SMALL 6:11'],
  ['a slash without a bound', `${people}slash: { amount: 5 AGIALPHA, recipient: account-a }\n`, 'KEY_MISSING 6:8'],
  ['a slash of nothing', `${people}slash: { amount: 0 AGIALPHA, maxPerRun: 5 AGIALPHA, recipient: account-a }\n`, 'VALUE_TOO_SMALL 6:18'],
  ['a token that isn’t declared', `${people}slash: { amount: 5 DOGE, maxPerRun: 5 AGIALPHA, recipient: account-a }\n`, 'TOKEN_UNKNOWN 6:18'],
  ['an arena of another kind', `${people}arena: engine-targets\n`, 'NAME_UNKNOWN 6:8'],
];

test.each(refused)('%s is refused', (_name, body, expected) => {
  expect(places(findings(body))).toEqual([expected]);
});

describe('the schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../../schemas/arena.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  const asEditor = (body: string): unknown => parse(body, { schema: 'core' });

  test.each([
    ['the example', example],
    ['only people', head + people],
  ])('has no red line under %s', (_name, body) => {
    expect(validate(asEditor(body)), JSON.stringify(validate.errors)).toBe(true);
    expect(load(body).warnings).toEqual([]);
  });

  test('has one where the reader has an error that is about form', () => {
    const form = refused.filter(([, , expected]) => /KEY_|HEX_/.test(expected));
    expect(form.filter(([, body]) => validate(asEditor(head + body)))).toEqual([]);
  });

  test('describes every property', () => {
    type Property = { description?: string; const?: string };
    expect(
      Object.values(schema.properties as Record<string, Property>).filter((value) => value.description === undefined && value.const === undefined),
    ).toEqual([]);
  });
});

test('docs/arena.md shows a file that is valid but for its names', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(new URL('../../docs/arena.md', import.meta.url), 'utf8')) ?? [];
  const named = yaml
    .replaceAll('alice', 'account-a')
    .replaceAll('bob', 'account-b')
    .replaceAll('carol', 'account-c')
    .replaceAll(/\b(?:ann|vera|treasury)\b/g, 'account-a');
  expect(load(named).settings.agents.map(({ path }) => path)).toEqual(['root/account-a', 'root/account-b', 'root/account-a/account-c']);
});
