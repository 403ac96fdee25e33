// What a decision asks for, as pull requests: the engine's values, and, where nothing has helped, the full pause.
import { decimalText } from '../../format.ts';
import type { RoiRule, ThermostatDecision, ThermostatMove } from '../../loop-types.ts';
import { proposedValue } from '../../loops/thermostat/proposed-value.ts';
import type { Settings } from '../../loops/thermostat/settings.ts';
import { type RoiChart, roiChart } from '../../render/roi-chart.ts';
import { type Evidence, evidenceLines, evidenceReason, evidenceTitle } from '../../render/thermostat-evidence.ts';
import { type Kept, keepProposal, type LoopProposal } from '../loops/loop-proposal.ts';
import type { Started } from '../propose/start.ts';
import { fullPauseEdits } from './full-pause.ts';
import type { Looked } from './watch-look.ts';
import type { Memory } from './watch-memory.ts';

/** The keys of its pull requests: one for all knobs together, so that no knob is ever in two. */
export const knobsKey = 'roi';
export const pauseKey = 'full-pause';

type Asked = { started: Started; looked: Pick<Looked, 'settings' | 'moved'>; memory: Memory };

/** Opens or updates the pull request of a decision's moves. SIDE EFFECTS: the remote, GitHub. */
export function proposeMoves({ started, looked, memory }: Asked, decision: ThermostatDecision, rule: RoiRule | 'back'): Promise<Kept> {
  const { settings } = looked;
  const proposed = decision.moves.map((move) => proposedMove(looked, move));
  const evidence: Evidence = {
    environment: started.draft.environment,
    ...{ decision, rule, window: settings.window, points: memory.points, moves: memory.moves },
    values: proposed,
  };
  return keepProposal(started, {
    ...{ loop: 'thermostat', key: knobsKey, cause: causeOf(memory, rule), title: evidenceTitle(evidence), reason: evidenceReason(evidence) },
    edits: proposed.map(({ contract, path, value }) => ({ contract, field: path, value: { type: 'scalar', value } })),
    evidence: evidenceLines(evidence),
    chart: { alt: 'ROI over time, with its band and past moves', svg: roiChart(chartOf({ started, settings, memory })) },
    labels: ['thermostat'],
  });
}

function proposedMove({ settings, moved }: Asked['looked'], move: ThermostatMove) {
  const live = moved.get(move.field);
  const knob = settings.knobs.find(({ field }) => field === move.field);
  if (live === undefined || knob === undefined) throw new TypeError(`${move.field} was not read`);
  const value = proposedValue(move, live.raw, live.decimals);
  const shown = { live: decimalText(live.raw, live.decimals), proposed: decimalText(value, live.decimals), bounds: `${knob.min} to ${knob.max}` };
  return { contract: live.contract, path: live.field, value, field: `${live.contract}.${live.field}`, name: move.field, raises: value > live.raw, ...shown };
}

function causeOf({ episode, state }: Memory, rule: RoiRule | 'back'): string {
  return rule === 'back' ? `back@${state.stopped?.at ?? 0}` : `${rule}@${episode?.since ?? 0}`;
}

function chartOf({ started, settings, memory }: Pick<Asked, 'started' | 'memory'> & { settings: Settings }): RoiChart {
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
