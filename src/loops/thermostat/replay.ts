// A history played to the thermostat, as if every proposal were approved and applied at once.
import type { RoiSample, ThermostatDecision } from '../../loop-types.ts';
import { proposalRule, reduceThermostat } from './controller.ts';
import type { Settings } from './settings.ts';
import { initialState, type State, type Values } from './state.ts';

/** `values`: what is in effect after the decision. */
export type ReplayRow = { sample: RoiSample; decision: ThermostatDecision; values: Values };

/** One row a sample. Each is read at the time that it bears: how old it was when it came, history doesn't say. */
export function replay(settings: Settings, start: Values, samples: readonly RoiSample[]): { rows: readonly ReplayRow[]; state: State } {
  let state = initialState(settings, start);
  const rows: ReplayRow[] = [];
  for (const sample of samples) {
    const reduced = reduceThermostat(settings, state, { type: 'sample', at: sample.at, sample });
    if (reduced.decision === null) throw new TypeError('a sample without a decision');
    state = applyAtOnce(settings, reduced.state, reduced.decision);
    rows.push({ sample, decision: { ...reduced.decision, cooldown: state.cooldown }, values: state.values });
  }
  return { rows, state };
}

function applyAtOnce(settings: Settings, state: State, decision: ThermostatDecision): State {
  const rule = proposalRule(decision);
  if (rule === null) return state;
  const values = Object.fromEntries(decision.moves.map(({ field, to }) => [field, to]));
  const proposed = reduceThermostat(settings, state, { type: 'proposed', at: decision.at, rule, moves: decision.moves });
  return reduceThermostat(settings, proposed.state, { type: 'applied', at: decision.at, values }).state;
}
