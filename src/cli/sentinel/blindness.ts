// A watch that sees nothing is told like what it would see: whoever can silence an RPC must not be able to silence us.
import { MooringError } from '../../errors.ts';
import type { SentinelAlert } from '../../loops/sentinel/state.ts';

/** Milliseconds of failures in a row after which it is told. */
export const blindAfterMs = 60_000;

export type Noticing = { raise: (alerts: readonly SentinelAlert[]) => void; now: () => number };

/** The same act; tells when it has failed for a minute, and when it succeeds again. What it throws stays thrown. */
export function noticing(act: () => Promise<void>, { raise, now }: Noticing): () => Promise<void> {
  let since: number | null = null;
  let told = false;
  return async () => {
    try {
      await act();
    } catch (error) {
      since ??= now();
      if (!told && now() - since >= blindAfterMs) {
        const detail = error instanceof MooringError ? `${error.code} ${error.message}` : 'UNEXPECTED';
        raise([{ severity: 'critical', reason: 'chain_blind', message: 'The chain can not be watched.', detail }]);
        told = true;
      }
      throw error;
    }
    if (told)
      raise([{ severity: 'info', reason: 'chain_blind_clear', message: 'The chain is watched again; what was changed meanwhile is told now.', detail: '' }]);
    [since, told] = [null, false];
  };
}
