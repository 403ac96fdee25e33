// The documentation: links that lead somewhere, command lines that are understood; and a linter that finds what is wrong.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lintDocs } from '../../scripts/lint-docs.ts';

const root = join(import.meta.dirname, '../..');
let outside: string;
let folder: string;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'mooring-docs-'));
  writeFileSync(join(outside, 'secret.md'), '');
  folder = join(outside, 'repository');
  mkdirSync(join(folder, 'docs'), { recursive: true });
  writeFileSync(join(folder, 'docs/other.md'), '# Other page\n## What it’s *for*\n```sh\n# not a heading\n```\n');
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

async function faults(text: string): Promise<[number, string][]> {
  writeFileSync(join(folder, 'page.md'), text);
  return (await lintDocs(folder, ['page.md'])).map(({ line, message }) => [line, message]);
}

test('of this repository', async () => {
  const files = execFileSync('git', ['ls-files', '-z', '*.md'], { cwd: root, encoding: 'utf8' }).split('\0');
  const own = files.filter((file) => file !== '' && !file.startsWith('test/'));
  expect(own.length).toBeGreaterThan(20);
  expect(await lintDocs(root, own)).toEqual([]);
});

test('what is sound passes', async () => {
  const links = '[a](docs/other.md) [b](docs/other.md#other-page) [c](docs/other.md#what-its-for) [d](https://example.org/x) [e](docs) [f](#here)';
  const lines = 'git clone x && cd mooring\nmooring plan --env local \\\n  --format json   # as it is\nnpx mooring --help\nmooring access --env … > x.csv';
  expect(await faults(`# Here\n${links}\n\`[code](nowhere)\`\n\`\`\`sh\n${lines}\n\`\`\`\n\`\`\`ts\n[g](nowhere)\n\`\`\`\n`)).toEqual([]);
});

test.each<[what: string, text: string, fault: RegExp]>([
  ['a dead link', '[a](docs/gone.md)', /gone\.md, which is not there/],
  ['a link out of the repository', '[a](../secret.md)', /not there/],
  ['a heading that is not there', '[a](docs/other.md#gone)', /no heading #gone/],
  ['a comment taken for a heading', '[a](docs/other.md#not-a-heading)', /no heading/],
  ['an unknown command', '```sh\nmooring aply\n```', /no command "mooring aply"/],
  ['an unknown option', '```sh\nexport A=1 && mooring plan --evn x\n```', /--evn/],
])('%s is found', async (_what, text, fault) => {
  const found = await faults(`\n${text}\n`);
  expect(found).toEqual([[text.startsWith('```') ? 3 : 2, expect.stringMatching(fault)]]);
});
