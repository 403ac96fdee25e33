// One holder of a folder at a time, by processes of one machine. A holder that died, by whatever end, holds nothing.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import { identify, type ProcessIdentity, state } from './process-identity.ts';

export type Held = { isHeld(): boolean; release(): void };

export type LockOptions = {
  /**
   * A holder on another machine or in another container counts as dead: only for who knows otherwise, as by a lease, that it no
   * longer acts. It notices when it looks whether it still holds the lock.
   */
  fenced?: boolean;
};

/** The cause of a JOURNAL_LOCKED whose holder can't be told to live or not: it ran elsewhere, or its file can't be read. */
export class UnseenHolder {}

type Holder = ProcessIdentity & { since: string };

const attempts = 8;

/**
 * Takes the lock in `folder`, or throws JOURNAL_LOCKED naming the holder. Everyone who wants it puts down a file of its
 * own and then looks around: of two who come at once, at least the later sees the other, so never do both hold it.
 * No file is ever taken over or rewritten: a dead holder's is deleted, a living one's is left alone, stopped or not.
 * SIDE EFFECTS: writes and deletes files in `folder`.
 */
export async function takeLock(folder: string, { fenced = false }: LockOptions = {}): Promise<Held> {
  mkdirSync(folder, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const mine = putDown(folder);
    const other = livingOther(folder, { mine, fenced });
    if (other === null) return held(join(folder, mine));
    rmSync(join(folder, mine), { force: true });
    if (attempt === attempts) throw locked(folder, other);
    // Of two who stepped back from each other one comes first the next time.
    await pause(5 + Math.floor(Math.random() * 40));
  }
}

function putDown(folder: string): string {
  const name = `${randomBytes(12).toString('hex')}.holder`;
  const holder: Holder = { ...identify(), since: new Date().toISOString() };
  const draft = join(folder, `${name}.draft`);
  writeFileSync(draft, JSON.stringify(holder), { flag: 'wx', flush: true });
  // Complete when it becomes visible: a half-written holder could not be told from a dead one.
  renameSync(draft, join(folder, name));
  return name;
}

/** A living holder besides `mine`, or null. SIDE EFFECTS: deletes the files of dead ones. */
function livingOther(folder: string, { mine, fenced }: { mine: string; fenced: boolean }): { file: string; holder: Holder | null } | null {
  for (const name of readdirSync(folder)) {
    if (name === mine || !name.endsWith('.holder')) continue;
    const file = join(folder, name);
    const holder = readHolder(file);
    if (holder === 'gone') continue;
    if (holder === null || !isOver(holder, fenced)) return { file, holder };
    rmSync(file, { force: true });
  }
  return null;
}

function isOver(holder: Holder, fenced: boolean): boolean {
  const seen = state(holder);
  return seen === 'dead' || (seen === 'elsewhere' && fenced);
}

function readHolder(file: string): Holder | null | 'gone' {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof value.pid === 'number' && typeof value.started === 'string' && typeof value.machine === 'string' ? (value as Holder) : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : null;
  }
}

function held(file: string): Held {
  let holding = true;
  return {
    isHeld: () => holding && existsSync(file),
    release() {
      holding = false;
      rmSync(file, { force: true });
    },
  };
}

function locked(folder: string, { file, holder }: { file: string; holder: Holder | null }): MooringError {
  const who = holder === null ? 'an unreadable holder file' : `process ${holder.pid}, since ${holder.since}`;
  const elsewhere = holder !== null && state(holder) === 'elsewhere';
  const fix = elsewhere
    ? `That process ran on another machine or in another container, so whether it lives can't be seen from here. When it has surely ended, delete ${file}.`
    : holder === null
      ? `When no apply is running, delete ${file}.`
      : 'Wait until it ends, or end it: its lock ends with it, and the next apply takes up what it left.';
  return new MooringError('JOURNAL_LOCKED', `the journal in ${folder} is held by ${who}`, {
    fix,
    ...(elsewhere || holder === null ? { cause: new UnseenHolder() } : {}),
  });
}
