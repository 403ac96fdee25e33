// Sends revocations at once, and sees through what earlier ones have left: neither waits for the other. Approved by nobody:
// the signers, which sign nothing else, are the guard.
import { isClosed, type RunState } from '../journal/reduce.ts';
import type { Address, Hex, Plan } from '../types.ts';
import { admitPlan } from './admit.ts';
import { driveRun } from './drive-run.ts';
import { type ApplyResult, openSession, type SessionOptions } from './execute.ts';
import { allSucceeded, finishRun } from './finish.ts';
import { unfinishedRuns } from './leftovers.ts';
import { type Session, signerFor } from './session.ts';
import { settle } from './settle.ts';
import { verify } from './verify.ts';

/**
 * `replan`: the plan of now, of the new revocations and of earlier ones that are still live, but for what is on its way.
 * `reread`: of all of them, whatever is wrong with some: what an earlier run has come to.
 */
export type RevocationOptions = SessionOptions & { replan(): Promise<Plan>; reread(): Promise<Plan> };

/** `result`: of what was sent now. `seenThrough`: of each run that had not finished, and of what that took besides. */
export type RevocationResult = { result: ApplyResult; seenThrough: readonly ApplyResult[] };

/**
 * The journal's lock is the caller's. What was signed before goes out again byte for byte, and is never burnt: an account
 * that was to lose its rights loses them. Throws what an apply throws once something was signed.
 * SIDE EFFECTS: the chain, the journal.
 */
export async function sendRevocations(options: RevocationOptions): Promise<RevocationResult> {
  const { session: opened, genesis } = await openSession(options);
  const earlier = unfinishedRuns(opened.runsOfChain())
    .filter((run) => isSeenThroughHere(run, options.signers))
    .map(({ run }) => run);
  const session: Session = { ...opened, urgent: { earlier } };
  const result = await send(session, options, genesis);
  if (earlier.length === 0) return { result, seenThrough: [] };
  await settle(session, { runs: earlier, verdictOf: () => 'send' });
  const closed: ApplyResult[] = [];
  for (const run of earlier) closed.push(await close(session, run, options));
  // What failed, or lost its nonce to something else, is still to be done.
  return { result, seenThrough: [...closed, await send(session, options, genesis)] };
}

/** Of a run whose key is not at hand nothing could be sent with a higher fee. */
function isSeenThroughHere(run: RunState, signers: ReadonlyMap<Address, unknown>): boolean {
  return run.nonces.every((nonce) => isClosed(nonce) || holds(signers, nonce.signer));
}

function holds(signers: ReadonlyMap<Address, unknown>, signer: Address): boolean {
  return [...signers.keys()].some((address) => address.toLowerCase() === signer.toLowerCase());
}

async function send(session: Session, options: RevocationOptions, genesis: Hex | null): Promise<ApplyResult> {
  const fresh = await options.replan();
  const { digest } = fresh;
  const terms = { digest, policy: { requireProof: false }, allowUnproven: true, reuseDigest: true, given: null, show: session.show };
  admitPlan(fresh, fresh, { runs: session.runsOfChain(), terms });
  if (fresh.steps.length === 0) return { outcome: 'done', receipt: null, findings: [] };
  for (const step of fresh.steps) signerFor(session, step.route.signer);
  const { approvedBy, commit, replan } = options;
  return driveRun(session, { options: { digest, approvedBy, commit, replan }, fresh, genesis, continues: null });
}

async function close(session: Session, run: string, { reread }: RevocationOptions): Promise<ApplyResult> {
  const state = session.recorder.run(run);
  const verification = allSucceeded(state) ? await verify(state.started.changes, reread, session.show) : null;
  return finishRun(session, run, { verification, findings: [] });
}

/** Changes for which a transaction is on its way, signed with a key that is at hand: it is not signed twice. Pure. */
export function changesOnTheirWay(runs: readonly RunState[], signers: ReadonlyMap<Address, unknown>): Set<string> {
  const found = runs.flatMap(({ started, nonces }) => {
    const open = nonces.filter((nonce) => nonce.mined === null && !isClosed(nonce) && holds(signers, nonce.signer)).map(({ step }) => step);
    return started.steps.filter(({ id }) => open.includes(id)).flatMap(({ covers }) => covers);
  });
  return new Set(found);
}
