import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { multicall3Address } from '../../src/live/multicall.ts';
import { multicallCode } from '../../src/live/multicall-code.ts';
import type { ContractRef } from '../../src/live/snapshot.ts';
import { addressOf, counterCode } from './probe-codes.ts';
import { startWorld, unknownPaths, type World } from './world.ts';

let world: World;
let revert: string;

beforeAll(async () => {
  world = await startWorld();
  revert = await world.node.ask<string>('evm_snapshot');
});

afterEach(async () => {
  world.proxy.hooks = {};
  world.proxy.reset();
  await world.node.ask('evm_revert', [revert]);
  revert = await world.node.ask<string>('evm_snapshot');
});

afterAll(() => world.stop());

/** A kind with `count` getters and no sets, as a user might have it. */
function wideKind(count: number): { file: string; text: string } {
  const names = Array.from({ length: count }, (_, i) => `value${i}`);
  const abi = names.map((name) => `  - function ${name}() view returns (uint256)`).join('\n');
  const fields = names.map((name) => `  ${name}: { description: Value., risk: ambiguous }`).join('\n');
  return { file: 'kinds/Wide.yaml', text: `apiVersion: mooring/v1\nkind: Kind\nname: Wide\ndescription: Many values.\nabi:\n${abi}\nfields:\n${fields}\n` };
}

describe("requests don't grow with fields", () => {
  async function requestsFor(fields: number, contracts: number): Promise<number> {
    const kinds = loadKinds({ names: ['Wide'], own: [wideKind(fields / contracts)] });
    const refs = Array.from({ length: contracts }, (_, i): ContractRef => ({ name: `wide${i}`, kind: 'Wide', address: addressOf(i), fromBlock: 0n }));
    for (const { address } of refs) await world.node.setCode(address, counterCode);
    await world.node.setCode(multicall3Address, multicallCode);
    world.proxy.hooks = { perSecond: 100 };
    const state = await world.read({ kinds, contracts: refs });
    expect(state.contracts.reduce((sum, contract) => sum + contract.fields.size, 0)).toBe(fields);
    expect(unknownPaths(state)).toEqual([]);
    expect(world.proxy.refused()).toBe(0);
    expect(world.proxy.count('eth_chainId')).toBe(1);
    return world.proxy.exchanges.length;
  }

  test('1,000 in at most 4', async () => {
    expect(await requestsFor(1000, 1)).toBeLessThanOrEqual(4);
  });

  test('1,000 over 20 contracts in at most 4', async () => {
    expect(await requestsFor(1000, 20)).toBeLessThanOrEqual(4);
  });

  test('10,000 in at most 12', async () => {
    expect(await requestsFor(10_000, 10)).toBeLessThanOrEqual(12);
  });
});

test('values are of one block though the chain moves before each request', async () => {
  const kinds = loadKinds({ names: ['Wide'], own: [wideKind(2000)] });
  const refs = [1, 2, 3, 4].map((i): ContractRef => ({ name: `wide${i}`, kind: 'Wide', address: addressOf(i), fromBlock: 0n }));
  for (const { address } of refs) await world.node.setCode(address, counterCode);
  world.proxy.hooks = {
    before: async (exchange) => {
      if (exchange.number === 1) return undefined;
      for (const { address } of refs) await world.node.send(address, '0x');
      return undefined;
    },
  };
  const state = await world.read({ kinds, contracts: refs });
  const values = new Set(
    state.contracts.flatMap((contract) => [...contract.fields.values()].map(({ value }) => (value.type === 'scalar' ? value.value : value.type))),
  );
  expect(values.size).toBe(1);
});
