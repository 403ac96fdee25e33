// A watch over the thermostat that keeps its own books, from events and decisions alone: what is never to happen.

import type { RoiSample, ThermostatDecision, ThermostatMove } from '../../../src/loop-types.ts';
import type { ThermostatEvent } from '../../../src/loops/thermostat/controller.ts';
import type { Settings } from '../../../src/loops/thermostat/settings.ts';
import type { Values } from '../../../src/loops/thermostat/state.ts';

const day = 86_400;
/** Adding doubles leaves so much. */
const dust = 1e-9;

export type Watched = { breaches: string[]; moves: number; refused: number };

export type Watch = {
  result: Watched;
  /** An event and what was decided of it; `before`: the values in effect until then. */
  saw(event: ThermostatEvent, decision: ThermostatDecision | null, context: { before: Values; now: number }): void;
  /** These moves are in effect. */
  applied(moves: readonly Pick<ThermostatMove, 'field' | 'from' | 'to'>[], now: number): void;
};

type Books = { settings: Settings; result: Watched; spent: { field: string; by: number; at: number }[]; paused: boolean; samples: number; latest: number };

export function makeWatch(settings: Settings): Watch {
  const books: Books = {
    settings,
    result: { breaches: [], moves: 0, refused: 0 },
    spent: [],
    paused: false,
    samples: Number.POSITIVE_INFINITY,
    latest: Number.NEGATIVE_INFINITY,
  };
  const applied: Watch['applied'] = (moves, now) => {
    if (moves.every(({ from, to }) => from === to)) return;
    for (const { field, from, to } of moves) books.spent.push({ field, by: Math.abs(to - from), at: now });
    books.samples = 0;
  };
  return {
    result: books.result,
    saw(event, decision, { before, now }) {
      if (event.type === 'sentinel') books.paused = event.paused;
      if (event.type === 'sample') checkReading(books, event.sample, { decision, now });
      if (event.type === 'applied') applied(changesOf(event.values, before), now);
      if (decision !== null && decision.roi !== null) books.samples += 1;
      if (decision !== null && decision.moves.length > 0) checkProposal(books, decision, now);
    },
    applied,
  };
}

function changesOf(values: Values, before: Values): { field: string; from: number; to: number }[] {
  return Object.entries(values).map(([field, to]) => ({ field, from: before[field] ?? to, to }));
}

function check(books: Books, holds: boolean, what: string): void {
  if (!holds) books.result.breaches.push(what);
}

const readingFaults: ReadonlySet<string> = new Set(['not-finite', 'implausible', 'no-timestamp', 'stale', 'future', 'replayed', 'out-of-order', 'too-many']);

function checkReading(books: Books, { at, roi }: RoiSample, { decision, now }: { decision: ThermostatDecision | null; now: number }): void {
  const refused = decision?.kind === 'refused' && readingFaults.has(decision.why);
  const plausible = Number.isFinite(roi) && roi >= 0 && roi <= 1_000;
  const timely = at !== null && now - at <= 300 && at - now <= 60 && at > books.latest;
  if (plausible && timely) books.latest = at;
  check(books, (plausible && timely) || refused, `a reading was believed: ${roi} of ${at} at ${now}`);
  if (refused) books.result.refused += 1;
}

function checkProposal(books: Books, decision: ThermostatDecision, now: number): void {
  const { settings, paused, samples } = books;
  books.result.moves += 1;
  for (const move of decision.moves) checkMove(books, move, now);
  check(books, !paused, 'a proposal while the sentinel has paused');
  check(books, samples > settings.cooldown, `cooldown: ${samples} of ${settings.cooldown}`);
  check(books, !settings.freezes.some(({ from, to }) => from <= now && now < to), 'a proposal in a freeze');
  const directions = new Set(decision.moves.map(({ from, to }) => (to > from ? 'raise' : 'lower')));
  check(books, decision.kind === 'stopped' || (directions.size === 1 && directions.has(decision.kind as 'raise')), `direction: ${decision.kind}`);
}

function checkMove({ settings, result, spent }: Books, { field, from, to }: ThermostatMove, now: number): void {
  const knob = settings.knobs.find((candidate) => candidate.field === field);
  if (knob === undefined) {
    result.breaches.push(`no knob ${field}`);
    return;
  }
  const by = Math.abs(to - from);
  const before = spent.filter((change) => change.field === field && now - change.at < day).reduce((sum, change) => sum + change.by, 0);
  if (to < knob.min || to > knob.max) result.breaches.push(`bound: ${field} to ${to}`);
  if (by > knob.step * settings.guards.steps + dust) result.breaches.push(`step: ${field} by ${by}`);
  if (knob.dailyCap !== null && before + by > knob.dailyCap + dust) result.breaches.push(`daily cap: ${field} ${before} and ${by}`);
}
