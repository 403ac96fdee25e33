// One merged pull request applied: its own changes, if this very plan was approved, and nothing else.
import { execute } from '../../apply/execute.ts';
import { type Code, codes, MooringError } from '../../errors.ts';
import { type RunState, reduceJournal } from '../../journal/reduce.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import { nameAddresses } from '../../render/lexicon.ts';
import { movedSince } from '../../render/pr-comment.ts';
import { approvedDigests } from '../../scm/approvals.ts';
import type { GitStore } from '../../scm/git-store.ts';
import { listReviews } from '../../scm/github/pulls.ts';
import type { Desired, Finding, JournalStore, Plan, Change as PlannedChange, Receipt } from '../../types.ts';
import { planExit } from '../exits.ts';
import { lexiconOf, type Opened } from '../open.ts';
import { loadSigners } from '../signers.ts';
import { type Change, findingsOf, withChain } from './change.ts';
import { planChange, planOffline } from './change-plan.ts';
import { digestHistory, judgePull } from './judge.ts';
import type { Item } from './merged-items.ts';
import type { Repository } from './repository.ts';
import { loadSides, type Sides } from './sides.ts';

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
  /** What the branch declares now. */
  later: Desired;
  /** Addresses whose lease is held, lower case. */
  leased: ReadonlySet<string>;
};

/** Errors after which nothing more may be sent by this process. */
const fatal = /^(?:LEASE_|JOURNAL_|RECEIPT_|GIT_|GITHUB_|FOREIGN_)/;

/** Throws what ends the whole apply (lost lease, journal, git, GitHub); everything else is an outcome. SIDE EFFECTS: the chain, the journal. */
export async function applyItem(applying: Applying, item: Item, change: Change): Promise<Outcome> {
  const { repository, environment, store } = applying;
  const sides = loadSides({ environment, base: change.before, change: change.after, files: change.files });
  const bare = outcome(repository, sides);
  if (sides.findings.some(({ severity }) => severity === 'error')) return { ...bare, status: 'blocked', waits: false, findings: sides.findings };
  if (!sides.touchesChain || sides.after === null) return applyOffline(applying, item, sides);
  try {
    return await withChain(repository, { change, sides, journal: store }, (opened) => applyOnline(applying, item, { opened, sides }));
  } catch (error) {
    if (!(error instanceof MooringError) || fatal.test(error.code)) throw error;
    return { ...bare, status: statusOf(error.code), waits: true, findings: findingsOf(error) };
  }
}

function statusOf(code: Code): Status {
  const { exit } = codes[code];
  return exit === 'stale' ? 'stale' : exit === 'denied' ? 'blocked' : 'failed';
}

type Bare = Omit<Outcome, 'status' | 'waits'>;

function outcome({ root, context, options }: Repository, sides: Sides): Bare {
  const loaded = sides.after ?? sides.before;
  const words = { ...context, colour: false };
  const lexicon =
    loaded === null
      ? { names: new Map(), tokens: new Map(), explorer: null, colour: false, verbose: false }
      : lexiconOf({ root, name: sides.environment, ...loaded }, words, options);
  return { plan: null, receipt: null, findings: [], superseded: [], lexicon };
}

/** Nothing is to be sent; that it should not have been merged is said once. */
async function applyOffline(applying: Applying, item: Item, sides: Sides): Promise<Outcome> {
  const bare = outcome(applying.repository, sides);
  const plan = planOffline(sides, applying.repository.context.now)?.plan ?? null;
  return plan === null ? { ...bare, status: 'nothing', waits: false, silent: true } : nothingToSend(applying, item, { ...bare, plan });
}

/** Edits alone need their approvals, too; what is at its target already was approved for another plan. */
async function nothingToSend({ repository, environment }: Applying, item: Item, known: Bare & { plan: Plan }): Promise<Outcome> {
  const { github } = repository;
  const { request: pull } = item;
  const judged = await judgePull(github, { pull, environment, digest: known.plan.digest, rules: known.plan.approvals });
  const approved = approvedDigests({
    reviews: await listReviews(github, pull.number),
    history: await digestHistory(github, { environment, sha: pull.head.sha }),
    head: pull.head.sha,
  });
  const isSettled = judged.approved || approved.length > 0;
  if (!isSettled) return { ...known, status: 'unapproved', waits: false, findings: [missing(judged.state.rules)] };
  return { ...known, status: 'nothing', waits: false, silent: approved.length === 0 || approved.includes(known.plan.digest) };
}

type Online = { opened: Opened; sides: Sides };

async function applyOnline(applying: Applying, item: Item, online: Online): Promise<Outcome> {
  const { repository, store, later } = applying;
  const bare = outcome(repository, online.sides);
  const planning = { now: repository.context.now, proof: true, later };
  const found = await planChange(online.opened, online.sides, planning);
  const own = runsOf(item, reduceJournal(await store.read()).runs, applying.environment);
  const last = own.at(-1);
  if (last?.finished?.outcome === 'done' && found.plan.changes.length > 0)
    return { ...bare, status: 'applied', waits: false, plan: found.plan, receipt: await receiptOf(store, last.run), findings: [spent(found.plan)] };
  const leftOut = new Set(found.superseded.map(({ id }) => id));
  const reduced = leftOut.size === 0 ? found : await planChange(online.opened, online.sides, { ...planning, leftOut });
  const known = { ...bare, plan: found.plan, superseded: found.superseded };
  if (reduced.plan.changes.length === 0 && last?.finished !== null) return finished(applying, item, { ...known, last });
  const grant =
    last !== undefined && last.finished?.outcome !== 'done'
      ? { digest: last.started.digest, by: last.started.approvedBy }
      : await grantOf(applying, item, { plan: found.plan, lexicon: bare.lexicon });
  if ('refused' in grant) return { ...known, status: grant.refused, waits: true, findings: grant.findings };
  const digest = leftOut.size === 0 || last !== undefined ? grant.digest : reduced.plan.digest;
  return send(applying, item, { ...online, known, leftOut, plan: reduced.plan, digest, approvedBy: grant.by, reuse: last === undefined });
}

/** The chain is as it asks: by a run of ours, by someone else's doing, or because later commits ask for something else. */
async function finished(applying: Applying, item: Item, { last, ...known }: Bare & { plan: Plan; last: RunState | undefined }): Promise<Outcome> {
  if (last?.finished?.outcome === 'done') return { ...known, status: 'applied', waits: false, receipt: await receiptOf(applying.store, last.run) };
  if (known.superseded.length > 0) return { ...known, status: 'superseded', waits: false };
  return nothingToSend(applying, item, known);
}

async function receiptOf(store: JournalStore, run: string): Promise<Receipt | null> {
  return (await store.receipts()).find((receipt) => receipt.run === run) ?? null;
}

/** How a run's `approvedBy` begins: what tells whose approval it spent. */
export function approvalOf(pull: number): string {
  return `pull request #${pull}, `;
}

function runsOf(item: Item, runs: readonly RunState[], environment: string): RunState[] {
  return runs.filter(
    ({ started }) => started.environment === environment && started.commit === item.commit && started.approvedBy.startsWith(approvalOf(item.pull)),
  );
}

function spent(plan: Plan): Finding {
  return {
    code: 'DIGEST_SPENT',
    severity: 'warning',
    message: `it was applied before, and since then ${plan.changes.map(({ id }) => id).join(', ')} changed on the chain; that is drift now`,
  };
}

type Grant = { digest: string; by: string };
type Refused = { refused: 'stale' | 'unapproved'; findings: readonly Finding[] };

/** Whether this very plan was approved, under the policy that was there before it. */
async function grantOf({ repository, environment }: Applying, item: Item, { plan, lexicon }: { plan: Plan; lexicon: Lexicon }): Promise<Grant | Refused> {
  const { github } = repository;
  const { request: pull } = item;
  const judged = await judgePull(github, { pull, environment, digest: plan.digest, rules: plan.approvals });
  const history = await digestHistory(github, { environment, sha: pull.head.sha });
  const shown = history.filter(({ digest }) => digest !== '').at(-1)?.digest;
  const people = [...new Set(judged.state.rules.flatMap(({ by }) => by))];
  if (!item.exact) return { refused: 'unapproved', findings: [inexact(item)] };
  // Where policy asks for nobody, what was shown last is what merging has agreed to.
  const agreed = plan.approvals.length > 0 ? judged.approved : shown === plan.digest;
  if (agreed)
    return {
      digest: plan.digest,
      by: `${approvalOf(item.pull)}${people.length === 0 ? 'for which policy asks no approval' : `approved by ${people.join(', ')}`}`,
    };
  const others =
    plan.approvals.length === 0 ? [shown ?? ''] : approvedDigests({ reviews: await listReviews(github, pull.number), history, head: pull.head.sha });
  const other = others.filter((digest) => digest !== '' && digest !== plan.digest);
  if (other.length === 0) return { refused: 'unapproved', findings: [missing(judged.state.rules)] };
  const message = `the plan is ${plan.digest.slice(0, 12)} now, and ${other.map((digest) => digest.slice(0, 12)).join(' and ')} was approved`;
  const text = history.filter(({ digest }) => other.includes(digest)).at(-1)?.text ?? '';
  const moved = movedSince(text, plan, lexicon).map((sentence): Finding => ({ code: 'PLAN_MOVED', severity: 'error', message: sentence }));
  return { refused: 'stale', findings: [{ code: 'STALE_PLAN', severity: 'error', message }, ...moved] };
}

function missing(rules: readonly { rule: { count: number; teams: readonly string[] }; by: readonly string[]; met: boolean }[]): Finding {
  const open = rules
    .filter(({ met }) => !met)
    .map(({ rule, by }) => `${rule.count}${rule.teams.length === 0 ? '' : ` from ${rule.teams.join(' or ')}`}, it has ${by.length}`);
  return {
    code: 'APPROVAL_REQUIRED',
    severity: 'error',
    message:
      open.length === 0 ? 'it was merged without a plan having been shown' : `it was merged without the approvals that policy asks for (${open.join('; ')})`,
  };
}

function inexact({ pull, commit }: Item): Finding {
  return {
    code: 'MERGE_INEXACT',
    severity: 'error',
    message: `${commit.slice(0, 12)} is not what merging the final head of #${pull} gives: something was slipped in while merging`,
  };
}

type Sending = Online & {
  known: Bare;
  leftOut: ReadonlySet<string>;
  plan: Plan;
  digest: string;
  approvedBy: string;
  /** No run has begun for this pull request: that another one has spent the same digest doesn't matter. */
  reuse: boolean;
};

async function send(applying: Applying, item: Item, { opened, sides, known, leftOut, plan, digest, approvedBy, reuse }: Sending): Promise<Outcome> {
  const { repository, store, later, leased } = applying;
  const { context, log } = repository;
  // A run that was cut short is settled all the same, by the apply that then refuses the plan.
  if (reuse && planExit(plan.findings) !== 0)
    return { ...known, status: 'blocked', waits: true, findings: plan.findings.filter(({ severity }) => severity === 'error') };
  const signers = new Map([...(await loadSigners(opened, context))].filter(([address]) => leased.has(address.toLowerCase())));
  const { desired, kinds, chain } = opened;
  const result = await execute({
    digest,
    plan,
    replan: async () => (await planChange(opened, sides, { now: context.now, proof: true, later, leftOut })).plan,
    chain,
    signers,
    journal: held(store),
    environment: desired.environment,
    policy: desired.policy,
    kinds,
    contracts: desired.state.contracts,
    reuseDigest: reuse,
    approvedBy,
    names: desired.addresses.byAddress,
    commit: item.commit,
    now: context.now,
    log: (message, data) => log(`#${item.pull} ${nameAddresses(message, known.lexicon)}`, data),
  });
  const status: Status = result.outcome === 'done' ? 'applied' : result.outcome === 'partial' ? 'partly' : 'failed';
  return { ...known, status, waits: result.outcome !== 'done', receipt: result.receipt, findings: result.findings };
}

/** The lock is held for the whole apply, over all of its runs. */
function held(store: GitStore): JournalStore {
  return { ...store, lock: async () => ({ release: async () => {} }) };
}
