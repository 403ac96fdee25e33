// A process that locks the journal in argv[2] and appends until it can't; says what it met and what can still be read.
import { MooringError } from '../../src/errors.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { started } from './events.ts';

// Past a file size limit the kernel sends this, and then the write fails as on a full disk.
process.on('SIGXFSZ', () => {});
const store = openFileStore(process.argv[2] ?? '');
const lock = await store.lock();
let appended = 0;
try {
  for (; appended < 100; appended++) await store.append([started(`run-${appended}`)]);
} catch (error) {
  const code = error instanceof MooringError ? error.code : String(error);
  const readable = (await openFileStore(process.argv[2] ?? '').read()).length;
  process.stdout.write(`${JSON.stringify({ code, appended, readable })}\n`);
}
await lock.release();
