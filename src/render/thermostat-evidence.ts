// What a thermostat's pull request says: what is asked, why, and on which samples. Pure.
import { formatTime } from '../format.ts';
import type { RoiRule, ThermostatDecision } from '../loop-types.ts';
import { count } from './lexicon.ts';
import { code } from './markdown.ts';
import type { ChartMove, ChartPoint } from './roi-chart.ts';

export type Evidence = {
  environment: string;
  decision: ThermostatDecision;
  /** `back`: what did not help is taken back. */
  rule: RoiRule | 'back';
  window: number;
  /** Oldest first; those of the window are shown. */
  points: readonly ChartPoint[];
  moves: readonly ChartMove[];
  /** By field, with the name of its knob: what is live and what is proposed, as decimal text. */
  values: readonly { field: string; name: string; raises: boolean; live: string; proposed: string; bounds: string }[];
};

const short = (value: number): string => String(Number(value.toPrecision(7)));

export function evidenceTitle({ environment, rule, values }: Evidence): string {
  const fields = values.map(({ name }) => name).join(' and ');
  if (rule === 'back') return `Take ${fields} back: ROI did not answer (${environment})`;
  const verb = values.every(({ raises }) => raises) ? 'Raise' : values.some(({ raises }) => raises) ? 'Move' : 'Lower';
  return `${verb} ${fields}: ROI is ${rule === 'dip' ? 'below' : 'above'} its band (${environment})`;
}

export function evidenceReason({ decision, rule, window }: Evidence): string {
  const { mean, band } = decision;
  const where = `The mean of the last ${count(window, 'sample')} is ${mean === null ? 'not known' : short(mean)}, the band ${short(band.lower)} to ${short(band.upper)}.`;
  if (rule === 'back')
    return `${where} Two moves in a row brought ROI no nearer, so what was moved goes back to where it was. The loop is stopped until a person lets it go on.`;
  return `${where} This moves the engine's targets against the ${rule}, within their bounds, steps and daily caps.`;
}

/** Markdown below the reason. */
export function evidenceLines(evidence: Evidence): string[] {
  const { values, moves, points, window, decision } = evidence;
  const last = points.slice(-window);
  return [
    '| Field | Live | Proposed | Bounds |',
    '| --- | --- | --- | --- |',
    ...values.map(({ field, live, proposed, bounds }) => `| ${code(field)} | ${code(live)} | ${code(proposed)} | ${code(bounds)} |`),
    '',
    `Rule: ${code(decision.why)}. ${pastText(moves)}`,
    '',
    `<details><summary>The ${count(last.length, 'sample')} of the window</summary>`,
    '',
    '| Taken | ROI | Mean |',
    '| --- | --- | --- |',
    ...last.map(({ at, roi, mean }) => `| ${formatTime(BigInt(Math.floor(at)))} | ${code(short(roi))} | ${mean === null ? '' : code(short(mean))} |`),
    '',
    '</details>',
  ];
}

function pastText(moves: readonly ChartMove[]): string {
  const latest = moves.at(-1);
  if (latest === undefined) return 'No earlier move is known.';
  return `${count(moves.length, 'earlier move')}, the latest ${formatTime(BigInt(Math.floor(latest.at)))}: ${code(latest.text)}.`;
}
