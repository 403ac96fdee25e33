import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/journal/file-store.ts';
import { takeLock } from '../../src/journal/lock.ts';
import { identify, state } from '../../src/journal/process-identity.ts';

const script = join(import.meta.dirname, 'hold-lock.ts');
let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-lock-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(end));
  rmSync(folder, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Starts a process that wants the lock; resolves with its first line: `held`, or the code of its error. */
async function contender(...args: string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [script, folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  const [said] = (await once(lines, 'line')) as [string];
  return { child, said };
}

describe('the lock', () => {
  test('excludes every other process until it is released', async () => {
    const lock = await openFileStore(folder).lock();
    expect((await contender()).said).toBe('JOURNAL_LOCKED');
    await lock.release();
    expect((await contender()).said).toBe('held');
  });

  test('excludes a second store, and a second time, in the same process', async () => {
    const store = openFileStore(folder);
    const lock = await store.lock();
    await expect(openFileStore(folder).lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await expect(store.lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await lock.release();
    await (await store.lock()).release();
  });

  test('ends with a holder that is killed', async () => {
    const { child, said } = await contender();
    expect(said).toBe('held');
    await end(child);
    await (await openFileStore(folder).lock()).release();
    expect(readdirSync(join(folder, 'lock'))).toEqual([]);
  });

  test('stays with a holder that is stopped, and ends when it is killed', async () => {
    const { child } = await contender();
    child.kill('SIGSTOP');
    await expect(openFileStore(folder).lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await end(child);
    await (await openFileStore(folder).lock()).release();
  });

  test('of many that come at once exactly one gets it', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => contender('3')));
    expect(results.filter(({ said }) => said === 'held')).toHaveLength(1);
    expect(results.filter(({ said }) => said === 'JOURNAL_LOCKED')).toHaveLength(5);
    expect(await openFileStore(folder).read()).toHaveLength(3);
  });

  test('a holder whose process id now belongs to another process holds nothing', async () => {
    mkdirSync(join(folder, 'lock'));
    writeFileSync(join(folder, 'lock', 'old.holder'), JSON.stringify({ ...identify(), started: '1', since: 'then' }));
    await (await openFileStore(folder).lock()).release();
  });

  test('a holder on another machine, or one that cannot be read, is never assumed dead', async () => {
    mkdirSync(join(folder, 'lock'));
    const file = join(folder, 'lock', 'other.holder');
    writeFileSync(file, JSON.stringify({ pid: 1, started: '1', machine: 'elsewhere pid:[1] boot', since: 'then' }));
    await expect(openFileStore(folder).lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED', fix: expect.stringContaining(file) });
    writeFileSync(file, '');
    await expect(openFileStore(folder).lock()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED', fix: expect.stringContaining(file) });
  });

  test('whoever knows by a lease that the other machine no longer acts takes it, and the other one notices', async () => {
    mkdirSync(join(folder, 'lock'));
    const file = join(folder, 'lock', 'other.holder');
    writeFileSync(file, JSON.stringify({ pid: 1, started: '1', machine: 'elsewhere pid:[1] boot', since: 'then' }));
    const mine = await takeLock(join(folder, 'lock'), { fenced: true });
    expect([existsSync(file), mine.isHeld()]).toEqual([false, true]);
    // As another machine would see it.
    for (const name of readdirSync(join(folder, 'lock'))) rmSync(join(folder, 'lock', name));
    expect(mine.isHeld()).toBe(false);
    // One of this machine that lives is never taken over.
    const again = await takeLock(join(folder, 'lock'));
    await expect(takeLock(join(folder, 'lock'), { fenced: true })).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    again.release();
  });

  test('nothing is written without it', async () => {
    const store = openFileStore(folder);
    await expect(store.append([])).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
    const lock = await store.lock();
    await lock.release();
    await expect(store.append([])).rejects.toMatchObject({ code: 'JOURNAL_NOT_LOCKED' });
  });
});

describe('a process', () => {
  test('is alive, dead when its start time is another, dead after a restart of its machine', () => {
    const me = identify();
    const [host, space] = me.machine.split(' ');
    expect(state(me)).toBe('alive');
    expect(state({ ...me, started: '1' })).toBe('dead');
    expect(state({ ...me, machine: `${host} ${space} another-boot` })).toBe('dead');
    expect(state({ ...me, machine: `${host}x ${space} another-boot` })).toBe('elsewhere');
  });

  test.runIf(process.platform === 'linux')('is dead when it is a zombie', async () => {
    // The shell leaves its child unreaped; `exec` keeps it the parent.
    const child = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const stat = () => readFileSync(`/proc/${line}/stat`, 'utf8');
    while (!stat().includes(') Z ')) await new Promise(setImmediate);
    expect(state({ ...identify(), pid: Number(line), started: stat().split(' ')[21] ?? '' })).toBe('dead');
  });
});
