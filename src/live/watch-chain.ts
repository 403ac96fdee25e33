// Keeps watch over managed contracts, from one block to the next: what their events changed, each once, across restarts,
// missed blocks and reorgs. Reads only; what is alarming is decided elsewhere.
import { MooringError } from '../errors.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import type { Address, BlockRef, ChainReader, Hex, Log } from '../types.ts';
import { canonicalJson } from '../values.ts';
import type { Checkpoint } from './cursor-store.ts';
import { changeTopics, factTopics, type Sighting, sightingOf, type WatchedContract, withoutEchoes } from './sighting.ts';
import { transactionsOf } from './study-history.ts';

/** How far the chain was watched. Keep it where what was told of is kept, and not before. */
export type ChainCursor = {
  /** Blocks that earlier looks ended with, ascending: by them a reorg is known. The last one is how far was looked. */
  checkpoints: readonly Checkpoint[];
  /** Facts are told up to this block. */
  settled: bigint;
  /** What was told of blocks that may yet leave the chain. */
  recent: readonly Sighting[];
};

/** `new`, or told before and now in another block; `gone`: told before, and no longer part of the chain. */
export type Seen = { sighting: Sighting; note: 'new' | 'moved' | 'gone'; sender: Address | null };

export type ChainLook = {
  cursor: ChainCursor;
  /** The block up to which was looked. */
  block: BlockRef;
  head: BlockRef;
  seen: readonly Seen[];
  /** The last block that both chains have, where a part of the watched one was replaced; `deep`: more than the confirmations promise. */
  reorg: { common: bigint; deep: boolean } | null;
};

export type WatchInput = {
  chain: ChainReader;
  kinds: Kinds;
  contracts: readonly WatchedContract[];
  /** Blocks behind the head, itself included, after which one counts as final. */
  confirmations: number;
  /** Null: nothing was watched yet, and what lies before the head is not told. */
  cursor: ChainCursor | null;
  /** Blocks that one look covers at most. */
  mostBlocks?: bigint;
};

const usualBlocks = 100_000n;
/** So far back reorgs are told exactly, however few confirmations are asked for. */
const keptBlocks = 64n;

/**
 * Changes are told as soon as they are seen, facts when they are as deep as the environment's confirmations. Null where there
 * is no new block, or where the node that answers is behind. Throws RPC_*, LOGS_INCOMPLETE; the cursor stays right then.
 */
export async function watchChain(input: WatchInput): Promise<ChainLook | null> {
  const { chain, cursor, confirmations } = input;
  const head = await chain.head('latest');
  const depth = BigInt(Math.max(confirmations, 1) - 1);
  const start = cursor === null ? firstStart(head, depth) : await startOf(chain, { cursor, head, depth });
  if (start === null) return null;
  const block = await endOf(input, start.from, head);
  const settled = await settledAt(chain, { start, block, depth });
  const [logs, factLogs] = await Promise.all([
    scan(input, { from: start.from, to: block }, changeTopics),
    scan(input, { from: start.settled, to: settled }, factTopics),
  ]);
  const recent = cursor?.recent ?? [];
  const told = compare(
    withoutEchoes(sightingsIn(input, logs)),
    recent.filter((sighting) => sighting.block > start.from),
  );
  const facts = sightingsIn(input, factLogs).map((sighting): Told => ({ sighting, note: 'new' }));
  const standing = [...recent.filter((sighting) => sighting.block <= start.from), ...told.standing];
  return {
    cursor: cursorAfter(cursor, { from: start.from, settled, block, standing }),
    block,
    head,
    seen: await withSenders(chain, [...told.seen, ...facts]),
    reorg: start.isReorg ? { common: start.from, deep: cursor !== null && start.from < cursor.settled } : null,
  };
}

/** Looked up to and including `from`, and for facts up to `settled`. */
type Start = { from: bigint; settled: bigint; isReorg: boolean };

function firstStart(head: BlockRef, depth: bigint): Start {
  return { from: head.number, settled: max(0n, head.number - depth), isReorg: false };
}

/** Null where nothing is new. Throws RPC_NO_BLOCK where the node is so far behind that nothing can be told. */
async function startOf(chain: ChainReader, { cursor, head, depth }: { cursor: ChainCursor; head: BlockRef; depth: bigint }): Promise<Start | null> {
  const { checkpoints, settled } = cursor;
  const [oldest, last] = [checkpoints[0], checkpoints.at(-1)];
  if (oldest === undefined || last === undefined) return firstStart(head, depth);
  if (head.hash === last.hash) return null;
  const reached = checkpoints.filter(({ number }) => number <= head.number);
  if (reached.length === 0)
    throw new MooringError('RPC_NO_BLOCK', `The node is at block ${head.number}, but block ${oldest.number} was seen before.`, {
      fix: 'Wait until the node has caught up, or use another provider. If the chain was begun anew, move the sentinel’s chain.json away.',
    });
  for (const checkpoint of reached.toReversed()) {
    if (!(await isOnChain(chain, checkpoint, head))) continue;
    if (checkpoint === last) return { from: last.number, settled, isReorg: false };
    // Every block up to here is as it was: a node that is behind, or the fork.
    if (checkpoint === reached.at(-1) && head.number < last.number) return null;
    return { from: checkpoint.number, settled: min(settled, checkpoint.number), isReorg: true };
  }
  const from = max(0n, oldest.number - depth - 1n);
  return { from, settled: min(settled, from), isReorg: true };
}

async function isOnChain(chain: ChainReader, { number, hash }: Checkpoint, head: BlockRef): Promise<boolean> {
  return (number === head.number ? head : await chain.block(number))?.hash === hash;
}

/** The head, or a block before it where there is too much to be looked at at once. */
async function endOf({ chain, mostBlocks = usualBlocks }: WatchInput, from: bigint, head: BlockRef): Promise<BlockRef> {
  return head.number - from <= mostBlocks ? head : blockAt(chain, from + mostBlocks);
}

async function settledAt(chain: ChainReader, { start, block, depth }: { start: Start; block: BlockRef; depth: bigint }): Promise<BlockRef> {
  const number = max(start.settled, block.number - depth);
  return number === block.number ? block : blockAt(chain, number);
}

async function blockAt(chain: ChainReader, number: bigint): Promise<BlockRef> {
  const block = await chain.block(number);
  if (block === null) throw new MooringError('RPC_NO_BLOCK', `The node does not have block ${number}.`, { fix: 'Run again, or use another provider.' });
  return block;
}

/** Logs behind `from`, up to `to`, of the contracts whose kinds have such events. */
async function scan({ chain, kinds, contracts }: WatchInput, { from, to }: { from: bigint; to: BlockRef }, topicsOf: (kind: Kind) => Hex[]): Promise<Log[]> {
  const watched = contracts.flatMap(({ kind, address }) => {
    const found = kinds.get(kind);
    const topics = found === undefined ? [] : topicsOf(found);
    return topics.length === 0 ? [] : [{ address, topics }];
  });
  if (watched.length === 0 || from >= to.number) return [];
  const topics = [...new Set(watched.flatMap((one) => one.topics))];
  const logs = await chain.logs({
    address: watched.map(({ address }) => address),
    topics: [topics],
    fromBlock: from + 1n,
    toBlock: to.number,
    toHash: to.hash,
  });
  return logs.filter((log) =>
    watched.some(({ address, topics: own }) => address.toLowerCase() === log.address.toLowerCase() && own.includes(log.topics[0] ?? '')),
  );
}

function sightingsIn({ contracts, kinds }: WatchInput, logs: readonly Log[]): Sighting[] {
  const byAddress = new Map(contracts.map((contract) => [contract.address.toLowerCase(), contract]));
  return logs.flatMap((log) => {
    const contract = byAddress.get(log.address.toLowerCase());
    return (contract === undefined ? null : sightingOf(log, contract, kinds)) ?? [];
  });
}

type Told = Pick<Seen, 'sighting' | 'note'>;

/** What stands now against what was told of blocks that were looked at again. */
function compare(standing: readonly Sighting[], former: readonly Sighting[]): { standing: readonly Sighting[]; seen: Told[] } {
  const left = Map.groupBy(former, keyOf);
  const seen = standing.flatMap((sighting): Told[] => {
    const known = left.get(keyOf(sighting))?.shift();
    if (known === undefined) return [{ sighting, note: 'new' }];
    return known.blockHash === sighting.blockHash ? [] : [{ sighting, note: 'moved' }];
  });
  const gone = [...left.values()].flat().map((sighting): Told => ({ sighting, note: 'gone' }));
  return { standing, seen: [...seen, ...gone] };
}

/** The same in whichever block. */
function keyOf({ transaction, contract, event, args }: Sighting): string {
  return canonicalJson([transaction, contract, event, args]);
}

type After = { from: bigint; settled: BlockRef; block: BlockRef; standing: readonly Sighting[] };

/** A checkpoint behind all that may change stays, so that a reorg is never gone back from further than needed. */
function cursorAfter(cursor: ChainCursor | null, { from, settled, block, standing }: After): ChainCursor {
  const floor = min(settled.number, max(0n, block.number - keptBlocks));
  const former = (cursor?.checkpoints ?? []).filter(({ number }) => number <= from);
  const behind = former.filter(({ number }) => number <= floor).slice(-1);
  const between = former.filter(({ number }) => number > floor);
  const byNumber = new Map([...behind, ...between, settled, block].map(({ number, hash }) => [number, { number, hash }]));
  const checkpoints = [...byNumber.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
  return { checkpoints, settled: settled.number, recent: standing.filter((sighting) => sighting.block > floor) };
}

async function withSenders(chain: ChainReader, told: readonly Told[]): Promise<Seen[]> {
  const transactions = await transactionsOf(chain, [...new Set(told.map(({ sighting }) => sighting.transaction))]);
  return told.map(({ sighting, note }) => ({ sighting, note, sender: transactions.get(sighting.transaction)?.from ?? null }));
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
