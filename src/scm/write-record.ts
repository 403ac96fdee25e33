// Writes a record, and the receipts' files beside it, as git objects. Moves no ref.
import type { Receipt } from '../types.ts';
import type { Git, ObjectId } from './git.ts';
import { listTree, writeBlob, writeCommit, writeTree } from './git-objects.ts';
import { type Codec, formatRecord, type KeptReceipt, type SealedRecord, subjectOf } from './journal-record.ts';

/** Where a receipt lies in the branch, counted from 1 in its environment. */
export function receiptPath({ environment, run }: Receipt, number: number): string {
  return `receipts/${plain(environment)}/${String(number).padStart(6, '0')}-${plain(run)}.json`;
}

function plain(name: string): string {
  return name.replace(/[^\w-]/g, '_');
}

/** The commit of a record. SIDE EFFECTS: writes objects. */
export async function writeRecord(
  git: Git,
  { sealed, parent, at, codec }: { sealed: SealedRecord; parent: ObjectId | null; at: number; codec: Codec },
): Promise<ObjectId> {
  const blob = await writeBlob(git, Buffer.from(formatRecord(sealed, codec), 'utf8'));
  const { files, content } = sealed.record;
  const receipts = files === null ? [] : [{ mode: '040000', type: 'tree' as const, id: files, path: 'receipts' }];
  const tree = await writeTree(git, [{ mode: '100644', type: 'blob', id: blob, path: 'record.json' }, ...receipts]);
  return writeCommit(git, { tree, parents: parent === null ? [] : [parent], message: subjectOf(content), at });
}

/** The tree of receipts of `head` with one more. SIDE EFFECTS: writes objects. */
export async function addReceipt(git: Git, head: ObjectId | null, { path, kept, codec }: { path: string; kept: KeptReceipt; codec: Codec }): Promise<ObjectId> {
  const [root = '', environment = '', file = ''] = path.split('/');
  const before = head === null ? [] : await listTree(git, head, root);
  const below = (folder: string) =>
    before.filter((entry) => entry.path.startsWith(`${folder}/`)).map((entry) => ({ ...entry, path: entry.path.slice(folder.length + 1) }));
  const id = await writeBlob(git, Buffer.from(`${JSON.stringify(JSON.parse(codec.encode(kept)), null, 2)}\n`, 'utf8'));
  const folder = await writeTree(git, [...below(`${root}/${environment}`), { mode: '100644', type: 'blob', id, path: file }]);
  const others = below(root).filter((entry) => entry.path !== environment && !entry.path.includes('/'));
  return writeTree(git, [...others, { mode: '040000', type: 'tree', id: folder, path: environment }]);
}
