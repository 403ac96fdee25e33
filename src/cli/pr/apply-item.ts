// One merged pull request applied: its own changes, if this very plan was approved, and nothing else.
import { type Code, codes, MooringError } from '../../errors.ts';
import { isComplete, type RunState, reduceJournal } from '../../journal/reduce.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import type { GitStore } from '../../scm/git-store.ts';
import type { Desired, Finding, JournalStore, Plan, Change as PlannedChange, Receipt } from '../../types.ts';
import type { Opened } from '../open.ts';
import { findingsOf, withChain } from './change.ts';
import { planChange, planOffline } from './change-plan.ts';
import { approvalOf, grantOf, isSettled } from './grant.ts';
import type { Item } from './merged-items.ts';
import { lexiconFor } from './plan-environment.ts';
import { readSides } from './readable.ts';
import type { Repository } from './repository.ts';
import { sendItem } from './send-item.ts';
import type { Sides } from './sides.ts';
import { disputed, leavesApproved } from './superseding.ts';

/**
 * applied: sent and verified, now or before. nothing: the chain is as it asks, or it asks nothing of the chain. superseded:
 * later commits ask for something else. partly, failed: some or nothing of it took effect; the next run goes on. stale: what
 * was approved isn't what would be sent. unapproved: policy asks for approvals that it doesn't have. blocked: the plan has errors.
 */
export type Status = 'applied' | 'nothing' | 'superseded' | 'partly' | 'failed' | 'stale' | 'unapproved' | 'blocked';

export type Outcome = {
  status: Status;
  /** True: another apply is to look at it again. */
  waits: boolean;
  /** True: it asked nothing of the chain, so there is nothing to tell. */
  silent?: boolean;
  plan: Plan | null;
  receipt: Receipt | null;
  /** What moved, what failed, what is missing. */
  findings: readonly Finding[];
  superseded: readonly PlannedChange[];
  lexicon: Lexicon;
};

export type Applying = {
  repository: Repository;
  environment: string;
  /** Locked by whoever calls. */
  store: GitStore;
  /** The branch's head, and what it declares. */
  head: string;
  later: Desired;
  /** What came onto the branch and isn't settled, in order. */
  queue: readonly Item[];
  /** Addresses whose lease is held, lower case. */
  leased: ReadonlySet<string>;
};

export type Bare = Omit<Outcome, 'status' | 'waits'>;
export type Online = { opened: Opened; sides: Sides; bare: Bare };

/** Errors after which nothing more may be sent by this process. */
const fatal = /^(?:LEASE_|JOURNAL_|RECEIPT_|GIT_|GITHUB_|FOREIGN_)/;

/** Throws what ends the whole apply (lost lease, journal, git, GitHub); everything else is an outcome. SIDE EFFECTS: the chain, the journal. */
export async function applyItem(applying: Applying, item: Item): Promise<Outcome> {
  const { repository, environment, store, head } = applying;
  let bare = bareOf(repository, null);
  try {
    const read = await readSides(repository, { environment, from: item.before, to: item.commit, head });
    const { sides } = read;
    bare = bareOf(repository, sides);
    if (sides.findings.some(({ severity }) => severity === 'error')) return { ...bare, status: 'blocked', waits: true, findings: sides.findings };
    if (!sides.touchesChain || sides.after === null) return await applyOffline(applying, item, { sides, bare });
    return await withChain(repository, { ...read, journal: store }, (opened) => applyOnline(applying, item, { opened, sides, bare }));
  } catch (error) {
    if (!(error instanceof MooringError) || fatal.test(error.code)) throw error;
    return { ...bare, ...failedBy(error) };
  }
}

/** What an error that stops nothing else makes of an item. */
export function failedBy(error: MooringError): Pick<Outcome, 'status' | 'waits' | 'findings'> {
  return { status: statusOf(error.code), waits: true, findings: findingsOf(error) };
}

export function isFatal(error: unknown): boolean {
  return !(error instanceof MooringError) || fatal.test(error.code);
}

function statusOf(code: Code): Status {
  const { exit } = codes[code];
  return exit === 'stale' ? 'stale' : exit === 'denied' || code === 'INPUT_INVALID' ? 'blocked' : 'failed';
}

function bareOf(repository: Repository, sides: Sides | null): Bare {
  return { plan: null, receipt: null, findings: [], superseded: [], lexicon: lexiconFor(repository, sides) };
}

/** Nothing is to be sent; that it should not have been merged is said once. */
async function applyOffline(applying: Applying, item: Item, { sides, bare }: Omit<Online, 'opened'>): Promise<Outcome> {
  const plan = planOffline(sides, applying.repository.context.now)?.plan ?? null;
  return plan === null ? { ...bare, status: 'nothing', waits: false, silent: true } : nothingToSend(applying, item, { ...bare, plan });
}

/** Edits alone need their approvals, too; what is at its target already was approved for another plan. */
async function nothingToSend({ repository, environment }: Applying, item: Item, known: Bare & { plan: Plan }): Promise<Outcome> {
  const { settled, told, findings } = await isSettled(repository, item, { environment, plan: known.plan });
  if (!settled) return { ...known, status: 'unapproved', waits: false, findings };
  return { ...known, status: 'nothing', waits: false, silent: !told };
}

async function applyOnline(applying: Applying, item: Item, online: Online): Promise<Outcome> {
  const { repository, store, later } = applying;
  const { opened, sides, bare } = online;
  const planning = { now: repository.context.now, proof: true, later };
  const found = await planChange(opened, sides, planning);
  const last = runsOf(item, reduceJournal(await store.read()).runs, applying.environment).at(-1);
  if (last !== undefined && isComplete(last) && found.plan.changes.length > 0) return spent(applying, { ...bare, plan: found.plan }, last);
  const dispute = await disputed(applying, item, { ...online, superseded: found.superseded });
  const inDispute = found.superseded.filter(({ id }) => dispute?.ids.has(id) === true);
  if (dispute !== null && inDispute.some(({ risk }) => risk !== 'reduce'))
    return { ...bare, plan: found.plan, status: 'blocked', waits: true, findings: [dispute.finding] };
  // What lowers risk goes out all the same: nobody has agreed to holding it off.
  const replaced = found.superseded.filter((change) => !inDispute.includes(change));
  const leftOut = new Set(replaced.map(({ id }) => id));
  const known: Bare & { plan: Plan } = { ...bare, plan: found.plan, superseded: replaced };
  const reduced = leftOut.size === 0 ? found : await planChange(opened, sides, { ...planning, leftOut });
  if (reduced.plan.changes.length === 0 && last?.finished !== null) return finished(applying, item, { ...known, last });
  const begun = last !== undefined && !isComplete(last) ? last : null;
  const grant = await grantOf(repository, item, {
    ...{ environment: applying.environment, plan: found.plan, lexicon: bare.lexicon },
    ...{ policy: opened.desired.policy, begun },
  });
  if ('refused' in grant) return { ...known, status: grant.refused, waits: true, findings: grant.findings };
  const unseen = begun === null ? leavesApproved(reduced.plan, found.plan) : null;
  if (unseen !== null) return { ...known, status: 'stale', waits: true, findings: [unseen] };
  const digest = begun === null ? reduced.plan.digest : begun.started.digest;
  return sendItem(applying, item, { ...online, known, leftOut, plan: reduced.plan, digest, grant, begun, first: last === undefined });
}

/** The chain is as it asks: by a run of ours, by someone else's doing, or because later commits ask for something else. */
async function finished(applying: Applying, item: Item, { last, ...known }: Bare & { plan: Plan; last: RunState | undefined }): Promise<Outcome> {
  if (last !== undefined && isComplete(last)) return { ...known, status: 'applied', waits: false, receipt: await receiptOf(applying.store, last.run) };
  if (known.superseded.length > 0) return { ...known, status: 'superseded', waits: false };
  return nothingToSend(applying, item, known);
}

export async function receiptOf(store: JournalStore, run: string): Promise<Receipt | null> {
  return (await store.receipts()).find((receipt) => receipt.run === run) ?? null;
}

function runsOf(item: Item, runs: readonly RunState[], environment: string): RunState[] {
  return runs.filter(
    ({ started }) => started.environment === environment && started.commit === item.commit && started.approvedBy.startsWith(approvalOf(item.pull)),
  );
}

/** All of it was sent once: what differs now is drift, and takes a consent of its own. */
async function spent({ store }: Applying, known: Bare & { plan: Plan }, last: RunState): Promise<Outcome> {
  const verified = last.finished?.outcome === 'done';
  const places = known.plan.changes.map(({ id }) => id).join(', ');
  const message = verified
    ? `it was applied before, and since then ${places} changed on the chain; that is drift now`
    : `all of it was sent and confirmed, and yet ${places} is not as it asks; nothing is sent again without a new approval (the drift issue offers it)`;
  const finding: Finding = { code: 'DIGEST_SPENT', severity: verified ? 'warning' : 'error', message };
  return { ...known, status: verified ? 'applied' : 'failed', waits: false, receipt: await receiptOf(store, last.run), findings: [finding] };
}
