import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractName, moduleNames, one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { namesOf } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

const as = (from: Address, on: ContractName, call: string, ...args: unknown[]) => ({ from, on, call, args });

describe.each(moduleNames.filter((name) => name !== 'stakeManager'))('%s', (name) => {
  test('owner and pauser pause and unpause, nobody else does', async () => {
    const { owner, stranger } = world.accounts;
    const { pauseGuard } = world.addresses;
    expect(await world.refusal(as(stranger.address, name, 'pause'))).toBe('NotOwnerOrPauser()');
    expect(await namesOf(world, as(pauseGuard, name, 'pause'))).toEqual(['Paused']);
    expect(await world.refusal(as(owner.address, name, 'pause'))).toBe('EnforcedPause()');
    expect(await world.refusal(as(stranger.address, name, 'unpause'))).toBe('NotOwnerOrPauser()');
    expect(await world.refusal(as(pauseGuard, name, 'unpause'))).toBeNull();
    expect(await namesOf(world, as(owner.address, name, 'unpause'))).toEqual(['Unpaused']);
    expect(await world.refusal(as(owner.address, name, 'unpause'))).toBe('ExpectedPause()');
  });

  test('owner and pauser manager name the pauser, the owner names the manager', async () => {
    const { owner, stranger } = world.accounts;
    expect(await world.refusal(as(stranger.address, name, 'setPauser', addressA))).toBe('NotOwnerOrPauserManager()');
    expect(await world.refusal(as(stranger.address, name, 'setPauserManager', addressA))).toBe(`OwnableUnauthorizedAccount(${stranger.address})`);
    expect(await namesOf(world, as(owner.address, name, 'setPauserManager', addressA))).toEqual(['PauserManagerUpdated']);
    expect(await namesOf(world, as(addressA, name, 'setPauser', stranger.address))).toEqual(['PauserUpdated']);
    expect(await namesOf(world, as(owner.address, name, 'setPauser', stranger.address))).toEqual(['PauserUpdated']);
    expect(await world.read(name, 'pauser')).toBe(stranger.address);
    expect(await world.read(name, 'pauserManager')).toBe(addressA);
  });

  test('its version is 2', async () => {
    expect(await world.read(name, 'version')).toBe(2n);
  });
});

describe('the small contracts', () => {
  test('anybody posts a job unless the registry is paused', async () => {
    const { owner, stranger } = world.accounts;
    const post = as(stranger.address, 'jobRegistry', 'createJob', `0x${'11'.repeat(32)}`);
    expect(await namesOf(world, post)).toEqual(['JobCreated']);
    expect(await world.read('jobRegistry', 'employers', 1n)).toBe(stranger.address);
    expect([await world.read('jobRegistry', 'jobExists', 0n), await world.read('jobRegistry', 'jobExists', 1n)]).toEqual([false, true]);
    expect(await world.read('jobRegistry', 'jobExists', 2n)).toBe(false);
    await world.send(as(owner.address, 'jobRegistry', 'pause'));
    expect(await world.refusal(post)).toBe('EnforcedPause()');
  });

  test('the owner raises disputes unless the module is paused or unknown to the StakeManager', async () => {
    const { owner, stranger } = world.accounts;
    const raise = as(owner.address, 'disputeModule', 'raiseDispute', 1n, 'late');
    expect(await world.refusal({ ...raise, from: stranger.address })).toBe(`OwnableUnauthorizedAccount(${stranger.address})`);
    expect(await namesOf(world, raise)).toEqual(['DisputeRaised']);
    expect(await world.read('stakeManager', 'disputeCount')).toBe(1n);
    await world.send(as(owner.address, 'stakeManager', 'setDisputeModule', world.addresses.feePool));
    expect(await world.refusal(raise)).toBe('Unauthorized()');
    await world.send(as(owner.address, 'disputeModule', 'pause'));
    expect(await world.refusal(raise)).toBe('EnforcedPause()');
  });

  test('a closed identity registry lets in who is on its list', async () => {
    const { owner, stranger } = world.accounts;
    const known = async (account: Address) => [
      await world.read('identityRegistry', 'isAuthorizedAgent', account, '', []),
      await world.read('identityRegistry', 'isAuthorizedValidator', account, '', []),
    ];
    expect(await known(stranger.address)).toEqual([true, true]);
    expect(await namesOf(world, as(owner.address, 'identityRegistry', 'setOpen', false))).toEqual(['OpenUpdated']);
    expect(await known(stranger.address)).toEqual([false, false]);
    expect(await namesOf(world, as(owner.address, 'identityRegistry', 'setAllowed', stranger.address, true))).toEqual(['AllowedUpdated']);
    expect(await known(stranger.address)).toEqual([true, true]);
    for (const call of [as(addressA, 'identityRegistry', 'setOpen', true), as(addressA, 'identityRegistry', 'setAllowed', addressA, true)]) {
      expect(await world.refusal(call)).toBe(`OwnableUnauthorizedAccount(${addressA})`);
    }
  });

  test('the token has 18 decimals and is burnable by its holder', async () => {
    const { owner, stranger } = world.accounts;
    expect([await world.read('token', 'symbol'), await world.read('token', 'decimals')]).toEqual(['AGIALPHA', 18n]);
    await world.send(as(owner.address, 'token', 'burn', one));
    expect(await world.read('token', 'totalSupply')).toBe(999_999_999n * one);
    expect(await world.refusal(as(stranger.address, 'token', 'burn', one))).toMatch(/^ERC20InsufficientBalance/);
  });

  test('the owner mints agents’ tokens', async () => {
    const { owner, stranger } = world.accounts;
    await world.send(as(owner.address, 'agentNft', 'mint', stranger.address, 7n));
    expect(await world.read('agentNft', 'ownerOf', 7n)).toBe(stranger.address);
    expect(await world.refusal(as(stranger.address, 'agentNft', 'mint', stranger.address, 8n))).toMatch(/^OwnableUnauthorizedAccount/);
  });

  test('roles of the role book are granted and revoked, and needed', async () => {
    const { owner } = world.accounts;
    const writer = (await world.read('roleBook', 'WRITER_ROLE')) as string;
    const editor = (await world.read('roleBook', 'EDITOR_ROLE')) as string;
    expect(await world.refusal(as(addressA, 'roleBook', 'write', 'text'))).toMatch(/^AccessControlUnauthorizedAccount/);
    expect(await namesOf(world, as(owner.address, 'roleBook', 'grantRole', writer, addressA))).toEqual(['RoleGranted']);
    expect(await namesOf(world, as(addressA, 'roleBook', 'write', 'text'))).toEqual(['EntryWritten']);
    expect(await world.refusal(as(addressA, 'roleBook', 'strike', 1n))).toMatch(/^AccessControlUnauthorizedAccount/);
    await world.send(as(owner.address, 'roleBook', 'grantRole', editor, addressA));
    expect(await namesOf(world, as(addressA, 'roleBook', 'strike', 1n))).toEqual(['EntryStruck']);
    expect(await namesOf(world, as(owner.address, 'roleBook', 'revokeRole', writer, addressA))).toEqual(['RoleRevoked']);
    expect(await world.refusal(as(addressA, 'roleBook', 'write', 'text'))).toMatch(/^AccessControlUnauthorizedAccount/);
  });

  test('Multicall3 makes many calls and says which failed', async () => {
    const { token, arena } = world.addresses;
    const decimals = [token, false, '0x313ce567'];
    const nothing = [arena, true, '0x313ce567'];
    const answers = (await world.read('multicall3', 'aggregate3', [decimals, nothing])) as unknown[];
    expect(answers).toEqual([
      [true, `0x${'12'.padStart(64, '0')}`],
      [false, '0x'],
    ]);
    expect(await world.refusal(as(addressA, 'multicall3', 'aggregate3', [decimals, [arena, false, '0x313ce567']]))).toBe('CallFailed(1)');
    expect(await world.read('multicall3', 'getChainId')).toBe(31337n);
    expect(await world.read('multicall3', 'getBlockNumber')).toBeGreaterThan(0n);
  });
});
