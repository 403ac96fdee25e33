// The head of a branch that only grows, as this clone has seen it last: a journal that was set back is noticed by it.
import { type Git, isAncestor, local, type ObjectId } from './git.ts';
import { corrupt } from './journal-chain.ts';
import { readRefFile, writeRefFile } from './ref-files.ts';

function memoryRef(branch: string): string {
  return `refs/mooring/checked/${branch}`;
}

/** What was the head before, null for none. Throws JOURNAL_CORRUPT unless `head` is it, or leads back to it. */
export async function checkMemory(git: Git, branch: string, head: ObjectId | null): Promise<ObjectId | null> {
  const { known, lost } = await compareMemory(git, branch, head);
  if (known !== null && lost !== null) throw corrupt(known, `it was the head of the journal, and ${lost}`);
  return known;
}

/** `lost`: why what was known is not in `head`, or null. */
export async function compareMemory(git: Git, branch: string, head: ObjectId | null): Promise<{ known: ObjectId | null; lost: string | null }> {
  const known = await recall(git, memoryRef(branch));
  if (known === null || known === head) return { known, lost: null };
  if (head === null) return { known, lost: 'now there is none' };
  return { known, lost: (await isAncestor(git, known, head)) ? null : `${head.slice(0, 12)} does not lead back to it` };
}

async function recall(git: Git, ref: string): Promise<ObjectId | null> {
  const seen = readRefFile(git, ref);
  if (seen !== null) return seen.id;
  const { output } = await local(git, ['for-each-ref', '--format=%(objectname)', ref]);
  return output.toString('utf8').trim() || null;
}

/** SIDE EFFECTS: a ref of this clone, never pushed. */
export async function remember(git: Git, branch: string, head: ObjectId | null): Promise<void> {
  if (head === null || writeRefFile(git, memoryRef(branch), head)) return;
  // Another process of the same clone may hold the ref's lock: its memory is as good as ours.
  await local(git, ['update-ref', '--stdin'], { input: Buffer.from(`start\nupdate ${memoryRef(branch)} ${head}\ncommit\n`), allowed: [1, 128] });
}
