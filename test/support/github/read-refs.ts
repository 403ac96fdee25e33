// A repository's refs, read from its files where it keeps them in files: asked before each request, git would take most of
// a test's time.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Name to id. Symbolic refs are left out. */
export function readRefs(folder: string, git: (...args: string[]) => string): Map<string, string> {
  if (existsSync(join(folder, 'reftable'))) return parsed(git('for-each-ref', '--format=%(objectname) %(refname)'));
  const packed = join(folder, 'packed-refs');
  const refs = existsSync(packed) ? parsed(readFileSync(packed, 'utf8')) : new Map<string, string>();
  for (const entry of readdirSync(join(folder, 'refs'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.lock')) continue;
    const path = join(entry.parentPath, entry.name);
    const id = readFileSync(path, 'utf8').trim();
    if (/^[0-9a-f]+$/.test(id)) refs.set(relative(folder, path).split(sep).join('/'), id);
  }
  return refs;
}

function parsed(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^([0-9a-f]+) (refs\/\S+)$/gm)].map(([, id = '', name = '']) => [name, id]));
}
