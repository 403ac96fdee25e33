// The sentinel for a terminal: settings, decisions and snapshot, each with where it comes from. Pure.
import { count, type Lexicon, paint } from './lexicon.ts';
import { type OriginRow, originSection } from './origin-rows.ts';
import { table } from './table.ts';

/** What one event led to: measures and alerts in words. */
export type TurnView = {
  event: string;
  totals: string;
  measures: readonly string[];
  alerts: readonly { severity: 'info' | 'warning' | 'critical'; text: string }[];
};

export type SentinelReplayView = {
  environment: string;
  expansions: number;
  evaluations: number;
  repeated: number;
  settings: readonly OriginRow[];
  turns: readonly TurnView[];
  snapshot: readonly OriginRow[];
};

export function sentinelReplayText(view: SentinelReplayView, lexicon: Lexicon): string {
  const repeated = view.repeated === 0 ? '' : `, and ${count(view.repeated, 'repeated one')} left out`;
  const head = `${view.environment}: ${count(view.expansions, 'expansion')} and ${count(view.evaluations, 'evaluation')}${repeated}`;
  const shown = view.turns.filter(({ measures, alerts }) => lexicon.verbose || measures.length + alerts.length > 0);
  const lines = [
    paint(lexicon, 'bold', head),
    ...originSection('Settings:', view.settings, lexicon),
    '',
    paint(lexicon, 'bold', shown.length === 0 ? 'No decision.' : 'Decisions:'),
    ...shown.flatMap((turn) => turnLines(turn, lexicon)),
    ...originSection('After the last event:', view.snapshot, lexicon),
    '',
    'A replay only shows: nothing was sent, proposed or recorded.',
  ];
  return `${lines.join('\n')}\n`;
}

const styles = { info: 'cyan', warning: 'yellow', critical: 'red' } as const;

function turnLines(turn: TurnView, lexicon: Lexicon): string[] {
  return [
    `  ${turn.event}: ${paint(lexicon, 'dim', turn.totals)}`,
    ...turn.measures.map((measure) => `    → ${measure}`),
    ...turn.alerts.map(({ severity, text }) => `    ${paint(lexicon, styles[severity], severity)} ${text}`),
  ];
}

export type SentinelSnapshotView = {
  environment: string;
  /** False where nothing was ever recorded. */
  recorded: boolean;
  settings: readonly OriginRow[];
  snapshot: readonly OriginRow[];
  /** Decisions that are not carried out yet. */
  pending: readonly string[];
};

export function sentinelSnapshotText(view: SentinelSnapshotView, lexicon: Lexicon): string {
  const head = view.recorded ? `${view.environment}: what the sentinel knows` : `${view.environment}: the sentinel has recorded nothing yet in this checkout`;
  const lines = [paint(lexicon, 'bold', head), ...table(view.snapshot.map(({ name, value, from }) => [name, value, paint(lexicon, 'dim', from)]))];
  if (view.pending.length > 0) lines.push('', paint(lexicon, 'bold', 'Decided, and not carried out yet:'), ...view.pending.map((line) => `  → ${line}`));
  return `${[...lines, ...originSection('Settings:', view.settings, lexicon)].join('\n')}\n`;
}
