// Commits that a test makes in the tests' GitHub: on a branch, or in somebody's fork.
import { type Files, forkRefs, identityOf } from './bare-repository.ts';
import type { Hub } from './hub.ts';

export type PushOptions = {
  message?: string;
  /** Where a new branch begins, `main` unless said; with `force` also where an old one begins anew. */
  from?: string;
  /** Replaces the branch's last commit, or with `from` all that the branch had. `amend` is the same by another name. */
  force?: boolean;
  amend?: boolean;
  author?: string;
};

export type Pushes = {
  /** A commit on top of a branch (made from main, or `from`, where it doesn't exist), pushed; null content deletes. Returns its id. */
  push(branch: string, files: Files, options?: PushOptions): string;
  /** The same in mallory's fork. */
  pushToFork(branch: string, files: Files, options?: PushOptions): string;
  deleteBranch(branch: string): void;
};

export function makePushes(hub: Hub): Pushes {
  function write(ref: string, files: Files, { message, from, amend = false, force = amend, author = 'alice' }: PushOptions): string {
    const tip = hub.bare.tip(ref);
    const parent = parentOf(hub, { tip, from, force });
    if (parent === null) throw new Error(`there is no ${from ?? 'main'} to begin ${ref} from`);
    const changed = message ?? `Change ${Object.keys(files).join(', ')}`;
    const id = hub.bare.write({ ref, parent, files, message: changed, by: identityOf(author), at: hub.clock.now() });
    hub.pulls.follow();
    return id;
  }
  return {
    push: (branch, files, options = {}) => write(`refs/heads/${branch}`, files, options),
    pushToFork: (branch, files, options = {}) => write(`${forkRefs}mallory/${branch}`, files, { author: 'mallory', ...options }),
    deleteBranch: (branch) => void hub.bare.git('update-ref', '-d', `refs/heads/${branch}`),
  };
}

function parentOf(hub: Hub, { tip, from, force }: { tip: string | null; from: string | undefined; force: boolean }): string | null {
  if (tip !== null && !force) return tip;
  if (tip !== null && from === undefined) return hub.bare.commit(`${tip}^`);
  return hub.bare.commit(from ?? 'main');
}
