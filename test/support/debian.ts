// Programs of Debian's packages, for long forms: on the path, or downloaded and unpacked into .toolchain/, never installed.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = join(import.meta.dirname, '../../.toolchain/debian');

/** Where the binary of a package is that has the package's name. Throws where it can't be had. SIDE EFFECTS: downloads once. */
export function debianBinary(name: string): string {
  const place = join(folder, name);
  const unpacked = join(place, 'usr/bin', name);
  if (existsSync(unpacked)) return unpacked;
  if (existsSync(join('/usr/bin', name))) return join('/usr/bin', name);
  mkdirSync(place, { recursive: true });
  const run = (command: string, args: readonly string[]): void => void execFileSync(command, args, { cwd: place, stdio: 'pipe' });
  run('apt-get', ['download', name]);
  const file = readdirSync(place).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name} left no package`);
  run('dpkg-deb', ['-x', file, '.']);
  rmSync(join(place, file));
  return unpacked;
}

/** For a package whose files must lie where Debian puts them. SIDE EFFECTS: installs it once, without starting what it brings. */
export function installDebian(name: string, needs: string): void {
  if (existsSync(needs)) return;
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', name], {
    stdio: 'pipe',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}

/** The URL that a program of the Prometheus family says in its log that it listens on. */
export async function listeningUrl({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('it has no log');
  const seen: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    seen.push(line);
    const [, address] = /msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(line) ?? [];
    if (address === undefined) continue;
    stderr.resume();
    return `http://${address}`;
  }
  throw new Error(`it did not start:\n${seen.join('\n')}`);
}
