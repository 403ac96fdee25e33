// How the sentinel's kinds of work share its turns: none twice at a time, and none held up by what hangs.
import { describe, expect, test } from 'vitest';
import { coalesced } from '../../src/cli/sentinel/coalesced.ts';
import { unhurried } from '../../src/cli/sentinel/unhurried.ts';

/** Work that ends when it is let, each run by itself. */
function gated(): { act: () => Promise<void>; runs: PromiseWithResolvers<void>[]; begun: () => Promise<unknown> } {
  const runs: PromiseWithResolvers<void>[] = [];
  let next = Promise.withResolvers<void>();
  return {
    runs,
    begun: () => next.promise,
    act() {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      next.resolve();
      next = Promise.withResolvers<void>();
      return run.promise;
    },
  };
}

describe('work that is asked for while it runs', () => {
  test('runs once more, for all who asked, and never twice at a time', async () => {
    const { act, runs, begun } = gated();
    const ask = coalesced(act);
    const began = begun();
    const first = ask();
    await began;
    const [second, third, again] = [ask(), ask(), begun()];
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await first;
    await again;
    runs[1]?.resolve();
    await Promise.all([second, third]);
    expect(runs).toHaveLength(2);
  });

  test('that fails, fails for those who asked for that run, and for nobody else', async () => {
    const { act, runs, begun } = gated();
    const ask = coalesced(act);
    const began = begun();
    const first = ask();
    await began;
    const [second, again] = [ask(), begun()];
    runs[0]?.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await again;
    runs[1]?.resolve();
    await second;
  });
});

describe('work that hangs', () => {
  test('holds up no turn, is not begun twice, and is waited for at the end', async () => {
    const { act, runs } = gated();
    const work = unhurried(act, 1);
    await work.turn();
    await work.turn();
    expect(runs).toHaveLength(1);
    const done = work.done();
    runs[0]?.resolve();
    await done;
    await work.turn();
    expect(runs).toHaveLength(2);
  });

  test('and then fails, is told with the next turn, once', async () => {
    const { act, runs } = gated();
    const work = unhurried(act, 1);
    await work.turn();
    runs[0]?.reject(new Error('no'));
    await work.done();
    await expect(work.turn()).rejects.toThrow('no');
    await work.turn();
  });

  test('unless it is quick: then the turn waits for it', async () => {
    let done = 0;
    const work = unhurried(async () => {
      done += 1;
    }, 60_000);
    await work.turn();
    expect(done).toBe(1);
  });
});
