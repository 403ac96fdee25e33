// A mutation of any single leaf of a large desired state is found: in our contracts, and in a kind with treacherous names.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument, visit } from 'yaml';
import { type Opened, openEnvironment } from '../../src/cli/environment/open.ts';
import { observe } from '../../src/cli/environment/walk.ts';
import { diskSource } from '../../src/desired/file-source.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { MooringError } from '../../src/errors.ts';
import { id, toChecksum } from '../../src/kinds/keccak.ts';
import { diff } from '../../src/plan/diff.ts';
import type { State } from '../../src/types.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

/** Field names that mean something to YAML, JSON, JavaScript or a contract file. */
const treacherous = [
  'address',
  'kind',
  'spec',
  'observe',
  'fromBlock',
  'apiVersion',
  'name',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'length',
  'yes',
  'nil',
  'e1',
];
const types: readonly [type: string, unit: string, value: string, raw: string][] = [
  ['uint8', 'count', '200', 'c8'],
  ['uint256', 'count', `${2n ** 256n - 1n}`, 'f'.repeat(64)],
  ['uint256', 'token', '9007199254740993.000000000000000001 AGIALPHA', (9007199254740993n * 10n ** 18n + 1n).toString(16)],
  ['uint16', 'bps', '33.33%', 3333n.toString(16)],
  ['uint256', 'percent', '7%', '7'],
  ['uint256', 'percentOrBps', '60%', 6000n.toString(16)],
  ['uint64', 'seconds', '90 minutes', 5400n.toString(16)],
  ['int256', 'fixed18', '-0.000000000000000001', 'f'.repeat(64)],
  ['int8', 'none', '-1', 'f'.repeat(64)],
  ['bool', 'none', 'true', '1'],
  ['bool', 'none', 'false', '0'],
  ['bytes32', 'none', `"0x${'ab'.repeat(32)}"`, 'ab'.repeat(32)],
];
const fields = [
  ...treacherous.map((name) => ({ name, type: 'uint256', unit: 'count', value: '3', raw: '3' })),
  ...Array.from({ length: 8 }, (_, round) =>
    types.map(([type, unit, value, raw], index) => ({ name: `field${round}x${index}`, type, unit, value, raw })),
  ).flat(),
];
const getterOf = (name: string): string => (treacherous.includes(name) ? `get_${name}` : name);
const wide = toChecksum(`0x${'c0de'.repeat(10)}`);
const kind = `apiVersion: mooring/v1
kind: Kind
name: Wide
description: Many fields.
abi:
${fields.map(({ name, type }) => `  - function ${getterOf(name)}() view returns (${type})\n  - function set_${name}(${type} value)`).join('\n')}
access: [anyone]
fields:
${fields.map(({ name, unit }) => `  ${name}: { description: A field., unit: ${unit}, getter: ${getterOf(name)} }`).join('\n')}
setters:
${fields.map(({ name }) => `  - { function: set_${name}, sets: [${name}] }`).join('\n')}
`;
const wideFile = `${folder}/contracts/wide.yaml`;
const wideText = `apiVersion: mooring/v1\nkind: Wide\naddress: "${wide}"\nfromBlock: 1\nspec:\n${fields.map(({ name, value }) => `  ${name}: ${value}`).join('\n')}\n`;

let world: FieldWorld;
let desk: Desk;
let opened: Opened;
let live: State;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
  await world.node.setCode(wide, '0x5f3560e01c545f5260205ff3');
  for (const { name, raw } of fields) {
    const selector = id(`${getterOf(name)}()`).slice(0, 10);
    await world.node.ask('anvil_setStorageAt', [wide, `0x${selector.slice(2).padStart(64, '0')}`, `0x${raw.padStart(64, '0')}`]);
  }
  await world.node.mine();
  desk = world.desk();
  desk.write(`${folder}/kinds/Wide.yaml`, kind);
  desk.write(wideFile, wideText);
  opened = openEnvironment({ cwd: desk.root, env: {}, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false }, { env: environmentName });
  live = await observe(opened);
});
afterAll(async () => {
  opened?.close();
  desk?.remove();
  await world?.stop();
});

type Leaf = { file: string; path: string; start: number; end: number; text: string; item: boolean };

/** Every value and list item under spec, as it stands in the text. */
function leavesOf(file: string, text: string): Leaf[] {
  const leaves: Leaf[] = [];
  visit(parseDocument(text), {
    Scalar(key, node, ancestors) {
      if (key === 'key' || node.range == null) return;
      const [start, end] = node.range;
      const keys = ancestors.flatMap((part) =>
        'key' in part && typeof part.key === 'object' && part.key !== null && 'value' in part.key ? [String(part.key.value)] : [],
      );
      if (keys[0] === 'spec') leaves.push({ file, path: keys.slice(1).join('.'), start, end, text: text.slice(start, end), item: typeof key === 'number' });
    },
  });
  return leaves;
}

/** Another value of the same form: a digit, a name, a flag. */
function mutate({ text, item, path, start }: Leaf, whole: string): string {
  // A range is another one; what it makes a difference to is what lies outside of it.
  if (path.endsWith('.within')) return whole[start - 1] === '[' ? '1.2' : '0.9';
  if (text === 'true' || text === 'false') return text === 'true' ? 'false' : 'true';
  if (text === 'unset') return '1.0';
  if (/^"0x/.test(text)) return text.length > 50 ? text.replace(/.(?="$)/, (digit) => (digit === '0' ? '1' : '0')) : 'stranger';
  const digit = /[1-9](?=0*\.?0*\D*$)/.exec(text);
  if (digit !== null && /^-?[0-9]/.test(text)) return `${text.slice(0, digit.index)}${Number(digit[0]) - 1}${text.slice(digit.index + 1)}`;
  if (/^0/.test(text)) return text.replace('0', '1');
  return item ? 'orchestrator-c' : 'stranger';
}

type Found = 'changed' | 'refused' | 'nothing';

/** What git and chain say of each other with one leaf replaced. */
function look(leaf: Leaf, whole: string, replacement: string): { found: Found; about: string[] } {
  desk.write(leaf.file, whole.slice(0, leaf.start) + replacement + whole.slice(leaf.end));
  try {
    const { desired, kinds } = loadDesired({ source: diskSource(desk.root), environment: environmentName });
    const { changes } = diff({ desired: desired.state, live, kinds });
    return { found: changes.length > 0 ? 'changed' : 'nothing', about: [...new Set(changes.map(({ field }) => field))] };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { found: 'refused', about: error.findings.flatMap(({ field }) => field ?? []) };
  } finally {
    desk.write(leaf.file, whole);
  }
}

test('to begin with, git and chain agree', async () => {
  const { desired, kinds } = loadDesired({ source: diskSource(desk.root), environment: environmentName });
  expect(diff({ desired: desired.state, live, kinds })).toMatchObject({ changes: [], findings: [] });
  expect((await desk.run(`plan --env ${environmentName} --detailed-exitcode`)).exit).toBe(0);
});

describe('a change of any one leaf', () => {
  const names = ['arena', 'stake-manager', 'system-pause', 'thermostat', 'fee-pool', 'engine-targets', 'pause-guard', 'role-book', 'wide'];

  test.each(names)('of %s is found where it is', (name) => {
    const file = `${folder}/contracts/${name}.yaml`;
    const whole = desk.read(file);
    const leaves = leavesOf(file, whole);
    expect(leaves.length).toBeGreaterThan(0);
    const results = leaves.map((leaf) => ({ leaf, to: mutate(leaf, whole), ...look(leaf, whole, mutate(leaf, whole)) }));
    const missed = results.filter(
      ({ leaf, found, about }) => found === 'nothing' || (found === 'changed' && !about.includes(leaf.path) && !about.includes(leaf.path.split('.')[0] ?? '')),
    );
    expect(missed.map(({ leaf, to, about }) => `${leaf.path}: ${leaf.text} → ${to}: ${about}`)).toEqual([]);
    // Most are other values, not mistakes.
    expect(results.filter(({ found }) => found === 'changed').length / results.length).toBeGreaterThan(0.5);
  });

  test('a leaf that goes is no longer managed, and is listed as such', () => {
    for (const { name } of fields.filter((_, index) => index % 7 === 0)) {
      desk.write(wideFile, wideText.replace(new RegExp(`\\n {2}${name}: .*`), ''));
      const { desired, kinds } = loadDesired({ source: diskSource(desk.root), environment: environmentName });
      const { changes, unmanaged } = diff({ desired: desired.state, live, kinds });
      expect(changes).toEqual([]);
      expect(unmanaged.map(({ field }) => field)).toContain(name);
    }
    desk.write(wideFile, wideText);
  });
});

test.each(treacherous)('a field named %s is one like any other, for the whole command', async (name) => {
  desk.write(wideFile, wideText.replace(`\n  ${name}: 3`, `\n  ${name}: 4`));
  const { exit, stdout } = await desk.run(`plan --env ${environmentName} --detailed-exitcode --proof never --format json`);
  expect(exit).toBe(2);
  const { changes, steps } = JSON.parse(stdout) as { changes: { id: string }[]; steps: { call: { function: string } }[] };
  expect(changes.map((change) => change.id)).toEqual([`wide.${name}`]);
  expect(steps.map((step) => step.call.function)).toEqual([`set_${name}`]);
});
