// What the folder of the arena's off-chain side tells of an account: its line of the scoreboard, and the rounds whose receipts
// name it. Receipts are read in the reference's form, whoever wrote them. Reads only; what can't be read is told, not thrown.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseScoreboard, type Score, type Scoreboard } from './scoreboard.ts';

/** `people` and `transactions` in lower case; `completedAt` in seconds since the epoch. */
type PastRound = { id: string; state: string; completedAt: number | null; people: ReadonlySet<string>; transactions: ReadonlySet<string> };

/** `rounds`: oldest first, those that go on last. `unread`: files that are no scoreboard or receipt, and why. */
export type PastRounds = { board: Scoreboard; rounds: readonly PastRound[]; unread: readonly string[] };

/** Null where there is neither a scoreboard nor a receipt. */
export function readPastRounds(folder: string): PastRounds | null {
  const [file, runs] = [join(folder, 'scoreboard.json'), join(folder, 'runs')];
  const listed = orWhy(() => (existsSync(runs) ? readdirSync(runs) : []));
  const names = ('why' in listed ? [] : listed).filter((name) => name.endsWith('.json'));
  if (names.length === 0 && !('why' in listed) && !existsSync(file)) return null;
  const board = orWhy(() => (existsSync(file) ? parseScoreboard(readFileSync(file, 'utf8')) : new Map()));
  const read = names.map((name) => ({ name, round: readReceipt(join(runs, name), name) }));
  const unread = read.flatMap(({ name, round }) => (round === null ? [`runs/${name} is not the receipt of a round`] : []));
  return {
    board: 'why' in board ? new Map() : board,
    rounds: read.flatMap(({ round }) => round ?? []).sort((a, b) => (a.completedAt ?? Infinity) - (b.completedAt ?? Infinity)),
    unread: [...('why' in board ? [`scoreboard.json: ${board.why}`] : []), ...('why' in listed ? [`runs: ${listed.why}`] : []), ...unread],
  };
}

/** A folder may be another user's, or no folder. */
function orWhy<T>(read: () => T): T | { why: string } {
  try {
    return read();
  } catch (error) {
    return { why: (error as Error).message };
  }
}

type Receipt = { run?: { state?: unknown; completed_at?: unknown }; receipts?: { txes?: unknown; timings?: { scoreboard?: unknown } } | null };

function readReceipt(file: string, name: string): PastRound | null {
  try {
    const { run, receipts } = JSON.parse(readFileSync(file, 'utf8')) as Receipt;
    if (typeof run?.state !== 'string') return null;
    return {
      id: name.slice(0, -'.json'.length),
      state: run.state,
      completedAt: typeof run.completed_at === 'number' ? run.completed_at : null,
      people: lowered(Object.keys(receipts?.timings?.scoreboard ?? {})),
      transactions: lowered(Array.isArray(receipts?.txes) ? receipts.txes : []),
    };
  } catch {
    return null;
  }
}

function lowered(texts: readonly unknown[]): Set<string> {
  return new Set(texts.map((text) => String(text).toLowerCase()));
}

/** `entered`: ids of rounds in which it was a student or a validator. `sent`: the round that a transaction belongs to. */
export type RoundsOf = { score: Score | null; entered: readonly string[]; sent: string | null };

export function roundsOf({ board, rounds }: PastRounds, account: string, transaction: string | null): RoundsOf {
  const own = account.toLowerCase();
  return {
    score: [...board].find(([agent]) => agent.toLowerCase() === own)?.[1] ?? null,
    entered: rounds.filter(({ people }) => people.has(own)).map(({ id }) => id),
    sent: transaction === null ? null : (rounds.find(({ transactions }) => transactions.has(transaction.toLowerCase()))?.id ?? null),
  };
}
