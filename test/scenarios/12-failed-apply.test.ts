// Field failure 12: a tool that throws after its first successful transaction, whose retry would send it twice.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import type { Log } from '../../src/types.ts';
import { callsIn, type Desk, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import { giveArena } from '../support/give-arena.ts';
import { add, set } from './scenario.ts';

let world: FieldWorld;
let desk: Desk;
let digest: string;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
  desk.edit(`${folder}/contracts/arena.yaml`, [set('baseTeacherReward', '120 AGIALPHA'), add('orchestrators', 'orchestrator-c')]);
  const plan = parsePlan((await mooring('plan --format json')).stdout);
  expect(callsIn(plan)).toEqual(['arena.setRewards', 'arena.setOrchestrator']);
  digest = plan.digest;
});
afterEach(() => desk?.remove());

function mooring(line: string): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`);
}

const apply = (): Promise<Said> => mooring(`apply --digest ${digest} --quiet`);
const isSending = (exchange: { calls: readonly { method: string }[] }): boolean => exchange.calls.some(({ method }) => method === 'eth_sendRawTransaction');

/** How often each of the two changes was made on the chain. */
async function timesDone(): Promise<{ rewards: number; orchestrator: number }> {
  const count = async (event: string): Promise<number> => {
    const filter = { address: world.addresses['arena'], topics: [id(event)], fromBlock: '0x39', toBlock: 'latest' };
    return (await world.node.ask<Log[]>('eth_getLogs', [filter])).length;
  };
  return { rewards: await count('RewardsUpdated(uint256,uint256,uint256)'), orchestrator: await count('OrchestratorUpdated(address,bool)') };
}

async function finishes(sendings: number): Promise<void> {
  world.proxy.hooks = {};
  const { exit, stdout, stderr } = await apply();
  expect(exit, stdout + stderr).toBe(0);
  expect(await timesDone()).toEqual({ rewards: 1, orchestrator: 1 });
  expect((await world.sent()).handedOver).toBe(sendings);
  expect((await apply()).exit).toBe(0);
  expect((await world.sent()).handedOver).toBe(sendings);
  expect(parsePlan((await mooring('plan --format json')).stdout).changes).toEqual([]);
}

describe('an apply that fails after its first transaction', () => {
  test('because the second would fail now, signs nothing more, says what is left, and goes on where it was', async () => {
    let sent = 0;
    world.proxy.hooks.before = async (exchange) => {
      // The first one is mined as soon as it has been handed over, so the next request finds another owner.
      if (isSending(exchange)) sent += 1;
      else if (sent === 1) {
        sent += 1;
        await giveArena(world, 'stranger');
      }
      return undefined;
    };
    const failed = await apply();
    expect(failed.exit, failed.stdout + failed.stderr).toBe(4);
    await expect(steady(failed.stdout)).toMatchFileSnapshot('../golden/scenarios/apply-partial.txt');
    await expect(steady((await mooring('status')).stdout)).toMatchFileSnapshot('../golden/scenarios/status-partial.txt');
    expect(await timesDone()).toEqual({ rewards: 1, orchestrator: 0 });
    await giveArena(world, 'owner');
    await finishes(2);
  });

  test('because the second was mined and reverted, sends only that one again', async () => {
    let sent = 0;
    world.proxy.hooks.before = async (exchange) => {
      if (isSending(exchange) && ++sent === 2) await giveArena(world, 'stranger');
      return undefined;
    };
    const failed = await apply();
    expect(failed.exit, failed.stdout + failed.stderr).toBe(1);
    await expect(steady(failed.stdout)).toMatchFileSnapshot('../golden/scenarios/apply-reverted.txt');
    await expect(steady((await mooring('status')).stdout)).toMatchFileSnapshot('../golden/scenarios/status-reverted.txt');
    expect(await timesDone()).toEqual({ rewards: 1, orchestrator: 0 });
    await giveArena(world, 'owner');
    await finishes(3);
  });

  test('because it was killed, does not know what became of it, and finds out at the retry', async () => {
    const run = desk.spawn(`apply --digest ${digest} --env ${environmentName}`);
    world.proxy.hooks.before = (exchange) => {
      if (isSending(exchange) || !world.proxy.exchanges.some(isSending)) return undefined;
      run.kill();
      return 'hang';
    };
    expect((await run.said).exit).toBe(137);
    expect(await timesDone()).toEqual({ rewards: 1, orchestrator: 0 });
    await expect(steady((await mooring('status')).stdout)).toMatchFileSnapshot('../golden/scenarios/status-killed.txt');
    await finishes(2);
  });
});
