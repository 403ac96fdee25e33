// A ref of our own that lies as a file of the clone, read and written as git does it. Where it may lie otherwise: ask git.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Git, ObjectId } from './git.ts';

type Place = Pick<Git, 'refs' | 'idLength'>;

/** Where the ref is; `id` is null where there is none. Null: ask git. */
export function readRefFile({ refs, idLength }: Place, ref: string): { id: ObjectId | null } | null {
  if (refs === null) return null;
  const file = fileOf(refs, ref);
  if (!existsSync(file)) return isPacked(refs, ref) ? null : { id: null };
  const text = readFileSync(file, 'utf8').trim();
  return text.length === idLength && /^[0-9a-f]+$/.test(text) ? { id: text } : null;
}

/** False: leave it to git, for instance where another process holds the ref's lock. SIDE EFFECTS: the ref. */
export function writeRefFile({ refs }: Place, ref: string, id: ObjectId): boolean {
  if (refs === null) return false;
  const file = fileOf(refs, ref);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const lock = openSync(`${file}.lock`, 'wx', 0o666);
    try {
      writeSync(lock, `${id}\n`);
      fsyncSync(lock);
    } finally {
      closeSync(lock);
    }
    renameSync(`${file}.lock`, file);
    return true;
  } catch {
    return false;
  }
}

/** `refs/mooring/a` below the folder of all refs. */
function fileOf(refs: string, ref: string): string {
  return join(dirname(refs), ...ref.split('/'));
}

function isPacked(refs: string, ref: string): boolean {
  const packed = join(dirname(refs), 'packed-refs');
  return existsSync(packed) && readFileSync(packed, 'utf8').includes(ref);
}
