import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prove } from '../../src/simulate/prove.ts';
import { type PlanWorld, startPlanWorld } from './plan-world.ts';
import { members, scalar } from './states.ts';

describe('a plan on our contracts, one key owning everything', () => {
  let world: PlanWorld;
  beforeAll(async () => {
    world = await startPlanWorld();
  });
  afterAll(() => world.stop());

  test.each(['simulateV1', 'runner', 'fork'] as const)('%s proves a plan over several contracts', async (method) => {
    const { accounts } = world.deployment;
    const edits = {
      arena: { teacherRewardSplitBps: scalar(6000n), studentRewardSplitBps: scalar(2500n), validatorRewardSplitBps: scalar(1500n), orchestrators: members(accounts.orchestratorA.address, accounts.orchestratorC.address) },
      stakeManager: { feePct: scalar(7n), minStake: scalar(9n * 10n ** 18n) },
      thermostat: { 'roleTemperature.agent': scalar(11n * 10n ** 17n) },
    };
    const t = performance.now();
    const { plan, live, desired } = await world.plan(edits);
    const t1 = performance.now();
    const proven = await prove({ plan, live, desired, kinds: world.kinds, chain: world.chain, methods: [method] });
    console.log(method, t1 - t, performance.now() - t1);
    console.dir(plan.findings, { depth: 5 });
    console.dir(proven.findings, { depth: 5 });
    console.dir(proven.simulation, { depth: 6 });
    expect(proven.findings).toEqual([]);
    expect(proven.simulation).toMatchObject({ status: 'proven', method });
  });
});
