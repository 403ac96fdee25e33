// Applies one environment of the branch as it is now: what was merged and approved since the last time, one after another.

import type { FileSource } from '../../desired/file-source.ts';
import { loadDesired } from '../../desired/load.ts';
import { MooringError } from '../../errors.ts';
import { reduceJournal } from '../../journal/reduce.ts';
import { type ItemReport, itemLine } from '../../render/apply-comment.ts';
import { count } from '../../render/lexicon.ts';
import { changedFiles } from '../../scm/changed-files.ts';
import type { LineCommit } from '../../scm/first-parents.ts';
import { fetchRef } from '../../scm/git.ts';
import type { GitStore } from '../../scm/git-store.ts';
import type { Desired, Plan } from '../../types.ts';
import { writersIn } from '../environment/former-writers.ts';
import { openSharedJournal } from '../environment/journal.ts';
import { loadSigners } from '../secrets/signers.ts';
import { applyItem } from './apply-item.ts';
import type { Applying, Outcome } from './apply-outcome.ts';
import { type ApplyState, type Loose, readState, unapplied, type Waiting, writeState } from './apply-state.ts';
import { readChange, withChain } from './change.ts';
import { newApprovals, planChange } from './change-plan.ts';
import { arrivals, type Item } from './merged-items.ts';
import { readSides } from './readable.ts';
import { reportItem } from './report-item.ts';
import type { Repository } from './repository.ts';

export type BranchReport = {
  environment: string;
  head: string;
  items: readonly { number: number; report: ItemReport }[];
  /** Commits that touch the environment and are no pull request's: nothing of them is sent. */
  direct: readonly LineCommit[];
  /** Pull requests that waited, and whose commits a force-push has taken off the branch. */
  gone: readonly Waiting[];
};

/** `from`: the commit to go on from, in place of the recorded one. Throws JOURNAL_*, LEASE_*, GIT_*, GITHUB_*. SIDE EFFECTS: everything. */
export async function applyBranch(repository: Repository, environment: string, from: string | undefined): Promise<BranchReport> {
  for (;;) {
    const report = await applyUnder(repository, await declaredNow(repository, environment), { environment, from });
    if (report !== null) return report;
    repository.log(`${environment} has other signers, or another journal, than when this began to queue; it begins again with them`);
  }
}

type Declared = { head: string; desired: Desired; files: FileSource };

/** Null where the branch has gone on, behind others in the queue, to settings under which this may not write. SIDE EFFECTS: everything. */
async function applyUnder(
  repository: Repository,
  before: Declared,
  { environment, from }: { environment: string; from: string | undefined },
): Promise<BranchReport | null> {
  const { context, options, root, git, log } = repository;
  const place = { root, git, name: environment, desired: before.desired };
  const signers = await loadSigners(place, context);
  if (signers.size === 0)
    throw new MooringError('SIGNER_MISSING', `no key of a signer of ${environment} is given`, {
      fix: 'Set the variable of at least one signer in environment.yaml: it also signs the journal.',
    });
  const store = await openSharedJournal(context, place, { signers, log, options }, before.files);
  if (from === undefined && (await isDone(store, environment, before.head))) return { environment, head: before.head, items: [], direct: [], gone: [] };
  const lock = await store.lock();
  try {
    const head = await headOf(repository);
    const now = head === before.head ? before : await declaredNow(repository, environment);
    if (!isSameDesk(before, now)) return null;
    const leased = new Set([...signers.keys()].map((address) => address.toLowerCase()));
    return await applyArrivals({ repository, environment, store, head: now.head, later: now.desired, leased }, from);
  } finally {
    await lock.release();
  }
}

/** A record by a key that isn't a signer any more at the commit that it names is believed by nobody; and a lease is of one chain. */
function isSameDesk(a: Declared, b: Declared): boolean {
  return a.head === b.head || deskOf(a) === deskOf(b);
}

function deskOf({ desired, files }: Declared): string {
  const { chainId, journal, signers } = desired.environment;
  // Who else may write it: a record by one that isn't known yet would seem forged.
  const others = [...writersIn(files)].map(([name, addresses]) => [name, ...addresses]);
  return JSON.stringify([String(chainId), journal, signers.map(({ address, key }) => [address.toLowerCase(), key]), others]);
}

/** Nothing is new and nothing waits: then nobody has to queue to find that out. */
async function isDone(store: GitStore, environment: string, head: string): Promise<boolean> {
  const [{ commit, waiting, loose }, events] = await Promise.all([readState(store, environment), store.read()]);
  const runs = reduceJournal(events).runs.filter(({ started }) => started.environment === environment);
  return commit === head && waiting.length === 0 && loose.length === 0 && runs.every(({ finished }) => finished !== null);
}

async function headOf({ git, branch }: Repository): Promise<string> {
  const head = await fetchRef(git, `refs/heads/${branch}`);
  if (head === null) throw new MooringError('GIT_OBJECT_MISSING', `${git.label} has no branch ${branch}`);
  return head;
}

/** The branch as it is now, under its own configuration. */
async function declaredNow(repository: Repository, environment: string): Promise<Declared> {
  const head = await headOf(repository);
  const { after } = await readChange(repository, head, head);
  return { head, files: after, desired: loadDesired({ source: after, environment }).desired };
}

async function applyArrivals(applying: Omit<Applying, 'queue'>, from: string | undefined): Promise<BranchReport> {
  const { repository, environment, store, head } = applying;
  const recorded = await readStateOr(store, environment, from);
  const state: ApplyState = from === undefined ? recorded : { ...recorded, commit: from };
  const { items, direct, loose, gone } = await arrivals(repository, { state, head, environment });
  const queue = await touching(repository, environment, items, ({ before, commit }) => ({ before, to: commit }));
  const told = await tellAll(applying, await applyAll({ ...applying, queue }));
  const own = await touching(repository, environment, loose, ({ before, id }) => ({ before, to: id }));
  const after = { commit: head, waiting: told.waiting, loose: stillLoose(state, own, repository.context.now()) };
  await writeState(store, environment, { before: recorded, after });
  // What was sent is recorded before anything else may end the run.
  if (told.failure !== null) throw told.failure;
  return { environment, head, items: told.reports, direct: own.filter((commit) => direct.includes(commit)), gone };
}

/** Asked about for so long: GitHub lists a merge within moments, and a queue of its own may be behind. */
const looseFor = 3_600_000;

function stillLoose(state: ApplyState, commits: readonly LineCommit[], now: number): Loose[] {
  const seen = new Map(state.loose.map(({ commit, since }) => [commit, since]));
  return commits.map(({ id }) => ({ commit: id, since: seen.get(id) ?? now })).filter(({ since }) => now - since < looseFor);
}

type Told = { reports: { number: number; report: ItemReport }[]; waiting: Waiting[]; failure: MooringError | null };

/** What can't be told now waits, to be told by the next run; it stops nothing else. */
async function tellAll(applying: Omit<Applying, 'queue'>, done: readonly Done[]): Promise<Told> {
  const { repository, environment, head } = applying;
  const told: Told = { reports: [], waiting: [], failure: null };
  for (const { item, outcome } of done) {
    const { pull, before, commit, exact } = item;
    try {
      const remaining = asksAgain(outcome) ? await remainingOf(applying, { item, outcome }) : null;
      const report = await reportItem(repository, { environment, head, item, outcome, remaining });
      told.reports.push({ number: pull, report });
      if (outcome.waits && report.refused === null) told.waiting.push({ pull, before, commit, exact });
      repository.log(itemLine(pull, report));
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      told.failure ??= error;
      told.waiting.push({ pull, before, commit, exact });
    }
  }
  return told;
}

type Done = { item: Item; outcome: Outcome };

function asksAgain({ status }: Outcome): boolean {
  return status === 'stale' || status === 'unapproved';
}

/** One after another, as they were merged. What waited is looked at once more where a later one may have settled it. */
async function applyAll(applying: Applying): Promise<Done[]> {
  const done: Done[] = [];
  for (const item of applying.queue) done.push({ item, outcome: await applyItem(applying, item) });
  const lastSent = done.findLastIndex(({ outcome }) => outcome.receipt !== null);
  for (const one of done.slice(0, Math.max(0, lastSent))) if (looksAgain(one.outcome)) one.outcome = await applyItem(applying, one.item);
  return done;
}

function looksAgain(outcome: Outcome): boolean {
  return asksAgain(outcome) || outcome.status === 'blocked';
}

/** With `--from` an unreadable mark is replaced. */
async function readStateOr(store: GitStore, environment: string, from: string | undefined): Promise<ApplyState> {
  try {
    return await readState(store, environment);
  } catch (error) {
    if (from === undefined || !(error instanceof MooringError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    return unapplied;
  }
}

/** What of a pull request's changes is still to be made, as a plan under today's configuration. Null where it can't be told. */
async function remainingOf({ repository, environment, store, head }: Omit<Applying, 'queue'>, { item, outcome }: Done): Promise<Plan | null> {
  try {
    const own = await readSides(repository, { environment, from: item.before, to: item.commit, head });
    const named = new Set([...(outcome.plan?.changes ?? []).map(({ id }) => id), ...newApprovals(own.sides).flatMap(({ changes }) => changes)]);
    if (named.size === 0) return null;
    const now = await readSides(repository, { environment, from: head, to: head });
    const options = { now: repository.context.now, proof: true, named };
    return (await withChain(repository, { ...now, journal: store }, (opened) => planChange(opened, now.sides, options))).plan;
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    repository.log(`what remains of #${item.pull} could not be planned: ${error.message}`);
    return null;
  }
}

type Ends = { before: string | null; to: string };

/** Those that touch the environment, between their ends. */
async function touching<T>({ git }: Repository, environment: string, all: readonly T[], endsOf: (one: T) => Ends): Promise<T[]> {
  const under = `desired-state/${environment}`;
  const found: T[] = [];
  for (const one of all) {
    const { before, to } = endsOf(one);
    if (before !== null && (await changedFiles(git, { from: before, to, under })).length > 0) found.push(one);
  }
  return found;
}

/** For a terminal. */
export function branchLines({ environment, head, items, direct, gone }: BranchReport): string[] {
  return [
    `${environment} at ${head.slice(0, 12)}: ${items.length === 0 ? 'no pull request waits' : count(items.length, 'pull request')}`,
    ...items.map(({ number, report }) => `  ${itemLine(number, report)}`),
    ...direct.map(({ id, subject }) => `  ${id.slice(0, 12)} came by no pull request and is not sent: ${subject}`),
    ...gone.map(({ pull, commit }) => `  #${pull} waited for ${commit.slice(0, 12)}, which is not on the branch any more: it is dropped`),
  ];
}
