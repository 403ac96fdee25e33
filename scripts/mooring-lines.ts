// The `mooring …` lines of a shell script, wherever they stand in it, read as the tool itself would read them.
import { type CommandSpec, parseOptions } from '../src/cli/command.ts';

/** What is wrong with a script's `mooring …` lines: commands and options that don't exist, values that are missing. */
export async function commandTraps(run: string, specs: readonly CommandSpec[]): Promise<string[]> {
  const traps = await Promise.all(mooringLines(run).map((words) => lineTrap(words, specs)));
  return traps.filter((trap) => trap !== null);
}

async function lineTrap(words: readonly string[], specs: readonly CommandSpec[]): Promise<string | null> {
  const spec = specs.filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' ')).sort((a, b) => b.name.length - a.name.length)[0];
  if (spec === undefined) return `there is no command "mooring ${words.join(' ')}"`;
  try {
    await parseOptions(spec, words.slice(spec.name.split(' ').length));
    return null;
  } catch (error) {
    return `mooring ${words.join(' ')}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The words behind each `mooring`; what the shell fills in is an X. A `mooring` that is only spoken of counts, too. */
export function mooringLines(run: string): string[][] {
  const { script, inner } = withoutSubstitutions(withoutComments(run));
  const plain = script
    .replace(/"[^"]*"|'[^']*'/g, 'X')
    .replace(/\$\{[^}]*\}|\$\w+/g, 'X')
    .replace(/\d?>+&?\s*[\w./-]+/g, ' ');
  const own = plain.split(/[\n;|&(){}]+/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    const at = words.findIndex((word) => /^(?:.*\/)?mooring$/.test(word));
    return at < 0 ? [] : [words.slice(at + 1)];
  });
  return [...own, ...inner.flatMap(mooringLines)];
}

/** Without comments, and with lines that go on put together. */
export function withoutComments(run: string): string {
  return run.replace(/\\\n\s*/g, ' ').replace(/(^|\s)#.*$/gm, '$1');
}

/** `$(…)` from the inside out: an X in its place, and its script beside. */
function withoutSubstitutions(script: string): { script: string; inner: string[] } {
  const inner: string[] = [];
  let left = script;
  for (let before = ''; before !== left; ) {
    before = left;
    left = left.replace(/\$\(([^()]*)\)/, (_, command: string) => {
      inner.push(command);
      return 'X';
    });
  }
  return { script: left, inner };
}
