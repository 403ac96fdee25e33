// A tree with some of its files changed, made as git objects: no index, no work tree.
import { MooringError } from '../errors.ts';
import { checkId, type Git, local, type ObjectId } from './git.ts';
import { writeBlob, writeTree } from './git-objects.ts';
import type { TreeEntry } from './loose-objects.ts';

/** Content by path; null takes a file out. */
export type FileEdits = ReadonlyMap<string, string | null>;

/** Folders that would be empty vanish; a program stays one. Throws GIT_NAME for what is no path of a file. SIDE EFFECTS: writes objects. */
export async function editTree(git: Git, tree: ObjectId, edits: FileEdits): Promise<ObjectId> {
  for (const path of edits.keys()) checkPath(path);
  return (await editFolder(git, tree, edits)) ?? writeTree(git, []);
}

function checkPath(path: string): void {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git' || /[\0\n]/.test(part)))
    throw new MooringError('GIT_NAME', `${JSON.stringify(path)} is not the path of a file`);
}

/** Null where nothing is left. */
async function editFolder(git: Git, tree: ObjectId | null, edits: FileEdits): Promise<ObjectId | null> {
  const entries = new Map((tree === null ? [] : await entriesOf(git, tree)).map((entry) => [entry.path, entry]));
  const below = Map.groupBy(edits, ([path]) => path.split('/', 1)[0] ?? '');
  for (const [name, inside] of below) {
    const made = await editEntry(git, { name, before: entries.get(name), inside });
    if (made === null) entries.delete(name);
    else entries.set(name, made);
  }
  return entries.size === 0 ? null : writeTree(git, [...entries.values()]);
}

type Entry = Pick<TreeEntry, 'mode' | 'type' | 'id' | 'path'>;

async function editEntry(
  git: Git,
  { name, before, inside }: { name: string; before: Entry | undefined; inside: readonly (readonly [string, string | null])[] },
): Promise<Entry | null> {
  const own = inside.find(([path]) => path === name);
  if (own !== undefined && inside.length > 1) throw new MooringError('GIT_NAME', `${JSON.stringify(name)} can't be a file and a folder`);
  if (own !== undefined) {
    const [, content] = own;
    const mode = before?.mode === '100755' ? before.mode : '100644';
    return content === null ? null : { mode, type: 'blob', id: await writeBlob(git, Buffer.from(content, 'utf8')), path: name };
  }
  const rest = new Map(inside.map(([path, content]) => [path.slice(name.length + 1), content] as const));
  const id = await editFolder(git, before?.type === 'tree' ? before.id : null, rest);
  if (id !== null) return { mode: '040000', type: 'tree', id, path: name };
  // Below what is no folder there is nothing to take out.
  return before === undefined || before.type === 'tree' ? null : before;
}

/** What one folder has, without what is below. */
async function entriesOf(git: Git, tree: ObjectId): Promise<Entry[]> {
  checkId(tree);
  const { output } = await local(git, ['ls-tree', '-z', `${tree}^{tree}`]);
  return output
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [mode = '', type = '', id = ''] = line.slice(0, line.indexOf('\t')).split(' ');
      return { mode, type: type as TreeEntry['type'], id, path: line.slice(line.indexOf('\t') + 1) };
    });
}
