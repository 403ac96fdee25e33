// A file that is there whole or not at all.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Exactly what the file has now, for its writer may be appending; null where there is none. SIDE EFFECTS: reads. */
export function readIfThere(file: string): Buffer | null {
  const descriptor = openIfThere(file);
  if (descriptor === null) return null;
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    let done = 0;
    for (let got = -1; got !== 0 && done < bytes.length; done += got) got = readSync(descriptor, bytes, done, bytes.length - done, done);
    return bytes.subarray(0, done);
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Puts a text in a file's place, readable by its owner alone. SIDE EFFECTS: writes and renames; on disk when it returns. */
export function putWhole(file: string, text: string, syncFolder: (folder: string) => void): void {
  const draft = `${file}.draft`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  syncFolder(dirname(file));
}
