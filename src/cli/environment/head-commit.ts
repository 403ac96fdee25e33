// The checkout's commit, for receipts. Null outside a git repository.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads .git directly: a receipt must not depend on a git program being there. */
export function headCommit(root: string): string | null {
  const head = read(join(root, '.git', 'HEAD'))?.trim();
  if (head === undefined) return null;
  if (!head.startsWith('ref: ')) return head;
  const ref = head.slice('ref: '.length);
  return read(join(root, '.git', ref))?.trim() ?? packed(root, ref);
}

function packed(root: string, ref: string): string | null {
  const line = read(join(root, '.git', 'packed-refs'))
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
