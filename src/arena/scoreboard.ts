// The scoreboard: what each agent has won and lost, and how often it was slashed. Its written form is the reference's. Pure.

/** `updatedAt` in seconds since the epoch. `notes`: oldest first. */
export type Score = { wins: number; losses: number; slashes: number; notes: readonly string[]; updatedAt: number };

/** By agent, as it is written. */
export type Scoreboard = ReadonlyMap<string, Score>;

/** Of one agent; the oldest go first. */
export const mostNotes = 100;

/** `{ "<agent>": { wins, losses, slashes, notes, updatedAt } }`, or what is wrong with the text. */
export function parseScoreboard(text: string): Scoreboard | { why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: 'it is not JSON' };
  }
  if (!isObject(value)) return { why: 'it is not an object' };
  const board = new Map<string, Score>();
  for (const [agent, score] of Object.entries(value)) {
    const why = faultOf(score);
    if (why !== null) return { why: `${JSON.stringify(agent.slice(0, 80))} ${why}` };
    board.set(agent, score as Score);
  }
  return board;
}

function faultOf(value: unknown): string | null {
  if (!isObject(value)) return 'is not an object';
  const count = ['wins', 'losses', 'slashes'].find((key) => !Number.isSafeInteger(value[key]) || (value[key] as number) < 0);
  if (count !== undefined) return `has no count of ${count}`;
  const { notes, updatedAt } = value;
  if (!Array.isArray(notes) || notes.some((note) => typeof note !== 'string')) return 'has no list of notes';
  return typeof updatedAt === 'number' && Number.isFinite(updatedAt) ? null : 'has no updatedAt';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sorted by agent, so that two boards can be compared line by line. */
export function formatScoreboard(board: Scoreboard): string {
  const sorted = [...board].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const written = sorted.map(([agent, { wins, losses, slashes, notes, updatedAt }]) => [agent, { wins, losses, slashes, notes, updatedAt }]);
  return `${JSON.stringify(Object.fromEntries(written), null, 2)}\n`;
}

export type Result = {
  agent: string;
  won: boolean;
  /** Says which round: the same note is counted once, however often it is told. */
  note: string;
};

/** `at` in seconds since the epoch. A result that the agent's notes have already changes nothing. */
export function countResults(board: Scoreboard, results: readonly Result[], at: number): Scoreboard {
  const next = new Map(board);
  for (const { agent, won, note } of results) {
    const key = keyOf(next, agent);
    const before = next.get(key) ?? fresh;
    if (before.notes.includes(note)) continue;
    const [wins, losses] = [before.wins + (won ? 1 : 0), before.losses + (won ? 0 : 1)];
    next.set(key, { ...before, wins, losses, notes: [...before.notes, note].slice(-mostNotes), updatedAt: at });
  }
  return next;
}

export type SlashChange = { agent: string; from: number; to: number };

/** Takes the number of slashes of everyone from `counts`, 0 where an agent isn't in it. Done twice it is the same as once. */
export function reconcileSlashes(board: Scoreboard, counts: ReadonlyMap<string, number>, at: number): { board: Scoreboard; changes: SlashChange[] } {
  const next = new Map(board);
  for (const agent of counts.keys()) if (!next.has(keyOf(next, agent))) next.set(agent, { ...fresh, updatedAt: at });
  const byAgent = new Map([...counts].map(([agent, count]) => [agent.toLowerCase(), count]));
  const changes = [...next].flatMap(([agent, { slashes }]) => {
    const to = byAgent.get(agent.toLowerCase()) ?? 0;
    return to === slashes ? [] : [{ agent, from: slashes, to }];
  });
  for (const { agent, to } of changes) next.set(agent, { ...(next.get(agent) ?? fresh), slashes: to, updatedAt: at });
  return { board: next, changes };
}

const fresh: Score = { wins: 0, losses: 0, slashes: 0, notes: [], updatedAt: 0 };

/** An address is the same agent in whatever case it is written. */
function keyOf(board: Scoreboard, agent: string): string {
  if (board.has(agent)) return agent;
  const low = agent.toLowerCase();
  return [...board.keys()].find((key) => key.toLowerCase() === low) ?? agent;
}
