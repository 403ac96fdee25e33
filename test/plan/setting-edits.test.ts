// Edits of configuration: no difference of what is written goes untold, and no two are told alike.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inline, type YamlData } from '../../src/desired/edit/yaml-data.ts';
import { memorySource } from '../../src/desired/file-source.ts';
import { flattenFiles } from '../../src/desired/flat-files.ts';
import { type Flat, settingEdits } from '../../src/plan/setting-edits.ts';
import { canonicalJson } from '../../src/values.ts';

const file = 'desired-state/local/policy.yaml';

function written(text: string): Flat {
  return flattenFiles({ source: memorySource({ [file]: text }), environment: 'local' });
}

/** Subject, what and both sides of each edit from one text to another. */
function told(before: string, after: string): string[] {
  return settingEdits(written(before), written(after)).map(({ subject, what, from, to, risk }) => `${subject} ${what}: ${from ?? '—'} → ${to ?? '—'}, ${risk}`);
}

describe('an item of a list', () => {
  const limit = (...lines: string[]): string => `limits:\n${lines.map((line) => `  - ${line}\n`).join('')}`;

  test('that has the words of two keys in one value is another', () => {
    expect(told(limit('{ match: "stake.*", frozen: true }'), limit('{ match: "stake.*, frozen: true" }'))).toEqual([
      'policy.yaml: limits is taken out as item 1: match: stake.*, frozen: true → —, ambiguous',
      'policy.yaml: limits is set as item 1: — → match: "stake.*, frozen: true", ambiguous',
    ]);
  });

  test('that is a text, a map or a list of the same words is another each time', () => {
    const items = [
      '"a: b"',
      '{ a: b }',
      '["a: b"]',
      '[{ a: b }]',
      '"0: b"',
      '[b]',
      '{ "0": b }',
      '"b"',
      '[a, b]',
      '"a, b"',
      '["a, b"]',
      '[[a], b]',
      '[[a, b]]',
    ];
    const texts = items.map((item) => told('limits: [x]\n', `limits: [x, ${item}]\n`).join());
    expect(texts.filter((text) => !text.includes('is set as item 2: '))).toEqual([]);
    expect(new Set(texts).size).toBe(items.length);
  });

  test('of a list in it, or of an order in it', () => {
    const path = (teams: string): string => `paths:\n  - { match: "*", approvals: { count: 1, teams: ${teams} } }\n`;
    expect(told(path('[a, b]'), path('[b, a]'))).toEqual([
      'policy.yaml: paths is taken out as item 1: match: *, approvals.count: 1, approvals.teams.0: a, approvals.teams.1: b → —, ambiguous',
      'policy.yaml: paths is set as item 1: — → match: *, approvals.count: 1, approvals.teams.0: b, approvals.teams.1: a, ambiguous',
    ]);
    expect(told(path('[a, b]'), path('["a, approvals.teams.1: b"]'))).toHaveLength(2);
  });

  test('with its keys in another order is the same', () => {
    expect(told(limit('{ match: a, max: 1 }'), limit('{ max: 1, match: a }'))).toEqual([]);
  });

  test('a second time, or once less, is an edit', () => {
    expect(told('rpc: [a, b]\n', 'rpc: [a, b, a]\n')).toEqual(['policy.yaml: rpc is set as item 3: — → a, ambiguous']);
    expect(told('rpc: [a, b, a]\n', 'rpc: [a, b]\n')).toEqual(['policy.yaml: rpc is taken out as item 3: a → —, ambiguous']);
    expect(told('rpc: [a, b, a]\n', 'rpc: [b, a]\n')).toEqual([
      'policy.yaml: rpc is taken out as item 3: a → —, ambiguous',
      'policy.yaml: rpc is in another order: a, b, a → b, a, ambiguous',
    ]);
  });

  test('in another place is another order; one that is put before others is not, and says where it stands', () => {
    expect(told('rpc: [a, b, c]\n', 'rpc: [c, a, b]\n')).toEqual(['policy.yaml: rpc is in another order: a, b, c → c, a, b, ambiguous']);
    expect(told('rpc: [a, b]\n', 'rpc: [c, a, b]\n')).toEqual(['policy.yaml: rpc is set as item 1: — → c, ambiguous']);
    expect(told('rpc: ["a, b", c]\n', 'rpc: [c, "a, b"]\n')).toEqual([
      `policy.yaml: rpc is in another order: ${JSON.stringify('"a, b"')}, c → c, ${JSON.stringify('"a, b"')}, ambiguous`,
    ]);
  });
});

test('the sum of a whole file tells a line break in a value from two values', () => {
  const sums = ['a: "1\\nb\\t2"\n', 'a: 1\nb: 2\n', 'a: "1\\tb\\n2"\n'].map((text) => settingEdits(new Map(), written(text))[0]?.to);
  expect(new Set(sums).size).toBe(3);
});

test('a difference that no part tells is told as the whole file’s', () => {
  const source = { file, line: 1, column: 1 };
  const flat = (path: string): Flat => new Map([[file, new Map([[path, { text: 'x', source }]])]]);
  expect(settingEdits(flat('limits.0.match'), flat('limits.00.match'))).toMatchObject([
    {
      subject: 'policy.yaml',
      what: 'is written in another way',
      from: expect.stringMatching(/^sha256 /),
      to: expect.stringMatching(/^sha256 /),
      risk: 'ambiguous',
    },
  ]);
});

const key = fc.constantFrom('a', 'b', '0', 'a.b', '"0"', '');
const leaf = fc.constantFrom<YamlData>('x', 'y', '', '[]', '{}', '""', 'a: x', 'x, a: y', 'x, y', '0: x', '"x"', 'x\ny', null);
const { data } = fc.letrec<{ data: YamlData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('data'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('data')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
}));
const map = (pairs: Record<string, YamlData>): YamlData => new Map(Object.entries(pairs));
/** Items that a careless text makes alike. */
const alike: readonly YamlData[][] = [
  ['x', 'y', 'z'],
  [map({ a: 'x', b: 'y' }), map({ a: 'x, b: y' }), map({ b: 'y', a: 'x' }), 'a: x, b: y'],
  ['a: x', map({ a: 'x' }), ['a: x'], [map({ a: 'x' })], '"a: x"'],
  [['x', 'y'], ['x, 1: y'], '0: x, 1: y', map({ '0': 'x', '1': 'y' }), [['x', 'y']], 'x, y'],
  [map({ a: ['x', 'y'] }), map({ a: ['x', 'x', 'y'] }), map({ a: map({ '0': 'x', '1': 'y' }) }), map({ a: ['y', 'x'] })],
  ['', null, [], map({}), '[]', '""', '{}'],
];
const three = (value: fc.Arbitrary<YamlData>) => fc.tuple(value, value, value);
const files = fc.oneof(
  three(data),
  fc.constantFrom(...alike).chain((items) => three(fc.array(fc.constantFrom(...items), { maxLength: 4 }))),
);
const runs = { numRuns: process.env['MOORING_FULL'] === '1' ? 50_000 : 2_000 };

function flatOf(value: YamlData): Flat {
  return written(`${inline(new Map([['root', value]]))}\n`);
}

function contentOf(flat: Flat): string {
  return canonicalJson(new Map([...flat].map(([path, items]) => [path, new Map([...items].map(([place, { text }]) => [place, text]))])));
}

/** What enters the digest. */
function meaningOf(before: Flat, after: Flat): string {
  const edits = settingEdits(before, after);
  expect(new Set(edits.map(({ id }) => id)).size, 'ids are unique').toBe(edits.length);
  return canonicalJson(edits.map(({ id, what, from, to }) => ({ id, what, from, to })).sort((a, b) => (a.id < b.id ? -1 : 1)));
}

test('whatever differs is told, and the same is not', () => {
  fc.assert(
    fc.property(files, ([one, other]) => {
      const [before, after] = [flatOf(one), flatOf(other)];
      expect(settingEdits(before, after).length > 0).toBe(contentOf(before) !== contentOf(after));
    }),
    runs,
  );
});

test('from one file to two others, and from two to one, it is never told alike', () => {
  fc.assert(
    fc.property(files, ([one, other, third]) => {
      const [a, b, c] = [flatOf(one), flatOf(other), flatOf(third)];
      if (contentOf(b) === contentOf(c)) return;
      expect(meaningOf(a, b)).not.toBe(meaningOf(a, c));
      expect(meaningOf(b, a)).not.toBe(meaningOf(c, a));
    }),
    runs,
  );
});
