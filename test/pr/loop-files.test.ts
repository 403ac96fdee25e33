// Files of loops in pull requests: what breaks one is refused there, and one that is broken already holds nothing else up.
import { expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
const file = (name: string, line: string) => ({
  [`${folder}/loops/${name}.yaml`]: `apiVersion: mooring/v1\nkind: ${name === 'sentinel' ? 'Sentinel' : 'Thermostat'}\n${line}\n`,
});

async function planCheck(files: Record<string, string>): Promise<string> {
  const number = await scene.propose({ branch: 'change', files });
  await scene.plan();
  return scene.check((await scene.github.pull(number)).head.sha, 'mooring / plan (field)');
}

test.each([
  ['sentinel', 'budgetCap: 0'],
  ['thermostat', 'roiWindow: 0'],
])('loops/%s.yaml with an error makes its pull request red', async (name, line) => {
  expect(await planCheck(file(name, line))).toMatch(/^failure/);
});

test('one that is fine is an edit to be approved, without a transaction', async () => {
  expect(await planCheck(file('sentinel', 'budgetCap: 500'))).toMatch(/^success: .*without a transaction/);
});

test('one that is broken on the branch already keeps no other change from being planned', async () => {
  scene.github.push('main', file('thermostat', 'roiWindow: 0'));
  expect(await planCheck(scene.edited('arena', ...splits))).toMatch(/^success/);
});
