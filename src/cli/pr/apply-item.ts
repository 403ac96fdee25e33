// One merged pull request applied: its own changes, if this very plan was approved, and nothing else.
import { isComplete, type RunState, reduceJournal } from '../../journal/reduce.ts';
import type { Finding, Plan } from '../../types.ts';
import { type Applying, type Bare, failedBy, type Online, type Outcome, receiptOf } from './apply-outcome.ts';
import { withChain } from './change.ts';
import { planChange, planOffline } from './change-plan.ts';
import { approvalOf, grantOf, isSettled } from './grant.ts';
import type { Item } from './merged-items.ts';
import { lexiconFor } from './plan-environment.ts';
import { readSides } from './readable.ts';
import type { Repository } from './repository.ts';
import { sendItem } from './send-item.ts';
import { isBroken, type Sides } from './sides.ts';
import { disputed, leavesApproved } from './superseding.ts';

/** Throws what ends the whole apply (lost lease, journal, git, GitHub); everything else is an outcome. SIDE EFFECTS: the chain, the journal. */
export async function applyItem(applying: Applying, item: Item): Promise<Outcome> {
  const { repository, environment, store, head } = applying;
  let bare = bareOf(repository, null);
  try {
    const read = await readSides(repository, { environment, from: item.before, to: item.commit, head });
    const { sides } = read;
    bare = bareOf(repository, sides);
    if (isBroken(sides)) return { ...bare, status: 'blocked', waits: true, findings: sides.findings };
    if (!sides.touchesChain || sides.after === null) return await applyOffline(applying, item, { sides, bare });
    return await withChain(repository, { ...read, journal: store }, (opened) => applyOnline(applying, item, { opened, sides, bare }));
  } catch (error) {
    return { ...bare, ...failedBy(error) };
  }
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
  // Not of this pull request any more: whatever unpauses its contract sends it.
  const waiting = known.plan.findings.filter(({ code }) => code === 'ACT_WAITS');
  return { ...known, status: 'nothing', waits: false, silent: !told && waiting.length === 0, findings: waiting };
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
