// The known traps of GitHub workflows, found in parsed YAML. Each rule says what is wrong and where.
import { parse } from 'yaml';
import type { CommandSpec } from '../../src/cli/command.ts';
import { commonOptions } from '../../src/cli/command.ts';

type Step = { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, unknown>; name?: string; shell?: string };
type Job = {
  steps?: Step[];
  permissions?: unknown;
  'timeout-minutes'?: unknown;
  environment?: unknown;
  env?: Record<string, unknown>;
  concurrency?: { 'cancel-in-progress'?: unknown };
};
type Workflow = {
  on: unknown;
  permissions?: unknown;
  jobs?: Record<string, Job>;
  concurrency?: { 'cancel-in-progress'?: unknown };
  env?: Record<string, unknown>;
  runs?: { steps?: Step[] };
};

/** What a stranger decides: titles, bodies, branch names, messages. */
const strangersWords =
  /\$\{\{[^}]*(?:\.title|\.body|\.message|head_ref|\.head\.ref|\.head\.label|\.head_branch|\.default_branch|\.pages|\.email|\.name\b|inputs\.|github\.event\.[a-z_]+\.[a-z_.]*)[^}]*\}\}/;

const untrusted = ['pull_request', 'pull_request_review', 'pull_request_review_comment', 'issue_comment'];

/** Every trap in a workflow or composite action. `specs`: the commands that exist. */
export function trapsIn(text: string, specs: readonly CommandSpec[]): string[] {
  const workflow = parse(text) as Workflow;
  if (workflow.runs !== undefined) return (workflow.runs.steps ?? []).flatMap((step) => stepTraps(step, specs));
  const triggers = triggersOf(workflow.on);
  const jobs = Object.entries(workflow.jobs ?? {});
  return [
    ...(triggers.includes('pull_request_target') ? ['pull_request_target: its token and secrets meet a stranger’s code'] : []),
    ...(isEmpty(workflow.permissions) ? [] : ['the workflow has permissions: give them to jobs']),
    ...cancelTraps(workflow),
    ...jobs.flatMap(([name, job]) => jobTraps(job, { text, triggers, specs }).map((trap) => `${name}: ${trap}`)),
  ];
}

function triggersOf(on: unknown): string[] {
  if (typeof on === 'string') return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys((on ?? {}) as object);
}

function isEmpty(permissions: unknown): boolean {
  return typeof permissions === 'object' && permissions !== null && Object.keys(permissions).length === 0;
}

/** What sends transactions is never cut short. */
function cancelTraps({ concurrency, jobs }: Workflow): string[] {
  const all = [concurrency, ...Object.values(jobs ?? {}).map((job) => job.concurrency)];
  const applies = JSON.stringify(jobs ?? {}).includes('pr apply');
  const guarded = all.some((one) => one !== undefined && one['cancel-in-progress'] === false);
  const cut = all.some((one) => one?.['cancel-in-progress'] === true);
  return [...(applies && !guarded ? ['an apply without a concurrency group'] : []), ...(applies && cut ? ['an apply that is cancelled in progress'] : [])];
}

type Place = { text: string; triggers: readonly string[]; specs: readonly CommandSpec[] };

function jobTraps(job: Job, { triggers, specs }: Place): string[] {
  const steps = job.steps ?? [];
  const isUntrusted = triggers.some((trigger) => untrusted.includes(trigger));
  const hasSecrets = JSON.stringify(job).includes('secrets.');
  return [
    ...(job.permissions === undefined ? ['no permissions'] : []),
    ...(job['timeout-minutes'] === undefined ? ['no timeout'] : []),
    ...(isUntrusted && hasSecrets ? ['secrets in a job that a stranger starts'] : []),
    ...(isUntrusted && JSON.stringify(job.permissions ?? {}).includes('write') ? ['a right to write in a job that a stranger starts'] : []),
    ...(hasSecrets && job.environment === undefined ? ['secrets without a protected environment'] : []),
    ...steps.flatMap((step) => [...stepTraps(step, specs), ...checkoutTraps(step, { isUntrusted, hasSecrets })]),
  ];
}

function checkoutTraps(step: Step, { isUntrusted, hasSecrets }: { isUntrusted: boolean; hasSecrets: boolean }): string[] {
  const uses = step.uses ?? '';
  if (/download-artifact/.test(uses) && hasSecrets) return ['an artifact of another run in a job with secrets'];
  if (!/^actions\/checkout@/.test(uses)) return [];
  const ref = String(step.with?.['ref'] ?? '');
  const isHead = /head|refs\/pull|merge/.test(ref) || (ref === '' && isUntrusted);
  return [
    ...(isHead && hasSecrets ? ['the head is checked out in a job with secrets'] : []),
    ...(hasSecrets && ref !== '${{ github.event.repository.default_branch }}' ? ['a job with secrets checks out something else than the default branch'] : []),
    ...(isUntrusted && step.with?.['persist-credentials'] !== false ? ['credentials stay in a checkout that a stranger can reach'] : []),
    ...(isHead && step.with?.['path'] === undefined ? ['the head lies where code is run from'] : []),
  ];
}

function stepTraps(step: Step, specs: readonly CommandSpec[]): string[] {
  const uses = step.uses ?? '';
  const isOwn = uses === '' || uses.startsWith('./');
  const run = step.run ?? '';
  return [
    ...(isOwn || /@[0-9a-f]{40}$/.test(uses) ? [] : [`${uses} is not pinned to a commit`]),
    ...(strangersWords.test(run) ? ['a stranger’s words in a script'] : []),
    ...(/\$\{\{/.test(run) ? ['an expression in a script: pass it through env'] : []),
    ...commandTraps(run, specs),
  ];
}

/** `mooring …` lines must be ones that the tool understands. */
function commandTraps(run: string, specs: readonly CommandSpec[]): string[] {
  const lines = run.split('\n').flatMap((line) => /^\s*mooring (.*)$/.exec(line)?.[1] ?? []);
  return lines.flatMap((line) => {
    const words = line.replace(/ \|\|.*$/, '').split(/\s+/);
    const spec = specs.find(({ name }) => line === name || line.startsWith(`${name} `));
    if (spec === undefined) return [`there is no command "mooring ${line}"`];
    const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
    const unknown = options.filter((name) => !Object.hasOwn({ ...commonOptions, ...spec.options }, name));
    return unknown.map((name) => `mooring ${spec.name} has no option --${name}`);
  });
}
