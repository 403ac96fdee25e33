// Each rule of the walker bites: a sample workflow with the trap, and one without any.
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { trapsIn } from './walk-workflow.ts';

const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));
const sha = 'a'.repeat(40);
const main = '${{ github.event.repository.default_branch }}';
const secret = '${{ secrets.A }}';

/** A sound job with what is given put over it; undefined takes a line out. YAML reads JSON. */
function sample(on: unknown, steps: readonly object[], job: object = {}, workflow: object = {}): string {
  const sound = { 'runs-on': 'ubuntu-latest', 'timeout-minutes': 5, permissions: { contents: 'read' } };
  return JSON.stringify({ on, permissions: {}, jobs: { a: { ...sound, ...job, steps } }, ...workflow });
}

function checkout(more: object = {}): object {
  return { uses: `actions/checkout@${sha}`, with: { ref: main, 'persist-credentials': false, ...more } };
}

const echo = { run: 'echo' };
const withSecret = { run: 'echo', env: { A: secret } };
const inEnvironment = { environment: 'x' };
const head = checkout({ ref: 'refs/pull/1/merge', path: 'change' });
const ofPull = { pull_request: { types: ['opened', 'synchronize', 'reopened', 'edited'] } };
const group = { group: 'x', 'cancel-in-progress': false };

const traps: readonly [name: string, text: string, trap: RegExp][] = [
  ['pull_request_target', sample('pull_request_target', [echo]), /pull_request_target/],

  ['secrets where a stranger starts the job', sample('pull_request', [withSecret]), /secrets in a job that a stranger/],
  ['also after a review', sample('pull_request_review', [withSecret]), /secrets in a job that a stranger/],
  ['also in a merge queue, which runs the group’s file', sample('merge_group', [withSecret]), /secrets in a job that a stranger/],
  ['also for the whole workflow', sample('pull_request', [echo], {}, { env: { A: secret } }), /secrets in a job that a stranger/],
  ['also all of them', sample('pull_request', [{ run: 'echo', env: { A: '${{ toJSON(secrets) }}' } }]), /secrets in a job that a stranger/],
  ['also handed on', sample('pull_request', [], { uses: './.github/workflows/b.yml', secrets: 'inherit' }), /secrets in a job that a stranger/],
  ['an environment there', sample('pull_request', [echo], inEnvironment), /an environment in a job that a stranger/],
  ['rights to write there', sample('pull_request', [echo], { permissions: { contents: 'write' } }), /right to write/],
  ['secrets without an environment', sample('push', [withSecret]), /without a protected environment/],
  ['secrets that any issue brings out', sample('issues', [withSecret], inEnvironment), /any issue starts/],

  ['the head in a job with secrets', sample('push', [withSecret, head], inEnvironment), /something else than the default branch/],
  ['the head in one that may write', sample('push', [head], { permissions: { checks: 'write' } }), /something else than the default branch/],
  [
    'the head after another run',
    sample('workflow_run', [checkout({ ref: '${{ github.event.workflow_run.head_sha }}' })]),
    /something else than the default branch/,
  ],
  ['no ref there', sample('workflow_run', [checkout({ ref: undefined })]), /something else than the default branch/],
  ['a fork’s default branch there', sample('workflow_run', [checkout({ repository: 'a/b' })]), /something else than the default branch/],
  ['the head by a script', sample('workflow_run', [{ run: 'git fetch origin "$REF"\ngit checkout FETCH_HEAD' }]), /script brings/],
  ['the head by GitHub’s command line', sample('workflow_run', [{ run: 'gh pr checkout 1' }]), /script brings/],
  ['an artifact there', sample('workflow_run', [{ uses: `actions/download-artifact@${sha}` }]), /artifact/],
  ['an artifact by a script', sample('workflow_run', [{ run: 'gh run download 1' }]), /artifact/],
  ['a cache there', sample('workflow_run', [{ uses: `actions/cache@${sha}` }]), /cache of other runs/],
  ['a cache unasked', sample('push', [{ uses: `actions/setup-node@${sha}` }]), /cache that other runs fill/],

  ['credentials that stay', sample('pull_request', [checkout({ path: 'x', 'persist-credentials': undefined })]), /credentials stay/],
  ['a head where code is run from', sample('pull_request', [checkout({ ref: undefined })]), /where code is run/],
  ['a head whose code runs', sample('pull_request', [head, { run: 'cd change && npm ci' }]), /more than data/],
  ['a head’s own script', sample('pull_request', [head, { run: './change/run.sh' }]), /more than data/],
  ['a head that is worked in', sample('pull_request', [head, { run: 'npm ci', 'working-directory': 'change' }]), /more than data/],
  ['a head’s own action', sample('pull_request', [head, { uses: './change/.github/actions/a' }]), /more than data/],
  ['a head’s own tool', sample('pull_request', [head, { uses: './b', with: { tool: 'change/.github/mooring' } }]), /more than data/],

  ['an action that is not pinned', sample('push', [{ uses: 'actions/checkout@v5' }]), /not pinned/],
  ['nor by a short commit', sample('push', [{ uses: 'actions/checkout@08c6903' }]), /not pinned/],
  ['nor as a whole workflow', sample('push', [], { uses: 'a/b/.github/workflows/c.yml@main' }), /not pinned/],
  ['nor in a composite action', JSON.stringify({ runs: { using: 'composite', steps: [{ uses: 'actions/setup-node@v5' }] } }), /not pinned/],

  ['a title in a script', sample('pull_request', [{ run: 'echo "${{ github.event.pull_request.title }}"' }]), /stranger’s words/],
  ['a body', sample('issues', [{ run: 'echo "${{ github.event.issue.body }}"' }]), /stranger’s words/],
  ['a branch name', sample('pull_request', [{ run: 'echo "${{ github.head_ref }}"' }]), /stranger’s words/],
  ['a branch name after another run', sample('workflow_run', [{ run: 'echo "${{ github.event.workflow_run.head_branch }}"' }]), /stranger’s words/],
  ['a commit’s message', sample('push', [{ run: 'echo "${{ github.event.head_commit.message }}"' }]), /stranger’s words/],
  ['an input', JSON.stringify({ runs: { using: 'composite', steps: [{ run: 'npm ${{ inputs.command }}' }] } }), /stranger’s words/],
  [
    'a title in JavaScript',
    sample('pull_request', [{ uses: `actions/github-script@${sha}`, with: { script: '"${{ github.event.issue.title }}"' } }]),
    /stranger’s words/,
  ],
  ['any expression in a script', sample('push', [{ run: 'echo "${{ github.sha }}"' }]), /expression in a script/],

  ['permissions for all jobs', sample('push', [echo], {}, { permissions: { contents: 'read' } }), /workflow has permissions/],
  ['the default permissions', sample('push', [echo], {}, { permissions: undefined }), /workflow has permissions/],
  ['no permissions', sample('push', [echo], { permissions: undefined }), /no permissions/],
  ['permissions for everything', sample('push', [echo], { permissions: 'read-all' }), /for everything/],
  ['no timeout', sample('push', [echo], { 'timeout-minutes': undefined }), /no timeout/],
  ['a job that may outlast its token', sample('push', [{ uses: `actions/create-github-app-token@${sha}` }], { 'timeout-minutes': 120 }), /outlast its token/],

  ['an apply that can be cancelled', sample('push', [{ run: 'mooring pr apply' }], { concurrency: { ...group, 'cancel-in-progress': true } }), /cancelled/],
  ['or may be', sample('push', [{ run: 'mooring pr apply' }], { concurrency: { ...group, 'cancel-in-progress': '${{ github.ref }}' } }), /cancelled/],
  ['an apply beside another', sample('push', [{ run: 'mooring pr apply' }]), /without a concurrency group/],
  ['a skipped run that displaces another', sample('issues', [echo], { if: 'x' }, { concurrency: group }), /takes the place/],

  ['a pull request’s new base branch that starts nothing', sample('pull_request', [echo]), /pull_request does not start it when it is edited/],
  ['also among other events', sample(['pull_request', 'push'], [echo]), /pull_request does not start it when it is edited/],
  ['a push to it that starts nothing', sample({ pull_request: { types: ['opened', 'edited'] } }, [echo]), /when it is synchronize/],
  ['a dismissal that starts nothing', sample({ pull_request_review: { types: ['submitted'] } }, [echo]), /review does not start it when it is dismissed/],
  ['a ticked box that starts nothing', sample({ issues: { types: ['opened'] } }, [echo]), /issues does not start it when it is edited/],

  ['a command that is not there', sample('push', [{ run: 'mooring pr applaud' }]), /no command "mooring pr applaud"/],
  ['an option that is not there', sample('push', [{ run: 'mooring plan --evn local' }]), /--evn is not an option of plan/],
  ['also behind something else', sample('push', [{ run: 'true && npx mooring plan --evn local' }]), /--evn is not an option of plan/],
  ['an option without its value', sample('push', [{ run: 'mooring plan --env' }]), /--env needs a value/],
  ['a word too many', sample('push', [{ run: 'mooring plan local' }]), /"local" is not expected/],
];

describe('a trap is found', () => {
  test.each(traps)('%s', async (_name, text, trap) => {
    expect((await trapsIn(text, specs)).join('\n')).toMatch(trap);
  });
});

test.each<[name: string, text: string]>([
  ['trusted', sample('push', [checkout(), withSecret, { run: 'mooring validate --env local' }], inEnvironment)],
  ['untrusted', sample(ofPull, [head, { run: 'mooring validate --root change # change is data' }])],
  ['applying', sample('push', [checkout(), { run: 'mooring pr apply' }], { concurrency: group })],
  ['on an issue', sample('issues', [withSecret], { ...inEnvironment, concurrency: group, if: 'github.event.issue.labels && github.event.sender' })],
])('a sound workflow has none: %s', async (_name, text) => {
  expect(await trapsIn(text, specs)).toEqual([]);
});
