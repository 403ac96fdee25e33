// How a command that goes on for ever is told to stop: by its context, or by SIGINT and SIGTERM.
import type { Context } from '../command.ts';

/** Runs `work` with a signal that is aborted when the command shall stop. SIDE EFFECTS: listens to the process's signals meanwhile. */
export async function untilStopped<T>({ stop }: Pick<Context, 'stop'>, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (stop !== undefined) return work(stop);
  const controller = new AbortController();
  const end = (): void => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, end);
  }
}
