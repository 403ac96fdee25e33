// Hands the arena to somebody past any transaction: what a test needs to make one fail that was sound when it was signed.
import type { Hex } from '../../src/types.ts';
import type { FieldWorld } from './field-world.ts';

/** `to`: `owner` or `stranger`. SIDE EFFECTS: the chain's storage, and a block. */
export async function giveArena({ addresses, node }: Pick<FieldWorld, 'addresses' | 'node'>, to: 'owner' | 'stranger'): Promise<void> {
  const { arena, owner = '', stranger = '' } = addresses;
  for (let slot = 0; slot < 4; slot++) {
    const word = await node.ask<Hex>('eth_getStorageAt', [arena, `0x${slot}`, 'latest']);
    const holder = [owner, stranger].find((address) => word.endsWith(address.slice(2).toLowerCase()));
    if (holder === undefined) continue;
    const changed = word.replace(holder.slice(2).toLowerCase(), (addresses[to] ?? '').slice(2).toLowerCase());
    await node.ask('anvil_setStorageAt', [arena, `0x${slot.toString(16).padStart(64, '0')}`, changed]);
    await node.mine();
    return;
  }
  throw new Error('no slot holds the owner');
}
