// `npm run runbook -- --practise`: the runbook's stage left running, for following it by hand in another terminal.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { say } from '../story.ts';
import { direct, type Stage } from './people.ts';

/** Until it is told to stop. Each line does what people do meanwhile. SIDE EFFECTS: a file beside the clone, until then. */
export async function practise(stage: Stage): Promise<void> {
  const file = `${stage.story.root}.sh`;
  writeFileSync(file, shellOf(stage), { mode: 0o600 });
  say('\nIn another terminal (bash or zsh), follow docs/runbook.md with `demo` in place of `mainnet`, after:\n');
  say(`  source ${file}`);
  say('\nIt sets every variable: leave the export lines out.');
  say('Follow the page’s source: where it says `<!-- runbook: merge -->`, `hand …` or `roi …`, type that here (`check …` looks whether it worked).');
  say('\nHere: `merge` has every open pull request reviewed, merged and applied, and brings that clone up to date;');
  say('`hand arena.setTargetSuccessRateBps(9000)` calls past git; `roi 1.4` sets the metric. End with Ctrl-D.');
  const lines = createInterface({ input: process.stdin });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => lines.close());
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      await direct(stage, line.trim()).catch((error: unknown) => say(`It failed: ${(error as Error).message}`));
      say('\ndone');
    }
    say('\nThe input has ended, and so does this.');
  } finally {
    rmSync(file, { force: true });
  }
}

function shellOf({ story: { root, env }, vault }: Stage): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const own = Object.entries({ ...env, ...vault }).filter(([name, value]) => value !== process.env[name]);
  const program = `${quoted(process.execPath)} ${quoted(join(import.meta.dirname, '../../bin/mooring.mjs'))}`;
  return [`cd ${quoted(root)}`, ...own.map(([name, value]) => `export ${name}=${quoted(value ?? '')}`), `mooring() { ${program} "$@"; }`, ''].join('\n');
}
