// A file of events that a person names, read whole.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import { parseAllEvents } from '../../loops/sentinel/parse-events.ts';
import type { SentinelEvent } from '../../loops/sentinel/state.ts';

const largestFile = 64 * 1024 * 1024;

/** Throws FILE_MISSING, FILE_NOT_REGULAR, FILE_TOO_LARGE, FILE_NOT_UTF8, EVENTS_INVALID. SIDE EFFECTS: reads the file. */
export function readEventFile(cwd: string, name: string): readonly SentinelEvent[] {
  const source = { file: name, line: 1, column: 1 };
  const bytes = readBytes(resolve(cwd, name), name);
  try {
    return parseAllEvents(new TextDecoder('utf-8', { fatal: true }).decode(bytes), name);
  } catch (error) {
    if (error instanceof MooringError) throw error;
    throw new MooringError('FILE_NOT_UTF8', `${name} is not valid UTF-8`, { source, fix: 'save it as UTF-8' });
  }
}

function readBytes(path: string, name: string): Buffer {
  const source = { file: name, line: 1, column: 1 };
  let descriptor: number;
  try {
    // A pipe without a writer must not hold the command.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new MooringError('FILE_MISSING', `${name} can't be opened (${(error as NodeJS.ErrnoException).code})`, {
      source,
      fix: 'name a JSON or NDJSON file of events',
    });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new MooringError('FILE_NOT_REGULAR', `${name} is not a file`, { source, fix: 'name a JSON or NDJSON file of events' });
    if (stats.size > largestFile) throw new MooringError('FILE_TOO_LARGE', `${name} has more than ${largestFile} bytes`, { source, fix: 'split it' });
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
