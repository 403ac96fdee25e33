// Git's loose objects, read without a process for each: what was fetched or written last lies so. Only what is plainly as
// git writes it is taken; null everywhere means: ask git.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import type { Git, ObjectId } from './git.ts';

type Place = Pick<Git, 'objects' | 'idLength'>;

export type FoundObject = { id: ObjectId; type: string; content: Buffer };

export type TreeEntry = { mode: string; type: 'blob' | 'tree' | 'commit'; id: ObjectId; path: string; size: number | null };

const typeOfMode: ReadonlyMap<string, TreeEntry['type']> = new Map([
  ['40000', 'tree'],
  ['100644', 'blob'],
  ['100755', 'blob'],
  ['120000', 'blob'],
  ['160000', 'commit'],
]);

/** Bytes of a tree or commit, and entries of a list, above which git is to deal with it. */
const maxObject = 4 * 1024 * 1024;
const maxEntries = 20_000;

/** An object of at most `limit` bytes, its bytes held against its name. Source: git's documentation of its object storage. */
export function readLoose(git: Place, id: ObjectId, limit = maxObject): FoundObject | null {
  const packed = fileOf(git, id);
  const head = packed === null ? null : headOf(packed);
  if (packed === null || head === null || head.size > limit) return null;
  try {
    const bytes = inflateSync(packed, { maxOutputLength: head.length + head.size });
    const hash = createHash(git.idLength === 64 ? 'sha256' : 'sha1').update(bytes);
    const whole = bytes.length === head.length + head.size && hash.digest('hex') === id;
    return whole ? { id, type: head.type, content: bytes.subarray(head.length) } : null;
  } catch {
    return null;
  }
}

/** The object of an id, `id^{tree}` or `id:path`. */
export function findLoose(git: Place, name: string, limit?: number): FoundObject | null {
  const match = /^([0-9a-f]{40}|[0-9a-f]{64})(?:(\^\{tree\})|:(.+))?$/s.exec(name);
  if (match === null) return null;
  const [, id = '', asTree, path] = match;
  if (asTree === undefined && path === undefined) return readLoose(git, id, limit);
  let found = treeOf(git, id);
  for (const part of path?.split('/') ?? []) {
    const entry = found === null ? undefined : parseTree(git, found.content)?.find((one) => one.path === part);
    found = entry === undefined ? null : readLoose(git, entry.id, limit);
  }
  return found;
}

/** Everything in a commit's tree at and below `path`, folders included, as `listTree` gives it. */
export function listLoose(git: Place, commit: ObjectId, path: string): TreeEntry[] | null {
  const root = treeOf(git, commit);
  const found: TreeEntry[] = [];
  return root !== null && collect(git, root, { above: '', wanted: path === '' ? [] : path.split('/'), found }) ? found : null;
}

/** The parents of a commit. */
export function looseParents(git: Place, commit: ObjectId): ObjectId[] | null {
  const found = readLoose(git, commit);
  return found?.type === 'commit' ? [...headerOf(found).matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent = '']) => parent) : null;
}

/** False where something isn't plainly there. */
function collect(git: Place, tree: FoundObject, { above, wanted, found }: { above: string; wanted: readonly string[]; found: TreeEntry[] }): boolean {
  const [only, ...rest] = wanted;
  const entries = tree.type === 'tree' ? parseTree(git, tree.content) : null;
  return (
    (entries ?? []).every((entry) => {
      if (only !== undefined && entry.path !== only) return true;
      const path = above + entry.path;
      const size = entry.type === 'blob' ? sizeOf(git, entry.id) : null;
      found.push({ ...entry, path, size });
      if (found.length > maxEntries || (entry.type === 'blob' && size === null)) return false;
      if (entry.type !== 'tree') return true;
      const below = readLoose(git, entry.id);
      return below !== null && collect(git, below, { above: `${path}/`, wanted: rest, found });
    }) && entries !== null
  );
}

function treeOf(git: Place, id: ObjectId): FoundObject | null {
  const found = readLoose(git, id);
  if (found?.type !== 'commit') return found?.type === 'tree' ? found : null;
  const tree = /^tree ([0-9a-f]+)(?:\n|$)/.exec(headerOf(found))?.[1];
  return tree === undefined ? null : readLoose(git, tree);
}

function headerOf(commit: FoundObject): string {
  return commit.content.toString('latin1').split('\n\n', 1)[0] ?? '';
}

function parseTree({ idLength }: Place, tree: Buffer): TreeEntry[] | null {
  const entries: TreeEntry[] = [];
  for (let offset = 0; offset < tree.length; ) {
    const [space, end] = [tree.indexOf(0x20, offset), tree.indexOf(0, offset)];
    const mode = tree.subarray(offset, Math.max(offset, space)).toString('latin1');
    const type = typeOfMode.get(mode);
    offset = end + 1 + idLength / 2;
    if (type === undefined || end <= space + 1 || offset > tree.length) return null;
    const id = tree.subarray(end + 1, offset).toString('hex');
    entries.push({ mode: mode.padStart(6, '0'), type, id, path: tree.subarray(space + 1, end).toString('utf8'), size: null });
  }
  return entries;
}

function sizeOf(git: Place, id: ObjectId): number | null {
  const packed = fileOf(git, id);
  const head = packed === null ? null : headOf(packed);
  return head?.type === 'blob' ? head.size : null;
}

function fileOf({ objects }: Place, id: ObjectId): Buffer | null {
  try {
    return readFileSync(join(objects, id.slice(0, 2), id.slice(2)));
  } catch {
    return null;
  }
}

function headOf(packed: Buffer): { type: string; size: number; length: number } | null {
  try {
    const start = inflateSync(packed.subarray(0, 256), { finishFlush: constants.Z_SYNC_FLUSH });
    const match = /^(blob|tree|commit|tag) (0|[1-9]\d{0,14})\0/.exec(start.subarray(0, 32).toString('latin1'));
    return match === null ? null : { type: match[1] ?? '', size: Number(match[2]), length: match[0].length };
  } catch {
    return null;
  }
}
