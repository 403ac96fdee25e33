// The plan of what one change of the files does: its own differences and edits, apart from what stood before.

import { buildPlan } from '../../plan/build-plan.ts';
import { diff } from '../../plan/diff.ts';
import type { EditsInput } from '../../plan/edit.ts';
import { editsOf } from '../../plan/edits.ts';
import { ownChanges } from '../../plan/own-changes.ts';
import type { Change, Desired, Finding, Plan, StandingApproval, State } from '../../types.ts';
import { canonicalJson } from '../../values.ts';
import type { Opened } from '../environment/open.ts';
import { observeToPlan, planDesired, readHistory, readHolds, type WalkOptions } from '../environment/walk.ts';
import type { Sides } from './sides.ts';

export type ChangePlan = {
  plan: Plan;
  /** Differences between git and the chain that this change didn't make. */
  standing: readonly Change[];
  /** Own changes that a later commit took back or made otherwise: not planned. */
  superseded: readonly Change[];
};

export type PlanningOptions = WalkOptions & {
  /** What the branch declares by now, where that is more than this change. */
  later?: Desired | null;
  /** Ids of own changes that aren't planned, since later ones have replaced them. */
  leftOut?: ReadonlySet<string>;
  /** Ids of standing differences that are planned besides. */
  named?: ReadonlySet<string>;
};

/**
 * Reads the chain and plans `sides`. `opened` is the after side. Throws RPC_* and what the snapshot throws.
 */
export async function planChange(
  opened: Opened,
  sides: Sides,
  { later = null, leftOut = new Set(), named: asked = new Set(), ...options }: PlanningOptions,
): Promise<ChangePlan> {
  const { kinds } = opened;
  const after = opened.desired;
  const before = sides.before?.desired ?? null;
  const live = await observeToPlan(opened);
  const rises = [after, ...(before === null ? [] : [before])].flatMap((desired) => diff({ desired: known(desired, live), live, kinds }).changes);
  const history = await readHistory(opened, { live, changes: [...new Map(rises.map((change) => [change.id, change])).values()] });
  const incidents = await readHolds(opened, rises);
  const approvals = newApprovals(sides);
  const named = new Set([...asked, ...approvals.flatMap(({ changes }) => changes)]);
  const now = BigInt(Math.floor(options.now() / 1000));
  const reductions = { reductions: history.reductions, unknownReductions: history.unknown };
  const found = ownChanges({ ...{ after, before, live, kinds, ...reductions, incidents }, now, named, leftOut });
  const edits = editsOf({ ...sidesOf(sides), own: found.own });
  const full = await planDesired(opened, { desired: found.scoped, live, history, incidents, options, edits });
  const plan = { ...full, unmanaged: unmanagedBeside(full, found.own), findings: [...full.findings, ...approvalFindings(full, approvals)] };
  if (later === null) return { plan, standing: found.standing, superseded: [] };
  return { plan, standing: found.standing, superseded: supersededBy(later, { live, kinds, plan }) };
}

function sidesOf({ environment, before, after, settings }: Sides): Omit<EditsInput, 'own'> {
  const kinds = new Map([...(before?.kinds ?? []), ...(after?.kinds ?? [])]);
  return { environment, before: before?.desired ?? null, after: after?.desired ?? null, settings, kinds };
}

function known(desired: Desired, live: State): State {
  return {
    ...desired.state,
    contracts: desired.state.contracts.filter(({ name, address }) => live.contracts.some((other) => other.name === name && other.address === address)),
  };
}

/** Only of the contracts that are touched: the rest is no news. */
function unmanagedBeside(plan: Plan, own: readonly Change[]): Plan['unmanaged'] {
  const touched = new Set(own.map((change) => change.contract));
  return plan.unmanaged.filter((item) => touched.has(item.contract) && item.reason !== 'observed');
}

/** Changes that the branch's head doesn't ask for any more. */
function supersededBy(later: Desired, { live, kinds, plan }: { live: State; kinds: Opened['kinds']; plan: Plan }): Change[] {
  const wanted = new Map(diff({ desired: known(later, live), live, kinds }).changes.map((change) => [change.id, change]));
  return plan.changes.filter((change) => !sameEnd(change, wanted.get(change.id)));
}

function sameEnd(change: Change, other: Change | undefined): boolean {
  return other !== undefined && change.action === other.action && canonicalJson(change.to) === canonicalJson(other.to);
}

/** Files under approvals/ that this change brings. */
export function newApprovals({ before, after }: Sides): StandingApproval[] {
  const old = new Set((before?.desired.approvals ?? []).map(({ digest }) => digest));
  return (after?.desired.approvals ?? []).filter(({ digest }) => !old.has(digest));
}

/** What was to be approved must be what would be sent, or its file is worth nothing. */
function approvalFindings(plan: Plan, approvals: readonly StandingApproval[]): Finding[] {
  return approvals
    .filter(({ digest }) => digest !== plan.digest)
    .map(({ digest, source }) => ({
      code: 'APPROVAL_OUTDATED',
      severity: 'error',
      message: `this file asks to approve the plan ${digest.slice(0, 12)}, and it is ${plan.digest.slice(0, 12)} now`,
      fix: 'Close this pull request; the next apply or drift run opens one for what is there now. An approval comes alone, without other changes.',
      ...(source === undefined ? {} : { source }),
    }));
}

/** The plan of a change that can't touch the chain: its edits, without asking anybody. `null` sides have no contracts. */
export function planOffline(sides: Sides, now: () => number): ChangePlan | null {
  const loaded = sides.after ?? sides.before;
  if (loaded === null) return null;
  const { desired, kinds } = loaded;
  const nothing = { ...desired.state, contracts: [] };
  const policy = sides.before?.desired.policy ?? desired.policy;
  const edits = editsOf({ ...sidesOf(sides), own: [] });
  const plan = buildPlan({
    desired: { ...desired, policy, state: nothing, lifts: [] },
    live: nothing,
    kinds,
    reductions: [],
    now: BigInt(Math.floor(now() / 1000)),
    edits,
  });
  // Of no contract, nothing can be said about pausers or invariants.
  return { plan: { ...plan, findings: [] }, standing: [], superseded: [] };
}
