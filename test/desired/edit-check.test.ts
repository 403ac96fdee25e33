// The net under edits: a splice that goes wrong never reaches a file.
import { expect, test, vi } from 'vitest';
import { editDocument } from '../../src/desired/edit/edit.ts';

vi.mock('../../src/desired/edit/splice.ts', async (original) => ({
  ...(await original<typeof import('../../src/desired/edit/splice.ts')>()),
  replaceValue: (text: string) => [{ start: 0, end: text.length, text: 'a: 3\n' }],
}));

test('an edit whose result says something else is refused', () => {
  expect(() => editDocument('a: 1\n', [{ path: ['a'], set: '2' }])).toThrow(expect.objectContaining({ code: 'EDIT_IMPOSSIBLE' }));
  expect(editDocument('a: 1\n', [{ path: ['a'], set: '3' }])).toBe('a: 3\n');
});
