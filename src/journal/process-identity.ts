// Tells whether the process that wrote something down is still the one that runs: its id alone may belong to another by now.
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `started` and `machine` are opaque texts that only compare. */
export type ProcessIdentity = { pid: number; started: string; machine: string };

/** This process. */
export function identify(): ProcessIdentity {
  return { pid: process.pid, started: startTime(process.pid) ?? 'unknown', machine: machine() };
}

/** Whether that process lives (a stopped one does), is dead (a zombie is), or can't be seen from here. */
export function state(identity: ProcessIdentity): 'alive' | 'dead' | 'elsewhere' {
  if (identity.machine !== machine()) return sameHostEarlierBoot(identity.machine) ? 'dead' : 'elsewhere';
  const started = startTime(identity.pid);
  if (started === null) return 'dead';
  // Where a start time can't be had, an id in use counts as alive: better to wait than to write twice.
  return started === 'unknown' || identity.started === 'unknown' || started === identity.started ? 'alive' : 'dead';
}

/** Host, process-id namespace and boot: only within one of each do process ids compare. */
function machine(): string {
  return [hostname(), attempt(() => readlinkSync('/proc/self/ns/pid')), attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())].join(
    ' ',
  );
}

/** The same host after a restart: no process of the former boot lives. */
function sameHostEarlierBoot(other: string): boolean {
  const [host, , boot] = machine().split(' ');
  const [otherHost, , otherBoot] = other.split(' ');
  return host === otherHost && boot !== '-' && otherBoot !== undefined && otherBoot !== '-' && boot !== otherBoot;
}

/** When the process with this id started; null when none runs, 'unknown' when the system doesn't say. */
function startTime(pid: number): string | null {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (!exists(pid)) return null;
  if (process.platform === 'win32') return 'unknown';
  return attempt(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim(), 'unknown');
}

function linuxStartTime(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  if (stat === '') return exists(pid) ? 'unknown' : null;
  // The command in parentheses may hold anything; the fields behind it start with the state, the 20th is the start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? null : (fields[19] ?? 'unknown');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function attempt(read: () => string, otherwise = '-'): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
