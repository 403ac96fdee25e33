// Reads and writes git's objects, without a work tree and without moving any ref.
import { randomUUID } from 'node:crypto';
import { MooringError } from '../errors.ts';
import { checkId, type Git, local, type ObjectId } from './git.ts';

export type TreeEntry = { mode: string; type: 'blob' | 'tree' | 'commit'; id: ObjectId; path: string; size: number | null };

export type FoundObject = { id: ObjectId; type: string; content: Buffer };

/**
 * What a commit's tree has at and below `path` ('' for all), folders included, in git's order. Sizes in bytes, null but
 * for files. Errors: GIT_OBJECT_MISSING, GIT_OUTPUT.
 */
export async function listTree(git: Git, commit: ObjectId, path = ''): Promise<TreeEntry[]> {
  checkId(commit);
  const { code, output } = await local(git, ['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', commit, ...(path === '' ? [] : ['--', path])], {
    allowed: [128],
  });
  if (code !== 0) throw missing(git, commit);
  return output.toString('utf8').split('\0').filter(Boolean).map(readEntry);
}

function readEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode = '', type = '', id = '', size = '-'] = line.slice(0, tab).split(/ +/);
  return { mode, type: type as TreeEntry['type'], id, path: line.slice(tab + 1), size: size === '-' ? null : Number(size) };
}

/** The objects of these names (ids, or `commit:path`), in order; null for one that isn't here. Errors: GIT_OUTPUT. */
export async function readObjects(git: Git, names: readonly string[], maxOutput?: number): Promise<(FoundObject | null)[]> {
  if (names.length === 0) return [];
  if (names.some((name) => /[\n\0]/.test(name))) throw new MooringError('GIT_NAME', 'a name of an object may not have a line break');
  const options = { input: Buffer.from(`${names.join('\n')}\n`), ...(maxOutput === undefined ? {} : { maxOutput }) };
  const { output } = await local(git, ['cat-file', '--batch'], options);
  let offset = 0;
  return names.map(() => {
    const end = output.indexOf(0x0a, offset);
    const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(output.subarray(offset, end).toString('utf8'));
    offset = end + 1;
    if (match === null) return null;
    const [, id = '', type = '', size] = match;
    const content = output.subarray(offset, offset + Number(size));
    offset += Number(size) + 1;
    return { id, type, content };
  });
}

/** One file of a commit, or null. */
export async function readFileAt(git: Git, commit: ObjectId, path: string): Promise<Buffer | null> {
  checkId(commit);
  const [found] = await readObjects(git, [`${commit}:${path}`]);
  return found?.type === 'blob' ? found.content : null;
}

/** SIDE EFFECTS: writes one object. */
export function writeBlob(git: Git, content: Uint8Array): Promise<ObjectId> {
  return write(git, ['hash-object', '-w', '--stdin'], content);
}

/** SIDE EFFECTS: writes one object. Entries in any order; what they name must be here. */
export function writeTree(git: Git, entries: readonly Pick<TreeEntry, 'mode' | 'type' | 'id' | 'path'>[]): Promise<ObjectId> {
  // An entry a line; NUL-ended lines let a name be anything.
  const lines = entries.map(({ mode, type, id, path }) => `${mode} ${type} ${id}\t${path}\0`);
  return write(git, ['mktree', '-z'], Buffer.from(lines.join('')));
}

/**
 * A commit that no other writer makes: its last line has a random id, for two writers of an identical commit would both
 * be told that they won. `at` in milliseconds. SIDE EFFECTS: writes one object.
 */
export function writeCommit(
  git: Git,
  { tree, parents, message, at }: { tree: ObjectId; parents: readonly ObjectId[]; message: string; at: number },
): Promise<ObjectId> {
  [tree, ...parents].forEach(checkId);
  const who = `Mooring <mooring@localhost> ${Math.floor(at / 1000)} +0000`;
  const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`];
  const text = `${head.join('\n')}\n\n${message.replaceAll('\0', '').trim()}\n\nMooring-Write: ${randomUUID()}\n`;
  return write(git, ['hash-object', '-t', 'commit', '-w', '--stdin'], Buffer.from(text, 'utf8'));
}

async function write(git: Git, args: readonly string[], input: Uint8Array): Promise<ObjectId> {
  const id = (await local(git, args, { input })).output.toString('utf8').trim();
  checkId(id);
  return id;
}

export function missing(git: Git, what: string): MooringError {
  return new MooringError('GIT_OBJECT_MISSING', `${git.folder} does not have ${what}`, { fix: 'Fetch it first; a shallow clone needs its history.' });
}
