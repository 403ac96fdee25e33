// Whether loops are alive and see what they watch: what /healthz and /readyz answer from.
import type { Loop } from './loop.ts';

export type Pulse = {
  /** The same loop, with each turn noted. */
  watch(loop: Loop): Loop;
  /** Nothing runs any more: this replica stands by. */
  forget(): void;
  /** Why the process should be started again; null while it is fine. */
  illness(): string | null;
  /** Why it can't be relied on now; null while it can. */
  unready(): string | null;
};

type Beat = { name: string; every: number; began: number | null; ended: number; seen: number | null };

/** A turn that takes longer hangs. Milliseconds. */
const longestTurn = 15 * 60_000;

/** So long after the last good turn a loop is blind: three turns, and a minute at least. */
const blindAfter = (every: number): number => Math.max(60_000, 3 * every);

/** `now` in milliseconds. */
export function makePulse(now: () => number): Pulse {
  const beats: Beat[] = [];
  return {
    watch(loop) {
      const beat: Beat = { name: loop.name, every: loop.every, began: null, ended: now(), seen: null };
      const former = beats.findIndex(({ name }) => name === loop.name);
      beats.splice(former < 0 ? beats.length : former, former < 0 ? 0 : 1, beat);
      return {
        ...loop,
        async turn(signal) {
          beat.began = now();
          try {
            await loop.turn(signal);
            beat.seen = now();
          } finally {
            beat.began = null;
            beat.ended = now();
          }
        },
      };
    },
    forget() {
      beats.length = 0;
    },
    illness() {
      const hung = beats.filter(({ began, every }) => began !== null && now() - began > Math.max(longestTurn, every));
      return hung.length === 0 ? null : `a turn of ${hung.map(({ name }) => name).join(', ')} hangs`;
    },
    unready() {
      if (beats.length === 0) return 'standing by: another replica leads';
      const blind = beats.filter(({ seen, every }) => seen === null || now() - seen > blindAfter(every));
      return blind.length === 0 ? null : `no good turn of ${blind.map(({ name }) => name).join(', ')} lately`;
    },
  };
}
