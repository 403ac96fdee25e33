// A chain, a GitHub with real git, and a clone that the commands run in: what the tests of pull requests start from.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../src/cli/command.ts';
import { type EditOperation, editDocument } from '../../src/desired/edit/edit.ts';
import { runIn } from '../scm/remote.ts';
import { runHere, type Said, wordsOf } from '../support/cli.ts';
import { type FieldWorld, folder } from '../support/field-world.ts';
import { type GitHubWorld, startGitHubWorld } from '../support/github/github-world.ts';
import type { Person } from '../support/github/people.ts';

/** Reductions need nobody, raises one of the treasury's, what has no direction one of each team. */
export const policy = `apiVersion: mooring/v1
kind: Policy
approvals:
  reduce: 0
  increase: { count: 1, teams: [treasury] }
  ambiguous: { count: 1, teams: [security] }
requireProof: true
minPausers: 1
limits:
  - { match: "system-pause.owner", frozen: true }
`;

export type Machine = {
  root: string;
  env: Record<string, string>;
  /** A command in this process, as the App, with the owner's key. */
  mooring(line: string | readonly string[], more?: Partial<Context>): Promise<Said>;
  remove(): void;
};

export type PrWorld = {
  field: FieldWorld;
  github: GitHubWorld;
  /** The machine that CI runs on. */
  ci: Machine;
  /** Another one, with nothing in common but the repository. */
  machine(): Machine;
  /** A file of the environment as a branch has it. */
  read(path: string, branch?: string): string;
  /** Files with edits, for `push`. */
  edited(contract: string, ...operations: EditOperation[]): Record<string, string>;
  /** Pushes an edit of a contract to a branch of its own and opens a pull request. */
  propose(options: { as?: Person; branch: string; files: Readonly<Record<string, string | null>>; title?: string }): Promise<number>;
  head(branch?: string): string;
  stop(): Promise<void>;
};

export const spec = (field: string, value: string): EditOperation => ({ path: ['spec', field], set: value });

/** 60/20 in place of 50/30: one transaction, which raises one share and lowers another. */
export const splits: readonly EditOperation[] = [spec('teacherRewardSplitBps', '60%'), spec('studentRewardSplitBps', '20%')];

/** SIDE EFFECTS: a GitHub and a clone, until `stop`; the chain is the caller's. `change` edits the first commit's files. */
export async function startPrWorld(field: FieldWorld, change: (files: Record<string, string>) => void = () => {}): Promise<PrWorld> {
  const files = Object.fromEntries(field.files);
  files[`${folder}/policy.yaml`] = policy;
  files[`${folder}/environment.yaml`] += 'journal: { remote: origin }\n';
  change(files);
  const github = await startGitHubWorld({ files });
  const machines: Machine[] = [];
  const machine = (): Machine => {
    const made = makeMachine(field, github);
    machines.push(made);
    return made;
  };
  const head = (branch = 'main'): string => github.remote.git('rev-parse', `refs/heads/${branch}`).trim();
  const read = (path: string, branch = 'main'): string => `${github.remote.git('show', `${branch}:${folder}/${path}`)}\n`;
  return {
    ...{ field, github, machine, head, read },
    ci: machine(),
    edited: (contract, ...operations) => ({ [`${folder}/contracts/${contract}.yaml`]: editDocument(read(`contracts/${contract}.yaml`), operations) }),
    propose({ as = 'dave', branch, files: changed, title = `Change ${branch}` }) {
      github.push(branch, changed, { author: as });
      return github.openPull({ as, branch, title });
    },
    async stop() {
      for (const one of machines) one.remove();
      await github.stop();
    },
  };
}

function makeMachine(field: FieldWorld, github: GitHubWorld): Machine {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'mooring-machine-')));
  runIn(root, 'clone', '-q', github.remote.url, '.');
  const env: Record<string, string> = {
    ...field.env,
    MOORING_APP_ID: String(github.app.id),
    MOORING_APP_KEY: github.app.privateKey,
    GITHUB_REPOSITORY: github.repo,
    GITHUB_API_URL: github.apiUrl,
  };
  return {
    root,
    env,
    mooring: (line, more = {}) => runHere({ cwd: root, env, ...more }, wordsOf(line)),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
