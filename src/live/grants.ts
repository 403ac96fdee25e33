// Since when an account holds a power, and who gave it: the latest move of each assignment, told by its events.
import type { Address, Hex } from '../types.ts';
import { latestLogs, timesOf } from './history.ts';
import { type HistoryQuery, studyHistory, transactionsOf } from './study-history.ts';

export type Grant =
  /** `created`: it came with the creation of a contract. `timestamp` in seconds since the epoch. */
  { transaction: Hex; block: bigint; timestamp: bigint; sender: Address; created: boolean } | { unknown: string };

/** By id of the change that stands for the assignment. Throws RPC_*. SIDE EFFECTS: keeps event scans in `cursors`. */
export async function findGrants(query: HistoryQuery): Promise<Map<string, Grant>> {
  const { studied, history } = await studyHistory(query, 'first', () => (moves) => moves.length === 0);
  const latest = latestLogs(studied);
  const logs = [...latest.values()];
  const [transactions, times] = await Promise.all([transactionsOf(query.chain, logs), timesOf(query.chain, logs)]);
  history.keep();
  return new Map(
    studied.map(({ place: { change }, past }): [string, Grant] => {
      const log = latest.get(change.id);
      if (log === undefined) return [change.id, { unknown: past.unclear ?? 'no event tells' }];
      const transaction = transactions.get(log.transactionHash);
      const timestamp = times.get(log.blockNumber);
      if (transaction === undefined || timestamp === undefined) return [change.id, { unknown: `the node does not have ${log.transactionHash}` }];
      return [change.id, { transaction: log.transactionHash, block: log.blockNumber, timestamp, sender: transaction.from, created: transaction.to === null }];
    }),
  );
}
