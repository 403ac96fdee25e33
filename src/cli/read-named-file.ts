// A file of JSON or NDJSON that a person names on the command line, as bytes.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MooringError } from '../errors.ts';

const largestFile = 64 * 1024 * 1024;

/** `what` it holds, for the fix: `events`. Throws FILE_MISSING, FILE_NOT_REGULAR, FILE_TOO_LARGE. SIDE EFFECTS: reads the file. */
export function readNamedFile(cwd: string, name: string, what: string): Buffer {
  const source = { file: name, line: 1, column: 1 };
  const fix = `name a JSON or NDJSON file of ${what}`;
  let descriptor: number;
  try {
    // A pipe without a writer must not hold the command.
    descriptor = openSync(resolve(cwd, name), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new MooringError('FILE_MISSING', `${name} can't be opened (${(error as NodeJS.ErrnoException).code})`, { source, fix });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new MooringError('FILE_NOT_REGULAR', `${name} is not a file`, { source, fix });
    if (stats.size > largestFile) throw new MooringError('FILE_TOO_LARGE', `${name} has more than ${largestFile} bytes`, { source, fix: 'split it' });
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
