// Finds the scenarios beside this file and registers a test for each, on one chain that goes back to its start between them.
// Folders that begin with a number are failures of scripts in the field, by their number in the list of fourteen. Twelve is
// in 12-failed-apply.test.ts, since it takes more than a plan; fourteen is about rewards, which no command here pays yet.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import { type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { play, type Scenario } from './scenario.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const scenarios: (Scenario & { name: string })[] = [];
for (const name of folders.sort()) {
  const { scenario } = (await import(join(import.meta.dirname, name, 'scenario.ts'))) as { scenario: Scenario };
  scenarios.push({ ...scenario, name });
}

/** Golden files are `<scenario>/plan.<variant>.txt`. */
export function useScenarios(variant: Variant, on: 'anvil' | 'hardhat'): void {
  describe(`the plan, where ${variant === 'key' ? 'one key owns everything' : 'SystemPause owns the modules'},`, () => {
    let world: FieldWorld;
    beforeAll(async () => {
      world = await startFieldWorld({ variant, on });
    });
    afterAll(() => world?.stop());
    for (const scenario of scenarios.filter(({ variants = ['key'] }) => variants.includes(variant)))
      test(`${scenario.name}: ${scenario.says}`, () => play(world, scenario, join(import.meta.dirname, scenario.name, `plan.${variant}.txt`)));
  });
}
