// Where desired-state/ lies, and lines of its files for error excerpts.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import type { Excerpt } from '../../render/finding-text.ts';
import { type Context, type Options, text } from '../command.ts';

/** `--root`, or the nearest folder upwards that holds desired-state/. Throws ROOT_NOT_FOUND. */
export function findRoot(context: Context, options: Options): string {
  const given = text(options, 'root');
  if (given !== undefined) {
    const root = resolve(context.cwd, given);
    if (!existsSync(join(root, 'desired-state')))
      throw new MooringError('ROOT_NOT_FOUND', `${root} holds no desired-state/ folder`, { fix: 'name the folder above desired-state/ with --root' });
    return root;
  }
  for (let folder = resolve(context.cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'desired-state'))) return folder;
    if (folder === dirname(folder))
      throw new MooringError('ROOT_NOT_FOUND', `there is no desired-state/ folder in ${context.cwd} or above it`, {
        fix: 'change into your checkout, or name it with --root',
      });
  }
}

export function findRootQuietly(context: Context, options: Options): string | undefined {
  try {
    return findRoot(context, options);
  } catch {
    return undefined;
  }
}

const largestExcerptFile = 2 * 1024 * 1024;

/** Reads a finding's line from disk; nothing where the file is gone or too large. */
export function excerptFrom(root: string | undefined): Excerpt {
  return (source) => {
    try {
      const file = resolve(root ?? '.', source.file);
      if (statSync(file).size > largestExcerptFile) return undefined;
      return readFileSync(file, 'utf8').split(/\r?\n/)[source.line - 1];
    } catch {
      return undefined;
    }
  };
}
