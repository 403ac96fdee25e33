// A pull request of alice's for a test that cares for nothing else of it.
import type { GitHubWorld } from './github-world.ts';

export type SomePull = { number: number; branch: string; head: string };

/** A new branch with one commit, which changes a file of its own unless said, and its pull request. */
export async function openSomePull(world: GitHubWorld, files?: Readonly<Record<string, string | null>>): Promise<SomePull> {
  const before = world.remote.git('for-each-ref', '--format=%(refname)', 'refs/pull').matchAll(/^refs/gm);
  const branch = `branch-${[...before].length + 1}`;
  const head = world.push(branch, files ?? { [`${branch}.txt`]: 'new\n' });
  return { number: await world.openPull({ as: 'alice', branch, title: `Change in ${branch}` }), branch, head };
}
