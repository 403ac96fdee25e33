// The README shows a change and its plan: the change can still be made, and the plan is what the tool prints for it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedChain, startEmbeddedChain } from '../../scripts/embedded-chain.ts';
import { type Desk, makeDesk, steady } from '../support/cli.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const local = 'desired-state/local';

let chain: EmbeddedChain;
let desk: Desk;

beforeAll(async () => {
  chain = await startEmbeddedChain();
  const paths = readdirSync(join(root, local), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
  desk = makeDesk(
    new Map(paths.map((path) => [`${local}/${path}`, readFileSync(join(root, local, path), 'utf8').replace('http://127.0.0.1:8545', chain.url)])),
  );
});
afterAll(async () => {
  desk?.remove();
  await chain?.stop();
});

/** The diffs of the README: a file, and lines that are replaced one by one. */
function edits(): { file: string; from: string; to: string }[] {
  return [...readme.matchAll(/```diff\n # (\S+)\n([\s\S]*?)```/g)].flatMap(([, file = '', body = '']) => {
    const lines = (sign: string): string[] => body.split('\n').flatMap((line) => (line.startsWith(sign) ? [`\n${line.slice(1)}\n`] : []));
    return lines('-').map((from, index) => ({ file, from, to: lines('+')[index] ?? '' }));
  });
}

test('its change gives its plan', async () => {
  expect(edits()).toHaveLength(4);
  for (const { file, from, to } of edits()) {
    expect(desk.read(file)).toContain(from);
    desk.write(file, desk.read(file).replace(from, to));
  }
  const { exit, stdout, stderr } = await desk.run('plan --env local');
  expect(exit, stderr).toBe(0);
  const shown = /```console\n\$ mooring plan --env local\n([\s\S]*?)```/.exec(readme)?.[1] ?? 'nothing';
  expect(steady(stdout).startsWith(steady(shown)), stdout).toBe(true);
  expect(/digest ([0-9a-f]{12})/.exec(stdout)?.[1]).toBe(/digest ([0-9a-f]{12})/.exec(shown)?.[1]);
});
