// One command at a time: a lock between processes that survives a crash of its holder. Plain JavaScript, runs on Node 20.
//
// The lock is a directory of numbered claims, `1`, `2`, …; the highest number is the holder. A claim is made by a hard
// link, so it appears whole or not at all, and each number can be taken once. A dead holder's claim stays, and the next
// number is free for exactly one successor: nobody ever deletes a claim that isn't their own.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ pid: number, started: string }} Holder */
/** @typedef {{ include: (pid: number) => void, release: () => void }} Lock */

/**
 * Waits until no living process holds the lock, then takes it. `onWait` is called once, with the holder's process id.
 * `include` makes it last as long as a child lives, though we die before; `release` gives it back.
 * SIDE EFFECTS: files below `directory`.
 * @param {string} directory
 * @param {{ onWait?: (pid: number) => void, pollMs?: number, isAlive?: (holder: Holder) => boolean }} [options]
 * @returns {Promise<Lock>}
 */
export async function acquireLock(directory, options = {}) {
  mkdirSync(directory, { recursive: true });
  for (let told = false; ; ) {
    const number = highestClaim(directory);
    const holder = number === 0 ? 'dead' : holderOf(join(directory, String(number)), options.isAlive ?? isAlive);
    if (holder === 'dead') {
      const claim = join(directory, String(number + 1));
      if (takeClaim(directory, claim)) return lockOf(claim);
    } else if (holder !== 'gone') {
      if (!told) options.onWait?.(holder.pid);
      told = true;
      await sleep(options.pollMs ?? 100);
    }
  }
}

/** @param {string} directory */
function highestClaim(directory) {
  return Math.max(
    0,
    ...readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
  );
}

/**
 * A living holder, `dead` where none can give the claim back any more, or `gone` where it just changed.
 * @param {string} file
 * @param {(holder: Holder) => boolean} isAlive
 * @returns {Holder | 'dead' | 'gone'}
 */
function holderOf(file, isAlive) {
  const claim = readClaim(file);
  if (claim === null) return 'gone';
  const holder = parseClaim(claim).find(isAlive);
  if (holder !== undefined) return holder;
  // Read again after its process has ended: whoever gives a claim back does so before ending, and the next one's differs.
  return readClaim(file) === claim ? 'dead' : 'gone';
}

/** @param {string} file */
function readClaim(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/**
 * @param {string} claim
 * @returns {Holder[]}
 */
function parseClaim(claim) {
  try {
    return JSON.parse(claim);
  } catch {
    return [];
  }
}

/**
 * True where this process made the claim, false where another was first.
 * @param {string} directory
 * @param {string} claim
 */
function takeClaim(directory, claim) {
  const draft = writeDraft(directory, [process.pid]);
  try {
    linkSync(draft, claim);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * @param {string} claim
 * @returns {Lock}
 */
function lockOf(claim) {
  return {
    include: (pid) => renameSync(writeDraft(dirname(claim), [process.pid, pid]), claim),
    release: () => rmSync(claim, { force: true }),
  };
}

/**
 * @param {string} directory
 * @param {readonly number[]} pids
 */
function writeDraft(directory, pids) {
  const draft = join(directory, `draft-${process.pid}-${Math.random().toString(36).slice(2)}`);
  writeFileSync(draft, JSON.stringify(pids.map((pid) => ({ pid, started: startTime(pid) }))));
  return draft;
}

/**
 * A process id alone is not enough: after a crash another process may have got the same one.
 * @param {Holder} holder
 */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return false;
  }
  return startTime(pid) === started;
}

/**
 * When a process started, in whatever form the system gives; empty where it has ended (also where its parent hasn't
 * noticed yet) or the system doesn't say.
 * @param {number} pid
 * @returns {string}
 */
export function startTime(pid) {
  try {
    if (process.platform === 'win32') return '';
    return process.platform === 'linux' ? startTimeOnLinux(pid) : startTimeByPs(pid);
  } catch {
    return '';
  }
}

/** @param {number} pid */
function startTimeOnLinux(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the command's name, which may hold spaces and brackets: the state, and 19 fields on the start in clock ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return '';
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}.${fields[19]}`;
}

/** @param {number} pid */
function startTimeByPs(pid) {
  const [state = '', ...start] = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
    .trim()
    .split(/\s+/);
  return state.startsWith('Z') ? '' : start.join(' ');
}
