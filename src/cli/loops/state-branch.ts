// What loops remember, kept on a branch: for machines that are gone after each run. Whoever leads is the only writer.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { keepFiles } from '../../scm/evidence.ts';
import { fetchRef, type Git } from '../../scm/git.ts';
import { listTree, readFileAt } from '../../scm/git-objects.ts';

const usualFolders = ['thermostat', 'sentinel'] as const;

export type StateBranch = { git: Git; branch: string; environment: string /** `.mooring/<env>`. */; folder: string };

/** A branch's name for `--state-branch`. Throws USAGE. */
export function stateBranchName(given: string): string {
  if (/^mooring\/[A-Za-z0-9._/-]{1,100}$/.test(given) && !given.includes('..')) return given;
  throw new MooringError('USAGE', `--state-branch ${given} is not a branch that Mooring writes`, { fix: 'as in mooring/loops' });
}

/** Brings what a former run remembered; a folder that is here already is newer, and stays. Throws GIT_*. SIDE EFFECTS: fetches, writes files. */
export async function bringState({ git, branch, environment, folder }: StateBranch): Promise<void> {
  const commit = await fetchRef(git, `refs/heads/${branch}`);
  if (commit === null) return;
  for (const name of usualFolders.filter((one) => !existsSync(join(folder, one)))) {
    const entries = await listTree(git, commit, `${environment}/${name}`);
    for (const { path } of entries.filter(({ type }) => type === 'blob')) {
      const content = await readFileAt(git, commit, path);
      if (content === null) continue;
      const file = join(folder, path.slice(environment.length + 1));
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, content, { mode: 0o600 });
    }
  }
}

/** Puts it back, also when nothing of it has changed: then nothing is written. Throws BRANCH_REFUSED, GIT_*. SIDE EFFECTS: the remote. */
export async function keepState({ git, branch, environment, folder }: StateBranch, at: number): Promise<void> {
  const files = new Map(
    usualFolders.flatMap((name) => {
      const inside = existsSync(join(folder, name)) ? readdirSync(join(folder, name), { withFileTypes: true }) : [];
      const kept = inside.filter((entry) => entry.isFile() && entry.name !== 'lock' && !entry.name.endsWith('.draft'));
      return kept.map((entry): [string, string] => [`${environment}/${name}/${entry.name}`, readFileSync(join(folder, name, entry.name), 'utf8')]);
    }),
  );
  if (files.size > 0) await keepFiles(git, { branch, files, message: `What the loops of ${environment} remember`, at });
}
