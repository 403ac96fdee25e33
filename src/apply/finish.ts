// Ends a run: what succeeded, what failed, what was not tried; the receipt, signed and chained; the last event.

import { receiptHash, receiptMessage } from '../journal/receipt.ts';
import { isClosed, type NonceState, type RunState, remainingSteps, succeeded } from '../journal/reduce.ts';
import type { Address, Finding, Receipt, RunOutcome, Step } from '../types.ts';
import { decodeLog, missingEvents } from './decode-logs.ts';
import { type Session, signerFor } from './session.ts';
import type { Verification } from './verify.ts';

export type Finished = { outcome: RunOutcome; receipt: Receipt; findings: readonly Finding[] };

/**
 * Finishes a run of which nothing is open any more. `verification` is null where it was not verified.
 * SIDE EFFECTS: signs and keeps the receipt, journals the end.
 */
export async function finishRun(
  session: Session,
  run: string,
  { verification, findings }: { verification: Verification | null; findings: readonly Finding[] },
): Promise<Finished> {
  const state = session.recorder.run(run);
  const receipts = await session.journal.receipts();
  const kept = receipts.find((receipt) => receipt.run === run);
  const all = [...findings, ...failures(state), ...missingEvents(session, state), ...(verification?.findings ?? [])];
  const outcome = kept?.outcome ?? outcomeOf(state, all);
  const receipt = kept ?? (await keep(session, { state, outcome, after: verification?.after ?? {}, previous: receipts.at(-1) }));
  await session.recorder.record([{ run, at: session.now(), type: 'run-finished', outcome, findings: all }]);
  return { outcome, receipt, findings: all };
}

/** done: every step succeeded and nothing is wrong; stopped: no step did. */
function outcomeOf(state: RunState, findings: readonly Finding[]): RunOutcome {
  const remaining = remainingSteps(state).length;
  if (remaining === 0 && !findings.some((finding) => finding.severity === 'error')) return 'done';
  return remaining === state.started.steps.length ? 'stopped' : 'partial';
}

/** What failed and why; what was not tried because of it. */
function failures(state: RunState): Finding[] {
  const remaining = remainingSteps(state);
  return remaining.map((step) => {
    const nonce = state.nonces.findLast((item) => item.step === step.id);
    return nonce === undefined ? notTried(step) : failure(step, nonce);
  });
}

function failure(step: Step, nonce: NonceState): Finding {
  const name = `${step.call.contract}.${step.call.function}`;
  const about = { contract: step.call.contract, changes: step.covers };
  if (nonce.foreign !== null) {
    const user = nonce.foreign.hash ?? 'a transaction that could not be found';
    return {
      code: 'FOREIGN_TRANSACTION',
      severity: 'error',
      message: `${name} was not sent: nonce ${nonce.nonce} of ${nonce.signer} was used by ${user}, which is not in the journal`,
      fix: 'Find out who else uses this key before applying again.',
      ...about,
    };
  }
  if (nonce.mined?.step === null)
    return {
      code: 'NONCE_BURNT',
      severity: 'warning',
      message: `${name} is no longer wanted: its nonce ${nonce.nonce} was used up by ${nonce.mined.hash}`,
      ...about,
    };
  return { code: 'STEP_REVERTED', severity: 'error', message: `${name} failed in ${nonce.mined?.hash}: ${nonce.mined?.error ?? 'unknown'}`, ...about };
}

function notTried(step: Step): Finding {
  return {
    code: 'STEP_NOT_TRIED',
    severity: 'error',
    message: `${step.call.contract}.${step.call.function} was not tried`,
    contract: step.call.contract,
    changes: step.covers,
    fix: 'Apply again once the cause is mended: what is done is not done twice.',
  };
}

type Keeping = { state: RunState; outcome: RunOutcome; after: Receipt['after']; previous: Receipt | undefined };

async function keep(session: Session, { state, outcome, after, previous }: Keeping): Promise<Receipt> {
  const { environment, chainId, digest, commit, approvedBy, changes, at } = state.started;
  const signer = signerFor(session, applyingKey(session, state));
  const receipt: Receipt = {
    version: 1,
    run: state.run,
    previous: previous === undefined ? null : receiptHash(previous),
    ...{ environment, chainId, digest, commit, approvedBy, outcome },
    startedAt: at,
    finishedAt: session.now(),
    transactions: state.nonces.filter(isClosed).flatMap((nonce) => transactionOf(session, nonce)),
    changes,
    after,
    signer: signer.address,
  };
  await session.journal.keepReceipt(receipt, await signer.signMessage(receiptMessage(receipt)));
  return receipt;
}

function applyingKey(session: Session, state: RunState): Address {
  const held = new Set([...session.signers.values()].map((signer) => signer.address.toLowerCase()));
  const wanted = [...state.nonces.map((nonce) => nonce.signer), ...state.started.steps.map((step) => step.route.signer)];
  // Another declared key vouches for a run whose own key isn't at hand any more.
  return wanted.find((address) => held.has(address.toLowerCase())) ?? [...session.signers.values()][0]?.address ?? wanted[0] ?? '';
}

function transactionOf(session: Session, nonce: NonceState): Receipt['transactions'][number][] {
  const { mined, signer } = nonce;
  if (mined === null) return [];
  const { step, hash, success, gasUsed } = mined;
  return [{ step, hash, signer, nonce: nonce.nonce, block: mined.block.number, success, gasUsed, events: mined.logs.map((log) => decodeLog(session, log)) }];
}

/** Whether every step of a run has its confirmed success. */
export function allSucceeded(state: RunState): boolean {
  return remainingSteps(state).length === 0 && state.nonces.some(succeeded);
}
