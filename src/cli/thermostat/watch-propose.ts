// What a decision asks for, as pull requests: the engine's values, and, where nothing has helped, the full pause.
import { decimalText } from '../../format.ts';
import { proposedValue } from '../../loops/thermostat/proposed-value.ts';
import type { Settings } from '../../loops/thermostat/settings.ts';
import { type RoiChart, roiChart } from '../../render/roi-chart.ts';
import { type Evidence, evidenceLines, evidenceReason, evidenceTitle } from '../../render/thermostat-evidence.ts';
import type { ContractState, RoiRule, ThermostatDecision } from '../../types.ts';
import { type Kept, keepProposal, type LoopProposal } from '../loops/loop-proposal.ts';
import type { Started } from '../propose/start.ts';
import { fullPauseEdits } from './full-pause.ts';
import type { Memory } from './watch-memory.ts';

/** The keys of its pull requests: one for all knobs together, so that no knob is ever in two. */
export const knobsKey = 'roi';
export const pauseKey = 'full-pause';

type Asked = { started: Started; settings: Settings; live: ContractState; memory: Memory };

/** Opens or updates the pull request of a decision's moves. SIDE EFFECTS: the remote, GitHub. */
export function proposeMoves({ started, settings, live, memory }: Asked, decision: ThermostatDecision, rule: RoiRule | 'back'): Promise<Kept> {
  const moves = decision.moves.map((move) => ({ ...move, live: liveValue(live, move.field), knob: settings.knobs.find(({ field }) => field === move.field) }));
  const proposed = moves.map((move) => ({ ...move, value: proposedValue(move, move.live) }));
  const evidence: Evidence = {
    environment: started.draft.environment,
    ...{ decision, rule, window: settings.window, points: memory.points, moves: memory.moves },
    values: proposed.map(({ field, live: from, value, knob }) => ({
      field: `${live.name}.${field}`,
      live: decimalText(from, 18),
      proposed: decimalText(value, 18),
      bounds: knob === undefined ? '' : `${knob.min} to ${knob.max}`,
    })),
  };
  const title = evidenceTitle({ ...evidence, values: proposed.map(({ field }) => ({ field, live: '', proposed: '', bounds: '' })) });
  return keepProposal(started, {
    ...{ loop: 'thermostat', key: knobsKey, cause: causeOf(memory, rule), title, reason: evidenceReason(evidence) },
    edits: proposed.map(({ field, value }) => ({ contract: live.name, field, value: { type: 'scalar', value } })),
    evidence: evidenceLines(evidence),
    chart: { alt: 'ROI over time, with its band and past moves', svg: roiChart(chartOf({ started, settings, memory })) },
    labels: ['thermostat'],
  });
}

function causeOf({ episode, state }: Memory, rule: RoiRule | 'back'): string {
  return rule === 'back' ? `back@${state.stopped?.at ?? 0}` : `${rule}@${episode?.since ?? 0}`;
}

function liveValue({ fields }: ContractState, field: string): bigint {
  const value = fields.get(field)?.value;
  if (value?.type === 'scalar' && typeof value.value === 'bigint') return value.value;
  throw new TypeError(`${field} was not read`);
}

function chartOf({ started, settings, memory }: Pick<Asked, 'started' | 'settings' | 'memory'>): RoiChart {
  const { targetRoi, lowerMargin, upperMargin } = settings;
  const band = { lower: targetRoi * (1 - lowerMargin), upper: targetRoi * (1 + upperMargin) };
  return { title: `ROI of ${started.draft.environment}`, points: memory.points, band, target: targetRoi, moves: memory.moves };
}

/** Asks for the full pause, which only lowers risk. SIDE EFFECTS: the remote, GitHub. */
export function proposeFullPause({ started }: Pick<Asked, 'started'>, { cause, cycles }: { cause: string; cycles: number }): Promise<Kept> {
  const { desired, kinds } = started.draft.loaded;
  const proposal: LoopProposal = {
    ...{ loop: 'thermostat', key: pauseKey, cause },
    title: `Pause everything: ROI stays below its band (${started.draft.environment})`,
    reason: `${cycles} control cycles did not bring ROI back, whatever was proposed in them. Merging this pauses the engine, the arenas and the system; it lowers risk only. Closing it leaves everything running, and it is not asked again for this dip.`,
    edits: fullPauseEdits(desired.state.contracts, kinds),
    evidence: [],
    labels: ['thermostat', 'emergency'],
  };
  return keepProposal(started, proposal);
}
