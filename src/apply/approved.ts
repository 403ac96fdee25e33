// Whether the plan as it is now may be sent under the digest that was approved. Pure.
import { isComplete, type RunState, remainingSteps } from '../journal/reduce.ts';
import type { Change, FieldValue, Finding, Plan, Step } from '../types.ts';
import { canonicalJson } from '../values.ts';
import type { Show } from './show.ts';

/** What people agreed to, as far as this checkout knows it. */
export type Approved = { digest: string; steps: readonly Step[]; changes: readonly Change[] };

/** What a step sends, and as whom: two steps with the same key are the same transaction but for its nonce and fee. */
export function stepKey(step: Step): string {
  return [step.route.signer, step.to, step.data, String(step.value)].join(' ').toLowerCase();
}

/**
 * What `digest` stands for: the plan as it is now, or what a run that didn't complete it has journaled. Null where
 * nobody here knows. A plan out of a file isn't asked: that it has this digest is only its own word.
 */
export function approvedOf(digest: string, { fresh, runs }: { fresh: Plan; runs: readonly RunState[] }): Approved | null {
  if (fresh.digest === digest) return fresh;
  return (
    runs
      .filter((run) => !isComplete(run))
      .flatMap(journaledApprovals)
      .findLast((approved) => approved.digest === digest) ?? null
  );
}

/** What a run was approved as, at its start and where it was taken up again. */
function journaledApprovals({ started, continued }: RunState): Approved[] {
  return [started, ...continued].map(({ digest, steps, changes }) => ({ digest, steps, changes }));
}

/** Runs that did a part of what `digest` stands for. */
export function runsUnder(digest: string, runs: readonly RunState[]): RunState[] {
  return runs.filter((run) => journaledApprovals(run).some((approved) => approved.digest === digest));
}

/** Whether the last run under this digest has sent all of it: what the chain shows since then is another matter. */
export function isSpent(digest: string, runs: readonly RunState[]): boolean {
  const last = runs.findLast(({ started }) => started.digest === digest);
  return last !== undefined && isComplete(last);
}

/** Keys of the steps that `runs` have completed. */
export function completedKeys(runs: readonly RunState[]): Set<string> {
  return new Set(
    runs.flatMap((run) => {
      const remaining = new Set(remainingSteps(run));
      return run.started.steps.filter((step) => !remaining.has(step)).map(stepKey);
    }),
  );
}

/** Whether a fresh step is the very one that was approved: the same transaction, to the same code, starting from the same values. */
export function isApprovedStep(step: Step, approved: Approved): boolean {
  return approved.steps.some((other) => stepKey(other) === stepKey(step) && startsAlike(other, step) && runsAlike(other, step));
}

function startsAlike(a: Step, b: Step): boolean {
  return canonicalJson(a.precondition) === canonicalJson(b.precondition);
}

/** A step that was journaled without its code is alike to none that has it. */
function runsAlike(a: Step, b: Step): boolean {
  return canonicalJson(a.code ?? []) === canonicalJson(b.code ?? []);
}

/** Keys of steps that are done, and how values read. */
type Context = { completed: ReadonlySet<string>; show: Show };

/**
 * What moved between approval and now; empty where the fresh plan is the approved one, or exactly what remains of it
 * after `completed` of its steps.
 */
export function whatMoved(fresh: Plan, approved: Approved, context: Context): Finding[] {
  if (fresh.digest === approved.digest) return [];
  const moved = [...movedChanges(fresh, approved, context), ...goneSteps(fresh, approved, context)];
  if (moved.length > 0) return moved;
  const strange = fresh.steps.filter((step) => !isApprovedStep(step, approved));
  return strange.map((step) => ({
    code: 'PLAN_MOVED',
    severity: 'error',
    message: whatIsStrange(step, approved),
    contract: step.call.contract,
    changes: step.covers,
  }));
}

function whatIsStrange(step: Step, approved: Approved): string {
  const before = approved.steps.find((other) => stepKey(other) === stepKey(step) && startsAlike(other, step));
  if (before === undefined) return `${step.call.contract}.${step.call.function} was not planned this way when the plan was approved`;
  const known = new Set(before.code?.map((one) => canonicalJson(one)));
  const other = step.code?.filter((one) => !known.has(canonicalJson(one))).map(({ address }) => address) ?? [];
  return `${step.call.contract}.${step.call.function} would run other code than when the plan was approved${other.length === 0 ? '' : `, at ${other.join(' and ')}`}`;
}

/** What an approval was given in view of, though none of its changes is about it: emergencies, and policy. */
export function whatMovedAround(fresh: Plan, approved: Pick<Plan, 'reductions' | 'policyVersion'>): Finding[] {
  const before = new Set(approved.reductions.map(({ transaction }) => transaction.toLowerCase()));
  const arisen = fresh.reductions.filter(({ transaction }) => !before.has(transaction.toLowerCase()));
  const found = arisen.map(({ contract, field, member, transaction, block }): Finding => {
    const place = `${contract}.${field}${member === undefined ? '' : `[${member}]`}`;
    const message = `the risk of ${place} was reduced in block ${block}, outside of git (${transaction}), and the plan was approved without knowing that`;
    return { code: 'PLAN_MOVED', severity: 'error', message, contract, field };
  });
  if (approved.policyVersion === fresh.policyVersion) return found;
  return [...found, { code: 'PLAN_MOVED', severity: 'error', message: 'policy.yaml is not what it was when the plan was approved' }];
}

function movedChanges(fresh: Plan, approved: Approved, { show }: Context): Finding[] {
  return fresh.changes.flatMap((change): Finding[] => {
    const before = approved.changes.find((other) => other.id === change.id);
    if (before === undefined)
      return correctsApproved(change, fresh, approved)
        ? []
        : [moved(change, `is to change now (${show(change.from, change.unit)} → ${show(change.to, change.unit)}) and was not when the plan was approved`)];
    const from = same(before.from, change.from)
      ? []
      : [moved(change, `was ${show(before.from, change.unit)} when the plan was approved and is ${show(change.from, change.unit)} now`)];
    const to = same(before.to, change.to)
      ? []
      : [moved(change, `was to become ${show(before.to, change.unit)} when the plan was approved and is to become ${show(change.to, change.unit)} now`)];
    return [...from, ...to];
  });
}

/** A side effect of a step that is done by now shows as a change, which an approved step puts back. */
function correctsApproved(change: Change, fresh: Plan, approved: Approved): boolean {
  const keys = fresh.steps.filter((step) => step.covers.includes(change.id)).map(stepKey);
  return (
    keys.length > 0 && keys.every((key) => approved.steps.some((step) => stepKey(step) === key && step.corrects.includes(`${change.contract}.${change.field}`)))
  );
}

/** Approved changes that nobody needs to make any more, though no step of ours made them. */
function goneSteps(fresh: Plan, approved: Approved, { completed, show }: Context): Finding[] {
  const still = new Set(fresh.steps.map(stepKey));
  const gone = approved.steps.filter((step) => !still.has(stepKey(step)) && !completed.has(stepKey(step)));
  const ids = new Set(gone.flatMap((step) => step.covers));
  const stays = new Set(fresh.changes.map((change) => change.id));
  return approved.changes
    .filter((change) => ids.has(change.id) && !stays.has(change.id))
    .map((change) => moved(change, `was to become ${show(change.to, change.unit)} when the plan was approved and is not planned any more`));
}

function moved(change: Change, what: string): Finding {
  return { code: 'PLAN_MOVED', severity: 'error', message: `${change.id} ${what}`, contract: change.contract, field: change.field, changes: [change.id] };
}

function same(a: FieldValue | null, b: FieldValue | null): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
