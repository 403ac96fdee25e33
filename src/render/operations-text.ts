// The operations log for a terminal and for a spreadsheet: every adjustment, who, why, by what, and what it did to ROI. Pure.
import type { Change, Hex } from '../types.ts';
import { moveWords } from './change-row.ts';
import { csv } from './csv.ts';
import { type Lexicon, nameAddresses, paint } from './lexicon.ts';

/** Samples of ROI between two adjustments. */
export type BaselineMean = { samples: number; mean: number };

export type OperationEntry = {
  /** Milliseconds since the epoch. */
  at: number;
  /** `edit`: merged, and nothing was sent for it. `rebalancing`: seen by the thermostat, and no run of ours explains it. */
  type: 'apply' | 'pause' | 'revocation' | 'rebalancing' | 'edit';
  who: string | null;
  why: string | null;
  pull: { number: number; url: string | null } | null;
  run: string | null;
  outcome: 'done' | 'partial' | 'stopped' | 'open' | null;
  /** Whether a signed receipt says so. */
  receipt: boolean;
  changes: readonly Change[];
  /** What changed, where that is not known as changes. */
  what: readonly string[];
  transactions: readonly Hex[];
  /** The baseline that the thermostat took note of. */
  noted: { file: string; sha256: string; samples: number } | null;
  /** The incident with which another checkout put it on record: nothing vouches for it but who may push that branch. */
  archived: string | null;
  before: BaselineMean | null;
  after: BaselineMean | null;
};

export type OperationsView = { environment: string; since: number | null; entries: readonly OperationEntry[]; notes: readonly string[] };

export function operationsText({ environment, since, entries, notes }: OperationsView, lexicon: Lexicon): string {
  const from = since === null ? '' : ` since ${time(since)}`;
  const head = paint(
    lexicon,
    'bold',
    `${environment}: ${entries.length === 0 ? 'nothing was adjusted' : `${entries.length} ${entries.length === 1 ? 'adjustment' : 'adjustments'}`}${from}`,
  );
  const lines = [
    head,
    ...entries.flatMap((entry) => ['', ...entryLines(entry, lexicon)]),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `note: ${flat(note)}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function entryLines(entry: OperationEntry, lexicon: Lexicon): string[] {
  const { type, run, outcome, receipt, pull, who, why, noted, transactions } = entry;
  const how = [outcome === null ? null : outcome, run === null ? null : `run ${run}`, receipt ? 'receipt kept' : null].filter((part) => part !== null);
  const request = pull === null ? null : `#${pull.number}${pull.url === null ? '' : ` ${pull.url}`}`;
  return [
    `${paint(lexicon, 'bold', `${time(entry.at)} ${type}`)}${how.length === 0 ? '' : `: ${how.join(', ')}`}`,
    ...(who === null ? [] : [`  who: ${nameAddresses(flat(who), lexicon)}`]),
    ...(why === null ? [] : [`  why: ${flat(why)}`]),
    ...(entry.archived === null ? [] : [`  from: incident ${flat(entry.archived)}, as another checkout put it on record; not verified`]),
    ...(request === null ? [] : [`  pull request: ${request}`]),
    ...whatOf(entry, lexicon).map((line) => `  ${line}`),
    ...transactions.map((hash) => `  in ${lexicon.explorer === null ? hash : `${lexicon.explorer}${hash}`}`),
    ...(entry.before === null && entry.after === null ? [] : [`  ROI: ${meanText(entry.before)} before, ${meanText(entry.after)} after`]),
    ...(noted === null ? [] : [`  baseline: ${noted.file}, ${noted.samples} samples, sha256 ${noted.sha256}`]),
  ];
}

/** Titles and reasons are anybody's: nothing in them may steer a terminal. */
export function flat(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

function whatOf({ changes, what }: OperationEntry, lexicon: Lexicon): string[] {
  return [...changes.map((change) => `${change.contract}.${change.field}: ${moveWords(change, lexicon)}`), ...what.map(flat)];
}

function meanText(mean: BaselineMean | null): string {
  return mean === null ? 'not recorded' : `${mean.mean.toPrecision(4)} (${mean.samples} samples)`;
}

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** One line for each adjustment, under a line of names. */
export function operationsCsv({ entries }: OperationsView, lexicon: Lexicon): string {
  const names =
    'time,type,outcome,who,why,pull_request,pull_request_url,run,receipt,what,transactions,roi_before,samples_before,roi_after,samples_after,baseline_sha256,incident';
  const rows = entries.map((entry) => [
    time(entry.at),
    entry.type,
    entry.outcome ?? '',
    entry.who ?? '',
    entry.why ?? '',
    entry.pull === null ? '' : String(entry.pull.number),
    entry.pull?.url ?? '',
    entry.run ?? '',
    entry.receipt ? 'yes' : 'no',
    whatOf(entry, lexicon).join('; '),
    entry.transactions.join(' '),
    ...meanCells(entry.before),
    ...meanCells(entry.after),
    entry.noted?.sha256 ?? '',
    entry.archived ?? '',
  ]);
  return csv([names.split(','), ...rows]);
}

function meanCells(mean: BaselineMean | null): string[] {
  return mean === null ? ['', ''] : [String(mean.mean), String(mean.samples)];
}
