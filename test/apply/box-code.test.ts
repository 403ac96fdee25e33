import { expect, test } from 'vitest';
import { compileContract } from '../support/compile.ts';
import { boxCode } from './box-code.ts';

test('the committed code of the Box is what its source compiles to', () => {
  expect(boxCode).toBe(compileContract('test/apply/Box.sol', 'Box').runtime);
});
