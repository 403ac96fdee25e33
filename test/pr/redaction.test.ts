// No secret gets into a pull request that Mooring opens: not into its title, its body, its commit or its file.
import { expect, test } from 'vitest';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();
/** With characters that Markdown escapes. */
const secret = 'ghp_7#very_secret$x';

async function opened(line: readonly string[]): Promise<string> {
  const env = { ...scene.ci.env, SOME_TOKEN: secret };
  const said = await scene.ci.mooring(['propose', ...line, '--env', 'field', '--reason', `because ${secret}`, '--title', `With ${secret}`], { env });
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  const [pull] = await scene.github.pulls();
  const { title, body } = await scene.github.pull(pull?.number ?? 0);
  return [title, body, scene.github.remote.git('log', '-p', '--format=%B', `main..${pull?.branch}`)].join('\n');
}

test.each<[string, () => Promise<unknown>, string[]]>([
  ['a proposal', async () => {}, ['set', 'arena.committeeSize=4']],
  ['a question', () => scene.field.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] }), ['revert', 'arena.committeeSize']],
])('%s', async (_name, before, line) => {
  await before();
  const told = await opened(line);
  expect(told).toMatch(/because \**\\?\*/);
  expect(told).not.toMatch(/very\\?_|7\\?#/);
});

test('the difference that a proposal shows of the files around it', async () => {
  const text = scene.read('contracts/arena.yaml').replace(/^(\s*)committeeSize: 3.*$/m, `$1# asked by ${secret}\n$1committeeSize: 3`);
  scene.github.push('main', { 'desired-state/field/contracts/arena.yaml': text });
  await opened(['set', 'arena.committeeSize=4']);
  const [pull] = await scene.github.pulls();
  const { body } = await scene.github.pull(pull?.number ?? 0);
  expect(body).toContain('# asked by ***');
  expect(body).not.toMatch(/very\\?_/);
});

test('what a node says, told on the pull request that was to be applied', async () => {
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.plan();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob' });
  scene.field.proxy.hooks = { rewrite: (_call, { id }) => ({ jsonrpc: '2.0', id, error: { code: -32_000, message: `no ${secret} here` } }) };
  await scene.ci.mooring('pr apply --env field', { env: { ...scene.ci.env, SOME_TOKEN: secret } });
  scene.field.proxy.hooks = {};
  const body = (await scene.github.comments(number)).map((comment) => comment.body).find((text) => text.startsWith('<!-- mooring:apply')) ?? '';
  expect(body).toContain('no \\*\\*\\* here');
  expect(body).not.toMatch(/very\\?_/);
});

test('what a node says, told on the pull request that was to be planned', async () => {
  const env = { ...scene.ci.env, SOME_TOKEN: secret };
  const number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  const { head } = await scene.github.pull(number);
  scene.field.proxy.hooks = { rewrite: (_call, { id }) => ({ jsonrpc: '2.0', id, error: { code: -32_000, message: `no ${secret} here` } }) };
  await scene.ci.mooring('pr plan', { env });
  scene.field.proxy.hooks = {};
  const body = (await scene.github.comments(number)).map((comment) => comment.body).join('\n');
  expect(body).toMatch(/no \*\*\* here|no \\\*\\\*\\\* here/);
  expect([body, JSON.stringify(scene.github.checks(head.sha))].join('\n')).not.toMatch(/very\\*_/);
});

test('names that YAML has for addresses, in the drift issue', async () => {
  const env = { ...scene.ci.env, SOME_TOKEN: 'stranger_of_all' };
  scene.github.push('main', { 'desired-state/field/addresses.yaml': scene.read('addresses.yaml').replace('stranger:', 'stranger_of_all:') });
  await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
  const said = await scene.ci.mooring('pr drift', { env });
  const [issue] = await scene.github.issues();
  expect(issue?.body, said.stdout + said.stderr).toContain('arena.orchestrators');
  expect(issue?.body).not.toMatch(/stranger\\*_of/);
});
