// Makes names durable: a file that is flushed can still be lost with the folder that names it.
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** SIDE EFFECTS: flushes `folder` and the one above it, which may just have got it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  for (const name of [folder, dirname(folder)]) {
    const descriptor = openSync(name, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
