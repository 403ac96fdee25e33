// What later commits have replaced of an approved change: only those that were approved themselves may take its place.
import { stepKey } from '../../apply/approved.ts';
import type { Change, Finding, Plan } from '../../types.ts';
import type { Applying, Online } from './apply-outcome.ts';
import { withChain } from './change.ts';
import { planChange } from './change-plan.ts';
import { grantOf } from './grant.ts';
import type { Item } from './merged-items.ts';
import { lexiconFor } from './plan-environment.ts';
import { type Read, readSides } from './readable.ts';
import { isBroken } from './sides.ts';

type Superseded = Online & { superseded: readonly Change[] };

/** Ids of changes that something unapproved replaces, and what that is; null where there are none. */
export type Dispute = { ids: ReadonlySet<string>; finding: Finding };

/**
 * What nobody has agreed to neither goes out nor holds off, in silence, what somebody has. Throws GITHUB_*, GIT_*, RPC_*.
 * SIDE EFFECTS: asks the chain.
 */
export async function disputed(applying: Applying, item: Item, { superseded, ...online }: Superseded): Promise<Dispute | null> {
  const { repository, environment, head } = applying;
  const open = new Set(superseded.map(({ id }) => id));
  const against: { ids: string[]; why: string }[] = [];
  const rest = applying.queue.slice(applying.queue.findIndex(({ commit, pull }) => commit === item.commit && pull === item.pull) + 1);
  for (const other of rest) {
    if (open.size === 0) break;
    const read = await readSides(repository, { environment, from: other.before, to: other.commit, head });
    const ids = (await replacedBy(repository, read, online)).map(({ id }) => id).filter((id) => open.has(id));
    if (ids.length === 0) continue;
    for (const id of ids) open.delete(id);
    if (!(await isGranted(applying, other, read)))
      against.push({ ids, why: `#${other.pull}, which was merged later, declares it otherwise and is not approved` });
  }
  if (open.size > 0) against.push({ ids: [...open], why: 'later commits of no pull request declare it otherwise' });
  return against.length === 0 ? null : dispute(against);
}

/** Which of the planned changes the branch no longer asks for once a later one has come onto it. */
async function replacedBy({ context }: Applying['repository'], other: Read, { opened, sides }: Online): Promise<readonly Change[]> {
  const later = other.sides.after?.desired ?? null;
  if (later === null) return [];
  return (await planChange(opened, sides, { now: context.now, proof: false, later })).superseded;
}

async function isGranted({ repository, environment, store }: Applying, other: Item, read: Read): Promise<boolean> {
  if (read.sides.after === null || isBroken(read.sides)) return false;
  return withChain(repository, { ...read, journal: store }, async (opened) => {
    const { plan } = await planChange(opened, read.sides, { now: repository.context.now, proof: true });
    const lexicon = lexiconFor(repository, null);
    return !('refused' in (await grantOf(repository, other, { environment, plan, lexicon, policy: opened.desired.policy, begun: null })));
  });
}

function dispute(against: readonly { ids: readonly string[]; why: string }[]): Dispute {
  const ids = against.flatMap((one) => one.ids);
  const finding: Finding = {
    code: 'SUPERSEDED_UNAPPROVED',
    severity: 'error',
    message: against.map((one) => `${one.ids.join(', ')}: ${one.why}`).join('; '),
    fix: 'Approve what was merged later, or put back what was approved; nothing of either is sent until then.',
    changes: ids,
  };
  return { ids: new Set(ids), finding };
}

/** What is left of an approved plan must be steps that it had: a setter with other arguments is a transaction that nobody saw. */
export function leavesApproved(reduced: Plan, approved: Plan): Finding | null {
  const seen = new Set(approved.steps.map(stepKey));
  const strange = reduced.steps.filter((step) => !seen.has(stepKey(step)));
  if (strange.length === 0) return null;
  const calls = strange.map(({ call }) => `${call.contract}.${call.function}`).join(', ');
  return {
    code: 'STALE_PLAN',
    severity: 'error',
    message: `without what later commits have replaced, ${calls} would be called with other arguments than were approved`,
  };
}
