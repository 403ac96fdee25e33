// A process that holds the shared journal's lock and does what the lines on stdin say: `append run`, `check`, `release`.
import { createInterface } from 'node:readline';
import { MooringError } from '../../src/errors.ts';
import { signed, started } from '../journal/events.ts';
import { openMachine } from './open-store.ts';

const [, , folder = '', url = '', name = '', key = '1', heartbeatMs = '200'] = process.argv;
const { store } = await openMachine({ folder, url, name, key: Number(key), store: { heartbeatMs: Number(heartbeatMs) } });
const lock = await store.lock();
process.stdout.write('held\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [verb = '', run = ''] = line.split(' ');
  try {
    if (verb === 'append') await store.append([started(run), { run, at: 2, type: 'signed', group: 0, transactions: [signed('a', 4, `0x${run}`)] }]);
    if (verb === 'release') await lock.release();
    const said = verb === 'check' ? ((await store.lease()?.isHeld()) ? 'held' : 'lost') : 'done';
    process.stdout.write(`${said}\n`);
  } catch (error) {
    process.stdout.write(`${error instanceof MooringError ? error.code : String(error)}\n`);
  }
}
