import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keccak256 } from '../../src/kinds/keccak.ts';
import type { Address } from '../../src/types.ts';
import { addressOf, counterCode, echoCode } from './probe-codes.ts';
import { contractIn, startWorld, type World } from './world.ts';

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

describe('code identity', () => {
  const implementation = addressOf(42);
  const word = (address: Address): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
  const slots = {
    erc1967: '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc',
    beacon: '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50',
  };
  const at = addressOf(41);

  async function codeOf(): Promise<unknown> {
    await world.node.setCode(implementation, counterCode);
    return contractIn(await world.read({ contracts: [world.ref('thermostat', { address: at })] }), 'thermostat').code;
  }

  test('is the hash of the code', async () => {
    await world.node.setCode(at, echoCode);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode) });
  });

  test('of an ERC-1967 proxy names the implementation and its hash', async () => {
    await world.node.setCode(at, echoCode);
    await world.node.ask('anvil_setStorageAt', [at, slots.erc1967, word(implementation)]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'erc1967', implementation, hash: keccak256(counterCode) } });
  });

  test('of a beacon proxy names what the beacon points to', async () => {
    const beacon = addressOf(43);
    await world.node.setCode(at, echoCode);
    await world.node.setCode(beacon, `0x73${implementation.slice(2).toLowerCase()}60005260206000f3`);
    await world.node.ask('anvil_setStorageAt', [at, slots.beacon, word(beacon)]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'beacon', implementation, hash: keccak256(counterCode) } });
  });

  test.each([
    ['ERC-1167', '363d3d373d3d3d363d73', '5af43d82803e903d91602b57fd5bf3'],
    ['ERC-7511', '365f5f375f5f365f73', '5af43d5f5f3e5f3d91602a57fd5bf3'],
  ])('of a clone (%s) names what it copies', async (_, head, tail) => {
    const code = `0x${head}${implementation.slice(2).toLowerCase()}${tail}`;
    await world.node.setCode(at, code);
    expect(await codeOf()).toEqual({ hash: keccak256(code), proxy: { type: 'clone', implementation, hash: keccak256(counterCode) } });
  });

  test('of a proxy for nothing has no hash behind it', async () => {
    await world.node.setCode(at, echoCode);
    await world.node.ask('anvil_setStorageAt', [at, slots.erc1967, word(addressOf(999))]);
    expect(await codeOf()).toEqual({ hash: keccak256(echoCode), proxy: { type: 'erc1967', implementation: addressOf(999), hash: null } });
  });
});
