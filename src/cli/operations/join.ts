// Runs, pull requests, what the thermostat saw and samples of ROI, joined into one list of adjustments. Pure.
import type { RunState } from '../../journal/reduce.ts';
import type { BaselineMean, OperationEntry } from '../../render/operations-text.ts';
import type { Rebalanced } from '../loops/operations-log.ts';
import type { ArchivedRun } from './archived-runs.ts';

/** A merged pull request that touched the environment. */
export type MergedPull = { number: number; title: string; url: string | null; by: string | null /** Milliseconds. */; at: number; commit: string };

/** `at` in seconds since the epoch. */
export type Noted = Rebalanced & { baseline: OperationEntry['noted'] };

export type Records = {
  applies: readonly RunState[];
  pauses: readonly RunState[];
  revocations: readonly RunState[];
  /** What other checkouts say that they did. */
  archived: readonly ArchivedRun[];
  /** Runs that have a receipt. */
  receipts: ReadonlySet<string>;
  pulls: readonly MergedPull[];
  /** First lines of commits that runs were started for. */
  subjects: ReadonlyMap<string, string>;
  rebalancings: readonly Noted[];
  /** `at` in milliseconds since the epoch. */
  samples: readonly { at: number; roi: number }[];
  /** Milliseconds; null for all. */
  since: number | null;
};

/** Oldest first. */
export function joinOperations(records: Records): OperationEntry[] {
  const runs = [
    ...records.applies.map((run) => runEntry(records, run, 'apply')),
    ...records.pauses.map((run) => runEntry(records, run, 'pause')),
    ...records.revocations.map((run) => runEntry(records, run, 'revocation')),
  ];
  const known = new Set(runs.map(({ run }) => run));
  const archived = records.archived.filter(({ run }) => !known.has(run)).map(archivedEntry);
  const used = new Set(runs.flatMap(({ pull }) => (pull === null ? [] : [pull.number])));
  const edits = records.pulls.filter(({ number }) => !used.has(number)).map(editEntry);
  const all = records.rebalancings.reduce(withRebalancing, [...runs, ...archived, ...edits]).sort((a, b) => a.at - b.at);
  return all.map((entry, i) => withMeans(entry, all, { i, samples: records.samples })).filter(({ at }) => records.since === null || at >= records.since);
}

const bare = {
  pull: null,
  run: null,
  outcome: null,
  receipt: false,
  changes: [],
  what: [],
  transactions: [],
  noted: null,
  archived: null,
  before: null,
  after: null,
} as const;

function runEntry(records: Records, { run, started, nonces, finished }: RunState, type: 'apply' | 'pause' | 'revocation'): OperationEntry {
  const named = /^pull request #(\d+),/.exec(started.approvedBy)?.[1];
  // A break-glass run's commit is only where its checkout stood.
  const pull = records.pulls.find(({ number, commit }) => (type === 'apply' && commit === started.commit) || String(number) === named);
  const urgent = /^break-glass: (.*)$/s.exec(started.approvedBy)?.[1] ?? null;
  const subject = started.commit === null ? undefined : records.subjects.get(started.commit);
  return {
    ...bare,
    at: started.at,
    type,
    who: urgent === null ? started.approvedBy : (nonces[0]?.signer ?? started.approvedBy),
    why: type === 'revocation' ? urgent : (pull?.title ?? (type === 'apply' ? (subject ?? null) : null)),
    pull: pull === undefined ? (named === undefined ? null : { number: Number(named), url: null }) : { number: pull.number, url: pull.url },
    run,
    outcome: finished?.outcome ?? 'open',
    receipt: records.receipts.has(run),
    changes: started.changes,
    transactions: nonces.flatMap(({ mined }) => (mined === null || !mined.success || mined.step === null ? [] : [mined.hash])),
  };
}

/** Whoever may push the branch may write it: no outcome is taken from it. */
function archivedEntry({ type, run, at, signer, what, transactions, incident }: ArchivedRun): OperationEntry {
  return { ...bare, at, type, who: signer, why: incident.title, run, what, transactions, archived: incident.id };
}

function editEntry({ number, title, url, by, at }: MergedPull): OperationEntry {
  return { ...bare, at, type: 'edit', who: by, why: title, pull: { number, url } };
}

/** Told of the newest run before it that set these very fields; by itself where there is none. */
function withRebalancing(entries: OperationEntry[], { at, engine, changes, baseline }: Noted): OperationEntry[] {
  const seen = at * 1_000;
  const fields = new Set(changes.map(({ field }) => field));
  const isBehind = (entry: OperationEntry): boolean =>
    entry.type === 'apply' && entry.at <= seen && entry.noted === null && entry.changes.some(({ contract, field }) => contract === engine && fields.has(field));
  const cause = entries.filter(isBehind).sort((a, b) => b.at - a.at)[0];
  if (cause !== undefined) return entries.map((entry) => (entry === cause ? { ...entry, noted: baseline } : entry));
  const what = changes.map(({ field, from, to }) => `${engine}.${field}: ${from} → ${to}`);
  return [...entries, { ...bare, at: seen, type: 'rebalancing', who: null, why: null, what, noted: baseline }];
}

/** ROI since the adjustment before it, and until the one after it. */
function withMeans(entry: OperationEntry, all: readonly OperationEntry[], { i, samples }: { i: number; samples: Records['samples'] }): OperationEntry {
  const from = all[i - 1]?.at ?? Number.NEGATIVE_INFINITY;
  const to = all[i + 1]?.at ?? Number.POSITIVE_INFINITY;
  const between = (low: number, high: number): BaselineMean | null => meanOf(samples.filter(({ at }) => at > low && at <= high).map(({ roi }) => roi));
  return { ...entry, before: between(from, entry.at), after: between(entry.at, to) };
}

function meanOf(rois: readonly number[]): BaselineMean | null {
  return rois.length === 0 ? null : { samples: rois.length, mean: rois.reduce((sum, roi) => sum + roi, 0) / rois.length };
}
