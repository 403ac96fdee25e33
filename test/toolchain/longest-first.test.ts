// Long test files begin first, and the list of them names files that there are.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { longest, longestFirst } from '../support/longest-first.ts';

test('every long file that is listed is there', () => {
  expect(longest.filter((path) => !existsSync(join(import.meta.dirname, '..', path)))).toEqual([]);
});

test('listed files come first, in the order of the list, and the others as they were', () => {
  const [first = '', second = ''] = longest;
  const files = ['/a/test/plan/b.test.ts', `/a/test/${second}`, '/a/test/plan/a.test.ts', `/a/test/${first}`].map((moduleId) => ({ moduleId }));
  expect(longestFirst(files).map(({ moduleId }) => moduleId)).toEqual([
    `/a/test/${first}`,
    `/a/test/${second}`,
    '/a/test/plan/b.test.ts',
    '/a/test/plan/a.test.ts',
  ]);
});
