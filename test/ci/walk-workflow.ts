// The known traps of GitHub workflows, found in parsed YAML. Each rule says what is wrong and where.
import { parse } from 'yaml';
import { commandTraps, withoutComments } from '../../scripts/mooring-lines.ts';
import type { CommandSpec } from '../../src/cli/command.ts';

type Step = { uses?: string; run?: string; with?: Record<string, unknown>; 'working-directory'?: string };
type Concurrency = string | { 'cancel-in-progress'?: unknown };
type Job = {
  if?: string;
  uses?: string;
  secrets?: unknown;
  steps?: Step[];
  permissions?: unknown;
  'timeout-minutes'?: unknown;
  environment?: unknown;
  concurrency?: Concurrency;
};
type Workflow = {
  on: unknown;
  permissions?: unknown;
  jobs?: Record<string, Job>;
  concurrency?: Concurrency;
  env?: Record<string, unknown>;
  runs?: { steps?: Step[] };
};

/** What a stranger decides: titles, bodies, branch names, messages. */
const strangersWords = /\$\{\{[^}]*(?:\.title|\.body|\.message|head_ref|\.ref\b|\.label\b|\.head_branch|\.email|\.name\b|inputs\.)[^}]*\}\}/;

/** A stranger starts them, or they run a file of the tree that is yet to be merged. */
const untrusted = ['pull_request', 'pull_request_review', 'pull_request_review_comment', 'issue_comment', 'merge_group'];

/** What a plan and its approvals can change by; and what of it GitHub starts a workflow on that names no types. */
const activities: Readonly<Record<string, { needed: readonly string[]; unnamed: readonly string[] }>> = {
  // Another base branch is an edit.
  pull_request: { needed: ['opened', 'synchronize', 'reopened', 'edited'], unnamed: ['opened', 'synchronize', 'reopened'] },
  pull_request_review: { needed: ['submitted', 'edited', 'dismissed'], unnamed: ['submitted', 'edited', 'dismissed'] },
  merge_group: { needed: ['checks_requested'], unnamed: ['checks_requested'] },
  // A box is ticked by an edit.
  issues: { needed: ['edited'], unnamed: ['edited'] },
};

const defaultBranch = '${{ github.event.repository.default_branch }}';

/** Every trap in a workflow or composite action. `specs`: the commands that exist. */
export async function trapsIn(text: string, specs: readonly CommandSpec[]): Promise<string[]> {
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs ?? {});
  const steps = [...(workflow.runs?.steps ?? []), ...jobs.flatMap(([, job]) => job.steps ?? [])];
  const lines = await Promise.all(steps.map((step) => commandTraps(step.run ?? '', specs)));
  const everywhere = [...steps.flatMap(stepTraps), ...lines.flat()];
  return workflow.runs === undefined ? [...everywhere, ...workflowTraps(workflow)] : everywhere;
}

function workflowTraps(workflow: Workflow): string[] {
  const triggers = triggersOf(workflow.on);
  return [
    ...(triggers.includes('pull_request_target') ? ['pull_request_target: its token and secrets meet a stranger’s code'] : []),
    ...(isNone(workflow.permissions) ? [] : ['the workflow has permissions: give them to jobs']),
    ...activityTraps(workflow.on, triggers),
    ...concurrencyTraps(workflow, triggers),
    ...Object.entries(workflow.jobs ?? {}).flatMap(([name, job]) => jobTraps(job, workflow, triggers).map((trap) => `${name}: ${trap}`)),
  ];
}

function triggersOf(on: unknown): string[] {
  if (typeof on === 'string') return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys((on ?? {}) as object);
}

function activityTraps(on: unknown, triggers: readonly string[]): string[] {
  return triggers.flatMap((trigger) => {
    const { needed = [], unnamed = [] } = activities[trigger] ?? {};
    const settings = typeof on === 'object' && on !== null ? (on as Record<string, { types?: readonly string[] } | null>)[trigger] : null;
    const named = settings?.types ?? unnamed;
    return needed.filter((type) => !named.includes(type)).map((type) => `${trigger} does not start it when it is ${type}`);
  });
}

function isNone(permissions: unknown): boolean {
  return typeof permissions === 'object' && permissions !== null && Object.keys(permissions).length === 0;
}

/** What sends transactions is never cut short; what waits is displaced by nothing that does nothing. */
function concurrencyTraps({ concurrency, jobs }: Workflow, triggers: readonly string[]): string[] {
  const applies = JSON.stringify(jobs ?? {}).includes('pr apply');
  const all = [concurrency, ...Object.values(jobs ?? {}).map((job) => job.concurrency)];
  const cancels = all.flatMap((one) => (typeof one === 'object' ? [one['cancel-in-progress']] : []));
  const skips = triggers.includes('issues') && Object.values(jobs ?? {}).some((job) => job.if !== undefined);
  return [
    ...(applies && !cancels.includes(false) ? ['an apply without a concurrency group'] : []),
    ...(applies && cancels.some((cancel) => cancel !== false) ? ['an apply that is cancelled in progress'] : []),
    ...(concurrency !== undefined && skips ? ['a run that is skipped takes the place of the one that waits'] : []),
  ];
}

/** What a job has to lose, and who starts it. */
type Standing = { triggers: readonly string[]; isUntrusted: boolean; hasSecrets: boolean; mayWrite: boolean };

function jobTraps(job: Job, workflow: Workflow, triggers: readonly string[]): string[] {
  const isUntrusted = triggers.some((trigger) => untrusted.includes(trigger));
  const hasSecrets = /\$\{\{[^}]*\bsecrets\b/.test(JSON.stringify([job, workflow.env])) || job.secrets !== undefined;
  const mayWrite = JSON.stringify(job.permissions ?? {}).includes('write');
  const steps = job.steps ?? [];
  return [
    ...formTraps(job),
    ...secretTraps(job, { triggers, isUntrusted, hasSecrets, mayWrite }),
    ...tokenTraps(job),
    ...(hasSecrets || mayWrite || triggers.includes('workflow_run') ? trustedTraps(steps) : []),
    ...(isUntrusted ? headTraps(steps) : []),
  ];
}

function formTraps(job: Job): string[] {
  return [
    ...(job.permissions === undefined ? ['no permissions'] : []),
    ...(typeof job.permissions === 'string' ? ['permissions for everything: name those that are needed'] : []),
    ...(job['timeout-minutes'] === undefined ? ['no timeout'] : []),
    ...(job.uses === undefined ? [] : pinTraps(job.uses)),
  ];
}

function secretTraps(job: Job, { triggers, isUntrusted, hasSecrets, mayWrite }: Standing): string[] {
  return [
    ...(isUntrusted && hasSecrets ? ['secrets in a job that a stranger starts'] : []),
    ...(isUntrusted && job.environment !== undefined ? ['an environment in a job that a stranger starts'] : []),
    ...(isUntrusted && mayWrite ? ['a right to write in a job that a stranger starts'] : []),
    ...(hasSecrets && job.environment === undefined ? ['secrets without a protected environment'] : []),
    ...(hasSecrets && triggers.includes('issues') && !/labels.*sender/s.test(job.if ?? '') ? ['secrets in a job that any issue starts'] : []),
  ];
}

/** An App's token lasts an hour. */
function tokenTraps({ steps = [], 'timeout-minutes': timeout }: Job): string[] {
  const hasToken = steps.some(({ uses }) => uses?.startsWith('actions/create-github-app-token@'));
  return hasToken && !(Number(timeout) < 60) ? ['a job that may outlast its token'] : [];
}

/** Only the default branch's files come into a job that has something to lose. */
function trustedTraps(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    const run = withoutComments(step.run ?? '');
    const isOther = isCheckout(step) && (step.with?.['ref'] !== defaultBranch || step.with?.['repository'] !== undefined);
    return [
      ...(isOther ? ['a trusted job checks out something else than the default branch'] : []),
      ...(/\bgit\b.*\b(?:checkout|switch|merge|pull|reset|worktree|rebase|cherry-pick|clone)\b|\bgh\s+(?:pr\s+checkout|repo\s+clone)\b/.test(run)
        ? ['a script brings other files into a trusted job']
        : []),
      ...(/download-artifact/.test(step.uses ?? '') || /\bgh\s+run\s+download\b|\/artifacts\b/.test(run)
        ? ['an artifact of another run in a trusted job']
        : []),
      ...(/(?:^|\/)cache(?:\/restore)?@/.test(step.uses ?? '') ? ['a cache of other runs in a trusted job'] : []),
    ];
  });
}

function isCheckout({ uses = '' }: Step): boolean {
  return uses.startsWith('actions/checkout@');
}

/** A stranger's files are data: in a folder of their own, named to the tool and to nothing else, with no token lying about. */
function headTraps(steps: readonly Step[]): string[] {
  const checkouts = steps.filter(isCheckout);
  const heads = checkouts.filter((step) => step.with?.['ref'] === undefined || /head|refs\/pull|merge/.test(String(step.with['ref'])));
  const folders = heads.flatMap((step) => (step.with?.['path'] === undefined ? [] : [String(step.with['path'])]));
  return [
    ...(checkouts.some((step) => step.with?.['persist-credentials'] !== false) ? ['credentials stay in a checkout that a stranger can reach'] : []),
    ...(heads.length > folders.length ? ['the head lies where code is run from'] : []),
    ...(folders.some((folder) => steps.some((step) => !isCheckout(step) && usesFolder(step, folder))) ? ['the head’s files are more than data'] : []),
  ];
}

function usesFolder(step: Step, folder: string): boolean {
  const run = withoutComments(step.run ?? '').replaceAll(`--root ${folder}`, '');
  const places = [run, step.uses, step['working-directory'], ...Object.values(step.with ?? {}).map(String)].join('\n');
  return new RegExp(`(?:^|[\\s"'=./])${folder}(?:$|[\\s"'/;&|])`, 'm').test(places);
}

function stepTraps(step: Step): string[] {
  const scripts = `${step.run ?? ''}\n${String(step.with?.['script'] ?? '')}`;
  const isCached = step.uses?.startsWith('actions/setup-node@') === true && step.with?.['package-manager-cache'] !== false;
  return [
    ...(step.uses === undefined ? [] : pinTraps(step.uses)),
    ...(isCached ? ['a cache that other runs fill'] : []),
    ...(strangersWords.test(scripts) ? ['a stranger’s words in a script'] : []),
    ...(/\$\{\{/.test(scripts) ? ['an expression in a script: pass it through env'] : []),
  ];
}

function pinTraps(uses: string): string[] {
  return uses.startsWith('./') || /@[0-9a-f]{40}$/.test(uses) ? [] : [`${uses} is not pinned to a commit`];
}
