// A process that counts events 1, 2, … up to argv[3] in the store at argv[2], and says each number once it is counted. It starts
// behind the last one that its client knows of (argv[4]), so what was counted but not said comes again with its id.

import { takeLock } from '../../../src/journal/lock.ts';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import { openEventStore } from '../../../src/loops/sentinel/event-store.ts';
import { expansion, settingsWith } from './world.ts';

const [, , folder = '', last = '0', known = '0'] = process.argv;
const store = await openEventStore({
  folder,
  settings: settingsWith({ budgetCap: 150 }),
  lock: (place) => takeLock(`${place}/lock`),
  syncFolder,
  snapshotEvery: 3_000,
});
for (let n = Number(known) + 1; n <= Number(last); n++) {
  store.countRead([expansion(1, { id: `e-${n}` })], { file: 'x', identity: 'i', offset: n, line: n, tail: '', phase: 'reading' });
  process.stdout.write(`${n}\n`);
}
store.close();
