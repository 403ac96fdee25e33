// The watch against a real chain: each change told once, with who made it; facts when they are deep; reorgs, gaps and lag.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import { type ChainCursor, type ChainLook, type Seen, watchChain } from '../../src/live/watch-chain.ts';
import type { ChainReader, Hex } from '../../src/types.ts';
import { startWorld, type World } from './world.ts';

const one = 10n ** 18n;

let world: World;
let chain: ChainReader;
let revert: string;
let cursor: ChainCursor | null;

beforeAll(async () => {
  world = await startWorld();
  chain = world.reader();
  revert = await world.node.ask<string>('evm_snapshot');
});
beforeEach(async () => {
  cursor = null;
  await look();
});
afterEach(async () => {
  await world.node.ask('evm_revert', [revert]);
  revert = await world.node.ask<string>('evm_snapshot');
});
afterAll(() => world?.stop());

type Looking = { confirmations?: number; reader?: ChainReader; mostBlocks?: bigint };

/** One look, whose cursor is kept. */
async function look({ confirmations = 1, reader = chain, mostBlocks = 100_000n }: Looking = {}): Promise<ChainLook | null> {
  const contracts = world.refs.map((ref) => ({ ...ref, roles: [...(ref.keys?.get('roles') ?? []), 'MINTER_ROLE'] }));
  const found = await watchChain({ chain: reader, kinds: world.kinds, contracts, confirmations, cursor, mostBlocks });
  if (found !== null) cursor = found.cursor;
  return found;
}

/** `new parameter arena.committeeSize` */
function inWords({ sighting, note }: Seen): string {
  const fields = sighting.fields.map(({ path, member }) => `${sighting.contract}.${path}${member === undefined ? '' : `[${nameOf(member)}]`}`);
  return `${note} ${sighting.type} ${fields.length === 0 ? `${sighting.contract} ${sighting.event}` : fields.join(' ')}`;
}

function nameOf(address: string): string {
  return Object.entries(world.deployment.accounts).find(([, account]) => account.address === address)?.[0] ?? address;
}

const told = (found: ChainLook | null): string[] => (found?.seen ?? []).map(inWords);

describe('changes', () => {
  test('before the first look are not told, nor is anything where there is no new block', async () => {
    expect(await look()).toBeNull();
    await world.node.mine(1);
    expect(told(await look())).toEqual([]);
  });

  test('are told once, with field, sender, transaction and block', async () => {
    const { owner, stranger } = world.deployment.accounts;
    const { hash, block } = await world.act('arena', 'setCommitteeParameters', [5n, one]);
    await world.act('arena', 'setOrchestrator', [stranger.address, true]);
    await world.act('arena', 'pause');
    await world.act('stakeManager', 'setRoleMinimum', [1n, 26n * one]);
    await world.act('stakeManager', 'addAGIType', [stranger.address, 110n]);
    await world.act('pauseGuard', 'setGuardian', [stranger.address, true]);
    await world.act('engineTargets', 'setRoiTargets', [2n * one, one / 5n, (15n * one) / 100n]);
    await world.act('engineTargets', 'pause');
    await world.act('roleBook', 'grantRole', [id('MINTER_ROLE'), stranger.address]);
    await world.act('thermostat', 'setGovernance', [stranger.address]);
    const found = await look();
    expect(told(found)).toEqual([
      'new parameter arena.committeeSize arena.validatorStake',
      'new role arena.orchestrators[stranger]',
      'new pause arena.paused',
      'new parameter stakeManager.roleMinimumStake.validator',
      'new parameter stakeManager.agiTypes[stranger]',
      'new pauser pauseGuard.guardians[stranger]',
      // Margin and target that stay are not named.
      'new parameter engineTargets.lowerMargin',
      'new pause engineTargets.paused',
      'new role roleBook.roles.MINTER_ROLE[stranger]',
      'new owner thermostat.governance',
    ]);
    expect(found?.seen[0]).toMatchObject({ sender: owner.address, sighting: { transaction: hash, block } });
    expect(found?.seen.map(({ sighting }) => sighting.fields[0]?.risk)).toEqual([
      ...['ambiguous', 'increase', 'reduce', 'ambiguous', 'increase', 'increase', 'ambiguous', 'reduce', 'increase', 'ambiguous'],
    ]);
    expect(await look()).toBeNull();
  });

  test('that came while nobody looked are told, some blocks at a time', async () => {
    await world.act('arena', 'pause');
    await world.node.mine(3);
    await world.act('arena', 'unpause');
    const first = await look({ mostBlocks: 2n });
    expect([told(first), first !== null && first.head.number - first.block.number]).toEqual([['new pause arena.paused'], 3n]);
    const all = [first, await look({ mostBlocks: 2n }), await look({ mostBlocks: 2n }), await look({ mostBlocks: 2n })];
    expect(all.flatMap(told)).toEqual(['new pause arena.paused', 'new pause arena.paused']);
  });

  test('of a contract whose kind doesn’t list the event are told for what they are', async () => {
    const contracts = [{ name: 'arena', kind: 'PauseGuard', address: world.deployment.addresses.arena }];
    await world.act('arena', 'pause');
    const found = await watchChain({ chain, kinds: world.kinds, contracts, confirmations: 1, cursor });
    expect(told(found)).toEqual(['new pause arena Paused']);
  });
});

describe('facts', () => {
  const slash = async () => {
    const { validator, lockManager, treasury } = world.deployment.accounts;
    await world.act('token', 'transfer', [validator.address, 100n * one]);
    await world.act('token', 'approve', [world.deployment.addresses.stakeManager, 100n * one], validator.address);
    await world.act('stakeManager', 'depositStake', [1n, 30n * one], validator.address);
    return world.act('stakeManager', 'slash', [validator.address, one, treasury.address], lockManager.address);
  };

  test('are told when they are as deep as the confirmations, and changes at once', async () => {
    cursor = null;
    const { stranger, teacher } = world.deployment.accounts;
    await world.act('jobRegistry', 'createJob', [`0x${'33'.repeat(32)}`], stranger.address);
    await look({ confirmations: 3 });
    await slash();
    await world.act('arena', 'startRound', [3n, 1n, teacher.address, 'teacher', []]);
    await world.act('arena', 'pause');
    expect(told(await look({ confirmations: 3 }))).toEqual(['new pause arena.paused', 'new fact stakeManager StakeSlashed']);
    await world.node.mine(1);
    expect(told(await look({ confirmations: 3 }))).toEqual(['new fact arena RoundStarted']);
    await world.node.mine(3);
    expect(told(await look({ confirmations: 3 }))).toEqual([]);
  });
});

describe('a reorg', () => {
  const reorg = (depth: number) => world.node.ask('anvil_reorg', [depth, []]);
  const again = async (hash: Hex): Promise<() => Promise<unknown>> => {
    const raw = await world.node.ask<Hex>('eth_getRawTransactionByHash', [hash]);
    // Sent is not mined yet, also where each transaction has a block of its own.
    return async () => {
      await world.node.ask('eth_sendRawTransaction', [raw]);
      while ((await world.node.ask('eth_getTransactionReceipt', [hash])) === null);
    };
  };

  test('takes back what left the chain, and tells what came back in another block', async () => {
    await world.node.mine(2);
    await look();
    const pause = await again((await world.act('arena', 'pause')).hash);
    expect(told(await look())).toEqual(['new pause arena.paused']);
    await world.node.mine(2);
    await look();
    await reorg(3);
    const found = await look();
    expect([told(found), found?.reorg !== null]).toEqual([['gone pause arena.paused'], true]);
    await pause();
    expect(told(await look())).toEqual(['new pause arena.paused']);
  });

  test('that only moves a change tells so, and nothing of what was before the fork', async () => {
    await world.act('arena', 'setPauser', [world.deployment.accounts.stranger.address]);
    await world.node.mine(1);
    await look();
    const pause = await again((await world.act('arena', 'pause')).hash);
    await look();
    await reorg(1);
    await pause();
    const found = await look();
    expect(told(found)).toEqual(['moved pause arena.paused']);
    expect(found?.reorg).toEqual({ common: (found?.block.number ?? 0n) - 2n, deep: true });
  });

  test('behind a change tells it no second time', async () => {
    await world.act('arena', 'pause');
    await world.node.mine(3);
    expect(told(await look())).toEqual(['new pause arena.paused']);
    await reorg(1);
    await world.node.mine(1);
    const found = await look();
    expect([told(found), found?.reorg !== null]).toEqual([[], true]);
  });

  test('within the confirmations is not a deep one, and tells no fact twice', async () => {
    cursor = null;
    await look({ confirmations: 4 });
    await world.node.mine(5);
    await look({ confirmations: 4 });
    await world.node.mine(1);
    await look({ confirmations: 4 });
    await reorg(2);
    await world.node.mine(1);
    expect((await look({ confirmations: 4 }))?.reorg).toMatchObject({ deep: false });
  });

  test('of everything that is remembered goes back behind it, and says so', async () => {
    await world.node.mine(2);
    await look();
    await world.act('arena', 'pause');
    cursor = {
      ...(cursor as ChainCursor),
      checkpoints: (cursor as ChainCursor).checkpoints.slice(-1).map(({ number }) => ({ number, hash: `0x${'1'.repeat(64)}` })),
    };
    const found = await look();
    expect([told(found), found?.reorg?.deep]).toEqual([['new pause arena.paused'], true]);
  });
});

describe('a node that is behind', () => {
  test('a little tells nothing, and nothing is lost', async () => {
    const before = await chain.head('latest');
    await world.act('arena', 'pause');
    await look();
    const kept = cursor;
    expect(await look({ reader: { ...chain, head: async () => before } })).toBeNull();
    expect(cursor).toBe(kept);
    await world.act('arena', 'unpause');
    expect(told(await look())).toEqual(['new pause arena.paused']);
  });

  test('everything that was seen is an error', async () => {
    const early = await chain.block(1n);
    cursor = { ...(cursor as ChainCursor), checkpoints: (cursor as ChainCursor).checkpoints.slice(-1) };
    await expect(look({ reader: { ...chain, head: async () => early as NonNullable<typeof early> } })).rejects.toMatchObject({ code: 'RPC_NO_BLOCK' });
  });
});

test('Hardhat’s network is watched like Anvil', async () => {
  const other = await startWorld({ flavour: 'hardhat' });
  try {
    const looking = { chain: other.reader(), kinds: other.kinds, contracts: other.refs, confirmations: 2 };
    const first = await watchChain({ ...looking, cursor: null });
    const { hash } = await other.act('arena', 'pause');
    const found = await watchChain({ ...looking, cursor: first?.cursor ?? null });
    expect(found?.seen.map(inWords)).toEqual(['new pause arena.paused']);
    expect(found?.seen[0]).toMatchObject({ sender: other.deployment.accounts.owner.address, sighting: { transaction: hash } });
  } finally {
    await other.stop();
  }
});
