// Writes down how crashed runs ended, once nothing of theirs is open any more.
import { MooringError } from '../errors.ts';
import type { Finding, Plan, Receipt } from '../types.ts';
import { allSucceeded, finishRun } from './finish.ts';
import type { Session } from './session.ts';
import { type Verification, verifyAgainst } from './verify.ts';

export type Closed = { receipt: Receipt; notes: readonly Finding[] };

/**
 * Finishes `runs` with their receipts. Throws FOREIGN_TRANSACTION, after that, where something else used one of their
 * nonces: somebody has to look at that before anything more is signed with the key; the next apply goes on.
 * SIDE EFFECTS: signs and keeps receipts, journals.
 */
export async function closeRuns(session: Session, runs: readonly string[], now: { fresh: Plan; digest: string }): Promise<Closed[]> {
  const closed: Closed[] = [];
  const foreign: Finding[] = [];
  for (const run of runs) {
    const { receipt, findings, outcome } = await finishRun(session, run, { verification: verificationOf(session, run, now), findings: [] });
    foreign.push(...findings.filter((finding) => finding.code === 'FOREIGN_TRANSACTION'));
    const note: Finding = { code: 'RUN_CONTINUED', severity: 'info', message: `run ${run} had not finished; it is settled now: ${outcome}` };
    closed.push({ receipt, notes: [note, ...findings.filter((finding) => finding.code === 'NONCE_BURNT')] });
    session.log(note.message);
  }
  if (foreign.length > 0)
    throw new MooringError('FOREIGN_TRANSACTION', foreign.map((finding) => finding.message).join('; '), {
      findings: foreign,
      fix: 'Find out who else uses this key before applying again.',
    });
  return closed;
}

/** The fresh plan tells what a run left only while git still wants the same. */
function verificationOf(session: Session, run: string, { fresh, digest }: { fresh: Plan; digest: string }): Verification | null {
  const state = session.recorder.run(run);
  if (!allSucceeded(state)) return null;
  if (state.started.digest === digest) return verifyAgainst(state.started.changes, fresh, session.show);
  return {
    after: {},
    findings: [
      {
        code: 'VERIFY_INDETERMINATE',
        severity: 'error',
        message: `run ${run} sent everything and crashed before it was verified; another plan has been approved since`,
      },
    ],
  };
}
