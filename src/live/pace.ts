// Keeps the number of HTTP requests in flight, and in any one second, under their limits. Knows no JSON-RPC.
import { setTimeout as sleep } from 'node:timers/promises';

export type Pace = {
  /** Runs `work` when a place is free. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

/** At most `inFlight` at once and `perSecond` begun in any second. `now` in milliseconds. */
export function openPace(options: { inFlight: number; perSecond: number; now?: () => number }): Pace {
  const now = options.now ?? (() => performance.now());
  const waiting: (() => void)[] = [];
  const begun: number[] = [];
  let active = 0;

  async function enter(): Promise<void> {
    if (active >= options.inFlight) await new Promise<void>((resolve) => waiting.push(resolve));
    else active += 1;
    await turn();
  }

  /** Books a start at the earliest moment that leaves no second with more than `perSecond` starts. */
  async function turn(): Promise<void> {
    const earliest = begun.length < options.perSecond ? 0 : (begun[begun.length - options.perSecond] as number) + 1000;
    const at = Math.max(now(), earliest, begun.at(-1) ?? 0);
    begun.push(at);
    if (begun.length > options.perSecond * 2) begun.splice(0, begun.length - options.perSecond);
    if (at > now()) await sleep(at - now());
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) active -= 1;
    else next();
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
