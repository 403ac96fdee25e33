// A real bare repository to push to, and places to push from.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Git, openMirror } from '../../src/scm/git.ts';
import { writeBlob, writeCommit, writeTree } from '../../src/scm/git-objects.ts';

export type Remote = {
  folder: string;
  /** The bare repository's folder, which is its URL. */
  url: string;
  /** A cache of its own for each name. */
  mirror(name?: string): Promise<Git>;
  /** Runs git in the bare repository, as its host would. */
  git(...args: string[]): string;
  hook(name: string, script: string): void;
  remove(): void;
};

/** SIDE EFFECTS: a temporary folder, until `remove`. */
export function makeRemote(): Remote {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-scm-'));
  const url = join(folder, 'remote.git');
  runIn(folder, 'init', '--bare', '-q', '--initial-branch=main', url);
  // A host cleans up when it likes, not with each push.
  appendFileSync(join(url, 'config'), '[receive]\n\tautogc = false\n');
  return {
    folder,
    url,
    mirror: (name = 'a') => openMirror({ folder: join(folder, name), url }),
    git: (...args) => runIn(url, ...args),
    hook(name, script) {
      mkdirSync(join(url, 'hooks'), { recursive: true });
      writeFileSync(join(url, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Runs git with nobody's settings, as a person called Test. Returns what it says, without the last line break. */
export function runIn(folder: string, ...args: string[]): string {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(kept), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const settings = ['user.name=Test', 'user.email=test@example.org', 'commit.gpgSign=false', 'init.defaultBranch=main', 'protocol.file.allow=always'];
  return execFileSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trimEnd();
}

/** A commit with one file. */
export async function commitOf(git: Git, text: string, parents: readonly string[] = []): Promise<string> {
  const id = await writeBlob(git, Buffer.from(text));
  const tree = await writeTree(git, [{ mode: '100644', type: 'blob', id, path: 'file.txt' }]);
  return writeCommit(git, { tree, parents, message: text, at: 1_700_000_000_000 });
}
