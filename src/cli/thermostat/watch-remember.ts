// What a decision leaves behind: evidence, the cause of what is proposed, and what is to be carried out. Pure.
import type { ThermostatDecision } from '../../loop-types.ts';
import type { Memory } from './watch-memory.ts';

/** `seconds` since the epoch, for what has no time of its own. */
export function remember(memory: Memory, decision: ThermostatDecision, seconds: number): Memory {
  const { roi, mean } = decision;
  const at = decision.at ?? seconds;
  const points = roi === null ? memory.points : [...memory.points, { at, roi, mean }];
  const judged = mean === null ? {} : { episode: nextEpisode(memory.episode, decision, at), pending: nextPending(memory.pending, decision) };
  const next = { ...memory, points, ...judged };
  return { ...next, fullPause: nextPause(next, decision, at) };
}

/** Since when it is the same rule. */
function nextEpisode(before: Memory['episode'], { rule }: ThermostatDecision, at: number): Memory['episode'] {
  if (rule === null) return null;
  return before?.rule === rule ? before : { rule, since: at };
}

/** What is judged anew replaces what wasn't carried out; half of that may stand open already. */
function nextPending(before: Memory['pending'], decision: ThermostatDecision): Memory['pending'] {
  const { moves, withdraw } = decision;
  if (moves.length > 0) return decision;
  const unfinished = before !== null && before.moves.length > 0;
  return withdraw || unfinished ? { ...decision, withdraw: true } : null;
}

/** Asked for once in an episode. */
function nextPause({ fullPause, episode }: Memory, { alerts }: ThermostatDecision, at: number): Memory['fullPause'] {
  const asks = alerts.some((alert) => alert.type === 'not-restored' && alert.pause);
  return fullPause === null && asks ? { cause: `not-restored@${episode?.since ?? at}`, done: false } : fullPause;
}
