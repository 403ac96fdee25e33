// Sends what of a merged pull request was granted, and tells what became of it.
import { execute } from '../../apply/execute.ts';
import type { RunState } from '../../journal/reduce.ts';
import { nameAddresses } from '../../render/lexicon.ts';
import type { GitStore } from '../../scm/git-store.ts';
import type { JournalStore, Plan } from '../../types.ts';
import { planExit } from '../exits.ts';
import { loadSigners } from '../secrets/signers.ts';
import { type Applying, type Bare, failedBy, type Online, type Outcome, receiptOf, type Status } from './apply-outcome.ts';
import { planChange } from './change-plan.ts';
import type { Grant } from './grant.ts';
import type { Item } from './merged-items.ts';

export type Sending = Online & {
  known: Bare;
  /** Ids of changes that later commits have replaced. */
  leftOut: ReadonlySet<string>;
  plan: Plan;
  digest: string;
  grant: Grant;
  /** The run that is gone on with. */
  begun: RunState | null;
  /** No run has begun for this pull request: that another one has spent the same digest doesn't matter. */
  first: boolean;
};

const statuses: Readonly<Record<'done' | 'partial' | 'stopped', Status>> = { done: 'applied', partial: 'partly', stopped: 'failed' };

/** Throws what ends the whole apply. SIDE EFFECTS: the chain, the journal. */
export async function sendItem(applying: Applying, item: Item, sending: Sending): Promise<Outcome> {
  const { known, plan, begun } = sending;
  // A run that was cut short is settled all the same, by the apply that then refuses the plan.
  if (begun === null && planExit(plan.findings) !== 0)
    return { ...known, status: 'blocked', waits: true, findings: plan.findings.filter(({ severity }) => severity === 'error') };
  try {
    const { outcome, receipt, findings } = await run(applying, item, sending);
    return { ...known, status: statuses[outcome], waits: outcome !== 'done', receipt, findings };
  } catch (error) {
    const failed = failedBy(error);
    return { ...known, ...failed, receipt: begun === null ? null : await receiptOf(applying.store, begun.run) };
  }
}

async function run(applying: Applying, item: Item, { opened, sides, known, leftOut, plan, digest, grant, first }: Sending) {
  const { repository, store, later, leased } = applying;
  const { context, log } = repository;
  const signers = new Map([...(await loadSigners(opened, context))].filter(([address]) => leased.has(address.toLowerCase())));
  const { desired, kinds, chain } = opened;
  return execute({
    ...{ digest, plan, chain, signers, kinds },
    replan: async () => (await planChange(opened, sides, { now: context.now, proof: true, later, leftOut })).plan,
    journal: held(store),
    environment: desired.environment,
    policy: desired.policy,
    contracts: desired.state.contracts,
    reuseDigest: first,
    approval: grant.approval,
    approvedBy: grant.by,
    names: desired.addresses.byAddress,
    commit: item.commit,
    now: context.now,
    log: (message, data) => log(`#${item.pull} ${nameAddresses(message, known.lexicon)}`, data),
  });
}

/** The lock is held for the whole apply, over all of its runs. */
function held(store: GitStore): JournalStore {
  return { ...store, lock: async () => ({ release: async () => {} }) };
}
