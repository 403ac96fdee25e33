// What holds unpauses up, for whoever plans: the open incidents of an environment, as its remote has them now.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import { type Git, local, openClone } from '../../scm/git.ts';
import { compareMemory, remember } from '../../scm/journal-memory.ts';
import type { Environment, Incidents } from '../../types.ts';
import { type Book, incidentBranch, incidentRemote, openOnes, readBook } from './incident-branch.ts';

const none: Incidents = { open: [], unreadable: [] };

/**
 * Where there is no clone, remote or branch, there is no incident. What can't be read, for whatever reason, is told and not
 * taken for none. SIDE EFFECTS: fetches.
 */
export async function readOpenIncidents({ root, environment }: { root: string; environment: Environment }): Promise<Incidents> {
  try {
    const opened = await openBook({ root, environment });
    if (opened === null) return none;
    const { book } = opened;
    return { open: openOnes(book).map(({ record: { id, title, components } }) => ({ id, title, components })), unreadable: book.unreadable };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { open: [], unreadable: [{ id: null, why: error.message }] };
  }
}

/** Null where there is no clone, or no remote. Throws GIT_*, INCIDENT_RECORD where the branch was set back. SIDE EFFECTS: fetches; the clone's memory. */
export async function openBook({ root, environment }: { root: string; environment: Environment }): Promise<{ git: Git; book: Book } | null> {
  if (!isInClone(root) || !(await hasRemotes(root))) return null;
  const git = await openClone({ folder: root, remote: incidentRemote(environment) });
  const book = await readBook(git, environment.name);
  const { known, lost } = await compareMemory(git, incidentBranch, book.commit);
  if (lost !== null)
    throw new MooringError('INCIDENT_RECORD', `${incidentBranch} was at ${known?.slice(0, 12)}, and ${lost}`, {
      fix: `Find out who may push it, and put it back: git push ${git.remote} ${known}:refs/heads/${incidentBranch}`,
    });
  await remember(git, incidentBranch, book.commit);
  return { git, book };
}

/** Looked at without git, which fails in many ways: it may be missing, or refuse a folder that is another user's. */
function isInClone(folder: string): boolean {
  if (process.env['GIT_DIR'] !== undefined || existsSync(join(folder, '.git'))) return true;
  const above = dirname(resolve(folder));
  return above !== resolve(folder) && isInClone(above);
}

async function hasRemotes(folder: string): Promise<boolean> {
  const { output } = await local({ folder }, ['remote']);
  return output.toString('utf8').trim() !== '';
}
