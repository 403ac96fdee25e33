import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { kindCheckFile, kindCheckModule } from '../../scripts/build-kind-check.ts';
import { validate } from '../../src/kinds/kind-schema-check.mjs';
import { vault } from './own-kinds.ts';

const ajv = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('schemas/kind.schema.json', 'utf8')) as object);

it('is what the schema compiles to', () => {
  expect(readFileSync(kindCheckFile, 'utf8')).toBe(kindCheckModule());
});

it('accepts every built-in kind, parts included', () => {
  const files = readdirSync('schemas/kinds', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(12);
  for (const file of files) expect([file, ajv(parse(readFileSync(`schemas/kinds/${file}`, 'utf8')))]).toEqual([file, true]);
});

/** A copy with one leaf, key or item changed, dropped or added. */
function mutate(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof value !== 'object' || value === null || rest.length === 0) return replacement;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? mutate(item, rest, replacement) : item));
  if (step % 7 === 0) return { ...value, [String(replacement)]: replacement };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (name !== key ? [[name, item]] : replacement === null ? [] : [[name, mutate(item, rest, replacement)]])),
  );
}

it('judges changed kinds as ajv does', () => {
  const original: unknown = parse(vault);
  const replacements = fc.oneof(
    fc.constantFrom(null, true, 0, -1, 1.5, '', 'field', 'sets', 'unset', 'increase', 'modules'),
    fc.string(),
    fc.constant([]),
    fc.constant({}),
    fc.constant(['x']),
  );
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }), replacements, (steps, replacement) => {
      const changed = mutate(original, steps, replacement);
      expect(validate(changed)).toBe(ajv(changed));
    }),
    { numRuns: process.env['MOORING_FULL'] === '1' ? 20_000 : 1000 },
  );
}, 300_000);
