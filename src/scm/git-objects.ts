// Reads and writes git's objects, without a work tree and without moving any ref.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { MooringError } from '../errors.ts';
import { checkId, type Git, local, type ObjectId } from './git.ts';
import { type FoundObject, findLoose, listLoose, type TreeEntry } from './loose-objects.ts';

const usualOutput = 64 * 1024 * 1024;

/**
 * What a commit's tree has at and below `path` ('' for all), folders included, in git's order. Sizes in bytes, null but
 * for files. Errors: GIT_OBJECT_MISSING, GIT_OUTPUT.
 */
export async function listTree(git: Git, commit: ObjectId, path = ''): Promise<TreeEntry[]> {
  checkId(commit);
  const loose = listLoose(git, commit, path);
  if (loose !== null) return loose;
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
export async function readObjects(git: Git, names: readonly string[], maxOutput = usualOutput): Promise<(FoundObject | null)[]> {
  if (names.some((name) => /[\n\0]/.test(name))) throw new MooringError('GIT_NAME', 'a name of an object may not have a line break');
  let left = maxOutput;
  const found = names.map((name) => {
    const object = findLoose(git, name, left);
    left -= object?.content.length ?? 0;
    return object;
  });
  const others = names.filter((_name, i) => found[i] === null);
  const asked = await askForObjects(git, others, Math.max(1, left));
  return found.map((object) => object ?? asked.shift() ?? null);
}

async function askForObjects(git: Git, names: readonly string[], maxOutput: number): Promise<(FoundObject | null)[]> {
  if (names.length === 0) return [];
  const { output } = await local(git, ['cat-file', '--batch'], { input: Buffer.from(`${names.join('\n')}\n`), maxOutput });
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
  return writeObject(git, { type: 'blob', content });
}

/** SIDE EFFECTS: writes one object. Entries in any order; what they name must be here. */
export function writeTree(git: Git, entries: readonly Pick<TreeEntry, 'mode' | 'type' | 'id' | 'path'>[]): Promise<ObjectId> {
  const sorted = entries
    .map((entry) => ({ ...entry, order: Buffer.from(entry.type === 'tree' ? `${entry.path}/` : entry.path) }))
    .sort((a, b) => Buffer.compare(a.order, b.order));
  const lines = sorted.map(({ mode, id, path }) => {
    checkId(id);
    return Buffer.concat([Buffer.from(`${mode.replace(/^0+/, '')} ${path}\0`), Buffer.from(id, 'hex')]);
  });
  return writeObject(git, { type: 'tree', content: Buffer.concat(lines) });
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
  return writeObject(git, { type: 'commit', content: Buffer.from(text, 'utf8') });
}

/**
 * Written as git writes it, without a process for each: a record is five objects, and an apply a dozen records.
 * Source: git's documentation of its object storage. SIDE EFFECTS: a file, whole or not at all.
 */
async function writeObject(git: Git, { type, content }: { type: 'blob' | 'tree' | 'commit'; content: Uint8Array }): Promise<ObjectId> {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = createHash(git.idLength === 64 ? 'sha256' : 'sha1')
    .update(bytes)
    .digest('hex');
  const file = join(git.objects, id.slice(0, 2), id.slice(2));
  if (existsSync(file)) return id;
  try {
    await mkdir(dirname(file), { recursive: true });
    const draft = `${git.objects}/mooring-${randomUUID()}`;
    await writeFile(draft, deflateSync(bytes), { mode: 0o444 });
    await rename(draft, file);
  } catch (error) {
    throw new MooringError('GIT_FAILED', `${git.folder} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the clone writable.',
    });
  }
  return id;
}

export function missing(git: Git, what: string): MooringError {
  return new MooringError('GIT_OBJECT_MISSING', `${git.folder} does not have ${what}`, { fix: 'Fetch it first; a shallow clone needs its history.' });
}
