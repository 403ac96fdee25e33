// Work in turn, within one process. Pure but for the promises.

/** A queue: each work starts when the one before has ended, well or not. */
export function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
