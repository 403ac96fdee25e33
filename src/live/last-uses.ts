// When accounts last had a hand in managed contracts, as far as events tell: the transactions behind the events, newest first.
import type { Kinds } from '../kinds/kind.ts';
import type { Address, ChainReader, Hex, Log, State } from '../types.ts';
import type { CursorStore } from './cursor-store.ts';
import { readHistory } from './event-history.ts';
import { timesOf } from './history.ts';
import { type Transaction, transactionsOf } from './study-history.ts';

/** `contract` whose event it was. `timestamp` in seconds since the epoch, null where the node doesn't have the block. */
export type LastUse = { transaction: Hex; block: bigint; timestamp: bigint | null; contract: string } | { unknown: string };

export type UseQuery = {
  chain: ChainReader;
  kinds: Kinds;
  /** Live state: names the block up to which history is read. */
  state: State & { block: NonNullable<State['block']> };
  accounts: readonly Address[];
  cursors?: CursorStore;
};

/** Transactions that are looked at, newest first, before an account counts as not found. */
const mostTransactions = 2_000;
const atOnce = 200;

type Found = Map<Address, { log: Log; contract: string }>;

/**
 * By account: the newest transaction that it sent, or that was sent to it as a contract, and that left an event of another
 * managed contract. What fails, or leaves no event, is not seen. Throws RPC_*. SIDE EFFECTS: keeps event scans in `cursors`.
 */
export async function findLastUses(query: UseQuery): Promise<Map<Address, LastUse>> {
  const { chain, accounts } = query;
  const { logs, unread } = await allLogs(query);
  const newest = [...Map.groupBy(logs, (log) => log.transactionHash).values()].sort((a, b) => compare(b[0] as Log, a[0] as Log));
  const found: Found = new Map();
  const looked = newest.slice(0, mostTransactions);
  for (let i = 0; i < looked.length && found.size < accounts.length; i += atOnce) {
    const some = looked.slice(i, i + atOnce);
    const transactions = await transactionsOf(
      chain,
      some.flatMap(([log]) => log ?? []),
    );
    for (const events of some) note(query, found, { events, transaction: transactions.get(events[0]?.transactionHash ?? '') });
  }
  const times = await timesOf(
    chain,
    [...found.values()].map(({ log }) => log),
  );
  const missing = unread ?? (newest.length > looked.length ? `not in the newest ${mostTransactions} transactions` : 'no event of a managed contract tells');
  return new Map(
    accounts.map((account): [Address, LastUse] => {
      const use = found.get(account);
      // A hole in the history may hide something newer.
      if (use === undefined || unread !== null) return [account, { unknown: missing }];
      const { log, contract } = use;
      return [account, { transaction: log.transactionHash, block: log.blockNumber, timestamp: times.get(log.blockNumber) ?? null, contract }];
    }),
  );
}

function compare(a: Log, b: Log): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}

async function allLogs({ chain, kinds, state, cursors }: UseQuery): Promise<{ logs: Log[]; unread: string | null }> {
  const wants = state.contracts.flatMap(({ kind, address, fromBlock }) =>
    [...(kinds.get(kind)?.events.values() ?? [])].map(({ topic }) => ({ address, topic, fromBlock })),
  );
  const history = await readHistory({ chain, chainId: state.chainId, block: state.block, wants, cursors });
  const parts = wants.map(({ address, topic }) => history.of(address, topic));
  history.keep();
  const holes = parts.flatMap((part) => ('unknown' in part ? [part.unknown] : []));
  return { logs: parts.flatMap((part) => ('unknown' in part ? [] : [...part])), unread: holes[0] ?? null };
}

function note({ accounts, state }: UseQuery, found: Found, { events, transaction }: { events: readonly Log[]; transaction: Transaction | undefined }): void {
  if (transaction === undefined) return;
  for (const account of accounts) {
    if (found.has(account)) continue;
    const log = events.find(({ address }) => transaction.from === account || (transaction.to === account && address !== account));
    if (log !== undefined) found.set(account, { log, contract: state.contracts.find(({ address }) => address === log.address)?.name ?? log.address });
  }
}
