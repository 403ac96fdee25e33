import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { readPlainYaml } from '../../src/kinds/read-plain-yaml.ts';
import { vault } from './own-kinds.ts';

/** What the library makes of it; undefined where it finds anything wrong. */
function byLibrary(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', schema: 'core', intAsBigInt: true, uniqueKeys: true, logLevel: 'error' });
  return document.errors.length + document.warnings.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
}

const folder = 'schemas/kinds';
const builtIn = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(`${folder}/${file}`, 'utf8'));

it('reads every built-in kind, as the library does', () => {
  for (const text of [...builtIn, vault]) {
    const read = readPlainYaml(text);
    expect(read).not.toBeNull();
    expect(read).toEqual(byLibrary(text));
  }
});

it.each([
  'a: 1 # one\n# two\n\nb:\n    - x\n    -   y: [1, -2, "a, b", \'c\']\n        z: {q: r}\n'.replace('{q: r}', '{ q: r }'),
  'a:\n  b:\n    c: d e f\n  g: "h"\n',
  'a: []\nb: {}\nc: [ ]\nd: { }\ne: [ a , b ]\n',
  'a: function f(uint256 x) view returns ((address a, uint256 b)[])\n',
  'a: x#y\nb: 007\nc: -0\nd: true\ne: truest\n',
  'a: é ü 漢\n',
])('reads %j', (text) => {
  expect(readPlainYaml(text)).not.toBeNull();
  expect(readPlainYaml(text)).toEqual(byLibrary(text));
});

it.each([
  '',
  'a',
  'a:\n',
  'a:\nb: 1\n',
  'a: 1\na: 2\n',
  'a: *x\n',
  'a: &x 1\n',
  'a: !t 1\n',
  '<<: { a: 1 }\n',
  'a: 1.5\n',
  'a: 0x1f\n',
  'a: 1e3\n',
  'a: null\n',
  'a: True\n',
  'a: +1\n',
  'a: "x\\n"\n',
  "a: 'it''s'\n",
  'a: |\n  x\n',
  'a: >-\n  x\n',
  'a: b\n  c\n',
  'a: b: c\n',
  'a: [b\n  ]\n',
  'a: [b,]\n',
  'a: [,b]\n',
  'a: {b}\n',
  'a: [b] c\n',
  'a: "b" c\n',
  'a:\tb\n',
  'a: b\r\n',
  '---\na: b\n',
  'a: b\n---\nc: d\n',
  '1: a\n',
  '"__proto__": a\n',
  '? a\n: b\n',
  'a: - b\n',
  '- a\nb: c\n',
  'a: b\n- c\n',
  'a: b\u00a0\n',
  'a: "b # c"\n',
])('leaves %j to the library', (text) => {
  expect(readPlainYaml(text)).toBeNull();
});

const pieces = fc.constantFrom(
  ' ',
  '  ',
  '\n',
  '\n  ',
  '- ',
  ': ',
  ':',
  ',',
  '[',
  ']',
  '{ ',
  ' }',
  '"',
  "'",
  '#',
  ' #',
  '&a',
  '*a',
  '!',
  '|',
  '>',
  '%',
  '@',
  '`',
  '?',
  '-',
  '.',
  '0',
  '1',
  '-1',
  '1.5',
  '0x1',
  '1e3',
  '~',
  'null',
  'true',
  'no',
  'a',
  'name',
  '\\',
  '\t',
  'é',
  '\u2028',
  '...',
  '---',
  '<<: ',
);

it('never differs from the library, on changed kinds and on random pieces', () => {
  const cut = fc.tuple(fc.constantFrom(...builtIn, vault), fc.nat(), fc.nat(30), fc.array(pieces, { maxLength: 4 }));
  const changed = cut.map(([text, at, length, inserted]) => text.slice(0, at % text.length) + inserted.join('') + text.slice((at % text.length) + length));
  const random = fc.array(pieces, { maxLength: 25 }).map((all) => all.join(''));
  const small = fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'a.b', '"c"'), fc.array(pieces, { maxLength: 4 })), { maxLength: 5 })
    .map((all) => all.map(([key, value]) => `${key}: ${value.join('')}`).join('\n'));
  let read = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        random,
        small,
        changed.map((text) => text.slice(0, 3000)),
      ),
      (text) => {
        const value = readPlainYaml(text);
        if (value === null) return;
        read += 1;
        expect(value).toEqual(byLibrary(text));
      },
    ),
    { numRuns: process.env['MOORING_FULL'] === '1' ? 30_000 : 3000 },
  );
  expect(read).toBeGreaterThan(50);
}, 300_000);
