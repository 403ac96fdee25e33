// The nets under new entries: a splice that goes wrong, or an entry that reads as another, never reaches a file.
import { expect, test, vi } from 'vitest';
import { appendIgnore, appendLift } from '../../src/desired/edit/append-entry.ts';
import type { Ignore, Lift } from '../../src/types.ts';
import { liftsExample } from './examples.ts';

const lift: Lift = { contract: 'a', field: 'b', transaction: `0x${'1'.repeat(64)}`, reason: 'c', by: 'd' };
const ignore: Ignore = { contract: 'a', field: 'b', until: 60n, owner: 'c', reason: 'd' };
const impossible = expect.objectContaining({ code: 'EDIT_IMPOSSIBLE' });

vi.mock('../../src/desired/edit/splice.ts', async (original) => ({
  ...(await original<typeof import('../../src/desired/edit/splice.ts')>()),
  addItemLines: (text: string) => [{ start: text.length, end: text.length, text: '  - contract: other\n' }],
}));
vi.mock('../../src/desired/read-ignores.ts', () => ({ readIgnores: () => [{ ...ignore, field: 'other' }] }));

test('an entry that comes out as another is refused', () => {
  expect(() => appendLift(liftsExample, lift)).toThrow(impossible);
  expect(appendLift(null, lift)).toMatch(/contract: a\n/);
});

test('an entry that is read as another is refused', () => {
  expect(() => appendIgnore(null, ignore)).toThrow(impossible);
  expect(appendIgnore(null, { ...ignore, field: 'other' })).toMatch(/field: other\n/);
});
