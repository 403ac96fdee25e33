// Settles what crashed runs left behind, before anything new: resent where still wanted, burnt where not.
import type { NonceState, RunState } from '../journal/reduce.ts';
import type { Plan } from '../types.ts';
import { type Approved, approvedOf, isApprovedStep, runsUnder, stepKey } from './approved.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';

export type Leftovers = {
  runs: readonly string[];
  digest: string;
  replan(): Promise<Plan>;
  /** Throws where nothing may be sent under this plan and this digest. */
  admit(fresh: Plan, approved: Approved | null): void;
};

/**
 * Closes every open nonce of `runs`, and returns what `digest` stood for when that began (null where nobody knows).
 * The plan is made again before anything is sent, and again whenever a reorg takes something back.
 * SIDE EFFECTS: journals, signs burns, broadcasts, waits.
 */
export async function settleLeftovers(session: Session, leftovers: Leftovers): Promise<Approved | null> {
  let approved: Approved | null = null;
  for (;;) {
    const fresh = await leftovers.replan();
    approved ??= approvedOf(leftovers.digest, { fresh, runs: session.runsOfChain() });
    leftovers.admit(fresh, approved);
    if (approved !== null) await noteApproval(session, leftovers.runs, approved);
    const wanted = wantedKeys(fresh, approved);
    const verdictOf = (nonce: NonceState) => (wanted.has(keyOf(session, nonce)) ? 'send' : 'burn');
    if ((await settle(session, { runs: leftovers.runs, verdictOf, stopAtReorg: true })) === 'settled') return approved;
  }
}

/** A digest that no run has begun under is journaled with what it stands for: a further crash must not lose it. */
async function noteApproval(session: Session, runs: readonly string[], { digest, steps, changes }: Approved): Promise<void> {
  const unaware = runs.filter((run) => runsUnder(digest, [session.recorder.run(run)]).length === 0);
  await session.recorder.record(unaware.map((run) => ({ run, at: session.now(), type: 'continued', digest, steps, changes })));
}

/**
 * Steps that may go out now: approved, and in the first group of a plan that has no errors. A later group's steps wait
 * for what comes before them, so their old transactions must not go first.
 */
function wantedKeys(fresh: Plan, approved: Approved | null): Set<string> {
  if (approved === null || fresh.findings.some((finding) => finding.severity === 'error')) return new Set();
  const first = Math.min(...fresh.steps.map((step) => step.group));
  return new Set(fresh.steps.filter((step) => step.group === first && isApprovedStep(step, approved)).map(stepKey));
}

function keyOf(session: Session, nonce: NonceState): string {
  const step = session.recorder.run(nonce.run).started.steps.find((item) => item.id === nonce.step);
  return step === undefined ? '' : stepKey(step);
}

/** Runs of this chain that have not been finished: a crash, or an error while waiting, ended them. */
export function unfinishedRuns(runs: readonly RunState[]): RunState[] {
  return runs.filter((run) => run.finished === null);
}
