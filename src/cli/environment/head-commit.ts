// The checkout's commit, for receipts. Null outside a git repository.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Reads .git directly: a receipt must not depend on a git program being there. */
export function headCommit(root: string): string | null {
  const folder = folderOf(root);
  const head = read(join(folder, 'HEAD'))?.trim();
  if (head === undefined) return null;
  if (!head.startsWith('ref: ')) return head;
  return commitOf(commonOf(folder), head.slice('ref: '.length));
}

/** Where the branch of the same name at origin was when it was fetched last; null where it is where this clone is, or isn't known. */
export function upstreamOf(root: string): string | null {
  const folder = folderOf(root);
  const branch = /^ref: refs\/heads\/(.+)$/.exec(read(join(folder, 'HEAD'))?.trim() ?? '')?.[1];
  if (branch === undefined) return null;
  const upstream = `refs/remotes/origin/${branch}`;
  const there = commitOf(commonOf(folder), upstream);
  return there === null || there === headCommit(root) ? null : upstream;
}

function commonOf(folder: string): string {
  return resolve(folder, read(join(folder, 'commondir'))?.trim() ?? '.');
}

function commitOf(common: string, ref: string): string | null {
  return read(join(common, ref))?.trim() ?? packed(common, ref);
}

/** In a linked work tree .git is a file that says where the folder is. */
function folderOf(root: string): string {
  const at = join(root, '.git');
  const linked = /^gitdir: (.*)$/m.exec(read(at) ?? '')?.[1];
  return linked === undefined ? at : resolve(root, linked);
}

function packed(folder: string, ref: string): string | null {
  const line = read(join(folder, 'packed-refs'))
    ?.split('\n')
    .find((entry) => entry.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? null;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
