// Keeps a lease alive while its holder works.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { Lease } from './lease.ts';

export type Heartbeat = {
  /** Ends it; waits for a beat that is under way. */
  stop(): Promise<void>;
};

/**
 * Renews `lease` every `everyMs`. A remote that doesn't answer is tried again at the next beat: whether the lease is still
 * ours then is for the remote to say. Ends by itself when the lease is lost. SIDE EFFECTS: the remote's refs; a timer that
 * keeps no process alive.
 */
export function keepAlive(lease: Lease, { everyMs, onTrouble }: { everyMs: number; onTrouble?: (error: MooringError) => void }): Heartbeat {
  const stop = new AbortController();
  // Nothing waits for it but `stop`, which passes on what went wrong.
  const done = beat(lease, { everyMs, signal: stop.signal, ...(onTrouble === undefined ? {} : { onTrouble }) });
  done.catch(() => {});
  return {
    stop() {
      stop.abort();
      return done;
    },
  };
}

async function beat(lease: Lease, options: { everyMs: number; signal: AbortSignal; onTrouble?: (error: MooringError) => void }): Promise<void> {
  const { everyMs, signal, onTrouble } = options;
  for (;;) {
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    try {
      await lease.renew();
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      onTrouble?.(error);
      if (error.code === 'LEASE_LOST') return;
    }
  }
}
