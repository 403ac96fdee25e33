// Import's files: they say what is live, they load without an error, and adding to a file keeps what stands there.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDocument } from '../../src/desired/edit/edit.ts';
import { addMissingFields, writeContract } from '../../src/desired/edit/write-contract.ts';
import { fieldAt } from '../../src/kinds/fields.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import type { ContractState, Finding } from '../../src/types.ts';
import { satisfies } from '../../src/values.ts';
import { liveState, pool } from './live-states.ts';
import { allKinds, load } from './world.ts';

const kinds = allKinds;
const runs = process.env.MOORING_FULL === '1' ? 500 : 60;

/** The address book knows some of the accounts. */
const names = new Map(pool.slice(2, 5).map((address, i) => [address, `known-${i}`]));
const book = `apiVersion: mooring/v1\nkind: AddressBook\naddresses:\n${[...names].map(([address, name]) => `  ${name}: "${address}"\n`).join('')}`;
const tokens = new Map([
  ['AGIALPHA', 18],
  ['USDC', 6],
]);

function loadFile(text: string): { contract: ContractState; errors: readonly Finding[] } {
  const { desired, warnings } = load({ 'contracts/imported.yaml': text, 'addresses.yaml': book });
  const contract = desired.state.contracts[0];
  if (contract === undefined) throw new Error('no contract');
  return { contract, errors: warnings.filter((finding) => finding.severity === 'error') };
}

/** Live paths that a file says nothing about: none but those that can't be said. */
function silent(state: ContractState, kind: Kind, declared: ContractState): string[] {
  return [...state.fields.values()].flatMap(({ path, value }) => {
    const alias = fieldAt(kind, path)?.field.aliasOf;
    const said = declared.fields.has(path) || declared.observe.has(path) || value.type === 'unknown' || (alias !== undefined && state.fields.has(alias));
    return said ? [] : [path];
  });
}

function wrong(state: ContractState, declared: ContractState): string[] {
  return [...declared.fields.values()].flatMap(({ path, value }) => {
    const live = state.fields.get(path)?.value;
    return live !== undefined && satisfies(live, value) ? [] : [path];
  });
}

describe.each([...kinds.values()].map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  test('a written file declares or observes every live value, and loads', () => {
    fc.assert(
      fc.property(liveState(kind), (state) => {
        const text = writeContract({ state, kind, names, tokens });
        const { contract, errors } = loadFile(text);
        expect(errors).toEqual([]);
        expect(wrong(state, contract)).toEqual([]);
        expect(silent(state, kind, contract)).toEqual([]);
        expect([contract.address, contract.fromBlock, contract.adoptedAt]).toEqual([state.address, state.fromBlock, state.adoptedAt]);
      }),
      { numRuns: runs },
    );
  });

  test('what is taken out of a file and added again is there again, and the rest is as it was', () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(liveState(kind), picks, (state, indexes) => {
        const whole = writeContract({ state, kind, names, tokens });
        const declared = [...loadFile(whole).contract.fields.keys()];
        const taken = [...new Set(indexes.map((index) => declared[index % declared.length] ?? ''))].filter((path) => path !== '');
        const less = withWholeGroups(kind, taken, declared).reduce((text, path) => editDocument(text, [dropOf(path)]), whole);
        const more = addMissingFields({ text: less, file: 'x.yaml', state, kind, names, tokens, addresses: bookOf() });
        const { contract, errors } = loadFile(more);
        expect(errors).toEqual([]);
        expect(silent(state, kind, contract)).toEqual([]);
        expect(wrong(state, contract)).toEqual([]);
        for (const line of less.split('\n')) if (!/^spec: |^ {2}\w+: \{\}$|^observe:/.test(line)) expect(more).toContain(line);
      }),
      { numRuns: runs },
    );
  });
});

function dropOf(path: string): { path: string[]; drop: true } {
  const dot = path.indexOf('.');
  return { path: ['spec', ...(dot < 0 ? [path] : [path.slice(0, dot), path.slice(dot + 1)])], drop: true };
}

/** Half a group can't be read. */
function withWholeGroups(kind: Kind, taken: readonly string[], declared: readonly string[]): string[] {
  const groups = kind.rules.flatMap((rule) => (rule.rule === 'sum' && rule.group ? [rule.fields] : []));
  const more = groups.filter((fields) => fields.some((field) => taken.includes(field))).flat();
  return [...new Set([...taken, ...more.filter((field) => declared.includes(field))])];
}

function bookOf() {
  return { byName: new Map([...names].map(([address, name]) => [name, { address, source: { file: '', line: 1, column: 1 } }])), byAddress: names };
}

describe('an arena as its constructor leaves it', () => {
  const kind = kinds.get('SelfPlayArena');
  if (kind === undefined) throw new Error('no such kind');
  const fields = [
    { path: 'owner', value: { type: 'scalar', value: pool[2] ?? '' } },
    { path: 'paused', value: { type: 'scalar', value: false } },
    { path: 'baseTeacherReward', value: { type: 'scalar', value: 150n * 10n ** 18n } },
    { path: 'teacherRewardSplitBps', value: { type: 'scalar', value: 10_000n } },
    { path: 'studentRewardSplitBps', value: { type: 'scalar', value: 10_000n } },
    { path: 'validatorRewardSplitBps', value: { type: 'scalar', value: 10_000n } },
    { path: 'feePool', value: { type: 'scalar', value: pool[0] ?? '' } },
    { path: 'orchestrators', value: { type: 'members', members: [pool[3] ?? '', pool[6] ?? ''] } },
    { path: 'identityRegistry', value: { type: 'unknown', reason: 'timed out' } },
    { path: 'totalRounds', value: { type: 'scalar', value: 3n } },
  ] as const;
  const state: ContractState = {
    name: 'arena',
    kind: 'SelfPlayArena',
    address: pool[1] ?? '',
    fromBlock: 12n,
    fields: new Map(fields.map((field) => [field.path, field])),
    observe: new Set(),
  };

  test('reads like this', async () => {
    await expect(writeContract({ state, kind, names, tokens, schema: '../../../schemas/contracts/SelfPlayArena.schema.json' })).toMatchFileSnapshot(
      '../golden/import-arena.yaml',
    );
  });

  test('adding to it changes nothing when nothing is missing', () => {
    const text = writeContract({ state, kind, names, tokens });
    expect(addMissingFields({ text, file: 'arena.yaml', state, kind, names, tokens, addresses: bookOf() })).toBe(text);
  });

  test('what differs from the chain is kept', () => {
    const text = editDocument(writeContract({ state, kind, names, tokens }), [
      { path: ['spec', 'baseTeacherReward'], set: '7 AGIALPHA' },
      { path: ['spec', 'paused'], drop: true },
    ]);
    const added = addMissingFields({ text, file: 'arena.yaml', state, kind, names, tokens, addresses: bookOf() });
    expect(added).toContain('baseTeacherReward: 7 AGIALPHA');
    expect(added).toContain('paused: false');
  });

  test('a file with errors is left alone', () => {
    expect(() => addMissingFields({ text: 'kind: x\n', file: 'arena.yaml', state, kind, names, tokens, addresses: bookOf() })).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  });
});
