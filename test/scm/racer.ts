// A process that races others for a ref: for each line `ref old` on stdin it makes a commit, pushes it, and says what came of it.
import { createInterface } from 'node:readline';
import { openMirror } from '../../src/scm/git.ts';
import { compareAndSwap } from '../../src/scm/swap.ts';
import { commitOf } from './remote.ts';

const [, , folder = '', url = ''] = process.argv;
const git = await openMirror({ folder, url });
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [ref = '', old = ''] = line.split(' ');
  const next = await commitOf(git, 'the same in all');
  const { outcome } = await compareAndSwap(git, [{ ref, old: old === '' ? null : old, next }]);
  process.stdout.write(`${outcome} ${next}\n`);
}
