// Desired state read from a commit as git objects: nothing is checked out, and nothing of it is run.
import { MooringError } from '../errors.ts';
import type { Git, ObjectId } from './git.ts';
import { listTree, readObjects } from './git-objects.ts';
import type { TreeEntry } from './loose-objects.ts';

/** `other`: a link, a submodule: nothing that is read. */
type FileType = 'file' | 'directory' | 'missing' | 'other';

/** What the room of desired state calls a FileSource. */
export type GitFileSource = {
  readonly commit: ObjectId;
  list(directory: string): string[];
  /** At most `limit` bytes; a longer file is cut there. Throws FILE_MISSING, FILE_NOT_REGULAR; FILE_TOO_LARGE above `maxFile`. */
  read(path: string, limit: number): Uint8Array;
  kindOf(path: string): FileType;
};

export type GitSourceOptions = {
  /** The only folder that is read, '' for the whole tree; above it only its name is known. */
  under?: string;
  /** Bytes a file may have to be read at all: more than any reader's own limit. */
  maxFile?: number;
  /** Bytes that all files may have together. */
  maxTotal?: number;
  maxEntries?: number;
};

type Files = { byPath: ReadonlyMap<string, TreeEntry>; names: ReadonlyMap<string, readonly string[]>; content: ReadonlyMap<ObjectId, Buffer> };

/**
 * The files of `commit`. All that may be read is in memory when it returns, for a reader of desired state doesn't wait.
 * Errors: GIT_OBJECT_MISSING; GIT_TREE where one path stands twice (a reviewer would see either); FILE_TOO_MANY,
 * FILE_TOO_LARGE, GIT_OUTPUT for what nobody could have meant.
 */
export async function gitFileSource(git: Git, commit: ObjectId, options: GitSourceOptions = {}): Promise<GitFileSource> {
  const { under = '', maxFile = 9 * 1024 * 1024, maxTotal = 128 * 1024 * 1024, maxEntries = 50_000 } = options;
  const entries = await listTree(git, commit, under);
  if (entries.length > maxEntries) throw new MooringError('FILE_TOO_MANY', `${commit.slice(0, 12)} has more than ${maxEntries} files to read`);
  const byPath = index(entries);
  const wanted = entries.filter((entry) => isFile(entry) && (entry.size ?? 0) <= maxFile);
  const total = wanted.reduce((sum, entry) => sum + (entry.size ?? 0), 0);
  if (total > maxTotal) throw new MooringError('FILE_TOO_LARGE', `${commit.slice(0, 12)} has ${total} bytes to read, at most ${maxTotal}`);
  const ids = [...new Set(wanted.map((entry) => entry.id))];
  const found = await readObjects(git, ids, maxTotal + ids.length * 100);
  const content = new Map(found.flatMap((object) => (object === null ? [] : [[object.id, object.content] as const])));
  return sourceOf(commit, { byPath, names: namesByFolder(entries), content });
}

function sourceOf(commit: ObjectId, files: Files): GitFileSource {
  const kindOf = (path: string): FileType => typeOf(files, path);
  return {
    commit,
    kindOf,
    list: (directory) => (kindOf(directory) === 'directory' ? [...(files.names.get(directory) ?? [])] : []),
    read(path, limit) {
      const entry = files.byPath.get(path);
      const type = kindOf(path);
      if (type !== 'file' || entry === undefined) throw unreadable(path, type);
      const bytes = files.content.get(entry.id);
      if (bytes === undefined) throw tooLarge(path, entry);
      return Uint8Array.from(bytes.subarray(0, limit));
    },
  };
}

function index(entries: readonly TreeEntry[]): Map<string, TreeEntry> {
  const byPath = new Map<string, TreeEntry>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    // No checkout has such a path, so no reviewer has seen it.
    const impossible = parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
    if (byPath.has(entry.path) || impossible)
      throw new MooringError('GIT_TREE', `"${entry.path}" ${impossible ? 'is not a path' : 'stands twice in its folder'}`, {
        fix: 'Commit the folder anew with git itself.',
      });
    byPath.set(entry.path, entry);
  }
  return byPath;
}

function namesByFolder(entries: readonly TreeEntry[]): Map<string, string[]> {
  const split = entries.map(({ path }) => ({ folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))), name: path.slice(path.lastIndexOf('/') + 1) }));
  const grouped = Map.groupBy(split, ({ folder }) => folder);
  return new Map([...grouped].map(([folder, items]) => [folder, items.map(({ name }) => name).sort()]));
}

function typeOf({ byPath }: Files, path: string): FileType {
  if (path === '') return 'directory';
  const entry = byPath.get(path);
  if (entry !== undefined) return isFile(entry) ? 'file' : entry.mode === '040000' ? 'directory' : 'other';
  // Whatever a link leads to, what is behind it isn't read.
  const above = path.split('/').map((_part, i, parts) => byPath.get(parts.slice(0, i).join('/')));
  return above.some((entry) => entry !== undefined && entry.mode === '120000') ? 'other' : 'missing';
}

function isFile({ mode }: TreeEntry): boolean {
  return mode.startsWith('100');
}

function unreadable(path: string, type: FileType): MooringError {
  const source = { file: path, line: 1, column: 1 };
  if (type === 'missing') return new MooringError('FILE_MISSING', `${path} is missing`, { source, fix: 'create it' });
  return new MooringError('FILE_NOT_REGULAR', `${path} is a ${type === 'directory' ? 'directory' : 'link or a submodule'}, expected a file`, {
    source,
    fix: 'put a plain file there',
  });
}

function tooLarge(path: string, { size }: TreeEntry): MooringError {
  return new MooringError('FILE_TOO_LARGE', `${path} has ${size} bytes, more than is read`, { source: { file: path, line: 1, column: 1 }, fix: 'split it' });
}
