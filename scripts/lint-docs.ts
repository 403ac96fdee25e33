// `npm run docs:lint`: every link of the documentation leads somewhere, every `mooring` line in it is one that the tool
// understands, and what is generated is up to date. Prints each fault with its file and line; exits with 1 where there is one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { commands } from '../src/cli/commands.ts';
import { commandTraps } from './mooring-lines.ts';

export type Fault = { file: string; line: number; message: string };

const root = join(import.meta.dirname, '..');

/** Faults of Markdown files below `folder`, by path from there. */
export async function lintDocs(folder: string, files: readonly string[]): Promise<Fault[]> {
  const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const scripts = scriptsIn(text);
      const lines = await Promise.all(scripts.map(async ({ line, script }) => (await commandTraps(script, specs)).map((message) => ({ file, line, message }))));
      return [...linksIn(text).flatMap((link) => linkFault(folder, file, link)), ...lines.flat()];
    }),
  );
  return found.flat();
}

type Link = { line: number; target: string };

/** Of prose: what stands in code is no link. */
function linksIn(text: string): Link[] {
  return proseLines(text).flatMap(({ line, text: prose }) =>
    [...prose.replace(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => ({ line, target: String(target) })),
  );
}

function linkFault(folder: string, file: string, { line, target }: Link): Fault[] {
  if (/^[a-z]+:/i.test(target)) return [];
  const [path = '', anchor] = target.split('#');
  const place = path === '' ? join(folder, file) : resolve(folder, dirname(file), decodeURIComponent(path));
  const shown = relative(folder, place);
  if (shown.startsWith('..') || !existsSync(place)) return [{ file, line, message: `the link leads to ${shown}, which is not there` }];
  if (anchor === undefined || statSync(place).isDirectory() || !place.endsWith('.md')) return [];
  return anchorsIn(readFileSync(place, 'utf8')).has(anchor) ? [] : [{ file, line, message: `${shown} has no heading #${anchor}` }];
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): Set<string> {
  const headings = proseLines(text).flatMap(({ text: line }) => /^#{1,6}\s+(.*)$/.exec(line)?.[1] ?? []);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

type Numbered = { line: number; text: string };

function proseLines(text: string): Numbered[] {
  let fenced = false;
  return text.split('\n').flatMap((line, i) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) fenced = !fenced;
    return isFence || fenced ? [] : [{ line: i + 1, text: line }];
  });
}

/** Shell blocks, each with the line that it begins at. */
function scriptsIn(text: string): { line: number; script: string }[] {
  return [...text.matchAll(/^[ \t]*```(?:sh|bash|console)\n([\s\S]*?)^[ \t]*```/gm)].map((block) => ({
    line: text.slice(0, block.index).split('\n').length + 1,
    script: commandLines(String(block[1])),
  }));
}

/** Where `mooring` is what is called; what a reader fills in is a word. The general help is no command. */
function commandLines(script: string): string {
  const lines = script
    .replaceAll('…', 'X')
    .replace(/\\\n\s*/g, ' ')
    .split('\n');
  return lines.filter((line) => /(?:^|[|&;(]|npx)\s*mooring\s/.test(line.trim()) && !/mooring (?:--help|--version)/.test(line)).join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const files = execFileSync('git', ['ls-files', '-z', '*.md'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !file.startsWith('test/') && existsSync(join(root, file)));
  const faults = await lintDocs(root, files);
  for (const { file, line, message } of faults) console.error(`${file}:${line}: ${message}`);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${files.length} Markdown files: links and command lines are sound`);
  execFileSync(process.execPath, [join(root, 'scripts/docs.ts'), '--check'], { stdio: 'inherit' });
}
