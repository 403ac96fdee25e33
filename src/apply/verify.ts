// Whether the chain now holds what a run was to bring about: everything is read again, and the diff of it must be empty.
import { MooringError } from '../errors.ts';
import type { Change, FieldValue, Finding, Plan } from '../types.ts';
import type { Show } from './show.ts';

export type Verification = { after: Readonly<Record<string, FieldValue>>; findings: readonly Finding[] };

/**
 * Reads everything again through `replan`. VERIFY_MISMATCH for each wanted change that isn't there, VERIFY_INDETERMINATE
 * where it couldn't be read. Other changes are none of this run's business. Never throws an RPC_* error: the
 * transactions are mined, and that is worth a receipt.
 */
export async function verify(changes: readonly Change[], replan: () => Promise<Plan>, show: Show): Promise<Verification> {
  try {
    return verifyAgainst(changes, await replan(), show);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return {
      after: {},
      findings: [
        {
          code: 'VERIFY_INDETERMINATE',
          severity: 'error',
          message: `all transactions are confirmed, but reading again failed: ${error.message}`,
          fix: 'Run mooring plan: it shows whether anything remains.',
        },
      ],
    };
  }
}

/** Compares what was wanted with a plan made afterwards. `after` has a change's value where the plan tells it. */
export function verifyAgainst(changes: readonly Change[], plan: Plan, show: Show): Verification {
  const remaining = new Map(plan.changes.map((change) => [change.id, change]));
  const unread = plan.findings.filter((finding) => finding.severity === 'error' && isAbout(finding, changes));
  const mismatches = changes.flatMap((change) => mismatch(change, remaining.get(change.id), show));
  const blind = new Set(unread.flatMap((finding) => changes.filter((change) => isAbout(finding, [change])).map((change) => change.id)));
  const after = changes.flatMap((change): [string, FieldValue][] => {
    const value = remaining.has(change.id) ? (remaining.get(change.id)?.from ?? null) : change.to;
    return value === null || blind.has(change.id) ? [] : [[change.id, value]];
  });
  return { after: Object.fromEntries(after), findings: [...mismatches, ...unread.map(indeterminate)] };
}

function mismatch(change: Change, still: Change | undefined, show: Show): Finding[] {
  if (still === undefined) return [];
  const message = `${change.id} was to become ${show(change.to, change.unit)} and is ${show(still.from, change.unit)}`;
  return [{ code: 'VERIFY_MISMATCH', severity: 'error', message, contract: change.contract, field: change.field, changes: [change.id] }];
}

function isAbout(finding: Finding, changes: readonly Change[]): boolean {
  return changes.some(
    (change) =>
      finding.changes?.includes(change.id) === true ||
      (finding.contract === change.contract && (finding.field === undefined || finding.field === change.field)),
  );
}

function indeterminate(finding: Finding): Finding {
  return { ...finding, code: 'VERIFY_INDETERMINATE', message: `after the run: ${finding.message}` };
}
