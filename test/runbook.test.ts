// docs/runbook.md can be read by whoever follows it: the commands in it, and how they end. `npm run runbook` follows it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRunbook } from '../scripts/runbook/read-runbook.ts';
import { parseOptions } from '../src/cli/command.ts';
import { commands } from '../src/cli/commands.ts';

const text = readFileSync(join(import.meta.dirname, '../docs/runbook.md'), 'utf8');
const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));

test('every command of it exists, with its options', async () => {
  const acts = readRunbook(text).filter((act) => act.type === 'command');
  expect(acts.length).toBeGreaterThan(30);
  for (const { words, line } of acts) {
    const spec = specs.filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' ')).sort((a, b) => b.name.length - a.name.length)[0];
    expect(spec, `line ${line}: ${words.join(' ')}`).toBeDefined();
    if (spec !== undefined) await parseOptions(spec, words.slice(spec.name.split(' ').length));
  }
});

test('lines that go on, quotes, comments, exports, and how the next command ends', () => {
  const block =
    '# One\n<!-- runbook: exit 3 -->\n```sh\nexport A=b\nmooring plan --env "a b" \\\n  --verbose   # shown\nmooring drift x.y="5 AGI" --reason "it\'s so"\n```\n<!-- runbook: merge -->\n';
  expect(readRunbook(block)).toEqual([
    { type: 'heading', line: 1, text: 'One' },
    { type: 'export', line: 4, names: ['A'] },
    { type: 'command', line: 5, words: ['plan', '--env', 'a b', '--verbose'], exit: 3 },
    { type: 'command', line: 7, words: ['drift', 'x.y=5 AGI', '--reason', "it's so"], exit: 0 },
    { type: 'direct', line: 9, what: 'merge' },
  ]);
});

test('a line that nobody could run here is an error with its place', () => {
  expect(() => readRunbook('```sh\nrm -rf /\n```\n')).toThrow('docs/runbook.md:2');
});
