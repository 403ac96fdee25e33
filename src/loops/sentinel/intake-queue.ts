// Events that wait to be counted, one batch at a time, and no more of them than fit.

export type IntakeQueue<T, R> = {
  /** False where so many more would not fit; nothing has changed then. */
  hasRoomFor(items: number): boolean;
  /** Resolves when the batch is counted, rejects as its counting does. */
  add(batch: readonly T[]): Promise<R>;
};

/** `limit` counts the batch at work too. */
export function intakeQueue<T, R>(limit: number, count: (batch: readonly T[]) => R | Promise<R>): IntakeQueue<T, R> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    hasRoomFor: (items) => waiting + items <= limit,
    add(batch) {
      waiting += batch.length;
      const counted = last
        .then(() => count(batch))
        .finally(() => {
          waiting -= batch.length;
        });
      // The next one is counted whatever becomes of this one.
      last = counted.catch(() => undefined);
      return counted;
    },
  };
}
