// `npm run demo:pr`: the story of one pull request, with the real commands, on an embedded chain, a real git repository and a
// stateful GitHub on this machine. Stops everything it started.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interface } from 'ethers/abi';
import { main, processContext } from '../src/cli/main.ts';
import { type GitHubWorld, startGitHubWorld } from '../test/support/github/github-world.ts';
import { connectSender } from './deployment/sender.ts';
import { type EmbeddedChain, startEmbeddedChain } from './embedded-chain.ts';
import { environmentFiles, keyVariable } from './environment-files.ts';
import { importedFiles } from './imported-files.ts';
import { chapters, say } from './story.ts';

type Story = { root: string; chain: EmbeddedChain; github: GitHubWorld };

const chapter = chapters();

/** Runs a real command as CI would, with the App's credentials and the owner's key; stops the story where it surprises. */
async function mooring(story: Story, words: readonly string[], expected = 0): Promise<void> {
  say(`\n$ mooring ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')}`);
  const { chain, github, root } = story;
  const env = {
    ...process.env,
    [keyVariable]: chain.deployment.accounts.owner.privateKey,
    MOORING_APP_ID: String(github.app.id),
    MOORING_APP_KEY: github.app.privateKey,
    GITHUB_REPOSITORY: github.repo,
    GITHUB_API_URL: github.apiUrl,
  };
  const context = { ...processContext(), cwd: root, env, ask: null, stderr: (text: string) => void process.stdout.write(text) };
  const exit = await main(words, context);
  if (exit !== expected) throw new Error(`the demo expected exit ${expected} of "mooring ${words.join(' ')}", got ${exit}`);
}

/** What a person sees on the pull request or issue, without the hidden first line. */
function show(what: string, body: string): void {
  const lines = body.split('\n').filter((line, i) => i > 0 || !line.startsWith('<!-- mooring:'));
  say([`\n┌ ${what}`, ...lines.map((line) => `│ ${line.replace(/ <!-- mooring:choice .* -->/, '')}`), '└'].join('\n'));
}

async function showChecks({ github }: Story, sha: string): Promise<void> {
  const newest = new Map(
    github
      .checks(sha)
      .toReversed()
      .map((run) => [run.name, run]),
  );
  for (const [name, run] of newest) say(`  ${run.conclusion === 'success' ? '✓' : '✗'} ${name} — ${run.output.title}`);
}

const policy = `apiVersion: mooring/v1
kind: Policy
approvals:
  reduce: 0
  increase: { count: 1, teams: [treasury] }
  ambiguous: { count: 1, teams: [security] }
requireProof: true
minPausers: 1
`;

async function begin(): Promise<Story> {
  const chain = await startEmbeddedChain();
  const files = await importedFiles(chain, 'demo');
  const environment = environmentFiles({ deployment: chain.deployment, rpc: chain.url }).get('environment.yaml') ?? '';
  files.set('desired-state/demo/environment.yaml', `${environment}journal: { remote: origin }\n`);
  files.set('desired-state/demo/policy.yaml', policy);
  const github = await startGitHubWorld({ files: Object.fromEntries(files) });
  const root = mkdtempSync(join(tmpdir(), 'mooring-demo-pr-'));
  execFileSync('git', ['clone', '-q', github.remote.url, root]);
  return { root, chain, github };
}

async function byHand(
  { chain }: Story,
  contract: 'arena' | 'pauseGuard',
  call: { function: string; args: readonly unknown[]; as: 'owner' | 'guardian' },
): Promise<void> {
  const { deployment } = chain;
  const sender = await connectSender({ url: chain.url, privateKey: deployment.accounts[call.as].privateKey });
  const data = new Interface(deployment.abis[contract]).encodeFunctionData(call.function, call.args);
  await sender.send({ to: deployment.addresses[contract], data, what: `${contract}.${call.function} by hand` });
}

async function tell(story: Story): Promise<void> {
  const { github } = story;
  chapter('An operator asks for another fee split');
  await mooring(story, [
    'propose',
    'set',
    'arena.teacherRewardSplitBps=60%',
    'arena.studentRewardSplitBps=20%',
    '--env',
    'demo',
    '--reason',
    'Teachers carry the longer rounds',
  ]);
  const [pull] = await github.pulls('open');
  if (pull === undefined) throw new Error('no pull request was opened');

  chapter('CI plans it, and the plan is where its reviewers are');
  await mooring(story, ['pr', 'plan', '--pr', String(pull.number)]);
  show(`comment on #${pull.number}`, (await github.comments(pull.number))[0]?.body ?? '');
  const { sha } = (await github.pull(pull.number)).head;
  await showChecks(story, sha);
  say(`  labels: ${(await github.labels(pull.number)).join(', ')}; asked to review: ${(await github.requestedReviewers(pull.number)).teams.join(', ')}`);

  chapter('alice, of the treasury, approves; the required check turns green; it is merged');
  await github.review(pull.number, { as: 'alice', event: 'APPROVE' });
  await mooring(story, ['pr', 'plan', '--pr', String(pull.number)]);
  await showChecks(story, sha);
  await github.merge(pull.number, { as: 'bob', method: 'squash' });

  chapter('Merging applies it: exactly what was approved, once');
  await mooring(story, ['pr', 'apply', '--env', 'demo']);
  show(`comment on #${pull.number}`, (await github.comments(pull.number))[1]?.body ?? '');
  say('\nA second apply finds nothing to do:');
  await mooring(story, ['pr', 'apply', '--env', 'demo']);

  chapter('Somebody changes the chain behind git’s back, and a guardian pauses the arena');
  await byHand(story, 'arena', { function: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n], as: 'owner' });
  await byHand(story, 'pauseGuard', { function: 'pause', args: [[story.chain.deployment.addresses.arena]], as: 'guardian' });
  await mooring(story, ['pr', 'drift'], 2);
  const [issue] = await github.issues('open');
  show(`issue #${issue?.number}: ${issue?.title}`, issue?.body ?? '');

  chapter('The pause is adopted by a pull request that has opened by itself; alice ticks "adopt" for the committee, too');
  const ticked = (issue?.body ?? '').replace(/- \[ \] (Adopt.*committeeSize)/, '- [x] $1');
  await github.api('alice', 'PATCH', `/repos/${github.repo}/issues/${issue?.number}`, { body: ticked });
  await mooring(story, ['pr', 'drift'], 2);
  await mooring(story, ['pr', 'plan']);
  for (const { number, title } of (await github.pulls('open')).toSorted((a, b) => a.number - b.number)) {
    say(`\n#${number} ${title}`);
    show(`comment on #${number}`, (await github.comments(number))[0]?.body ?? '');
  }

  say('\nThat is the story of a pull request. To set it up on GitHub: docs/github.md.');
}

say('Starting a chain, a git repository and a GitHub on this machine …');
const story = await begin();
try {
  await tell(story);
} finally {
  await story.github.stop();
  await story.chain.stop();
  rmSync(story.root, { recursive: true, force: true });
}
