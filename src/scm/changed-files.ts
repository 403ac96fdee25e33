// What differs between two trees, and the history that is needed to tell. Reads git alone.
import { existsSync } from 'node:fs';
import { checkId, type Git, local, type ObjectId, unreachable } from './git.ts';
import { runGit } from './run-git.ts';

/** Paths that differ below `under`, sorted; moves are a removal and an addition. Throws GIT_FAILED. */
export async function changedFiles(git: Git, { from, to, under }: { from: ObjectId; to: ObjectId; under: string }): Promise<string[]> {
  [from, to].forEach(checkId);
  const { output } = await local(git, ['diff-tree', '-r', '--name-only', '--no-renames', '-z', from, to, '--', under]);
  return output.toString('utf8').split('\0').filter(Boolean).sort();
}

/** A path that differs: its mode and blob on either side, null where it isn't there. */
export type ChangedBlob = { path: string; before: string | null; after: string | null };

/** Like `changedFiles`, below any of `under`, with what stands there. Throws GIT_FAILED. */
export async function changedBlobs(git: Git, { from, to, under }: { from: ObjectId; to: ObjectId; under: readonly string[] }): Promise<ChangedBlob[]> {
  [from, to].forEach(checkId);
  const { output } = await local(git, ['diff-tree', '-r', '--raw', '--full-index', '--no-renames', '-z', from, to, '--', ...under]);
  const fields = output.toString('utf8').split('\0');
  const found = Array.from({ length: Math.floor(fields.length / 2) }, (_item, i) => {
    const [oldMode = '', newMode = '', oldId, newId] = (fields[2 * i] ?? '').slice(1).split(' ');
    const side = (mode: string, id = ''): string | null => (/^0+$/.test(mode) ? null : `${mode} ${id}`);
    return { path: fields[2 * i + 1] ?? '', before: side(oldMode, oldId), after: side(newMode, newId) };
  });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A clone of the last commits only gets the rest: merges are told by what they have in common. Throws GIT_REMOTE. SIDE EFFECTS: fetches. */
export async function completeHistory(git: Git): Promise<void> {
  if (!existsSync(git.shallow)) return;
  const answer = await runGit({ folder: git.folder, args: ['fetch', '--verbose', '--unshallow', '--no-tags', '--no-write-fetch-head', git.remote] });
  if (answer.code !== 0) throw unreachable(git, answer);
}
