// Streaks of failures by agent, and the pruning that they lead to. Pure.
import type { SentinelSettings } from '../../loop-types.ts';
import { pause, type Turn, tell } from './pauses.ts';
import type { Mark, SentinelEvent } from './state.ts';

/** Agents whose failures are counted at the same time: names come from outside, and each takes memory. */
export const followedAgents = 10_000;

/** An evaluation that doesn't say succeeded when its reward is high enough; without a reward, when its value covers its cost. */
export function isFailure({ successThreshold }: Pick<SentinelSettings, 'successThreshold'>, { success, reward, value, cost }: SentinelEvent): boolean {
  if (success !== null) return !success;
  if (reward !== null) return reward < successThreshold;
  return value !== null && cost !== null && value < cost;
}

type Outcome = { agent: string; failed: boolean; mark: Mark };

export function countFailure(settings: SentinelSettings, turn: Turn, { agent, failed, mark }: Outcome): Turn {
  if (Object.hasOwn(turn.state.pruned, agent)) return turn;
  const before = Object.hasOwn(turn.state.failures, agent) ? (turn.state.failures[agent] ?? 0) : 0;
  if (!failed) return before === 0 ? turn : withFailures(turn, agent, settings.failureStreak.successReset ? 0 : before - 1);
  const failures = before + 1;
  if (failures >= settings.failureStreak.threshold) return prune(settings, turn, { agent, failures, mark });
  return before === 0 && Object.keys(turn.state.failures).length >= followedAgents ? tellUnfollowed(turn, agent) : withFailures(turn, agent, failures);
}

function withFailures(turn: Turn, agent: string, failures: number): Turn {
  // A computed key makes an own property of any name.
  const next = failures === 0 ? dropKey(turn.state.failures, agent) : { ...turn.state.failures, [agent]: failures };
  return { ...turn, state: { ...turn.state, failures: next } };
}

function dropKey(failures: Readonly<Record<string, number>>, agent: string): Record<string, number> {
  return Object.fromEntries(Object.entries(failures).filter(([name]) => name !== agent));
}

function prune(settings: SentinelSettings, turn: Turn, { agent, failures, mark }: { agent: string; failures: number; mark: Mark }): Turn {
  const detail = `agent ${JSON.stringify(agent)}, ${failures} failures`;
  const state = { ...turn.state, failures: dropKey(turn.state.failures, agent), pruned: { ...turn.state.pruned, [agent]: mark } };
  const alert = { severity: 'critical', reason: 'failure_streak', message: `An agent is to be pruned: ${detail} in a row.`, detail } as const;
  const pruned: Turn = {
    state,
    measures: [...turn.measures, { kind: 'prune', reason: 'failure_streak', agent, failures }],
    // Each agent is pruned once: what was told need not be remembered besides.
    alerts: [...turn.alerts, alert],
  };
  const actions = settings.actions.failure_streak;
  if (actions.length === 0) return pruned;
  return pause(pruned, { reason: 'failure_streak', detail, mark, actions, severity: 'critical', message: 'Contracts are to pause: an agent keeps failing.' });
}

function tellUnfollowed(turn: Turn, agent: string): Turn {
  const message = `More than ${followedAgents} agents are failing: of further ones no failures are counted.`;
  return tell(turn, { severity: 'warning', reason: 'agents_unfollowed', message, detail: `first agent ${JSON.stringify(agent)}` });
}
