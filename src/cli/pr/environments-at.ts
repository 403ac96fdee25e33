// The environments that the branch has now.
import { environmentsIn } from '../../desired/load-settings.ts';
import { MooringError } from '../../errors.ts';
import type { Repository } from './repository.ts';

/** Throws GIT_*. SIDE EFFECTS: fetches. */
export async function environmentsAt({ git, branch }: Pick<Repository, 'git' | 'branch'>): Promise<string[]> {
  const [{ fetchRef }, { gitFileSource }] = await Promise.all([import('../../scm/git.ts'), import('../../scm/git-file-source.ts')]);
  const head = await fetchRef(git, `refs/heads/${branch}`);
  if (head === null) throw new MooringError('GIT_OBJECT_MISSING', `${git.label} has no branch ${branch}`);
  return environmentsIn(await gitFileSource(git, head, { under: 'desired-state' }));
}
