// Edits of contract files in the nouns of state: what they write, and that they mean what they say.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editContract, type FieldEdit } from '../../src/desired/edit/edit-contract.ts';
import { writeContract } from '../../src/desired/edit/write-contract.ts';
import { readDeclared } from '../../src/desired/read-declared.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import type { FieldValue } from '../../src/types.ts';
import { sameValue } from '../../src/values.ts';
import { liveState, pool } from './live-states.ts';
import { accounts, allKinds, sample } from './world.ts';

const kind = allKinds.get('Sample') ?? fail();
function fail(): never {
  throw new Error('no such kind');
}

const tokens = new Map([['AGIALPHA', 18]]);
const bookOf = (names: Readonly<Record<string, string>>) => ({
  byName: new Map(Object.entries(names).map(([name, address]) => [name, { address, source: { file: '', line: 1, column: 1 } }])),
  byAddress: new Map(Object.entries(names).map(([name, address]) => [address, name])),
});
const context = { file: 'sample.yaml', kind, addresses: bookOf(accounts), tokens };
const stranger = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

function underFirstNames(of: Kind, values: ReadonlyMap<string, FieldValue>): Map<string, FieldValue> {
  return new Map([...values].map(([path, value]) => [of.fields.get(path)?.aliasOf ?? path, value]));
}

const head = sample('');
const spec = `spec:
  boss: account-a
  stake: 150 AGIALPHA  # enough
  allowed:
    - account-a  # first
    - "${accounts['account-b']}"
  level: { agent: 0.9 }
  types: { account-a: 150% }
observe: [floor, rounds]
`;

const scalar = (value: bigint | string | boolean): FieldValue => ({ type: 'scalar', value });

describe('editContract', () => {
  test.each<[what: string, edit: FieldEdit, from: string, to: string]>([
    ['an amount', { path: 'stake', set: scalar(2n * 10n ** 18n) }, '150 AGIALPHA', '2 AGIALPHA'],
    ['a field under the other name that the file has it by', { path: 'owner', set: scalar(accounts['account-c']) }, 'boss: account-a', 'boss: account-c'],
    ['an account without a name', { path: 'boss', set: scalar(stranger) }, 'boss: account-a', `boss: "${stranger}"`],
    ['a member', { path: 'allowed', add: accounts['account-c'] }, '  level', '    - account-c\n  level'],
    ['a member that is written as an address', { path: 'allowed', remove: accounts['account-b'] }, `    - "${accounts['account-b']}"\n`, ''],
    [
      'a whole set, member by member',
      { path: 'allowed', set: { type: 'members', members: [accounts['account-c'], accounts['account-a']] } },
      `- "${accounts['account-b']}"`,
      '- account-c',
    ],
    ['a key', { path: 'level.agent', set: { type: 'unset' } }, 'agent: 0.9', 'agent: unset'],
    [
      'a new key',
      { path: 'level.validator', set: { type: 'range', min: 10n ** 18n, max: 2n * 10n ** 18n } },
      '0.9 }',
      '0.9, validator: { within: [1.0, 2.0] } }',
    ],
    [
      'a collection',
      {
        path: 'types',
        set: {
          type: 'entries',
          entries: new Map([
            [accounts['account-a'], 150n],
            [stranger, 5n],
          ]),
        },
      },
      '150% }',
      `150%, "${stranger}": 5% }`,
    ],
    [
      'a new set',
      { path: 'roles.MINTER_ROLE', set: { type: 'members', members: [accounts['account-b']] } },
      'observe',
      '  roles: { MINTER_ROLE: [account-b] }\nobserve',
    ],
    ['an observed field', { path: 'floor', set: scalar(5n) }, 'observe: [floor, rounds]', '  floor: 5\nobserve: [rounds]'],
    ['a field to observe', { path: 'stake', observe: true }, '  stake: 150 AGIALPHA  # enough\n', ''],
    ['a field no more', { path: 'stake', drop: true }, '  stake: 150 AGIALPHA  # enough\n', ''],
  ])('%s', (_, edit, from, to) => {
    const expected = (head + spec).replace(from, () => to);
    const observed = 'observe' in edit ? expected.replace('rounds]', 'rounds, stake]') : expected;
    expect(editContract(head + spec, [edit], context)).toBe(observed);
  });

  test.each<[what: string, edit: FieldEdit]>([
    ['an unknown field', { path: 'stakes', set: scalar(1n) }],
    ['a value that the field refuses', { path: 'stake', set: scalar(0n) }],
    ['a member that is there', { path: 'allowed', add: accounts['account-a'] }],
    ['a member that is there by its address', { path: 'allowed', add: accounts['account-b'] }],
    ['a member that is not there', { path: 'allowed', remove: accounts['account-c'] }],
    ['a field that is not there', { path: 'low', drop: true }],
    ['unset where that is not possible', { path: 'stake', set: { type: 'unset' } }],
    ['what was not read', { path: 'stake', set: { type: 'unknown', reason: '' } }],
  ])('refuses %s', (_, edit) => {
    expect(() => editContract(head + spec, [edit], context)).toThrow(expect.objectContaining({ code: 'EDIT_IMPOSSIBLE' }));
  });
});

const varied = [...allKinds.values()].filter((candidate) => candidate.fields.size > 3);

test.each(varied.map((one) => [one.name, one] as const))('%s: any file that import writes can be made to say what another live state says', (_, one) => {
  const addresses = bookOf(Object.fromEntries(pool.slice(2, 5).map((address, i) => [`known-${i}`, address])));
  const input = { kind: one, names: addresses.byAddress, tokens };
  const own = { file: 'x.yaml', kind: one, addresses, tokens };
  const declaredIn = (text: string) => underFirstNames(one, readDeclared(text, own).declared);
  fc.assert(
    fc.property(liveState(one), liveState(one), (first, second) => {
      const text = writeContract({ ...input, state: first });
      const wanted = declaredIn(writeContract({ ...input, state: second }));
      const there = declaredIn(text);
      const edits = [...wanted].filter(([path, value]) => !sameValue(there.get(path) ?? unknown, value)).map(([path, set]) => ({ path, set }));
      expect(declaredIn(editContract(text, edits, own))).toEqual(new Map([...there, ...wanted]));
    }),
    { numRuns: process.env.MOORING_FULL === '1' ? 100 : 15 },
  );
});

const unknown: FieldValue = { type: 'unknown', reason: '' };
