// `npm run runbook`: docs/runbook.md, followed to the letter on an embedded chain with a real git and a stateful GitHub. Fails where
// a command of it fails. With `--practise` the stage is left to whoever wants to follow it by hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mooring } from './demo-world.ts';
import { direct, type Stage } from './runbook/people.ts';
import { practise } from './runbook/practise.ts';
import { readRunbook } from './runbook/read-runbook.ts';
import { setStage } from './runbook/stage.ts';
import { chapters, say } from './story.ts';

const file = 'docs/runbook.md';
const chapter = chapters();

async function follow(stage: Stage): Promise<void> {
  for (const act of readRunbook(readFileSync(join(import.meta.dirname, '..', file), 'utf8'))) {
    try {
      if (act.type === 'heading') chapter(act.text);
      else if (act.type === 'direct') await direct(stage, act.what);
      else if (act.type === 'export') setVariables(stage, act.names);
      else await mooring(stage.story, act.words.map(inDemo), { expected: act.exit });
    } catch (error) {
      throw new Error(`${file}:${act.line}: ${(error as Error).message}`, { cause: error });
    }
  }
  say('\nThe runbook has been followed from its first line to its last.');
}

/** As the operator would, from wherever they keep it. */
function setVariables({ story, vault }: Stage, names: readonly string[]): void {
  for (const name of names) {
    const value = vault[name];
    if (value === undefined) throw new Error(`nobody here has ${name}`);
    story.env[name] = value;
  }
}

function inDemo(word: string): string {
  return word.replace(/\bmainnet\b/g, 'demo');
}

say('Starting a chain, a git repository, a GitHub and a source of metrics on this machine …');
const stage = await setStage();
try {
  await (process.argv.includes('--practise') ? practise(stage) : follow(stage));
} finally {
  await stage.stop();
}
