// Break-glass on the embedded chain, which mines as it is sent to and answers a revert with an error.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { operator, said, targets } from './pause-world.ts';

let world: FieldWorld;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed', on: 'hardhat' });
});
afterAll(() => world.stop());

test('the owner pauses directly and through SystemPause, the guardian finds it done', async () => {
  const owner = operator(world, world.deployment.accounts.owner);
  const guardian = operator(world, world.deployment.accounts.guardian);
  const everything = targets(world, 'arena', 'system-pause', 'engine-targets');
  expect(new Set(said(await owner.pause(everything)).map((row) => row.split(' ')[1]))).toEqual(new Set(['paused']));
  expect(new Set(said(await guardian.pause(everything)).map((row) => row.split(' ')[1]))).toEqual(new Set(['already']));
  await world.byHand({ on: 'arena', call: 'unpause' });
  expect(said(await guardian.pause(everything))[0]).toBe('arena paused');
  owner.close();
  guardian.close();
});

test('single modules, through SystemPause', async () => {
  await world.reset();
  const owner = operator(world, world.deployment.accounts.owner);
  const report = await owner.pause(targets(world, 'fee-pool', 'stake-manager'));
  expect(said(report)).toEqual(['fee-pool paused', 'stake-manager paused']);
  owner.close();
});
