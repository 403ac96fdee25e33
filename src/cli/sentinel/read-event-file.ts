// A file of events that a person names, read whole.
import { MooringError } from '../../errors.ts';
import { parseAllEvents } from '../../loops/sentinel/parse-events.ts';
import type { SentinelEvent } from '../../loops/sentinel/state.ts';
import { readNamedFile } from '../read-named-file.ts';

/** Throws FILE_MISSING, FILE_NOT_REGULAR, FILE_TOO_LARGE, FILE_NOT_UTF8, EVENTS_INVALID. SIDE EFFECTS: reads the file. */
export function readEventFile(cwd: string, name: string): readonly SentinelEvent[] {
  const bytes = readNamedFile(cwd, name, 'events');
  try {
    return parseAllEvents(new TextDecoder('utf-8', { fatal: true }).decode(bytes), name);
  } catch (error) {
    if (error instanceof MooringError) throw error;
    throw new MooringError('FILE_NOT_UTF8', `${name} is not valid UTF-8`, { source: { file: name, line: 1, column: 1 }, fix: 'save it as UTF-8' });
  }
}
