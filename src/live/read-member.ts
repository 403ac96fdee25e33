// Whether accounts are in sets, by the sets' own getters: no history is needed for that.
import { MooringError } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Kind } from '../kinds/kind.ts';
import { decodeGetter, encodeGetter } from '../kinds/reads.ts';
import type { Address, BlockRef, CallResult, ChainReader, Hex } from '../types.ts';

/** One account of one set: `orchestrators`, `roles.MINTER_ROLE`. */
export type Membership = { kind: Kind; address: Address; path: string; account: Address };

/** Null where the getter doesn't say. Throws RPC_*. */
export async function readMembers(chain: Pick<ChainReader, 'calls'>, memberships: readonly Membership[], block: BlockRef): Promise<(boolean | null)[]> {
  const results = await chain.calls(
    memberships.map((one) => ({ to: one.address, data: dataOf(one) })),
    block,
  );
  return memberships.map((one, i) => memberIn(one, results[i]));
}

/** Whether a path is that of one set: of all roles together it is not. */
export function isSet(kind: Kind, path: string): boolean {
  const at = fieldAt(kind, path);
  return at?.field.shape === 'members' || (at?.field.shape === 'keyedMembers' && at.key !== undefined);
}

function placeIn(kind: Kind, path: string): NonNullable<ReturnType<typeof fieldAt>> {
  const at = fieldAt(kind, path);
  if (at === null || !isSet(kind, path)) throw new MooringError('INTERNAL', `${kind.name}.${path} is no set`);
  return at;
}

function dataOf({ kind, path, account: member }: Membership): Hex {
  const { field, key } = placeIn(kind, path);
  return encodeGetter(kind, field, { member, ...(key === undefined ? {} : { key }) });
}

function memberIn({ kind, path }: Membership, result: CallResult | undefined): boolean | null {
  if (result === undefined || !result.ok) return null;
  try {
    return decodeGetter(kind, placeIn(kind, path).field, result.data) === true;
  } catch {
    return null;
  }
}
