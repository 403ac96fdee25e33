// A history of events, decided as if each move took effect at once: what the reference would have done. Pure.
import { MooringError } from '../../errors.ts';
import type { SentinelSettings } from '../../loop-types.ts';
import { reduce } from './reduce.ts';
import { seenIds } from './seen-ids.ts';
import { type Decision, eventsIn, initialState, type Mark, roiOf, type SentinelEvent, type SentinelState } from './state.ts';

export type ReplayTurn = { mark: Mark; type: SentinelEvent['type']; totalCost: number; roi: number | null; decision: Decision };

/** `repeated`: events whose id was there before, with the same content. */
export type Replay = { turns: readonly ReplayTurn[]; state: SentinelState; repeated: number };

/** Throws EVENT_ID_CONFLICT where one id stands for two events. */
export function replay(settings: SentinelSettings, events: readonly SentinelEvent[]): Replay {
  const seen = seenIds([], events.length + 1);
  const turns: ReplayTurn[] = [];
  let state = initialState;
  for (const event of events) {
    const known = seen.look(event);
    if (known === 'conflict')
      throw new MooringError('EVENT_ID_CONFLICT', `${event.from ?? 'an event'} has the id of another event: ${JSON.stringify(event.id)}`, {
        fix: 'give each event an id of its own',
      });
    if (known === 'seen') continue;
    seen.add(event);
    const turn = reduce(settings, state, event);
    state = turn.state;
    const mark = { event: eventsIn(state), id: event.id, from: event.from };
    turns.push({ mark, type: event.type, totalCost: state.totalCost, roi: roiOf(state), decision: turn.decision });
  }
  return { turns, state, repeated: events.length - turns.length };
}
