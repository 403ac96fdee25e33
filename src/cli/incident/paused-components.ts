// What an incident is about where nobody names it: everything that is paused now.
import { unsettledFlags } from '../../apply/pause/leftovers.ts';
import type { FlagNow } from '../../apply/pause/paused-now.ts';
import { MooringError } from '../../errors.ts';
import type { IncidentComponent } from '../../types.ts';
import { chooseTargets } from '../pause/choose-targets.ts';
import { openPause } from '../pause/open-pause.ts';
import { readAllPauses } from '../pause/pause-journals.ts';
import type { IncidentDesk } from './open-desk.ts';

/** `notes`: what could not be told, for people. */
export type PausedComponents = { components: readonly IncidentComponent[]; notes: readonly string[] };

/**
 * Other files may be broken. Throws USAGE where nothing is paused, LIVE_UNKNOWN where that can't be told of all, RPC_* when no node
 * answers. SIDE EFFECTS: connections while it looks.
 */
export async function pausedComponents({ outline, root, context, log }: IncidentDesk): Promise<PausedComponents> {
  const { targets, unreadable } = chooseTargets(outline, { written: null, kind: undefined });
  const pausing = openPause({ outline, root, context, log });
  try {
    const runs = await readAllPauses({ root, environment: outline.environment.name }, log);
    const here = runs.filter(({ started }) => started.chainId === outline.environment.chainId);
    const flags = withSent(await pausing.flags(targets), unsettledFlags(here));
    const found = concerned(outline.contracts, flags);
    const unread = found.filter(({ name }) => flags.some(({ target, is }) => target.contract === name && is === 'unknown')).map(({ name }) => name);
    if (found.length === 0) throw nothing(outline.environment.name, unreadable);
    return { components: found.map(({ name, address }) => ({ name, address })), notes: notesOn(unread, unreadable) };
  } catch (error) {
    if (!(error instanceof MooringError) || error.code === 'USAGE' || error.code === 'LIVE_UNKNOWN') throw error;
    throw new MooringError(error.code, `what is paused now can't be told: ${error.message}`, {
      fix: 'name the contracts: --component arena,stake-manager',
      cause: error,
    });
  } finally {
    pausing.close();
  }
}

/** What may be paused counts as paused. Pure. */
export function concerned<T extends { name: string; address: string }>(contracts: readonly T[], flags: readonly FlagNow[]): T[] {
  return contracts.filter(({ name }) => isConcerned(flags, name, contracts));
}

/** A whole is taken with all of its parts, or for one that has no file of its own. */
function isConcerned(flags: readonly FlagNow[], name: string, declared: readonly { address: string }[]): boolean {
  const own = flags.filter(({ target }) => target.contract === name);
  const stopped = own.filter(({ is }) => is !== 'running');
  const hasFile = ({ address }: FlagNow): boolean => declared.some((one) => one.address.toLowerCase() === address.toLowerCase());
  return stopped.some((flag) => flag.part === null || !hasFile(flag)) || (own.length > 0 && stopped.length === own.length);
}

/** What is sent and not mined yet may be paused in a moment. Pure. */
export function withSent(flags: readonly FlagNow[], sent: readonly { address: string; field: string }[]): FlagNow[] {
  const isSent = ({ address, target }: FlagNow): boolean =>
    sent.some((one) => one.address.toLowerCase() === address.toLowerCase() && (address !== target.address || one.field === target.field));
  return flags.map((flag) => (flag.is === 'running' && isSent(flag) ? { ...flag, is: 'unknown' } : flag));
}

function nothing(environment: string, unreadable: readonly { name: string; why: string }[]): MooringError {
  if (unreadable.length > 0)
    return new MooringError(
      'LIVE_UNKNOWN',
      `nothing that could be looked at is paused on ${environment}, and no incident was opened: ${unreadable.map(({ name, why }) => `${name} (${why})`).join(', ')}`,
      { fix: 'name what it is about: --component arena,stake-manager' },
    );
  return new MooringError('USAGE', `nothing is paused on ${environment} now; no incident was opened`, {
    fix: 'pause first (mooring incident pause), or name what it is about: --component arena,stake-manager',
  });
}

function notesOn(unread: readonly string[], unreadable: readonly { name: string; why: string }[]): string[] {
  return [
    ...(unread.length === 0 ? [] : [`whether all of ${unread.join(', ')} is paused could not be read, or is under way: taken in, to be safe`]),
    ...unreadable.map(({ name, why }) => `${name} is not looked at: ${why}`),
  ];
}
