// What the chain has of a round: the round itself, the transaction that started it, and the slashes reported in it. Reads only.
import { MooringError } from '../errors.ts';
import { decodeEvent, encodeTopic } from '../kinds/abi.ts';
import { fields } from '../live/json-shapes.ts';
import type { Address, BlockRef, ChainReader, Hex } from '../types.ts';
import { decodeRound, getRoundData, type RoundOnChain, roundStarted, validatorMisconduct } from './arena-abi.ts';

export type ArenaOnChain = { chain: ChainReader; arena: Address };

/** As of the newest block. Throws ROUND_FOREIGN where there is no such round, RPC_*. */
export async function readRound({ chain, arena }: ArenaOnChain, roundId: bigint): Promise<RoundOnChain> {
  const [answer] = await chain.calls([{ to: arena, data: getRoundData(roundId) }], await chain.head('latest'));
  if (answer?.ok === true) return decodeRound(answer.data);
  throw new MooringError('ROUND_FOREIGN', `the arena at ${arena} has no round ${roundId}`, {
    fix: 'If this is a development chain that was started anew, move the folder of rounds away. Otherwise the node is behind: wait, or use another RPC.',
  });
}

export type Start = { data: Hex; from: Address; fromBlock: bigint };

/** The round that this very call, by this account, started since; null where there is none. Throws RPC_*, LOGS_INCOMPLETE. */
export async function findStart({ chain, arena }: ArenaOnChain, { data, from, fromBlock }: Start): Promise<bigint | null> {
  const logs = await scan({ chain, arena }, { topics: [roundStarted.topic], fromBlock });
  for (const log of logs) {
    const sent = fields(await chain.request<unknown>('eth_getTransactionByHash', [log.transactionHash]), 'a transaction');
    const isOurs = String(sent['from']).toLowerCase() === from.toLowerCase() && String(sent['input']).toLowerCase() === data.toLowerCase();
    if (isOurs) return decodeEvent(roundStarted, log)['roundId'] as bigint;
  }
  return null;
}

/** The transaction that reported a validator of a round with exactly this reason; null where there is none. */
export async function findMisconduct(
  on: ArenaOnChain,
  wanted: { roundId: bigint; validator: Address; reason: string; fromBlock: bigint },
): Promise<Hex | null> {
  const topics = [validatorMisconduct.topic, encodeTopic('uint256', wanted.roundId), encodeTopic('address', wanted.validator)];
  const logs = await scan(on, { topics, fromBlock: wanted.fromBlock });
  return logs.find((log) => decodeEvent(validatorMisconduct, log)['reason'] === wanted.reason)?.transactionHash ?? null;
}

/** How often each validator was reported, at the pinned block. Throws LOGS_INCOMPLETE rather than counting too few. */
export async function countMisconduct(on: ArenaOnChain, fromBlock: bigint): Promise<Map<Address, number>> {
  const counts = new Map<Address, number>();
  for (const log of await scan(on, { topics: [validatorMisconduct.topic], fromBlock })) {
    const validator = decodeEvent(validatorMisconduct, log)['validator'] as Address;
    counts.set(validator, (counts.get(validator) ?? 0) + 1);
  }
  return counts;
}

async function scan({ chain, arena }: ArenaOnChain, { topics, fromBlock }: { topics: readonly Hex[]; fromBlock: bigint }): ReturnType<ChainReader['logs']> {
  const block: BlockRef = await chain.head('latest');
  return chain.logs({ address: arena, topics, fromBlock, toBlock: block.number, toHash: block.hash });
}
