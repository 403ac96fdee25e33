// An apply of an act killed at each stage, its disk lost: another machine goes on, and the slash is there exactly once.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPackage } from '../../scripts/build.ts';
import { folder } from '../support/field-world.ts';
import { actFile, openRound, reasonsOf, stakeLeft } from '../support/slash-world.ts';
import { dieAt, stages } from './kill-stages.ts';
import { mergeActs } from './merge-acts.ts';
import { usePrWorld } from './use-pr-world.ts';

const bundle = join(import.meta.dirname, '../../.toolchain', `acts-killed-${process.pid}`);
const scene = usePrWorld();
const { approve } = mergeActs(scene);
let number: number;

beforeAll(() => buildPackage(bundle));
afterAll(() => rmSync(bundle, { recursive: true, force: true }));
beforeEach(async () => {
  await openRound(scene.field);
  number = await approve('slash', { [`${folder}/acts/spring.yaml`]: actFile() });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
});

test.each(stages)('$name', async (stage) => {
  await dieAt(scene, bundle, stage);
  for (let time = 0; time < 2; time += 1) {
    const next = await scene.machine().mooring('pr apply --env field --lease-timeout 1');
    expect(next.exit, next.stdout + next.stderr).toBe(0);
    expect(await reasonsOf(scene.field)).toEqual(['moderation:block [field/spring]']);
  }
  expect(await stakeLeft(scene.field)).toBe(95n);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
});
