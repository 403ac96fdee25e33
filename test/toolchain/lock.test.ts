import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock, startTime } from '../../scripts/lock.mjs';

const lockModule = join(import.meta.dirname, '../../scripts/lock.mjs');
const children: ChildProcess[] = [];
let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(code: string): ChildProcess {
  const script = `import { acquireLock } from ${JSON.stringify(lockModule)}; import fs from 'node:fs'; const lock = ${JSON.stringify(lock)}; ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function startHolder(): Promise<ChildProcess> {
  const holder = start(`await acquireLock(lock); console.log('held'); setInterval(() => {}, 1000);`);
  await once(holder.stdout as NodeJS.ReadableStream, 'data');
  return holder;
}

function claim(number: number, holder: { pid: number; started: string }): void {
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, String(number)), JSON.stringify([holder]));
}

test('is given back and taken again, and leaves nothing behind', async () => {
  for (let round = 0; round < 3; round++) (await acquireLock(lock)).release();
  expect(readdirSync(lock)).toEqual([]);
});

test('waits for a living holder and says for whom', async () => {
  const holder = await startHolder();
  const waited = Promise.withResolvers<number>();
  const taken = acquireLock(lock, { onWait: waited.resolve, pollMs: 5 });
  expect(await waited.promise).toBe(holder.pid);
  expect(await Promise.race([taken.then(() => 'taken'), once(start('console.log(1)'), 'exit').then(() => 'still waiting')])).toBe('still waiting');
  holder.kill('SIGKILL');
  (await taken).release();
});

test('survives a crash of its holder', async () => {
  const holder = await startHolder();
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
  (await acquireLock(lock)).release();
});

test('outlives its holder as long as an included child lives', async () => {
  const child = start('setInterval(() => {}, 1000);');
  const holder = start(`(await acquireLock(lock)).include(${child.pid}); console.log('held'); setInterval(() => {}, 1000);`);
  await once(holder.stdout as NodeJS.ReadableStream, 'data');
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
  const waited = Promise.withResolvers<number>();
  const taken = acquireLock(lock, { onWait: waited.resolve, pollMs: 5 });
  expect(await waited.promise).toBe(child.pid);
  child.kill('SIGKILL');
  (await taken).release();
});

test('is not held by a dead process whose parent has not noticed', async () => {
  const file = join(folder, 'holder.mjs');
  writeFileSync(
    file,
    `import { acquireLock } from ${JSON.stringify(lockModule)}; await acquireLock(${JSON.stringify(lock)}); console.log(process.pid); setInterval(() => {}, 1000);`,
  );
  const parent = spawn('sh', ['-c', `"${process.execPath}" "${file}" & exec sleep 60`], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(parent);
  const [pid] = await once(parent.stdout, 'data');
  process.kill(Number(pid), 'SIGKILL');
  (await acquireLock(lock, { pollMs: 1 })).release();
  expect(parent.exitCode).toBe(null);
});

test('is not held by another process that got the same id', async () => {
  claim(1, { pid: process.pid, started: `not ${startTime(process.pid)}` });
  (await acquireLock(lock)).release();
});

test('is not held by a claim of which only a piece was written', async () => {
  mkdirSync(lock);
  writeFileSync(join(lock, '1'), '[{"pid":');
  (await acquireLock(lock)).release();
});

test('is not taken over where its holder gave it back, and another took it, between the look and the verdict', async () => {
  claim(1, { pid: 2 ** 30, started: 'long ago' });
  const next = { pid: process.pid, started: startTime(process.pid) };
  const looks: number[] = [];
  const taken = acquireLock(lock, {
    pollMs: 1,
    isAlive: (holder) => {
      looks.push(holder.pid);
      // The first holder gives back and ends while we look; the next one leaves in the end.
      if (looks.length === 1) claim(1, next);
      if (looks.length === 5) rmSync(join(lock, '1'));
      return holder.pid === next.pid;
    },
  });
  const { release } = await taken;
  expect(looks).toEqual([2 ** 30, next.pid, next.pid, next.pid, next.pid]);
  release();
});

test('leaves the claims of the dead in place, so that a slow look finds them', async () => {
  claim(1, { pid: 2 ** 30, started: 'long ago' });
  const { release } = await acquireLock(lock);
  expect(readdirSync(lock).sort()).toEqual(['1', '2']);
  release();
  expect(readdirSync(lock)).toEqual(['1']);
});

test('is held by one at a time, among many that come, go and crash', async () => {
  claim(1, { pid: 2 ** 30, started: 'long ago' });
  const counter = join(folder, 'counter');
  writeFileSync(counter, '');
  // Inside, each makes sure that it is alone: a second one's file is in the way.
  const work = `
    for (let round = 0; round < 5; round++) {
      const { release } = await acquireLock(lock, { pollMs: 1 });
      fs.writeFileSync(lock + '.inside', String(process.pid), { flag: 'wx' });
      fs.appendFileSync(${JSON.stringify(counter)}, 'x');
      fs.rmSync(lock + '.inside');
      if (process.argv[1] === 'crash') process.kill(process.pid, 'SIGKILL');
      release();
    }`;
  const workers = Array.from({ length: 8 }, (_, index) => start(work.replace("process.argv[1] === 'crash'", String(index % 2 === 0))));
  const ends = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  expect(ends.map(([code, signal]) => signal ?? code)).toEqual(workers.map((_, index) => (index % 2 === 0 ? 'SIGKILL' : 0)));
  expect(readFileSync(counter, 'utf8')).toHaveLength(4 * 5 + 4);
});
