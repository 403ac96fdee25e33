// What loops remember, kept on a branch: for machines that are gone after each run. Whoever leads is the only writer.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { keepFiles } from '../../scm/evidence.ts';
import { fetchRef, type Git, type ObjectId } from '../../scm/git.ts';
import { listTree, readFileAt } from '../../scm/git-objects.ts';

const folders = ['thermostat', 'sentinel'] as const;
const files = ['operations.ndjson'] as const;

export type StateBranch = { git: Git; branch: string; environment: string /** `.mooring/<env>`. */; folder: string };

/** A branch's name for `--state-branch`. Throws USAGE. */
export function stateBranchName(given: string): string {
  if (/^mooring\/[A-Za-z0-9._/-]{1,100}$/.test(given) && !given.includes('..')) return given;
  throw new MooringError('USAGE', `--state-branch ${given} is not a branch that Mooring writes`, { fix: 'as in mooring/loops' });
}

/**
 * Brings what a former run remembered. What is here stays where this checkout was the last to write the branch; else it is older,
 * and is put aside. Throws GIT_*. SIDE EFFECTS: fetches, writes files.
 */
export async function bringState({ git, branch, environment, folder }: StateBranch): Promise<void> {
  const commit = await fetchRef(git, `refs/heads/${branch}`);
  if (commit === null || commit === lastKept(folder)) return;
  for (const name of [...folders, ...files]) putAside(join(folder, name));
  for (const { path } of (await listTree(git, commit, environment)).filter(({ type }) => type === 'blob')) {
    const content = await readFileAt(git, commit, path);
    if (content === null) continue;
    const file = join(folder, path.slice(environment.length + 1));
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  }
  remember(folder, commit);
}

function putAside(place: string): void {
  if (!existsSync(place)) return;
  rmSync(`${place}.older`, { recursive: true, force: true });
  renameSync(place, `${place}.older`);
}

/** Puts it back; where nothing of it has changed, nothing is written. Throws BRANCH_REFUSED, GIT_*. SIDE EFFECTS: the remote. */
export async function keepState({ git, branch, environment, folder }: StateBranch, at: number): Promise<void> {
  const kept = new Map([...folders.flatMap((name) => inFolder(folder, name)), ...files.flatMap((name) => oneFile(folder, name))]);
  if (kept.size === 0) return;
  const below = new Map([...kept].map(([path, text]) => [`${environment}/${path}`, text]));
  remember(folder, await keepFiles(git, { branch, files: below, message: `What the loops of ${environment} remember`, at }));
}

function inFolder(folder: string, name: string): [string, string][] {
  const entries = existsSync(join(folder, name)) ? readdirSync(join(folder, name), { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.draft')).flatMap((entry) => oneFile(folder, `${name}/${entry.name}`));
}

function oneFile(folder: string, path: string): [string, string][] {
  return existsSync(join(folder, path)) ? [[path, readFileSync(join(folder, path), 'utf8')]] : [];
}

/** The commit that this checkout wrote or read last. */
function lastKept(folder: string): ObjectId | null {
  return oneFile(folder, 'state-branch')[0]?.[1].trim() ?? null;
}

function remember(folder: string, commit: ObjectId): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'state-branch'), `${commit}\n`, { mode: 0o600 });
}
