// What the demos of pull requests and loops play on: an embedded chain, a real git repository and a stateful GitHub on this machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../src/cli/command.ts';
import { main, processContext } from '../src/cli/main.ts';
import { type GitHubWorld, startGitHubWorld } from '../test/support/github/github-world.ts';
import { type EmbeddedChain, startEmbeddedChain } from './embedded-chain.ts';
import { environmentFiles, keyVariable } from './environment-files.ts';
import { importedFiles } from './imported-files.ts';
import { say } from './story.ts';

export type Story = {
  root: string;
  chain: EmbeddedChain;
  github: GitHubWorld;
  env: Record<string, string | undefined> /** Brings the clone to the branch's head. */;
  pull(): Promise<void>;
  stop(): Promise<void>;
};

const policy = `apiVersion: mooring/v1
kind: Policy
approvals:
  reduce: 0
  increase: { count: 1, teams: [treasury] }
  ambiguous: { count: 1, teams: [security] }
requireProof: true
minPausers: 1
`;

/** `change` edits the first commit's files, of the environment `demo`. SIDE EFFECTS: servers and a folder, until `stop`. */
export async function beginStory(change: (files: Map<string, string>) => void = () => {}): Promise<Story> {
  const chain = await startEmbeddedChain();
  const files = await importedFiles(chain, 'demo');
  const environment = environmentFiles({ deployment: chain.deployment, rpc: chain.url }).get('environment.yaml') ?? '';
  files.set('desired-state/demo/environment.yaml', `${environment}journal: { remote: origin }\n`);
  files.set('desired-state/demo/policy.yaml', policy);
  change(files);
  const github = await startGitHubWorld({ files: Object.fromEntries(files) });
  const root = mkdtempSync(join(tmpdir(), 'mooring-demo-'));
  execFileSync('git', ['clone', '-q', github.remote.url, root]);
  const env = {
    ...process.env,
    [keyVariable]: chain.deployment.accounts.owner.privateKey,
    MOORING_APP_ID: String(github.app.id),
    MOORING_APP_KEY: github.app.privateKey,
    GITHUB_REPOSITORY: github.repo,
    GITHUB_API_URL: github.apiUrl,
  };
  async function stop(): Promise<void> {
    await github.stop();
    await chain.stop();
    rmSync(root, { recursive: true, force: true });
  }
  const pull = async (): Promise<void> => void execFileSync('git', ['pull', '-q', '--ff-only'], { cwd: root });
  return { root, chain, github, env, pull, stop };
}

export type Run = { expected?: number; quiet?: true } & Partial<Context>;

/** Runs a real command as CI would, with the App's credentials and the owner's key; stops the story where it surprises. */
export async function mooring({ root, env }: Story, words: readonly string[], { expected = 0, quiet, ...more }: Run = {}): Promise<void> {
  if (quiet === undefined) say(`\n$ mooring ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')}`);
  const context = { ...processContext(), cwd: root, env, ask: null, stderr: (text: string) => void process.stdout.write(text), ...more };
  const exit = await main(words, context);
  if (exit !== expected) throw new Error(`the demo expected exit ${expected} of "mooring ${words.join(' ')}", got ${exit}`);
}

/** What a person sees on the pull request or issue, without the hidden first line. */
export function show(what: string, body: string): void {
  const lines = body.split('\n').filter((line, i) => i > 0 || !line.startsWith('<!-- mooring:'));
  say([`\n┌ ${what}`, ...lines.map((line) => `│ ${line.replace(/ <!-- mooring:choice .* -->/, '')}`), '└'].join('\n'));
}

/** The newest check of each name. */
export function showChecks({ github }: Story, sha: string): void {
  const newest = new Map(
    github
      .checks(sha)
      .toReversed()
      .map((run) => [run.name, run]),
  );
  for (const [name, run] of newest) say(`  ${run.conclusion === 'success' ? '✓' : '✗'} ${name} — ${run.output.title}`);
}
