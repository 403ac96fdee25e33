// One check of the doctor, and what becomes of one that could not be made.
import { MooringError } from '../../errors.ts';
import type { Check, Verdict } from '../../render/doctor-text.ts';
import { redact } from '../secrets/secrets.ts';

export function check(id: string, verdict: Verdict, message: string, fix: string | null = null): Check {
  return { id, verdict, message, fix: verdict === 'ok' ? null : fix };
}

/** What can't be found out is unknown. */
export async function guarded(
  id: string,
  env: Readonly<Record<string, string | undefined>>,
  make: () => Promise<readonly Check[]> | readonly Check[],
): Promise<readonly Check[]> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    const details = error.findings.map(({ message }) => message);
    const message = redact([error.message, ...details].join('; '), env);
    return [check(id, 'unknown', `${error.code}: ${message}`, error.fix === undefined ? null : redact(error.fix, env))];
  }
}
