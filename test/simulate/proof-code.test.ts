import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileProofCode, proofCodeFile, proofCodeModule } from '../../scripts/build-proof-code.ts';

test('the committed runtime code is what contracts/simulate/ compiles to', () => {
  expect(readFileSync(proofCodeFile, 'utf8')).toBe(proofCodeModule(compileProofCode()));
});
