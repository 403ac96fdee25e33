// Random streams of everything that can reach the thermostat.

import type { RoiSample, ThermostatDecision } from '../../../src/loop-types.ts';
import { proposalRule, reduceThermostat, type ThermostatEvent } from '../../../src/loops/thermostat/controller.ts';
import { guardedSettings, type Settings, startValues } from '../../../src/loops/thermostat/settings.ts';
import { initialState, type State } from '../../../src/loops/thermostat/state.ts';
import { type Random, seeded } from '../seeded.ts';
import { makeWatch, type Watch, type Watched } from './watch.ts';

const day = 86_400;
const begin = 1_700_000_000;

/**
 * One stream against the default guards, with short periods so that much happens, and what broke: a bound, a step, a daily
 * cap, the cooldown, a freeze, a pause, or a reading that was not to be believed.
 */
export function playRandomStream(seed: number): Watched {
  const random = seeded(seed);
  const settings = randomSettings(random);
  const watch = makeWatch(settings);
  let state = initialState(settings, startValues);
  let now = begin;
  for (let i = 0; i < 200; i++) {
    now += Math.floor(random() * (random() < 0.02 ? 3 * day : 900));
    const event = randomEvent(random, state, now);
    const before = state;
    const reduced = reduceThermostat(settings, state, event);
    // A restart now and then.
    state = random() < 0.05 ? (JSON.parse(JSON.stringify(reduced.state)) as State) : reduced.state;
    watch.saw(event, reduced.decision, { before: before.values, now });
    state = respond({ random, settings, state, decision: reduced.decision, now, watch });
  }
  return watch.result;
}

function randomSettings(random: Random): Settings {
  const base = guardedSettings({ window: 1 + Math.floor(random() * 6), cooldown: Math.floor(random() * 5) });
  const caps = random() < 0.5 ? { wideningAlpha: 0.03 + random() * 0.3, thompsonPrior: 0.05 + random() * 0.5 } : {};
  return {
    ...base,
    knobs: base.knobs.map((knob) => ({ ...knob, dailyCap: caps[knob.field as keyof typeof caps] ?? null })),
    guards: { ...base.guards, period: random() < 0.3 ? null : 1_800, minReadings: 1, response: random() < 0.5 ? null : 0, steps: 1 + Math.floor(random() * 3) },
    freezes: [{ from: begin + day, to: begin + day + Math.floor(random() * day), reason: 'a freeze' }],
  };
}

function randomEvent(random: Random, state: State, now: number): ThermostatEvent {
  const dice = random();
  if (dice < 0.04) return { type: 'sentinel', at: now, paused: random() < 0.4 };
  if (dice < 0.08) return { type: 'tick', at: now };
  if (dice < 0.1) return { type: 'closed', at: now, by: random() < 0.5 ? 'human' : 'loop' };
  if (dice < 0.11) return { type: 'resumed', at: now };
  if (dice < 0.12) return { type: 'applied', at: now, values: { wideningAlpha: 0.2 + random() * 1.5 } };
  return { type: 'sample', at: now, sample: randomSample(random, state, now) };
}

function randomSample(random: Random, { lastReading }: State, now: number): RoiSample {
  const level = Math.floor(now / (3 * day)) % 2 === 0 ? 0.5 : 3;
  const hostile = [Number.NaN, Number.POSITIVE_INFINITY, 1e308, -1e308, -0.5, 1_001, 0];
  const roi = random() < 0.1 ? (hostile[Math.floor(random() * hostile.length)] ?? 0) : level + random();
  const odd = [null, now - 301, now - 4_000, now + 61, now + 3_600, lastReading, (lastReading ?? now) - 1];
  const at = random() < 0.15 ? (odd[Math.floor(random() * odd.length)] ?? null) : now;
  return { at, roi, gmv: 0, cost: 0, successes: 0, failures: 0 };
}

type Answer = { random: Random; settings: Settings; state: State; decision: ThermostatDecision | null; now: number; watch: Watch };

/** People approve some proposals at once, let others wait, and merge some in parts. */
function respond({ random, settings, state, decision, now, watch }: Answer): State {
  const rule = decision === null ? null : proposalRule(decision);
  if (decision === null || rule === null) return state;
  const { state: proposed } = reduceThermostat(settings, state, { type: 'proposed', at: now, rule, moves: decision.moves });
  if (random() < 0.5) return proposed;
  const applied = decision.moves.filter(() => random() < 0.9);
  watch.applied(applied, now);
  return reduceThermostat(settings, proposed, { type: 'applied', at: now, values: Object.fromEntries(applied.map(({ field, to }) => [field, to])) }).state;
}
