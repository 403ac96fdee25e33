// A contract that is to be imported, read whole from the chain.
import { MooringError } from '../../errors.ts';
import type { Kind } from '../../kinds/kind.ts';
import { findDeploymentBlock, hasCode } from '../../live/deployment-block.ts';
import type { ContractRef } from '../../live/snapshot.ts';
import type { Address, BlockRef, ContractState, FieldState } from '../../types.ts';
import type { Opened } from './open.ts';
import { roleNames, withoutEmptyRoles } from './role-names.ts';
import { observe } from './walk.ts';

export type Wanted = { kind: Kind; address: Address; name: string };

/**
 * Every field at one pinned block, which is the state's `adoptedAt`. Throws CODE_MISSING, LIVE_UNKNOWN where most of the
 * kind can't be read, USAGE for a block of deployment that can't be.
 */
export async function readLiveContract(opened: Opened, wanted: Wanted, fromBlock: string | undefined): Promise<ContractState> {
  const { kind, address, name } = wanted;
  const { contracts } = opened.desired.state;
  const head = await opened.chain.head(opened.desired.environment.finality);
  const from = fromBlock === undefined ? await findDeploymentBlock(opened.chain, address, head) : await givenBlock(opened, { address, head, text: fromBlock });
  const ref: ContractRef = { name, kind: kind.name, address, fromBlock: from, keys: roleNames({ kind, address, contracts }) };
  const state = await observe({ ...opened, kinds: new Map([...opened.kinds, [kind.name, kind]]) }, [ref]);
  const contract = state.contracts[0];
  if (contract === undefined || state.block === null) throw new MooringError('INTERNAL', 'the snapshot has no contract');
  if (contract.code?.hash === null)
    throw new MooringError('CODE_MISSING', `there is no code at ${address}`, { fix: 'check the address and the environment’s RPC' });
  refuseUnlike(contract);
  return { ...withoutEmptyRoles(contract, { kind, contracts }), adoptedAt: state.block.number };
}

/** Members are found by events since this block, so a later one would miss some. */
async function givenBlock({ chain }: Opened, { address, head, text }: { address: Address; head: BlockRef; text: string }): Promise<bigint> {
  const usage = (message: string, fix: string): MooringError => new MooringError('USAGE', `--from-block ${text} ${message}`, { fix });
  if (!/^[0-9]{1,18}$/.test(text)) throw usage('is not a block number', 'give it in digits, or leave it out and it is searched');
  const block = BigInt(text);
  if (block > head.number) throw usage(`lies after the newest block, ${head.number}`, 'give the block of the deployment, or leave it out and it is searched');
  if (block > 0n && (await hadCode(chain, address, block - 1n)))
    throw usage(
      'is too late: the contract was there before, and what happened till then would be missed',
      'give the block of its deployment, or leave it out and it is searched',
    );
  return block;
}

/** False also where the node doesn't keep the state of that block. */
async function hadCode(chain: Opened['chain'], address: Address, block: bigint): Promise<boolean> {
  try {
    return await hasCode(chain, address, block);
  } catch (error) {
    if (error instanceof MooringError && error.code === 'DEPLOYMENT_BLOCK_UNKNOWN') return false;
    throw error;
  }
}

/** A contract of which most can't be read is of another kind; written down, it would be a file of comments. */
function refuseUnlike({ fields, kind, address }: ContractState): void {
  const unread = unreadFields(fields);
  const read = fields.size - unread.length;
  if (read > unread.length) return;
  const first = unread[0]?.value;
  throw new MooringError(
    'LIVE_UNKNOWN',
    `${read === 0 ? 'no field' : `only ${read} of the ${fields.size} fields`} of ${kind} could be read at ${address}${first?.type === 'unknown' ? `: ${first.reason}` : ''}`,
    { fix: 'check that the contract is of this kind, and the address' },
  );
}

export function unreadFields(fields: ContractState['fields']): FieldState[] {
  return [...fields.values()].filter(({ value }) => value.type === 'unknown');
}
