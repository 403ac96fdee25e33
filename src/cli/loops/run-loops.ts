// Runs loops, each on its own schedule, until it is told to stop. One loop's trouble is no other's.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../../errors.ts';
import type { Log } from '../log.ts';
import type { Loop, Meters } from './loop.ts';

export type Running = {
  /** Ends it: no further turn begins, and those under way are told. */
  signal: AbortSignal;
  meters: Meters;
  log: Log;
  /** Turns of each loop; absent: until the signal. */
  turns?: number;
  /** Milliseconds since the epoch. */
  now(): number;
};

/**
 * Resolves when all turns are over and every loop is closed; with the number of turns that failed. A failed turn is tried again
 * at its next time. SIDE EFFECTS: those of the loops.
 */
export async function runLoops(loops: readonly Loop[], running: Running): Promise<{ failed: number }> {
  try {
    const failed = await Promise.all(loops.map((loop) => runLoop(loop, running)));
    return { failed: failed.reduce((sum, count) => sum + count, 0) };
  } finally {
    await Promise.allSettled(loops.map((loop) => loop.close()));
  }
}

async function runLoop(loop: Loop, running: Running): Promise<number> {
  const { signal, turns = Infinity, now } = running;
  let failed = 0;
  for (let turn = 1; turn <= turns && !signal.aborted; turn++) {
    const began = now();
    if (!(await takeTurn(loop, running))) failed += 1;
    if (turn < turns) await pause(Math.max(0, began + loop.every - now()), undefined, { signal }).catch(() => {});
  }
  return failed;
}

async function takeTurn(loop: Loop, { signal, meters, log, now }: Running): Promise<boolean> {
  try {
    await loop.turn(signal);
    meters.add('turns_total', { loop: loop.name, result: 'done' });
    meters.set('last_observation_timestamp_seconds', now() / 1000, { loop: loop.name });
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    meters.add('turns_total', { loop: loop.name, result: 'failed' });
    if (codeOf(error).startsWith('RPC_')) meters.add('rpc_errors_total');
    log(`${loop.name}: this turn failed: ${describe(error)}`, { loop: loop.name, code: codeOf(error) });
    return false;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof MooringError)) return String(error);
  return `${error.code} ${error.message}${error.fix === undefined ? '' : ` (${error.fix})`}`;
}

function codeOf(error: unknown): string {
  return error instanceof MooringError ? error.code : 'UNEXPECTED';
}
