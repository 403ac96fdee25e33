// Runs a command's loops while this replica leads.
import { MooringError } from '../../errors.ts';
import { type Git, openClone } from '../../scm/git.ts';
import { type Context, type Options, text } from '../command.ts';
import { openDeclared, stateFolder } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { whileLeading } from './lead.ts';
import { openLeadMemory } from './lead-memory.ts';
import type { Loop, Meters } from './loop.ts';

/** `leased` is false where it goes on alone: then only what must not wait is done. */
export type Lead = { git: Git | null; leased: boolean };

export type AsLeader = { context: Context; options: Options; log: Log; meters: Meters; loops: readonly Loop['name'][]; signal: AbortSignal };

/**
 * The sentinel must not wait for a remote that is away, nor for a checkout that has none: then it goes on without a lease.
 * Throws GIT_* for other loops. SIDE EFFECTS: the remote's refs.
 */
export async function asLeader(
  { context, options, log, meters, loops, signal }: AsLeader,
  work: (signal: AbortSignal, lead: Lead) => Promise<void>,
): Promise<void> {
  const evenAlone = loops.includes('sentinel');
  const { root, name: environment, desired } = openDeclared(context, options);
  const git = await cloneIn(root, text(options, 'remote') ?? 'origin', evenAlone);
  if (git === null) {
    log('this checkout has no remote to share a lease on: going on without one');
    meters.set('leader', 1);
    return work(signal, { git: null, leased: false });
  }
  const { memory, release } = await openLeadMemory(stateFolder({ root, name: environment }), loops);
  try {
    const leading = { git, chainId: desired.environment.chainId, environment, loops, signal, log, meters, now: context.now, evenAlone, memory };
    await whileLeading(leading, (own, leased) => work(own, { git, leased }));
  } finally {
    release();
  }
}

async function cloneIn(folder: string, remote: string, evenAlone: boolean): Promise<Git | null> {
  try {
    return await openClone({ folder, remote });
  } catch (error) {
    if (evenAlone && error instanceof MooringError && error.code.startsWith('GIT_')) return null;
    throw error;
  }
}
