import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContractName, contractList, moduleNames } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import { rpc } from '../../scripts/deployment/sender.ts';
import type { Address, Hex } from '../../src/types.ts';
import { startAnvil } from '../support/anvil.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { deploy } from '../support/deploy.ts';
import { startHardhat } from '../support/hardhat.ts';

type Chain = { url: string; stop(): Promise<void> };

async function on(start: () => Promise<Chain>, variant: Deployment['variant']): Promise<{ deployment: Deployment; codes: Hex[] }> {
  const chain = await start();
  try {
    const deployment = await deploy({ url: chain.url, variant });
    const codes = await Promise.all(contractList.map(({ name }) => rpc<Hex>(chain.url, 'eth_getCode', [deployment.addresses[name], 'latest'])));
    return { deployment, codes };
  } finally {
    await chain.stop();
  }
}

test('a fresh chain gives the same addresses, blocks and code every time: either variant, Anvil and Hardhat’s network', async () => {
  const first = await on(() => startAnvil(), 'key');
  expect(first.codes.filter((code) => code.length < 100)).toEqual([]);
  for (const [start, variant] of [
    [() => startAnvil(), 'governed'],
    [() => startHardhat(), 'key'],
    [() => startHardhat(), 'governed'],
  ] as const) {
    const again = await on(start, variant);
    expect(again.deployment.manifest).toEqual(first.deployment.manifest);
    expect(again.codes).toEqual(first.codes);
  }
  // The committed desired state names these.
  expect(first.deployment.addresses.arena).toBe('0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0');
  expect(first.deployment.addresses.stakeManager).toBe('0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9');
  expect(first.deployment.manifest.arena).toEqual({ address: first.deployment.addresses.arena, kind: 'SelfPlayArena', fromBlock: 13n });
});

describe.each(['key', 'governed'] as const)('deployed, %s', (variant) => {
  let world: ContractWorld;
  beforeAll(async () => {
    world = await startContractWorld({ variant });
  });
  afterAll(() => world?.stop());

  test('the modules belong to the key or to SystemPause, everything else to the key', async () => {
    const { owner } = world.accounts;
    const moduleOwner = variant === 'key' ? owner.address : world.addresses.systemPause;
    for (const name of moduleNames) expect(await world.read(name, 'owner'), name).toBe(moduleOwner);
    const others: ContractName[] = ['arena', 'thermostat', 'engineTargets', 'pauseGuard', 'systemPause', 'identityRegistry', 'agentNft'];
    for (const name of others) expect(await world.read(name, 'owner'), name).toBe(owner.address);
  });

  test('the PauseGuard is the pauser of everything, and the guardian its only guardian', async () => {
    const { pauseGuard } = world.addresses;
    for (const name of [...moduleNames, 'arena', 'engineTargets'] as const) expect(await world.read(name, 'pauser'), name).toBe(pauseGuard);
    const guardians = await Promise.all(Object.values(world.accounts).map(({ address }) => world.read('pauseGuard', 'guardians', address)));
    expect(guardians.filter(Boolean)).toHaveLength(1);
    expect(await world.read('pauseGuard', 'guardians', world.accounts.guardian.address)).toBe(true);
  });

  test('its parts are wired to each other, and nothing is paused', async () => {
    const at = world.addresses;
    const links: [ContractName, string, Address][] = [
      ['arena', 'feePool', at.feePool],
      ['arena', 'stakeManager', at.stakeManager],
      ['arena', 'identityRegistry', at.identityRegistry],
      ['arena', 'jobRegistry', at.jobRegistry],
      ['stakeManager', 'feePool', at.feePool],
      ['stakeManager', 'disputeModule', at.disputeModule],
      ['stakeManager', 'validationModule', at.validationModule],
      ['stakeManager', 'thermostat', at.thermostat],
      ['stakeManager', 'treasury', world.accounts.treasury.address],
      ['feePool', 'stakeManager', at.stakeManager],
      ['feePool', 'treasury', world.accounts.treasury.address],
      ['disputeModule', 'stakeManager', at.stakeManager],
    ];
    for (const [name, getter, address] of links) expect(await world.read(name, getter), `${name}.${getter}`).toBe(address);
    expect(await world.read('stakeManager', 'validatorLockManagers', at.arena)).toBe(true);
    expect(await world.read('feePool', 'rewarders', at.arena)).toBe(true);
    for (const name of [...moduleNames, 'arena', 'engineTargets'] as const) expect(await world.read(name, 'paused'), name).toBe(false);
  });
});
