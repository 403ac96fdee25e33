// The thermostat as a controller of the simulation: the shipped reducer, with whatever settings.

import type { ThermostatDecision } from '../../src/loop-types.ts';
import { proposalRule, reduceThermostat, type ThermostatEvent } from '../../src/loops/thermostat/controller.ts';
import { proposedValue, toDouble } from '../../src/loops/thermostat/proposed-value.ts';
import { type Settings, startValues } from '../../src/loops/thermostat/settings.ts';
import { initialState, type State, valueIn } from '../../src/loops/thermostat/state.ts';
import type { Controller, Wish } from './simulate.ts';

export function makeThermostat(settings: Settings): Controller {
  let state: State = initialState(settings, startValues);
  let wished: Record<string, number> = {};
  let latest: ThermostatDecision | null = null;
  const send = (event: ThermostatEvent): ThermostatDecision | null => {
    const reduced = reduceThermostat(settings, state, event);
    state = reduced.state;
    return reduced.decision;
  };
  return {
    read(at, roi): Wish {
      const decision = send({ type: 'sample', at, sample: { at, roi, gmv: 0, cost: 0, successes: 0, failures: 0 } });
      if (decision?.withdraw === true) return { withdraw: true };
      if (decision === null || proposalRule(decision) === null) return null;
      latest = decision;
      wished = { ...state.values, ...proposedIn(decision, state) };
      return { to: positionOf(settings, wished) };
    },
    opened(at) {
      const rule = latest === null ? null : proposalRule(latest);
      if (latest !== null && rule !== null) send({ type: 'proposed', at, rule, moves: latest.moves });
    },
    applied: (at) => void send({ type: 'applied', at, values: wished }),
    closed: (at) => void send({ type: 'closed', at, by: 'loop' }),
  };
}

/** As in pull requests: six decimals. */
function proposedIn({ moves }: ThermostatDecision, { values }: State): Record<string, number> {
  return Object.fromEntries(
    moves.map((move) => [move.field, toDouble(proposedValue(move, BigInt(Math.round(valueIn(values, move.field) * 1e6)) * 10n ** 12n))]),
  );
}

/** Steps of the reference from the start, the mean of both fields. */
function positionOf({ knobs }: Settings, values: Readonly<Record<string, number>>): number {
  const steps = knobs.map(({ field, step }) => (valueIn(values, field) - valueIn(startValues, field)) / step);
  return steps.reduce((sum, count) => sum + count, 0) / steps.length;
}
