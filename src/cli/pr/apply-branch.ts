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
import { openSharedJournal } from '../journal.ts';
import { loadSigners } from '../signers.ts';
import { type Applying, applyItem, type Outcome } from './apply-item.ts';
import { type ApplyState, readState, type Waiting, writeState } from './apply-state.ts';
import { type Change, readChange, withChain } from './change.ts';
import { newApprovals, planChange } from './change-plan.ts';
import { arrivals, type Item } from './merged-items.ts';
import { reportItem } from './report-item.ts';
import type { Repository } from './repository.ts';
import { loadSides } from './sides.ts';

export type BranchReport = {
  environment: string;
  head: string;
  items: readonly { number: number; report: ItemReport }[];
  /** Commits that touch the environment and are no pull request's: nothing of them is sent. */
  direct: readonly LineCommit[];
};

/** `from`: the commit to go on from, in place of the recorded one. Throws JOURNAL_*, LEASE_*, GIT_*, GITHUB_*. SIDE EFFECTS: everything. */
export async function applyBranch(repository: Repository, environment: string, from: string | undefined): Promise<BranchReport> {
  const { context, options, root, log } = repository;
  const before = await declaredNow(repository, environment);
  const place = { root, name: environment, desired: before.desired };
  const signers = await loadSigners(place, context);
  if (signers.size === 0)
    throw new MooringError('SIGNER_MISSING', `no key of a signer of ${environment} is given`, {
      fix: 'Set the variable of at least one signer in environment.yaml: it also signs the journal.',
    });
  const store = await openSharedJournal(context, place, { signers, log, options }, before.files);
  if (from === undefined && (await isDone(store, environment, before.head))) return { environment, head: before.head, items: [], direct: [] };
  const lock = await store.lock();
  try {
    // Behind others in the queue the branch may have gone on.
    const head = await headOf(repository);
    const now = head === before.head ? before : await declaredNow(repository, environment);
    const leased = new Set([...signers.keys()].map((address) => address.toLowerCase()));
    return await applyArrivals({ repository, environment, store, later: now.desired, leased }, { head: now.head, from });
  } finally {
    await lock.release();
  }
}

/** Nothing is new and nothing waits: then nobody has to queue to find that out. */
async function isDone(store: GitStore, environment: string, head: string): Promise<boolean> {
  const { commit, waiting } = await readState(store, environment);
  const runs = reduceJournal(await store.read()).runs.filter(({ started }) => started.environment === environment);
  return commit === head && waiting.length === 0 && runs.every(({ finished }) => finished !== null);
}

async function headOf({ git, branch }: Repository): Promise<string> {
  const head = await fetchRef(git, `refs/heads/${branch}`);
  if (head === null) throw new MooringError('GIT_OBJECT_MISSING', `${git.label} has no branch ${branch}`);
  return head;
}

/** The branch as it is now, under its own configuration. */
async function declaredNow(repository: Repository, environment: string): Promise<{ head: string; desired: Desired; files: FileSource }> {
  const head = await headOf(repository);
  const { after } = await readChange(repository, head, head);
  return { head, files: after, desired: loadDesired({ source: after, environment }).desired };
}

async function applyArrivals(applying: Applying, { head, from }: { head: string; from: string | undefined }): Promise<BranchReport> {
  const { repository, environment, store } = applying;
  const recorded = await readStateOr(store, environment, from);
  const state: ApplyState = from === undefined ? recorded : { ...recorded, commit: from };
  const { items, direct } = await arrivals(repository, { state, head, environment });
  const reports: { number: number; report: ItemReport }[] = [];
  const waiting: Waiting[] = [];
  for (const done of await applyAll(applying, items)) {
    const { item, outcome } = done;
    const remaining = asksAgain(outcome) ? await remainingOf(applying, { ...done, head }) : null;
    const report = await reportItem(repository, { environment, head, item, outcome, remaining });
    reports.push({ number: item.pull, report });
    if (outcome.waits) waiting.push({ pull: item.pull, before: item.before, commit: item.commit, exact: item.exact });
    repository.log(itemLine(item.pull, report));
  }
  await writeState(store, environment, { before: recorded, after: { commit: head, waiting } });
  return { environment, head, items: reports, direct: await touching(repository, environment, direct) };
}

type Done = { item: Item; change: Change; outcome: Outcome };

function asksAgain({ status }: Outcome): boolean {
  return status === 'stale' || status === 'unapproved';
}

/** One after another, as they were merged. What waited is looked at once more where a later one may have settled it. */
async function applyAll(applying: Applying, items: readonly Item[]): Promise<Done[]> {
  const folder = `desired-state/${applying.environment}/`;
  const done: Done[] = [];
  for (const item of items) {
    const change = await readChange(applying.repository, item.before, item.commit);
    if (change.files.some((file) => file.startsWith(folder))) done.push({ item, change, outcome: await applyItem(applying, item, change) });
  }
  const lastSent = done.findLastIndex(({ outcome }) => outcome.receipt !== null);
  for (const one of done.slice(0, Math.max(0, lastSent))) if (asksAgain(one.outcome)) one.outcome = await applyItem(applying, one.item, one.change);
  return done;
}

/** With `--from` an unreadable mark is replaced. */
async function readStateOr(store: GitStore, environment: string, from: string | undefined): Promise<ApplyState> {
  try {
    return await readState(store, environment);
  } catch (error) {
    if (from === undefined || !(error instanceof MooringError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    return { commit: null, waiting: [] };
  }
}

type Remaining = Done & { head: string };

/** What of a pull request's changes is still to be made, as a plan under today's configuration. Null where it can't be told. */
async function remainingOf({ repository, environment, store }: Applying, { item, change, head, outcome }: Remaining): Promise<Plan | null> {
  const own = loadSides({ environment, base: change.before, change: change.after, files: change.files });
  const named = new Set([...(outcome.plan?.changes ?? []).map(({ id }) => id), ...newApprovals(own).flatMap(({ changes }) => changes)]);
  if (named.size === 0) return null;
  const now = await readChange(repository, head, head);
  const sides = loadSides({ environment, base: now.before, change: now.after, files: [] });
  try {
    const options = { now: repository.context.now, proof: true, named };
    return (await withChain(repository, { change: now, sides, journal: store }, (opened) => planChange(opened, sides, options))).plan;
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    repository.log(`what remains of #${item.pull} could not be planned: ${error.message}`);
    return null;
  }
}

async function touching({ git }: Repository, environment: string, commits: readonly LineCommit[]): Promise<LineCommit[]> {
  const found: LineCommit[] = [];
  for (const commit of commits) {
    if (commit.before === null) continue;
    const files = await changedFiles(git, { from: commit.before, to: commit.id, under: `desired-state/${environment}` });
    if (files.length > 0) found.push(commit);
  }
  return found;
}

/** For a terminal. */
export function branchLines({ environment, head, items, direct }: BranchReport): string[] {
  return [
    `${environment} at ${head.slice(0, 12)}: ${items.length === 0 ? 'no pull request waits' : count(items.length, 'pull request')}`,
    ...items.map(({ number, report }) => `  ${itemLine(number, report)}`),
    ...direct.map(({ id, subject }) => `  ${id.slice(0, 12)} came by no pull request and is not sent: ${subject}`),
  ];
}
