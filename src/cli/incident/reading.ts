// What a closing incident needs to know besides its record. Reads only.
import { loadDesired } from '../../desired/load.ts';
import { MooringError } from '../../errors.ts';
import { defaultBranch, fetchRef, type Git, type ObjectId } from '../../scm/git.ts';
import { gitFileSource } from '../../scm/git-file-source.ts';
import { listTree } from '../../scm/git-objects.ts';
import { text } from '../command.ts';
import { incidentFolder } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';

/** Files by path below the incident's folder. */
export async function filesOf(git: Git, commit: ObjectId | null, { environment, id }: { environment: string; id: string }): Promise<string[]> {
  if (commit === null) return [];
  const folder = incidentFolder(environment, id);
  return (await listTree(git, commit, folder)).flatMap(({ type, path }) => (type === 'blob' ? [path.slice(folder.length + 1)] : []));
}

/** As the approved resume has it; null where there is none, or the branch can't be read. SIDE EFFECTS: fetches. */
export async function rootCauseOf({ git, name, options }: IncidentDesk, id: string): Promise<string | null> {
  try {
    const head = await fetchRef(git, `refs/heads/${text(options, 'branch') ?? (await defaultBranch(git))}`);
    if (head === null) return null;
    const { desired } = loadDesired({ source: await gitFileSource(git, head, { under: 'desired-state' }), environment: name });
    return desired.resumes.find(({ incident }) => incident === id)?.rootCause ?? null;
  } catch (error) {
    if (error instanceof MooringError) return null;
    throw error;
  }
}
