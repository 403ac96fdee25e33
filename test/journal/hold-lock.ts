// A process that takes the journal's lock in argv[2], appends argv[3] events, says so, and keeps the lock until it is ended.

import { MooringError } from '../../src/errors.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { started } from './events.ts';

const [, , folder = '', count = '0', then = 'hold'] = process.argv;
try {
  const store = openFileStore(folder);
  const lock = await store.lock();
  for (let i = 0; i < Number(count); i++) await store.append([started(`${process.pid}-${i}`)]);
  process.stdout.write('held\n');
  if (then === 'release') await lock.release();
  else setInterval(() => {}, 1_000);
} catch (error) {
  process.stdout.write(`${error instanceof MooringError ? error.code : String(error)}\n`);
}
