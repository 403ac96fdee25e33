// Work that may hang, within turns that must go on.
import { setTimeout as pause } from 'node:timers/promises';

export type Unhurried = {
  /** Waits for it, but no longer than that: then it goes on beside the turns, and is not begun twice. Throws how it failed, as soon as that is known. */
  turn(): Promise<void>;
  /** When nothing of it is under way. */
  done(): Promise<void>;
};

export function unhurried(act: () => Promise<void>, longestMs: number): Unhurried {
  let running: Promise<void> | null = null;
  let failed: { error: unknown } | null = null;
  const begin = async (): Promise<void> => {
    try {
      await act();
    } catch (error) {
      failed = { error };
    } finally {
      running = null;
    }
  };
  return {
    async turn() {
      running ??= begin();
      const stop = new AbortController();
      await Promise.race([running, pause(longestMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
      const last = failed;
      failed = null;
      if (last !== null) throw (last as { error: unknown }).error;
    },
    done: async () => void (await running),
  };
}
