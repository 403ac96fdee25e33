// Reads the event history of the values that changes are about, and finds their latest moves. Decides nothing.
import { MooringError } from '../errors.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Address, ChainReader, Change, Hex, Log, State } from '../types.ts';
import type { CursorKey, CursorStore } from './cursor-store.ts';
import { type EventHistory, readHistory } from './event-history.ts';
import { faultError } from './faults.ts';
import { fields, hexData } from './json-shapes.ts';
import { type MovesInput, type PastMoves, pastMoves, pastReader } from './past-moves.ts';
import { type Place, placesOf, timelineOf } from './timeline.ts';

export type HistoryQuery = {
  chain: ChainReader;
  kinds: Kinds;
  /** Live state: names the block up to which history is read. */
  state: State;
  changes: readonly Change[];
  /** Keeps the scans for the next run. */
  cursors?: CursorStore;
};

export type Studied = { place: Place; past: PastMoves };
export type Study = { studied: readonly Studied[]; history: EventHistory };
export type GoOn = (place: Place) => MovesInput['goOn'];

/** Throws RPC_*. What can't be told of one value is `unclear` there. */
export async function studyHistory(query: HistoryQuery, opinion: CursorKey['opinion'], goOn: GoOn): Promise<Study> {
  const { chain, kinds, state, changes, cursors } = query;
  if (state.block === null) throw new MooringError('INTERNAL', 'History is asked for without a live state.');
  const places = changes.flatMap((change) => placesOf(change, state, kinds));
  const wants = places.flatMap((place) => place.events.map(({ event }) => ({ address: place.address, topic: event.topic, fromBlock: place.fromBlock })));
  const history = await readHistory({ chain, chainId: state.chainId, block: state.block, wants, cursors, opinion });
  const readPast = pastReader(chain);
  const studied = await Promise.all(places.map(async (place) => ({ place, past: await studyPlace({ place, history, readPast, goOn: goOn(place) }) })));
  return { studied, history };
}

type PlaceInput = Pick<MovesInput, 'place' | 'readPast' | 'goOn'> & { history: EventHistory };

async function studyPlace({ place, history, readPast, goOn }: PlaceInput): Promise<PastMoves> {
  const unclear = (reason: string): PastMoves => ({ moves: [], unclear: reason, stuckAt: null });
  if (place.events.length === 0) return unclear('its kind names no event for it');
  try {
    const touches = timelineOf(place, history);
    // Contracts begin unpaused: the event that says otherwise is missing.
    if (touches.length === 0 && place.current === true && isPause(place)) return unclear('it is paused, but no event says so');
    return await pastMoves({ place, touches, readPast, goOn });
  } catch (error) {
    if (error instanceof MooringError && (error.code === 'LOGS_INCOMPLETE' || error.code === 'ABI_DECODE')) return unclear(error.message);
    throw error;
  }
}

function isPause({ field }: Place): boolean {
  return field.role === 'pause';
}

export type Transaction = { from: Address; to: Address | null; input: Hex };

/** By hash. Those that the node doesn't have are left out. Throws RPC_*. */
export async function transactionsOf(chain: ChainReader, wanted: readonly (Hex | Log)[]): Promise<Map<Hex, Transaction>> {
  const hashes = [...new Set(wanted.map((one) => (typeof one === 'string' ? one : one.transactionHash)))];
  const answers = await chain.batch(hashes.map((hash) => ({ method: 'eth_getTransactionByHash', params: [hash] })));
  const found = new Map<Hex, Transaction>();
  for (const [i, answer] of answers.entries()) {
    if ('error' in answer) throw faultError('eth_getTransactionByHash', answer.error);
    if (answer.result !== null) found.set(hashes[i] as Hex, transactionIn(answer.result));
  }
  return found;
}

function transactionIn(answer: unknown): Transaction {
  const { from, to, input } = fields(answer, 'a transaction');
  return {
    from: toChecksum(hexData(from, "a transaction's sender", 20)),
    to: to === null || to === undefined ? null : toChecksum(hexData(to, "a transaction's target", 20)),
    input: hexData(input, "a transaction's data"),
  };
}
