// Configuration as texts by place: which files, which places, and that no change of any goes unseen.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inline, sameData, toData, type YamlData } from '../../src/desired/edit/yaml-data.ts';
import { diskSource, memorySource } from '../../src/desired/file-source.ts';
import { flattenFiles } from '../../src/desired/flat-files.ts';
import { parseText } from '../../src/desired/parse-yaml.ts';
import { approvalExample, digestExample, environmentExample, ignoresExample, liftsExample, policyExample } from './examples.ts';
import { sourceWith } from './world.ts';

const base = 'desired-state/local';

/** Texts by path of one file, policy.yaml. */
function flat(content: string | Uint8Array): Record<string, string> {
  const items = flattenFiles({ source: memorySource({ [`${base}/policy.yaml`]: content }), environment: 'local' }).get(`${base}/policy.yaml`);
  return Object.fromEntries([...(items ?? [])].map(([path, { text }]) => [path, text]));
}

function sha256(content: string | Uint8Array): string {
  return `sha256 ${createHash('sha256').update(content).digest('hex')}`;
}

test('every file of configuration, and no other', () => {
  const source = sourceWith({
    'environment.yaml': environmentExample,
    'policy.yaml': policyExample,
    'lifts.yaml': liftsExample,
    'ignores.yaml': ignoresExample,
    'contracts/a.yaml': 'x: 1\n',
    [`approvals/${digestExample}.yaml`]: approvalExample,
    'loops/thermostat.yaml': 'x: 1\n',
    'loops/README.md': 'x',
    'acts/1.yml': 'x: 1\n',
    'README.md': 'x',
  });
  const names = ['environment.yaml', 'ignores.yaml', 'kinds/Sample.yaml', 'lifts.yaml', 'loops/thermostat.yaml', 'policy.yaml'];
  expect([...flattenFiles({ source, environment: 'local' }).keys()].sort()).toEqual(names.map((name) => `${base}/${name}`));
  expect(flattenFiles({ source, environment: 'other' }).size).toBe(0);
  expect(flattenFiles({ source, environment: 'local', directory: 'elsewhere' }).size).toBe(0);
});

describe('a file', () => {
  test('is told by keys and positions, each with its place', () => {
    const file = flattenFiles({ source: sourceWith({ 'policy.yaml': policyExample }), environment: 'local' }).get(`${base}/policy.yaml`);
    expect(file?.get('approvals.increase')).toEqual({ text: '1', source: { file: `${base}/policy.yaml`, line: 5, column: 13 } });
    expect(file?.get('approvals.ambiguous.count')?.text).toBe('2');
    expect(file?.get('approvals.ambiguous.teams.0')?.text).toBe('security');
    expect(file?.get('limits.2.match')).toEqual({ text: '*.owner', source: { file: `${base}/policy.yaml`, line: 18, column: 12 } });
  });

  test.each<[what: string, text: string, expected: Record<string, string>]>([
    ['of empty collections', 'a: []\nb: {}\nc:\n', { a: '[]', b: '{}', c: '' }],
    ['of texts that look like them', 'a: "[]"\nb: "{}"\nc: ""\n', { a: '"[]"', b: '"{}"', c: '""' }],
    ['of lists in lists', 'a: [[x, []], y]\n', { 'a.0.0': 'x', 'a.0.1': '[]', 'a.1': 'y' }],
    ['that is a list', '- x\n- y\n', { '0': 'x', '1': 'y' }],
    ['that is a text', 'x\n', { '': 'x' }],
    ['that is an empty map', '{}\n', { '': '{}' }],
    ['of keys like positions', '"0": x\na: { "1": y }\n', { '"0"': 'x', 'a."1"': 'y' }],
    ['of keys with dots', 'a.b: x\na: { b: y }\n', { '"a\\u002eb"': 'x', 'a.b': 'y' }],
    ['of keys with quotes, and none', '"\\"0\\"": x\n"": y\n', { '"\\"0\\""': 'x', '""': 'y' }],
    ['of names that mean something elsewhere', 'constructor: 1\n', { constructor: '1' }],
  ])('%s', (_, text, expected) => {
    expect(flat(text)).toEqual(expected);
  });

  test('of texts that look like those', () => {
    expect(flat("a: '\"\"'\nb: ''\nc: '\"x'\n")).toEqual({ a: '"\\"\\""', b: '""', c: '"\\"x"' });
  });

  test('written in another way is the same', () => {
    expect(flat('# note\r\na:   "x"\r\nb:\r\n  - y\r\n')).toEqual(flat('a: x\nb: [y]\n'));
  });

  test.each<[what: string, content: string | Uint8Array]>([
    ['broken', 'a: [\n'],
    ['empty', ''],
    ['with an alias', 'a: &x 1\nb: *x\n'],
    ['with a key twice', 'a: 1\na: 2\n'],
    ['no text', new Uint8Array([0xff, 0xfe, 0x61])],
    ['too large', `a: ${'x'.repeat(600_000)}\n`],
    ['too deep', `a: ${'['.repeat(10_000)}\n`],
  ])('that is %s is told by its bytes', (_, content) => {
    expect(flat(content)).toEqual({ '': sha256(content) });
  });

  test('of a kind is told by its bytes', () => {
    const path = `${base}/kinds/Own.yaml`;
    const item = { text: sha256('a: 1\n'), source: { file: path, line: 1, column: 1 } };
    expect(flattenFiles({ source: memorySource({ [path]: 'a: 1\n' }), environment: 'local' }).get(path)).toEqual(new Map([['', item]]));
  });

  test('that is none is told as such, and not followed', () => {
    const root = mkdtempSync(join(tmpdir(), 'mooring-flat-'));
    try {
      mkdirSync(join(root, base, 'loops/a.yaml'), { recursive: true });
      writeFileSync(join(root, 'secret.yaml'), 'password: hunter2\n');
      symlinkSync(join(root, 'secret.yaml'), join(root, base, 'policy.yaml'));
      const files = flattenFiles({ source: diskSource(root), environment: 'local' });
      expect([...files.values()].map((file) => file.get('')?.text)).toEqual(['FILE_NOT_REGULAR', 'FILE_NOT_REGULAR']);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

const key = fc.constantFrom('a', 'b', '0', '1', 'a.b', 'a.0', '"0"', '', '[]', '$x');
const leaf = fc.constantFrom<YamlData>('x', '', '[]', '{}', '""', 'x.y', null);
const { data } = fc.letrec<{ data: YamlData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('data'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('data')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
}));

test('two files that say different things are told differently', () => {
  const written = (value: YamlData) => `${inline(new Map([['root', value]]))}\n`;
  // Of a map's entries the order counts for `sameData`.
  const inOrder = (text: string) => Object.entries(flat(text));
  const read = (text: string) => toData(parseText('x.yaml', text, [])?.root ?? { type: 'empty', start: 0, end: 0 });
  fc.assert(
    fc.property(data, data, (one, other) => {
      const [left, right] = [written(one), written(other)];
      if (!sameData(read(left), read(right))) expect(inOrder(left)).not.toEqual(inOrder(right));
    }),
    { numRuns: process.env.MOORING_FULL === '1' ? 20_000 : 2_000 },
  );
});
