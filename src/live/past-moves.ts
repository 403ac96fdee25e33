// The latest moves of a value, newest first: which events really changed it, and from what. An event that only repeats a
// value is no move, however new it is.
import { MooringError } from '../errors.ts';
import { decodeGetter } from '../kinds/reads.ts';
import type { BlockRef, CallResult, ChainReader, Log, Scalar } from '../types.ts';
import { sameScalar } from '../values.ts';
import type { Past, Place, Touch } from './timeline.ts';

/** One event that changed a value. Null: it was not set, not in the collection, or the contract did not exist. */
export type Move = { log: Log; before: Scalar | null; after: Scalar | null };

export type PastMoves = {
  /** Newest first; empty when the value was never changed. */
  moves: readonly Move[];
  /** Why older moves are not known; those in `moves` are right all the same. */
  unclear: string | null;
  /** The event at which it became unclear: the value comes from there, or was there before. */
  stuckAt: Log | null;
};

/** Reads a place's value as it was after a block; undefined when that can't be had. */
export type ReadPast = (place: Place, block: bigint) => Promise<Past>;

export type MovesInput = {
  place: Place;
  /** All of them, in order. */
  touches: readonly Touch[];
  readPast: ReadPast;
  /** Whether to look for a move older than `moves`; `touch` is the next event, which left `value`. */
  goOn(moves: readonly Move[], value: Scalar | null, touch: Touch): boolean;
};

export async function pastMoves(input: MovesInput): Promise<PastMoves> {
  const { place, touches, goOn } = input;
  const moves: Move[] = [];
  let value = place.current;
  if (value === undefined) return { moves, unclear: 'its present value is not known', stuckAt: null };
  for (let i = touches.length - 1; i >= 0; i -= 1) {
    const touch = touches[i] as Touch;
    if (!goOn(moves, value, touch)) break;
    if (touch.after !== undefined && !samePast(touch.after, value)) return { moves, unclear: 'it was changed without an event', stuckAt: null };
    const before = await beforeOf(input, i, value);
    if (before === undefined) return { moves, unclear: 'what it was earlier can not be read', stuckAt: touch.log };
    if (!samePast(before, value)) moves.push({ log: touch.log, before, after: value });
    value = before;
  }
  return { moves, unclear: null, stuckAt: null };
}

/** From the event itself, the event before, what all values begin as, or the state before the event's block. */
async function beforeOf({ place, touches, readPast }: MovesInput, i: number, value: Scalar | null): Promise<Past> {
  const touch = touches[i] as Touch;
  // Null is an answer, too: not set.
  const told = touch.before !== undefined ? touch.before : i > 0 ? touches[i - 1]?.after : place.initial;
  if (told !== undefined) return told;
  // A flag's first event changed it: taken for granted, since it can only make a reduction of what was none.
  if (i === 0 && typeof value === 'boolean') return !value;
  return readPast(place, touch.log.blockNumber - 1n);
}

export function samePast(a: Past, b: Past): boolean {
  if (a === undefined || b === undefined) return false;
  return a === null || b === null ? a === b : sameScalar(a, b);
}

/** Past values by the getter at an earlier block: needs a node that keeps old state, so it is the last resort. */
export function pastReader(chain: ChainReader): ReadPast {
  const blocks = new Map<bigint, Promise<BlockRef | null>>();
  return async function readPast(place, number) {
    if (place.getter === null || number < 0n) return undefined;
    const pending = blocks.get(number) ?? chain.block(number);
    blocks.set(number, pending);
    try {
      const block = await pending;
      return block === null ? undefined : pastValue(place, await chain.calls([place.getter.call], block));
    } catch (error) {
      if (error instanceof MooringError && unreadable.has(error.code)) return undefined;
      throw error;
    }
  };
}

/** What nodes without that old state answer. */
const unreadable: ReadonlySet<string> = new Set(['RPC_NO_BLOCK', 'RPC_ERROR', 'RPC_NO_BLOCK_HASH', 'ABI_DECODE']);

function pastValue({ getter, field }: Place, [result]: readonly CallResult[]): Past {
  if (result === undefined || getter === null) return undefined;
  // Nothing answered: the contract did not exist yet.
  if (result.data === '0x') return null;
  return result.ok ? decodeGetter(getter.kind, field, result.data) : undefined;
}
