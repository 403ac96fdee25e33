// The complete history of some events of some contracts up to the pinned block: what earlier runs kept, as far as its
// blocks are still part of the chain, and a scan of the rest. No kinds.
import { MooringError } from '../errors.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Address, BlockRef, ChainReader, Hex, Log } from '../types.ts';
import type { Checkpoint, CursorKey, CursorRecord, CursorStore } from './cursor-store.ts';

/** One event of one contract. */
export type HistoryWant = { address: Address; topic: Hex; fromBlock: bigint };
export type FoundLogs = readonly Log[] | { unknown: string };

export type EventHistory = {
  /** Sorted by block and log index; a reason where it could not be read completely. */
  of(address: Address, topic: Hex): FoundLogs;
  /** SIDE EFFECTS: keeps the scans for the next run. */
  keep(): void;
};

export type HistoryInput = {
  chain: ChainReader;
  chainId: bigint;
  block: BlockRef;
  wants: readonly HistoryWant[];
  cursors?: CursorStore | undefined;
  opinion?: CursorKey['opinion'];
};

type Part = { want: HistoryWant; record: CursorRecord | null; found: FoundLogs };

const keptCheckpoints = 4;

/** Throws RPC_* when the chain can't be read at all; a history that can't be read completely is `unknown`. */
export async function readHistory(input: HistoryInput): Promise<EventHistory> {
  const parts = distinct(input.wants).map((want): Part => ({ want, record: remembered(input, want), found: [] }));
  // What is remembered is checked while the rest is scanned as if it were right: mostly it is.
  const [canonical] = await Promise.all([canonicalBlocks(input, parts), scanAll(input, parts)]);
  const stale = parts.filter((part) => cutBack(part, canonical));
  await scanAll(input, stale);
  const byKey = new Map(parts.map((part) => [wantKey(part.want), part.found]));
  return {
    of: (address, topic) => byKey.get(wantKey({ address, topic })) ?? { unknown: 'its history was not asked for' },
    keep: () => keep(input, parts),
  };
}

function remembered(input: HistoryInput, want: HistoryWant): CursorRecord | null {
  const record = input.cursors?.load(cursorKey(input, want)) ?? null;
  return record === null || record.fromBlock > want.fromBlock || record.checkpoints.length === 0 ? null : record;
}

/** Hashes of those remembered blocks that are part of the chain now. */
async function canonicalBlocks({ chain, block }: HistoryInput, parts: readonly Part[]): Promise<ReadonlySet<Hex>> {
  const numbers = new Set(parts.flatMap(({ record }) => record?.checkpoints.map(({ number }) => number) ?? []));
  numbers.delete(block.number);
  const blocks = await Promise.all([...numbers].map((number) => chain.block(number)));
  return new Set([block.hash, ...blocks.flatMap((found) => (found === null ? [] : [found.hash]))]);
}

/** Takes a record back to its last block that still stands. True when it had to be. */
function cutBack(part: Part, canonical: ReadonlySet<Hex>): boolean {
  const { record } = part;
  if (record === null || canonical.has(lastOf(record).hash)) return false;
  const checkpoints = record.checkpoints.filter(({ hash }) => canonical.has(hash));
  const last = checkpoints.at(-1);
  part.record = last === undefined ? null : { ...record, checkpoints, logs: record.logs.filter((log) => log.blockNumber <= last.number) };
  return true;
}

async function scanAll(input: HistoryInput, parts: readonly Part[]): Promise<void> {
  await Promise.all([
    scanTogether(
      input,
      parts.filter((part) => part.record !== null),
    ),
    scanTogether(
      input,
      parts.filter((part) => part.record === null),
    ),
  ]);
}

/** One scan for all: contracts and events that don't belong together cost little, and are told apart afterwards. */
async function scanTogether(input: HistoryInput, parts: readonly Part[]): Promise<void> {
  const { chain, block } = input;
  const addresses = [...new Map(parts.map(({ want }) => [want.address.toLowerCase(), want.address])).values()];
  const topics = [...new Set(parts.map(({ want }) => want.topic))];
  try {
    const fromBlock = parts.map(startOf).reduce(earlier, block.number + 1n);
    const logs =
      fromBlock > block.number ? [] : await chain.logs({ address: addresses, topics: [topics], fromBlock, toBlock: block.number, toHash: block.hash });
    for (const part of parts) part.found = merge(part, logs, block);
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'LOGS_INCOMPLETE') throw error;
    if (addresses.length === 1) for (const part of parts) part.found = { unknown: error.message };
    // One contract whose history can't be read must not hide the others'.
    else
      await Promise.all(
        addresses.map((address) =>
          scanTogether(
            input,
            parts.filter(({ want }) => want.address === address),
          ),
        ),
      );
  }
}

function merge(part: Part, logs: readonly Log[], block: BlockRef): Log[] {
  const from = startOf(part);
  const address = toChecksum(part.want.address);
  const fresh = logs.filter((log) => log.topics[0] === part.want.topic && log.address === address && log.blockNumber >= from);
  return [...(part.record?.logs.filter((log) => log.blockNumber <= block.number) ?? []), ...fresh];
}

function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

function startOf({ record, want }: Part): bigint {
  return record === null ? want.fromBlock : lastOf(record).number + 1n;
}

function keep(input: HistoryInput, parts: readonly Part[]): void {
  const { block, cursors } = input;
  for (const { want, record, found } of parts) {
    if ('unknown' in found || (record !== null && lastOf(record).number >= block.number)) continue;
    const checkpoints = [...(record?.checkpoints ?? []), { number: block.number, hash: block.hash }].slice(-keptCheckpoints);
    cursors?.save(cursorKey(input, want), { fromBlock: record?.fromBlock ?? want.fromBlock, checkpoints, logs: found });
  }
}

function lastOf(record: CursorRecord): Checkpoint {
  return record.checkpoints.at(-1) as Checkpoint;
}

function cursorKey(input: HistoryInput, want: HistoryWant): CursorKey {
  return { chainId: input.chainId, address: want.address, topic: want.topic, opinion: input.opinion ?? 'first' };
}

function wantKey({ address, topic }: Pick<HistoryWant, 'address' | 'topic'>): string {
  return `${address.toLowerCase()} ${topic.toLowerCase()}`;
}

/** Each event of each contract once, from the earliest block that anyone wants. */
function distinct(wants: readonly HistoryWant[]): HistoryWant[] {
  const found = new Map<string, HistoryWant>();
  for (const want of wants) {
    const other = found.get(wantKey(want));
    if (other === undefined || want.fromBlock < other.fromBlock) found.set(wantKey(want), want);
  }
  return [...found.values()];
}
