// The watch over random histories: changes, gaps, reorgs, nodes that fall back, looks in pieces, and restarts in between. Whatever
// happens, what was told and not taken back is in the end what the chain holds, and each change was told once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeValue, encodeValue } from '../../src/journal/codec.ts';
import { type ChainCursor, watchChain } from '../../src/live/watch-chain.ts';
import type { ChainReader, Hex } from '../../src/types.ts';
import { type Random, seeded } from '../loops/seeded.ts';
import { startWorld, type World } from './world.ts';

const rounds = process.env['MOORING_FULL'] === '1' ? 60 : 8;
const steps = 25;

let world: World;
let chain: ChainReader;

beforeAll(async () => {
  world = await startWorld();
  chain = world.reader();
});
afterAll(() => world?.stop());

type Watch = { cursor: ChainCursor | null; standing: Map<Hex, bigint> };

/** One look, by a process that knows only what was written down. Fails where a change is told twice, or taken back untold. */
async function look(watch: Watch, { confirmations, mostBlocks, seed }: { confirmations: number; mostBlocks: bigint; seed: string }): Promise<void> {
  const cursor = watch.cursor === null ? null : (decodeValue(encodeValue(watch.cursor)) as ChainCursor);
  const contracts = [world.ref('arena')];
  const found = await watchChain({ chain, kinds: world.kinds, contracts, confirmations, cursor, mostBlocks });
  if (found === null) return;
  for (const { sighting, note } of found.seen) {
    const known = watch.standing.has(sighting.transaction);
    expect(known, `${seed}: ${note} ${sighting.event} in ${sighting.block}`).toBe(note !== 'new');
    if (note === 'gone') watch.standing.delete(sighting.transaction);
    else watch.standing.set(sighting.transaction, sighting.block);
  }
  watch.cursor = found.cursor;
}

/** What the chain itself says of the blocks behind `from`. */
async function truth(from: bigint): Promise<Map<Hex, bigint>> {
  const { address } = world.ref('arena');
  const logs = await world.node.ask<{ transactionHash: Hex; blockNumber: Hex }[]>('eth_getLogs', [
    { address, fromBlock: `0x${(from + 1n).toString(16)}`, toBlock: 'latest' },
  ]);
  return new Map(logs.map(({ transactionHash, blockNumber }) => [transactionHash, BigInt(blockNumber)]));
}

type History = { next: Random; round: number; changes: number /** No reorg reaches behind it. */; floor: bigint; mark: string | null };

/** One thing that happens to the chain; false where somebody is to look at it. */
async function happens(history: History): Promise<boolean> {
  const { next, floor, round, mark } = history;
  const height = Number((await chain.head('latest')).number - floor);
  const what = next();
  if (what < 0.35) {
    history.changes += 1;
    await world.act('arena', 'setTargetSuccessRateBps', [1_000 + ((round * steps + history.changes) % 8_000)]);
  } else if (what < 0.45) await world.node.mine(1 + Math.floor(next() * 3));
  else if (what < 0.6 && height > 1) {
    // Anvil forgets its snapshots with it.
    history.mark = null;
    await world.node.ask('anvil_reorg', [Math.min(1 + Math.floor(next() * 5), height - 1), []]);
  } else if (what < 0.65) history.mark = await world.node.ask<string>('evm_snapshot');
  else if (what < 0.7 && mark !== null) {
    history.mark = null;
    await world.node.ask('evm_revert', [mark]);
  } else return false;
  return true;
}

async function playRound(first: number, round: number): Promise<void> {
  const next = seeded(first + round);
  const looking = { confirmations: 1 + Math.floor(next() * 4), mostBlocks: 1_000n, seed: `seed ${first + round}` };
  const watch: Watch = { cursor: null, standing: new Map() };
  await look(watch, looking);
  const start = (await chain.head('latest')).number;
  await world.node.mine(6);
  const history: History = { next, round, changes: 0, floor: (await chain.head('latest')).number, mark: null };
  for (let step = 0; step < steps; step++) if (!(await happens(history))) await look(watch, { ...looking, mostBlocks: next() < 0.3 ? 2n : 1_000n });
  // Past every height that was seen before.
  await world.node.mine(40);
  await look(watch, looking);
  await look(watch, looking);
  expect([...watch.standing].sort(), looking.seed).toEqual([...(await truth(start))].sort());
}

test('what is told and stands is what the chain holds', { timeout: 600_000 }, async () => {
  const first = Number(process.env['MOORING_SEED'] ?? Math.floor(Math.random() * 1e9));
  for (let round = 0; round < rounds; round++) await playRound(first, round);
});
