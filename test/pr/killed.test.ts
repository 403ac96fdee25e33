// `mooring pr apply` killed at each stage, its disk lost: another machine goes on, nothing is sent twice, everything is told once.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPackage } from '../../scripts/build.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Log } from '../../src/types.ts';
import { dieAt, stages } from './kill-stages.ts';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const bundle = join(import.meta.dirname, '../../.toolchain', `killed-${process.pid}`);
const scene = usePrWorld();
let number: number;

beforeAll(() => buildPackage(bundle));
afterAll(() => rmSync(bundle, { recursive: true, force: true }));
beforeEach(async () => {
  number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.ci.mooring('pr plan');
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
});

async function timesSet(): Promise<number> {
  const filter = { address: scene.field.addresses['arena'], topics: [id('RewardSplitsUpdated(uint16,uint16,uint16)')], fromBlock: '0x39', toBlock: 'latest' };
  return (await scene.field.node.ask<Log[]>('eth_getLogs', [filter])).length;
}

test.each(stages)('$name', async (stage) => {
  await dieAt(scene, bundle, stage);
  const next = await scene.machine().mooring('pr apply --env field --lease-timeout 1');
  expect(next.exit, next.stdout + next.stderr).toBe(0);
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
  expect(await timesSet()).toBe(1);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  expect((await scene.github.comments(number)).filter(({ body }) => body.startsWith('<!-- mooring:apply'))).toHaveLength(1);
});
