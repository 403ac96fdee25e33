// Who made a field what it is, and whether its risk was reduced out of band: told by the events of the field.
import { MooringError } from '../errors.ts';
import { riskOf } from '../kinds/fields.ts';
import type { Action, Address, Author, ChainReader, Change, FieldValue, Hex, Log, Reduction, Scalar } from '../types.ts';
import { canonicalJson } from '../values.ts';
import { decodeTransaction } from './decode-transaction.ts';
import type { EventHistory } from './event-history.ts';
import type { Move } from './past-moves.ts';
import { type HistoryQuery, type Studied, studyHistory, type Transaction, transactionsOf } from './study-history.ts';
import type { Place } from './timeline.ts';

export type ReductionQuery = HistoryQuery & {
  /** Hashes of the transactions that our receipts name. */
  knownTransactions: ReadonlySet<Hex>;
  /** Must find the same; else PROVIDERS_DISAGREE. */
  second?: ChainReader;
};

export type Reductions = {
  reductions: Reduction[];
  /** Ids of changes for which it can't be told. */
  unknown: string[];
};

/**
 * The reductions of risk that changes of risk `increase` would reverse: of each value the latest move, if it was one, and
 * the moves before that, as long as they were reductions, too, that nobody decided and that the change goes back beyond.
 * A reduction of an aggregate names the part's address as `member`.
 * Throws RPC_*, PROVIDERS_DISAGREE. SIDE EFFECTS: keeps event scans in `cursors`.
 */
export async function findReductions(query: ReductionQuery): Promise<Reductions> {
  const wanted = { ...query, changes: query.changes.filter((change) => change.risk === 'increase') };
  const first = await reductionsBy(wanted, 'first');
  if (query.second === undefined) {
    first.history.keep();
    return { reductions: first.reductions, unknown: first.unknown };
  }
  const other = await reductionsBy({ ...wanted, chain: query.second }, 'second');
  if (canonicalJson(first.reductions) !== canonicalJson(other.reductions))
    throw new MooringError('PROVIDERS_DISAGREE', 'The two RPCs give different histories of the fields that the plan raises.', {
      fix: 'Find out which of them is wrong, and replace it.',
    });
  for (const { history } of [first, other]) history.keep();
  return { reductions: first.reductions, unknown: [...new Set([...first.unknown, ...other.unknown])] };
}

/**
 * By change id, who made the live value what it is: the transaction of its latest move. A value as the
 * contract was created with it, or one that was changed without an event, has no author. Throws RPC_*. SIDE EFFECTS: keeps event scans in `cursors`.
 */
export async function findAuthors(query: HistoryQuery & { names: ReadonlyMap<Address, string> }): Promise<Map<string, Author>> {
  const { chain, kinds, state, names } = query;
  const { studied, history } = await studyHistory(query, 'first', () => (moves) => moves.length === 0);
  const latest = latestLogs(studied);
  const [transactions, times] = await Promise.all([transactionsOf(chain, [...latest.values()]), timesOf(chain, [...latest.values()])]);
  history.keep();
  const authors = new Map<string, Author>();
  for (const [id, { transactionHash, blockNumber }] of latest) {
    const transaction = transactions.get(transactionHash);
    const timestamp = times.get(blockNumber);
    // What the contract was created with, nobody changed.
    if (transaction === undefined || transaction.to === null || timestamp === undefined) continue;
    const sender = transaction.from;
    const call = decodeTransaction(transaction, state, kinds);
    authors.set(id, { transaction: transactionHash, block: blockNumber, timestamp, sender, senderName: names.get(sender) ?? null, call });
  }
  return authors;
}

/** By change id; of an aggregate the newest among its parts. */
export function latestLogs(studied: readonly Studied[]): Map<string, Log> {
  const latest = new Map<string, Log>();
  for (const { place, past } of studied) {
    const log = past.moves[0]?.log ?? past.stuckAt;
    const other = latest.get(place.change.id);
    if (log !== null && (other === undefined || other.blockNumber < log.blockNumber)) latest.set(place.change.id, log);
  }
  return latest;
}

/** By block number, in seconds since the epoch; blocks that the node doesn't have are left out. */
export async function timesOf(chain: ChainReader, logs: readonly Log[]): Promise<Map<bigint, bigint>> {
  const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const blocks = await Promise.all(numbers.map((number) => chain.block(number)));
  return new Map(blocks.flatMap((block) => (block === null ? [] : [[block.number, block.timestamp] as const])));
}

type Found = Reductions & { history: EventHistory };

async function reductionsBy(query: ReductionQuery, opinion: 'first' | 'second'): Promise<Found> {
  const isKnown = (change: Change, log: Log): boolean => isOurs(query, change, log);
  const { studied, history } = await studyHistory(query, opinion, (place) => (moves, value, touch) => {
    const last = moves.at(-1);
    if (last === undefined) return true;
    return isReduction(place, last) && !isKnown(place.change, last.log) && !isKnown(place.change, touch.log) && isBeyond(place, value);
  });
  const standing = studied.flatMap(({ place, past }) => past.moves.filter((move) => isReduction(place, move)).map((move) => ({ place, move })));
  const transactions = await transactionsOf(
    query.chain,
    standing.map(({ move }) => move.log),
  );
  const unknown = new Set([...unplaced(query, studied), ...studied.filter(({ past }) => past.unclear !== null).map(({ place }) => place.change.id)]);
  const reductions: Reduction[] = [];
  for (const { place, move } of standing) {
    const transaction = transactions.get(move.log.transactionHash);
    if (transaction === undefined) unknown.add(place.change.id);
    // A contract that was created paused was not paused by anyone.
    else if (transaction.to !== null) reductions.push(reductionOf(place, move, { transaction, known: isKnown(place.change, move.log) }));
  }
  return { reductions, unknown: [...unknown], history };
}

function isOurs({ state, knownTransactions }: ReductionQuery, change: Change, log: Log): boolean {
  const adoptedAt = state.contracts.find(({ name }) => name === change.contract)?.adoptedAt;
  return knownTransactions.has(log.transactionHash) || (adoptedAt !== undefined && log.blockNumber <= adoptedAt);
}

/** Changes of fields that this state or its kinds don't have. */
function unplaced(query: HistoryQuery, studied: readonly Studied[]): string[] {
  const placed = new Set(studied.map(({ place }) => place.change.id));
  const isAggregate = (change: Change): boolean => query.kinds.get(change.kind)?.fields.get(change.field)?.shape === 'aggregate';
  // An aggregate whose parts are all as wanted has nothing to reverse.
  return query.changes.filter((change) => !placed.has(change.id) && !isAggregate(change)).map(({ id }) => id);
}

function isReduction({ field }: Place, { before, after }: Move): boolean {
  return riskOf(field, actionOf(field, before, after), toValue(before), toValue(after)) === 'reduce';
}

/** Whether the change raises a number above what it was before: then what lowered it that far stands against it, too. */
function isBeyond({ field, change }: Place, value: Scalar | null): boolean {
  return typeof value === 'bigint' && riskOf(field, 'set', toValue(value), change.to) === 'increase';
}

function actionOf({ shape }: Place['field'], before: Scalar | null, after: Scalar | null): Action {
  if (shape === 'members' || shape === 'keyedMembers') return after === true ? 'add' : 'remove';
  if (shape !== 'entries') return 'set';
  return before === null ? 'add' : after === null ? 'remove' : 'set';
}

function reductionOf({ change, part, field }: Place, move: Move, { transaction, known }: { transaction: Transaction; known: boolean }): Reduction {
  const member = part ?? change.member;
  return {
    contract: change.contract,
    field: change.field,
    ...(member === undefined ? {} : { member }),
    transaction: move.log.transactionHash,
    block: move.log.blockNumber,
    sender: transaction.from,
    from: field.shape === 'entries' && move.before === null ? null : toValue(move.before),
    to: toValue(move.after),
    known,
  };
}

function toValue(past: Scalar | null): FieldValue {
  return past === null ? { type: 'unset' } : { type: 'scalar', value: past };
}
