// What changes between approval and apply under a plan that looks the same: the code behind an address.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/types.ts';
import { codesIn, type Desk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { compileContract } from '../support/compile.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import { add, set } from './scenario.ts';

const proxySource = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Proxy {
  fallback() external {
    assembly {
      let target := sload(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc)
      calldatacopy(0, 0, calldatasize())
      let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
      returndatacopy(0, 0, returndatasize())
      if iszero(ok) { revert(0, returndatasize()) }
      return(0, returndatasize())
    }
  }
}`;
const slot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
const first = `0x${'a1'.repeat(20)}`;
const second = `0x${'b2'.repeat(20)}`;

let world: FieldWorld;
let desk: Desk;
let original: Hex;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
  original = await world.node.ask<Hex>('eth_getCode', [world.addresses['arena'], 'latest']);
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  // The arena with all that it holds, behind a proxy.
  await world.node.setCode(first, original);
  await world.node.setCode(second, original);
  await world.node.setCode(world.addresses['arena'] ?? '', compileContract('test/Proxy.sol', 'Proxy', proxySource).runtime);
  await pointTo(first);
  desk = world.desk();
});
afterEach(() => desk?.remove());

async function pointTo(implementation: string): Promise<void> {
  await world.node.ask('anvil_setStorageAt', [world.addresses['arena'], slot, `0x${implementation.slice(2).padStart(64, '0')}`]);
  await world.node.mine();
}

function mooring(line: string): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`);
}

async function plan(): Promise<PlanFile> {
  const said = await mooring('plan --format json');
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return parsePlan(said.stdout);
}

const upgrades: readonly [how: string, upgrade: () => Promise<unknown>][] = [
  ['points to another implementation', () => pointTo(second)],
  ['points to the same address, where other code stands', () => world.node.setCode(first, `${original}00`)],
  ['is replaced by a contract without a proxy', () => world.node.setCode(world.addresses['arena'] ?? '', original)],
];

describe.each(upgrades)('a proxy that %s after the approval', (_, upgrade) => {
  test('makes the approved plan stale, and nothing is sent', async () => {
    desk.edit(`${folder}/contracts/arena.yaml`, [set('baseTeacherReward', '120 AGIALPHA')]);
    const approved = await plan();
    expect(approved.findings.map(({ code }) => code)).toEqual(['CODE_PROXY']);
    expect((await plan()).digest).toBe(approved.digest);
    await upgrade();
    const fresh = await plan();
    expect(fresh.digest).not.toBe(approved.digest);
    expect(codesIn(fresh.findings)).toEqual([]);
    const applied = await mooring(`apply --digest ${approved.digest} --quiet`);
    expect(applied.exit, applied.stdout + applied.stderr).toBe(4);
    expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
    await expect(steady(applied.stderr)).toMatchFileSnapshot('../golden/scenarios/apply-other-code.txt');
  });

  test('stops what remains of a run, too', async () => {
    desk.edit(`${folder}/contracts/arena.yaml`, [set('baseTeacherReward', '120 AGIALPHA'), add('orchestrators', 'orchestrator-c')]);
    const approved = await plan();
    const run = desk.spawn(`apply --digest ${approved.digest} --env ${environmentName}`);
    world.proxy.hooks.before = (exchange) => {
      const isSending = exchange.calls.some(({ method }) => method === 'eth_sendRawTransaction');
      if (isSending || world.proxy.count('eth_sendRawTransaction') === 0) return undefined;
      run.kill();
      return 'hang';
    };
    expect((await run.said).exit).toBe(137);
    world.proxy.hooks = {};
    await upgrade();
    const applied = await mooring(`apply --digest ${approved.digest} --quiet`);
    expect(applied.exit, applied.stdout + applied.stderr).toBe(4);
    expect((await world.sent()).handedOver).toBe(1);
    expect(applied.stderr).toContain('would run other code than when the plan was approved');
  });
});
