// One of several replicas acts, the others stand by: by a lease for each loop, on refs of the shared remote.
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../../errors.ts';
import type { Git } from '../../scm/git.ts';
import { keepAlive } from '../../scm/heartbeat.ts';
import { type Lease, takeLease } from '../../scm/lease.ts';
import type { Log } from '../log.ts';
import { type LeadMemory, noMemory } from './lead-memory.ts';
import type { Loop, Meters } from './loop.ts';

export type Leading = {
  git: Git;
  chainId: bigint;
  environment: string;
  /** Whose turns only the leader takes. */
  loops: readonly Loop['name'][];
  signal: AbortSignal;
  log: Log;
  meters: Meters;
  /** Milliseconds since the epoch. */
  now(): number;
  /** True: where the remote can't be reached, it goes on without a lease. For what must not wait: it is safe to be done twice. */
  evenAlone: boolean;
  /** What a former process of this checkout held. */
  memory?: LeadMemory;
  pace?: LeadPace;
};

/** Milliseconds. */
export type LeadPace = { heartbeatMs: number; deadAfterMs: number; pollMs: number };

const usualPace: LeadPace = { heartbeatMs: 30_000, deadAfterMs: 120_000, pollMs: 10_000 };

/**
 * Does `work` while this replica leads, and again after it has lost the lead, until the signal. `leased` is false where it goes on
 * alone: as soon as the remote answers again, the work is ended and begun anew with the lease, or after whoever leads.
 * SIDE EFFECTS: the remote's refs.
 */
export async function whileLeading(leading: Leading, work: (signal: AbortSignal, leased: boolean) => Promise<void>): Promise<void> {
  const { signal, meters } = leading;
  let next: Lease | null = null;
  for (let done = false; !done && !signal.aborted; ) {
    meters.set('leader', 0);
    const lease: Lease | null = next ?? (await takeLead(leading));
    next = null;
    if (signal.aborted) return void (await lease?.release());
    meters.set('leader', 1);
    if (lease === null) [done, next] = await leadAlone(leading, work);
    else done = await leadWith(leading, lease, work);
    meters.set('leader', 0);
  }
}

/** False where the lease was lost meanwhile. */
async function leadWith({ signal, log, pace = usualPace }: Leading, lease: Lease, work: Work): Promise<boolean> {
  const lost = new AbortController();
  const heart = keepAlive(lease, { everyMs: pace.heartbeatMs, onTrouble: (error) => onTrouble(error, { log, lost }) });
  try {
    await work(AbortSignal.any([signal, lost.signal]), true);
    return !lost.signal.aborted;
  } finally {
    await heart.stop();
    await lease.release().catch(() => {});
  }
}

/** Until the work is over, or the remote says who leads; then with the lease where it is this replica. */
async function leadAlone(leading: Leading, work: Work): Promise<[ended: boolean, lease: Lease | null]> {
  const over = new AbortController();
  const found = new AbortController();
  const joining = joinLater({ ...leading, signal: AbortSignal.any([leading.signal, over.signal]) }).finally(() => found.abort());
  joining.catch(() => {});
  try {
    await work(AbortSignal.any([leading.signal, found.signal]), false);
    if (found.signal.aborted) return [false, await joining];
    over.abort();
    await (await joining)?.release();
    return [true, null];
  } finally {
    over.abort();
  }
}

/** Null where another leads, or nobody wants it any more. */
async function joinLater(leading: Leading): Promise<Lease | null> {
  const { signal, pace = usualPace, log } = leading;
  while (!signal.aborted) {
    const taken = await queueUp(leading, pace.deadAfterMs + pace.pollMs);
    if (!(taken instanceof MooringError)) return taken;
    if (taken.code === 'LEASE_BUSY' && !signal.aborted) log('the remote answers again, and another replica leads');
    if (taken.code === 'LEASE_BUSY') return null;
    await pause(pace.pollMs, undefined, { signal }).catch(() => {});
  }
  return null;
}

type Work = (signal: AbortSignal, leased: boolean) => Promise<void>;

function onTrouble(error: MooringError, { log, lost }: { log: Log; lost: AbortController }): void {
  log(`the lease of the loops: ${error.message}`, { code: error.code });
  if (error.code === 'LEASE_LOST') lost.abort();
}

/** Null where it goes on without one, or shall stop. */
async function takeLead(leading: Leading): Promise<Lease | null> {
  const { signal, log, evenAlone, pace = usualPace } = leading;
  for (let told = false; !signal.aborted; told = true) {
    const taken = await queueUp(leading);
    if (!(taken instanceof MooringError) || signal.aborted) return taken instanceof MooringError ? null : taken;
    if (evenAlone) {
      log('the remote can’t be reached: going on without a lease, so another replica may be doing the same', { code: taken.code });
      return null;
    }
    if (!told) log(`standing by: ${taken.message}`, { code: taken.code });
    await pause(pace.pollMs, undefined, { signal }).catch(() => {});
  }
  return null;
}

/** Waits for its turn; the error where the remote can't be asked, or nobody wants it any more. */
async function queueUp(
  { git, chainId, environment, loops, signal, log, now, memory = noMemory, pace = usualPace }: Leading,
  patienceMs = Number.POSITIVE_INFINITY,
): Promise<Lease | MooringError> {
  try {
    return await takeLease(git, {
      chainId,
      signers: loops.map((name) => `${name}-${environment}`),
      holder: `${hostname()}, process ${process.pid}`,
      deadAfterMs: pace.deadAfterMs,
      pollMs: pace.pollMs,
      patienceMs,
      now,
      abandoned: memory.abandoned,
      onOffer: memory.keep,
      onWait: () => log('another replica leads: standing by'),
      // Told to stop, nobody waits any longer.
      sleep: async (ms) => {
        await pause(ms, undefined, { signal }).catch(() => {});
        if (signal.aborted) throw new MooringError('LEASE_BUSY', 'told to stop');
      },
    });
  } catch (error) {
    if (error instanceof MooringError && (error.code === 'LEASE_BUSY' || error.code === 'GIT_REMOTE')) return error;
    throw error;
  }
}
