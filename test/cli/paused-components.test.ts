// Which contracts an incident is about where nobody names them: what is paused, or may be; a whole with all of its parts.
import { expect, test } from 'vitest';
import type { FlagNow } from '../../src/apply/pause/paused-now.ts';
import { concerned } from '../../src/cli/incident/paused-components.ts';

const contracts = ['whole', 'one', 'two'].map((name) => ({ name, address: `0x${name}` }));
const flag = (contract: string, part: string | null, address: string, is: FlagNow['is']): FlagNow => ({
  ...{ part, address, is },
  target: { contract, kind: 'X', address, field: 'paused', value: true },
});
const own = (one: FlagNow['is'], two: FlagNow['is']) => [flag('one', null, '0xone', one), flag('two', null, '0xtwo', two)];
const parts = (one: FlagNow['is'], two: FlagNow['is']) => [flag('whole', 'a', '0xONE', one), flag('whole', 'b', '0xtwo', two)];
const names = (...flags: FlagNow[]) => concerned(contracts, flags).map(({ name }) => name);

test('a whole is there with all of its parts, and not with some that have files', () => {
  expect(names(...own('paused', 'paused'), ...parts('paused', 'paused'))).toEqual(['whole', 'one', 'two']);
  expect(names(...own('paused', 'running'), ...parts('paused', 'running'))).toEqual(['one']);
  expect(names(...own('running', 'running'), ...parts('running', 'running'))).toEqual([]);
});

test('for a part without a file the whole is there', () => {
  expect(names(flag('whole', 'a', '0xother', 'paused'), flag('whole', 'b', '0xtwo', 'running'))).toEqual(['whole']);
});

test('what is not known counts as paused', () => {
  expect(names(...own('unknown', 'running'))).toEqual(['one']);
});
