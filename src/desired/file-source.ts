// Where the files of desired state come from: a port, and the disk behind it. No parsing here.
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../errors.ts';

/** `other`: a link, a device, a socket: nothing that is read. */
export type FileType = 'file' | 'directory' | 'missing' | 'other';

/** Port: files by their path from the repository's root, with `/` between parts. */
export interface FileSource {
  /** Of which commit they are, where they are read from git. */
  readonly commit?: string;
  /** Names in a directory, sorted; empty where there is none. */
  list(directory: string): string[];
  /** At most `limit` bytes; a longer file is cut there. Throws MooringError FILE_MISSING or FILE_NOT_REGULAR. */
  read(path: string, limit: number): Uint8Array;
  kindOf(path: string): FileType;
}

/**
 * Files below `root` on this machine's disk. Links are not followed below the root, so that a path in a repository can't
 * lead out of it. SIDE EFFECTS of its methods: reads the disk.
 */
export function diskSource(root: string): FileSource {
  const base = realpathSync(root);
  const kindOf = (path: string): FileType => typeOf(base, path);
  return {
    kindOf,
    list: (directory) => (kindOf(directory) === 'directory' ? readdirSync(join(base, directory)).sort() : []),
    read: (path, limit) => {
      const type = kindOf(path);
      if (type !== 'file') throw unreadable(path, type);
      return readStart(join(base, path), limit);
    },
  };
}

function typeOf(base: string, path: string): FileType {
  const full = join(base, path);
  let real: string;
  try {
    real = realpathSync(full);
  } catch {
    return 'missing';
  }
  if (real !== full) return 'other';
  const stats = statSync(real);
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
}

function unreadable(path: string, type: FileType): MooringError {
  const source = { file: path, line: 1, column: 1 };
  if (type === 'missing') return new MooringError('FILE_MISSING', `${path} is missing`, { source, fix: 'create it' });
  return new MooringError('FILE_NOT_REGULAR', `${path} is a ${type === 'directory' ? 'directory' : 'link or a special file'}, expected a file`, {
    source,
    fix: 'put a plain file there',
  });
}

function readStart(path: string, limit: number): Uint8Array {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(Math.min(limit, Number(fstatSync(handle).size) + 1));
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got) got = readSync(handle, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}

/** Files in memory by path: for tests, and for states that come from elsewhere. */
export function memorySource(files: Readonly<Record<string, string | Uint8Array>>): FileSource {
  const paths = Object.keys(files);
  const kindOf = (path: string): FileType =>
    Object.hasOwn(files, path) ? 'file' : paths.some((other) => other.startsWith(`${path}/`)) ? 'directory' : 'missing';
  return {
    kindOf,
    list: (directory) =>
      [...new Set(paths.filter((path) => path.startsWith(`${directory}/`)).map((path) => path.slice(directory.length + 1).split('/', 1)[0] ?? ''))].sort(),
    read: (path, limit) => {
      const content = files[path];
      if (content === undefined) throw unreadable(path, kindOf(path));
      return (typeof content === 'string' ? new TextEncoder().encode(content) : content).subarray(0, limit);
    },
  };
}

/** The files of `source`, one of them with other content, whether it is there or not. */
export function withFile(source: FileSource, path: string, content: string): FileSource {
  const own = memorySource({ [path]: content });
  return {
    kindOf: (asked) => (own.kindOf(asked) === 'missing' ? source.kindOf(asked) : own.kindOf(asked)),
    list: (directory) => [...new Set([...source.list(directory), ...own.list(directory)])].sort(),
    read: (asked, limit) => (asked === path ? own : source).read(asked, limit),
  };
}
