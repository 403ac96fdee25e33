// What must hold before a plan may be sent at all. Pure.
import { type Code, codes, MooringError } from '../errors.ts';
import type { RunState } from '../journal/reduce.ts';
import type { Plan, Policy } from '../types.ts';
import { type Approved, completedKeys, isSpent, runsUnder, whatMoved, whatMovedAround } from './approved.ts';
import type { Show } from './show.ts';

export type Terms = {
  digest: string;
  policy: Pick<Policy, 'requireProof'>;
  /** `--unproven`: counts only where policy doesn't demand a proof. */
  allowUnproven: boolean;
  /** A person has just agreed to this very digest again. */
  reuseDigest: boolean;
  /** The plan that has the digest by its own word: says what moved, and allows nothing. */
  given: Plan | null;
  show: Show;
};

/** Throws STALE_PLAN where nobody here knows what the digest stands for. */
function admitDigest(fresh: Plan, approved: Approved | null, { digest, given, show }: Terms): void {
  if (approved !== null || fresh.steps.length === 0) return;
  const moved = given?.digest === digest ? [...whatMoved(fresh, given, { completed: new Set(), show }), ...whatMovedAround(fresh, given)] : [];
  const now = moved.length > 0 ? '' : `; now it would change ${fresh.changes.map((change) => change.id).join(', ')}`;
  throw new MooringError('STALE_PLAN', `the plan is now ${fresh.digest}, not ${digest}${now}`, {
    findings: moved,
    fix: 'Look at mooring plan; apply its digest when it is what you want.',
  });
}

/** Throws PLAN_UNPROVEN where a proof is missing that is needed. */
function admitProof(fresh: Plan, { policy, allowUnproven }: Terms): void {
  const { simulation } = fresh;
  if (fresh.steps.length === 0 || simulation.status === 'proven' || simulation.status === 'failed') return;
  if (allowUnproven && !policy.requireProof) return;
  const why = simulation.status === 'unproven' ? simulation.reason : 'no simulation was run';
  throw new MooringError('PLAN_UNPROVEN', `the plan is not proven: ${why}`, {
    fix: policy.requireProof ? 'Policy demands a proof: use an RPC that can simulate.' : 'Use an RPC that can simulate, or pass --unproven.',
  });
}

/** Before leftovers are settled: they are resent only under a digest that is known, and a plan that is proven. */
export function admitLeftovers(fresh: Plan, approved: Approved | null, terms: Terms): void {
  admitDigest(fresh, approved, terms);
  admitProof(fresh, terms);
}

/** Throws DIGEST_SPENT, STALE_PLAN with everything that moved, or PLAN_BLOCKED (or the code of its only error). */
export function admitPlan(fresh: Plan, approved: Approved | null, { runs, terms }: { runs: readonly RunState[]; terms: Terms }): void {
  const errors = fresh.findings.filter((finding) => finding.severity === 'error');
  if (fresh.steps.length > 0 && isSpent(terms.digest, runs) && !terms.reuseDigest) {
    throw new MooringError(
      'DIGEST_SPENT',
      `digest ${terms.digest} has been applied; since then ${fresh.changes.map((change) => change.id).join(', ')} changed on the chain`,
      { findings: errors, fix: 'Find out who changed it (mooring drift), and approve the change again.' },
    );
  }
  if (approved !== null && fresh.steps.length > 0) {
    const moved = whatMoved(fresh, approved, { completed: completedKeys(runsUnder(terms.digest, runs)), show: terms.show });
    if (moved.length > 0)
      throw new MooringError('STALE_PLAN', 'what remains is not what was approved: something moved meanwhile', {
        findings: [...moved, ...errors],
        fix: 'Plan again, and approve what is planned now.',
      });
  }
  if (errors.length > 0)
    throw blocked(
      errors.map((finding) => finding.code),
      errors.map((finding) => finding.message),
      fresh,
    );
  if (fresh.simulation.status === 'failed') throw blocked([], ['its simulation failed'], fresh);
  admitDigest(fresh, approved, terms);
  admitProof(fresh, terms);
}

/** One kind of error decides the exit; of several, the plan as a whole is blocked. */
function blocked(found: readonly string[], messages: readonly string[], { findings }: Plan): MooringError {
  const [first] = found;
  const code: Code = first !== undefined && first in codes && found.every((item) => item === first) ? (first as Code) : 'PLAN_BLOCKED';
  return new MooringError(code, messages.join('; '), { findings: findings.filter((finding) => finding.severity === 'error') });
}
