// What holds unpauses up, for whoever plans: the open incidents of an environment, as its remote has them now.
import { MooringError } from '../../errors.ts';
import { type Git, openClone } from '../../scm/git.ts';
import type { Environment, Incidents } from '../../types.ts';
import { incidentRemote, openOnes, readBook } from './incident-branch.ts';

const none: Incidents = { open: [], unreadable: [] };

/**
 * Where there is no clone, remote or branch, there is no incident. What can't be read is told, not taken for none. SIDE
 * EFFECTS: fetches.
 */
export async function readOpenIncidents({ root, environment }: { root: string; environment: Environment }): Promise<Incidents> {
  const git = await cloneIn(root, incidentRemote(environment));
  if (git === null) return none;
  try {
    const book = await readBook(git, environment.name);
    return { open: openOnes(book).map(({ record: { id, title, components } }) => ({ id, title, components })), unreadable: book.unreadable };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { open: [], unreadable: [{ id: null, why: error.message }] };
  }
}

/** Null where there is none, or no git. */
async function cloneIn(folder: string, remote: string): Promise<Git | null> {
  try {
    return await openClone({ folder, remote });
  } catch (error) {
    if (error instanceof MooringError && error.code.startsWith('GIT_')) return null;
    throw error;
  }
}
