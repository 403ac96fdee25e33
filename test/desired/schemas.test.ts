// The JSON Schemas that editors use agree with the loader: no red line under what is valid, and one under what is not.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeContract } from '../../src/desired/edit/write-contract.ts';
import { inline, isList, isMap, toData, type YamlData } from '../../src/desired/edit/yaml-data.ts';
import { parseText } from '../../src/desired/parse-yaml.ts';
import { kindSchema } from '../../src/kinds/json-schema.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import {
  actExample,
  addressesExample,
  approvalExample,
  digestExample,
  environmentExample,
  ignoresExample,
  incidentExample,
  liftsExample,
  policyExample,
  resumeExample,
} from './examples.ts';
import { liveState } from './live-states.ts';
import { findingsOf, sample } from './world.ts';

const ajv = new Ajv({ strict: false, allErrors: true });
const runs = process.env.MOORING_FULL === '1' ? 4_000 : 400;

const files = [
  ['environment.yaml', 'environment', environmentExample],
  ['policy.yaml', 'policy', policyExample],
  ['addresses.yaml', 'addresses', addressesExample],
  ['lifts.yaml', 'lifts', liftsExample],
  ['ignores.yaml', 'ignores', ignoresExample],
  [`approvals/${digestExample}.yaml`, 'approval', approvalExample],
  ['acts/spring.yaml', 'act', actExample],
  [`incidents/${incidentExample}.yaml`, 'resume', resumeExample],
] as const;

function schemaOf(name: string) {
  return ajv.compile(JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')));
}

/** What an editor makes of a text: YAML 1.2 with types. */
function asEditor(text: string): unknown {
  return parse(text, { schema: 'core' });
}

function refusedByLoader(name: string, text: string): boolean {
  return findingsOf({ 'contracts/sample.yaml': sample(''), [name]: text }).some(
    (finding) => finding.severity === 'error' && finding.source?.file.endsWith(name),
  );
}

function dataOf(text: string): YamlData {
  const file = parseText('x.yaml', text, []);
  if (file === null) throw new Error('not readable');
  return toData(file.root);
}

/** Every place in a document, as a path of keys and positions. */
function placesIn(data: YamlData, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const below = isMap(data)
    ? [...data].flatMap(([key, value]) => placesIn(value, [...path, key]))
    : data !== null && isList(data)
      ? data.flatMap((value, i) => placesIn(value, [...path, i]))
      : [];
  return [path, ...below];
}

function changeAt(data: YamlData, path: readonly (string | number)[], change: (data: YamlData) => YamlData): YamlData {
  const [key, ...rest] = path;
  if (key === undefined) return change(data);
  if (isMap(data)) return new Map([...data].map(([name, value]) => [name, name === key ? changeAt(value, rest, change) : value]));
  return data !== null && isList(data) ? data.map((value, i) => (i === key ? changeAt(value, rest, change) : value)) : data;
}

const replacement: fc.Arbitrary<YamlData> = fc.constantFrom<YamlData>(
  '5',
  '-5',
  '1.5',
  'true',
  'abc',
  '',
  '60%',
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  [],
  ['5'],
  new Map(),
  new Map([['x', '1']]),
);

type Change = { what: 'replace' | 'drop' | 'add' | 'rename'; value: YamlData };
const anyChange: fc.Arbitrary<Change> = fc.record({ what: fc.constantFrom('replace', 'drop', 'add', 'rename'), value: replacement });

function changed(data: YamlData, { what, value }: Change): YamlData {
  if (what === 'replace' || !isMap(data)) return value;
  const entries = [...data];
  if (what === 'add') return new Map([...entries, ['unheardOf', value]]);
  if (what === 'drop') return new Map(entries.slice(1));
  return new Map(entries.map(([key, item], i) => [i === 0 ? `${key}x` : key, item]));
}

describe.each(files)('%s', (name, schema, example) => {
  const validate = schemaOf(schema);

  test('its example is valid for both', () => {
    expect(validate(asEditor(example)), JSON.stringify(validate.errors)).toBe(true);
    expect(refusedByLoader(name, example)).toBe(false);
  });

  test('every property has a description', () => {
    const text = readFileSync(new URL(`../../schemas/${schema}.schema.json`, import.meta.url), 'utf8');
    const properties = (JSON.parse(text) as { properties: Record<string, { description?: string; const?: string }> }).properties;
    expect(Object.entries(properties).filter(([, value]) => value.description === undefined && value.const === undefined)).toEqual([]);
  });

  test('what the loader takes, the schema takes', () => {
    const data = dataOf(example);
    const places = placesIn(data);
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places), anyChange, (path, change) => {
        const text = `${inline(changeAt(data, path, (at) => changed(at, change)))}\n`;
        const refused = refusedByLoader(name, text);
        taken += refused ? 0 : 1;
        if (!refused) expect(validate(asEditor(text)), `${text}\n${JSON.stringify(validate.errors)}`).toBe(true);
      }),
      { numRuns: runs },
    );
    expect(taken).toBeGreaterThan(0);
  });

  test('a shape that is wrong is refused by both', () => {
    const data = dataOf(example);
    const maps = placesIn(data).filter((path) => {
      let found: YamlData = data;
      for (const key of path)
        found = isMap(found) ? (found.get(String(key)) ?? null) : isList(found ?? []) ? ((found as readonly YamlData[])[Number(key)] ?? null) : null;
      return isMap(found);
    });
    const free = ['addresses', 'tokens', 'signers'];
    for (const path of maps.filter((candidate) => !free.includes(String(candidate[0])))) {
      const text = `${inline(changeAt(data, path, (at) => changed(at, { what: 'add', value: '1' })))}\n`;
      expect([path, refusedByLoader(name, text), validate(asEditor(text))]).toEqual([path, true, false]);
    }
  });
});

describe('contract files', () => {
  const kinds = loadKinds();
  test.each([...kinds.values()].filter((kind) => kind.fields.size > 0).map((kind) => [kind.name, kind] as const))(
    '%s: what import writes has no red line',
    (_, kind) => {
      const validate = ajv.compile(kindSchema(kind));
      const names = new Map([['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', 'account-a']]);
      fc.assert(
        fc.property(liveState(kind), (state) => {
          const text = writeContract({ state, kind, names, tokens: new Map([['AGIALPHA', 18]]) });
          expect(validate(asEditor(text)), `${text}\n${JSON.stringify(validate.errors)}`).toBe(true);
        }),
        { numRuns: runs / 10 },
      );
    },
  );
});
