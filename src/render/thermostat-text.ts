// The thermostat for a terminal: its settings with where each comes from, and a line for each sample. Pure.
import { formatTime } from '../format.ts';
import type { ThermostatAlert, ThermostatDecision, ThermostatWhy } from '../loop-types.ts';
import { count, type Lexicon, paint } from './lexicon.ts';
import { type OriginRow, originSection } from './origin-rows.ts';

export type ThermostatRow = { roi: number; decision: ThermostatDecision };

export type ThermostatReplayView = {
  /** `local`, or what stands in its place. */
  title: string;
  settings: readonly OriginRow[];
  rows: readonly ThermostatRow[];
  /** By field, before the first sample and after the last. */
  start: Readonly<Record<string, number>>;
  end: Readonly<Record<string, number>>;
  window: number;
};

/** Lines without line breaks; of a long history as many as it has samples. `quiet`: only those that move, stop or alert. */
export function thermostatReplayLines(view: ThermostatReplayView, lexicon: Lexicon, quiet: boolean): string[] {
  const { title, rows, settings, window } = view;
  const shown = quiet ? rows.filter(({ decision }) => decision.moves.length + decision.alerts.length > 0) : rows;
  const moves = rows.filter(({ decision }) => decision.moves.length > 0).length;
  const ends = Object.entries(view.end).map(([field, value]) => `  ${field} ${short(view.start[field] ?? Number.NaN)} → ${short(value)}`);
  return [
    paint(lexicon, 'bold', `${title}: ${count(rows.length, 'sample')}, ${count(moves, 'move')}`),
    ...originSection('Settings:', settings, lexicon),
    '',
    paint(lexicon, 'bold', 'Samples:'),
    ...shown.flatMap((row) => thermostatLines(row, { window, lexicon })),
    '',
    paint(lexicon, 'bold', 'After the last sample:'),
    ...ends,
    '',
    'A replay only shows: each move counted as approved and applied at once, and nothing was sent, proposed or recorded.',
  ];
}

const styles = { raise: 'green', lower: 'yellow', stopped: 'red', refused: 'yellow', saturated: 'yellow' } as const;

/** One sample: when, ROI, mean, band, decision and why; then its moves and alerts. */
export function thermostatLines({ roi, decision }: ThermostatRow, { window, lexicon }: { window: number; lexicon: Lexicon }): string[] {
  const { at, mean, band, kind, moves, alerts, withdraw } = decision;
  const time = at === null ? 'no time' : formatTime(BigInt(Math.floor(at)));
  const style = Object.hasOwn(styles, kind) ? styles[kind as keyof typeof styles] : null;
  const cells = [
    time.padEnd(20),
    `roi ${short(roi)}`.padEnd(13),
    `mean ${mean === null ? '–' : short(mean)}`.padEnd(14),
    `band ${short(band.lower)}–${short(band.upper)}`,
  ];
  const said = `${style === null ? kind : paint(lexicon, style, kind)}: ${whyText(decision, window)}`;
  return [
    `  ${cells.join('  ')}  ${said}`,
    ...moves.map(({ field, from, to }) => `    → ${field} ${short(from)} → ${short(to)}`),
    ...(withdraw ? ['    → the open proposal is to be closed'] : []),
    ...alerts.map((alert) => `    ${paint(lexicon, 'red', 'alert')} ${alertText(alert)}`),
  ];
}

const reasons: Readonly<Record<ThermostatWhy, string>> = {
  'period-open': 'one of its period, which is not over',
  'window-not-full': 'the window is not full',
  'in-band': 'the mean is inside the band',
  cooldown: 'the last change is still settling',
  dip: 'the mean is below the band',
  surge: 'the mean is above the band',
  'at-bounds': 'every field is at its bound',
  'out-of-bounds': 'a field lies outside its bounds and is left alone',
  'not-finite': 'ROI is not a finite number',
  'no-timestamp': 'the sample says no time',
  stale: 'the reading is too old',
  future: 'the reading is ahead of the clock',
  replayed: 'the reading was there before',
  'out-of-order': 'the reading is older than the one before it',
  implausible: 'ROI is below zero or implausibly high',
  'too-few': 'its period had too few readings',
  'too-many': 'its period has more readings than are kept',
  silent: 'no reading came',
  'sentinel-pause': 'the sentinel has paused the engine',
  'closed-by-human': 'a person closed this proposal, and ROI was not back since',
  freeze: 'policy has a freeze',
  'daily-cap': 'the daily cap is used up',
  'no-response': 'ROI did not answer to two moves',
};

/** Why, in a sentence's part. */
export function whyText({ why, filled, cooldown }: ThermostatDecision, window: number): string {
  const left = why === 'cooldown' || (cooldown > 0 && why === 'window-not-full') ? `, cooldown ${cooldown} left` : '';
  const full = why === 'window-not-full' ? ` (${filled} of ${window})` : '';
  return `${reasons[why]}${full}${left}`;
}

export function alertText(alert: ThermostatAlert): string {
  switch (alert.type) {
    case 'no-response':
      return 'two moves in a row brought ROI no nearer: the loop stops, and a person has to let it go on';
    case 'not-restored':
      return `${count(alert.cycles, 'control cycle')} did not bring ROI back${alert.pause ? ': a full pause is to be proposed' : ''}`;
    case 'silent':
      return 'there is no reading that can be believed';
  }
}

/** Seven digits: what people can read; JSON has every bit. */
function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value);
}
