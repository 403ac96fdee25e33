// Carries a decision out as pull requests. What is done is on disk before the next is begun.
import { isDeepStrictEqual } from 'node:util';
import type { ThermostatDecision } from '../../loop-types.ts';
import { proposalRule } from '../../loops/thermostat/controller.ts';
import { whyText } from '../../render/thermostat-text.ts';
import { withdrawProposal } from '../loops/loop-proposal.ts';
import type { Started } from '../propose/start.ts';
import { knobsKey, pauseKey, proposeFullPause, proposeMoves } from './watch-propose.ts';
import { save, send, type Turn } from './watch-turn.ts';

/** In order: what must go, what is asked, and what is asked where nothing has helped. Each is on disk as soon as it is done. */
export async function carryOut(turn: Turn, started: Started): Promise<void> {
  const { pending } = turn.memory;
  if (pending !== null) {
    // Policy may have changed since it was decided.
    const moves = pending.moves.filter(({ field }) => turn.looked.settings.knobs.some((knob) => knob.field === field));
    if (moves.length > 0) await propose(turn, started, { ...pending, moves });
    else if (pending.withdraw) await withdraw(turn, started, pending);
    turn.memory = { ...turn.memory, pending: null };
    save(turn);
  }
  await askForFullPause(turn, started);
}

async function propose(turn: Turn, started: Started, decision: ThermostatDecision): Promise<void> {
  const { looked, memory, seconds, watch } = turn;
  const rule = proposalRule(decision);
  if (rule === null) return;
  const kept = await proposeMoves({ started, looked, memory }, decision, rule);
  send(turn, { type: 'proposed', at: seconds, rule, moves: decision.moves });
  if (kept.outcome === 'refused') send(turn, { type: 'closed', at: seconds, by: 'human' });
  const outcome = kept.outcome === 'open' ? (kept.created ? 'opened' : 'updated') : kept.outcome;
  watch.meters.add('proposals_total', { loop: 'thermostat', outcome });
}

async function withdraw(turn: Turn, started: Started, decision: ThermostatDecision): Promise<void> {
  const reason = `This is no longer asked for: ${whyText(decision, turn.looked.settings.window)}.`;
  if (await withdrawProposal(started, { loop: 'thermostat', key: knobsKey, reason }))
    turn.watch.meters.add('proposals_total', { loop: 'thermostat', outcome: 'withdrawn' });
  send(turn, { type: 'closed', at: turn.seconds, by: 'loop' });
}

async function askForFullPause(turn: Turn, started: Started): Promise<void> {
  const { fullPause, episode, state } = turn.memory;
  if (fullPause === null) return;
  const over = episode?.rule !== 'dip';
  if (over) {
    await withdrawProposal(started, { loop: 'thermostat', key: pauseKey, reason: 'ROI is no longer below its band: the full pause is no longer asked for.' });
  } else if (!fullPause.done) {
    await proposeFullPause({ started }, { cause: fullPause.cause, cycles: state.cycle?.failed ?? turn.looked.settings.guards.escalate ?? 2 });
  }
  const next = over ? null : { ...fullPause, done: true };
  if (isDeepStrictEqual(next, fullPause)) return;
  turn.memory = { ...turn.memory, fullPause: next };
  save(turn);
}
