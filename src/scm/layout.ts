// Where a repository keeps what is read and written here without git: seen by itself where it is plainly a clone's own
// folder, and else asked of git.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Layout = {
  /** The folder of git's objects, and how many hex digits their names have: 40, or 64 with SHA-256. */
  objects: string;
  idLength: number;
  /** The file that says where a clone's history was cut; there is none in a whole one. */
  shallow: string;
  /** The folder of refs that are files; null where git keeps them otherwise, or elsewhere. */
  refs: string | null;
};

const moving: ReadonlySet<string> = new Set(['GIT_DIR', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_SHALLOW_FILE']);

/** Null: ask git. A linked work tree, a folder below the clone's, extensions and variables that lead elsewhere are for git. */
export function plainLayout(folder: string, env: Readonly<Record<string, string | undefined>>): Layout | null {
  const own = join(folder, '.git');
  if (Object.keys(env).some((name) => moving.has(name))) return null;
  if (!['HEAD', 'objects', 'refs', 'config'].every((name) => existsSync(join(own, name)))) return null;
  if (/extensions|include/i.test(readFileSync(join(own, 'config'), 'utf8'))) return null;
  return { objects: join(own, 'objects'), idLength: 40, shallow: join(own, 'shallow'), refs: join(own, 'refs') };
}
