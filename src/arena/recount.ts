// What a round's record says that the scoreboard must have, and putting back what an older copy of the board lacks. Pure.
import type { RoundRecord } from './round-record.ts';
import { countResults, formatScoreboard, type Result, type Scoreboard } from './scoreboard.ts';

export function lossesOf({ id, verdict }: Pick<RoundRecord, 'id' | 'verdict'>): Result[] {
  return (verdict?.losers ?? []).map(({ agent, why }) => ({ agent, won: false, note: `${id}: ${why}` }));
}

export function winsOf({ id, verdict }: Pick<RoundRecord, 'id' | 'verdict'>): Result[] {
  return (verdict?.winners ?? []).map((agent) => ({ agent, won: true, note: `${id}: won` }));
}

/**
 * Counts, agent by agent, the rounds that came after the newest one in the agent's notes: earlier ones were counted, though
 * their notes may be gone by now. `at` in seconds since the epoch; `counted`: ids of rounds. Done twice it is the same as once.
 */
export function recount(before: Scoreboard, rounds: readonly RoundRecord[], at: number): { board: Scoreboard; counted: string[] } {
  const newest = new Map([...before].map(([agent, { notes }]) => [agent.toLowerCase(), newestOf(notes, rounds)]));
  let board = before;
  const counted: string[] = [];
  for (const round of rounds.filter(({ stage }) => stage === 'finalised' || stage === 'done')) {
    const results = [...lossesOf(round), ...winsOf(round)].filter(({ agent }) => round.sequence >= (newest.get(agent.toLowerCase()) ?? 0));
    const next = countResults(board, results, at);
    if (formatScoreboard(next) !== formatScoreboard(board)) counted.push(round.id);
    board = next;
  }
  return { board, counted };
}

function newestOf(notes: readonly string[], rounds: readonly RoundRecord[]): number {
  const noted = new Set(notes.map((note) => note.slice(0, Math.max(0, note.indexOf(': ')))));
  return Math.max(0, ...rounds.filter(({ id }) => noted.has(id)).map(({ sequence }) => sequence));
}
