// The runs of an environment for a terminal: what succeeded, what remains, how to go on. Pure.
import type { Hex, Incidents, RunOutcome, Step } from '../types.ts';
import { count, groupDigits, type Lexicon, paint } from './lexicon.ts';
import { callText } from './plan-text.ts';

export type StepState = 'succeeded' | 'reverted' | 'waiting' | 'nonce burnt' | 'nonce taken by a foreign transaction' | 'not sent';

export type StepView = { step: Step; state: StepState; transaction: Hex | null; block: bigint | null };

export type RunView = {
  run: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number | null;
  /** Null while the run isn't finished. */
  outcome: RunOutcome | null;
  digest: string;
  approvedBy: string;
  commit: string | null;
  steps: readonly StepView[];
};

export type StatusView = { environment: string; incidents: Incidents; runs: readonly RunView[]; receipts: number };

const shownRuns = 10;

export function statusText(status: StatusView, lexicon: Lexicon): string {
  const open = incidentLines(status, lexicon);
  if (status.runs.length === 0) return `${[...open, `${status.environment}: no run yet in this checkout.`].join('\n')}\n`;
  const shown = lexicon.verbose ? status.runs : status.runs.slice(-shownRuns);
  const older = status.runs.length - shown.length;
  const head = `${status.environment}: ${count(status.runs.length, 'run')}, ${count(status.receipts, 'receipt')}${older === 0 ? '' : ` (the last ${shownRuns}; all with --verbose)`}`;
  return `${[...open, paint(lexicon, 'bold', head), ...shown.flatMap((run) => ['', ...runLines(run, lexicon)]), '', ...nextLines(status)].join('\n')}\n`;
}

/** First, since nothing unpauses meanwhile. */
function incidentLines({ environment, incidents }: StatusView, lexicon: Lexicon): string[] {
  const lines = [
    ...incidents.open.map(({ id, title, components }) => `Incident ${id} is open: ${title} (${components.map(({ name }) => name).join(', ')})`),
    ...incidents.unreadable.map(({ id, why }) => `${id === null ? 'Incidents' : `The incident ${id}`} could not be read: ${why}`),
  ];
  if (lines.length === 0) return [];
  return [...lines.map((line) => paint(lexicon, 'red', line)), `  mooring incident show --env ${environment}`, ''];
}

const outcomeWords: Record<RunOutcome, string> = { done: 'done', partial: 'partly done', stopped: 'stopped' };
const marks: Record<StepState, string> = {
  succeeded: '✓',
  reverted: '✗',
  waiting: '…',
  'nonce burnt': '∅',
  'nonce taken by a foreign transaction': '✗',
  'not sent': '·',
};

function runLines(run: RunView, lexicon: Lexicon): string[] {
  const outcome = run.outcome === null ? paint(lexicon, 'yellow', 'unfinished') : outcomeWords[run.outcome];
  const lines = [
    `run ${run.run}: ${outcome}, started ${time(run.startedAt)}, digest ${run.digest.slice(0, 12)}`,
    paint(lexicon, 'dim', `  approval: ${run.approvedBy}${run.commit === null ? '' : `, commit ${run.commit.slice(0, 12)}`}`),
  ];
  return [...lines, ...run.steps.map((view) => stepLine(view, lexicon))];
}

function stepLine(view: StepView, lexicon: Lexicon): string {
  const where = view.transaction === null ? '' : ` · ${view.transaction}${view.block === null ? '' : ` in block ${groupDigits(view.block)}`}`;
  return `  ${marks[view.state]} ${callText(view.step, lexicon)}: ${view.state}${paint(lexicon, 'dim', where)}`;
}

function nextLines(status: StatusView): string[] {
  const last = status.runs.at(-1);
  if (last === undefined || last.outcome === 'done') return ['Nothing remains.'];
  if (last.outcome === null)
    return [
      'A run was cut short. Go on with:',
      `  mooring apply --env ${status.environment} --digest ${last.digest}`,
      'It settles every signed transaction first; nothing is sent twice.',
    ];
  return ['To go on with what remains, plan again and apply the new plan:', `  mooring plan --env ${status.environment}`];
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
