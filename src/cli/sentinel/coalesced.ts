// One kind of work, never twice at a time: who asks while it runs gets the next run, and shares it with everybody else who does.

/** What comes back resolves when a run that began after the call is over, and rejects as that run does. */
export function coalesced(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        const run = act();
        running = run;
        return run;
      });
    return next;
  };
}
