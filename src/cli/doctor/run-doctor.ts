// All checks of the doctor, as many at once as there are; what they came to, printed and kept.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, MooringError } from '../../errors.ts';
import { type Check, type Checkup, doctorMarkdown, doctorText } from '../../render/doctor-text.ts';
import { evidenceBranch, keepFiles } from '../../scm/evidence.ts';
import { openClone } from '../../scm/git.ts';
import { reviewAccess } from '../access/review.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { lexiconOf, type Opened, openEnvironment } from '../environment/open.ts';
import { usualBaseline } from '../loops/operations-log.ts';
import { openRepository, type Repository } from '../pr/repository.ts';
import { readPublished } from '../published.ts';
import { redact } from '../secrets/secrets.ts';
import { check, guarded } from './check.ts';
import { checkDrill, checkPausers, checkSigners } from './check-keys.ts';
import { checkRepository } from './check-repository.ts';
import { checkRpcs } from './check-rpc.ts';
import { checkDeclared, checkManifest, checkService, checkSync } from './check-state.ts';
import { declaredSettings } from './declared-settings.ts';

type Doctoring = { context: Context; options: Options; opened: Opened; repository: () => Promise<Repository> };

/** SIDE EFFECTS: prints; with --record a commit on the remote. */
export async function runDoctor(context: Context, options: Options): Promise<number> {
  const opened = openOrExplain(context, options);
  if ('checks' in opened) {
    context.stdout(`${opened.checks.map(({ id, message, fix }) => `✗ ${id}: ${message}\n  fix: ${fix}`).join('\n')}\n`);
    return exitCodes.failure;
  }
  let repository: Promise<Repository> | undefined;
  const doctoring: Doctoring = {
    ...{ context, options, opened },
    repository() {
      repository ??= openRepository(context, options);
      return repository;
    },
  };
  try {
    const checks = await allChecks(doctoring);
    const checkup: Checkup = { environment: opened.name, at: new Date(context.now()).toISOString(), checks };
    const kept = flag(options, 'record') ? await record(doctoring, checkup) : null;
    const json = { ...checkup, ...(kept === null ? {} : { record: kept }) };
    if (text(options, 'format') === 'json') context.stdout(`${JSON.stringify(json, null, 2)}\n`);
    else context.stdout(`${doctorText(checkup, lexiconOf(opened, context, options))}${kept === null ? '' : `\nkept: ${kept}\n`}`);
    return exitOf(checks);
  } finally {
    opened.close();
  }
}

/** A desired state with errors keeps everything else from being checked. */
function openOrExplain(context: Context, options: Options): Opened | { checks: Check[] } {
  try {
    return openEnvironment(context, options);
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'INPUT_INVALID') throw error;
    return { checks: [check('desired-state', 'fail', `${error.message}; nothing else was checked`, 'mooring validate shows each error with its place')] };
  }
}

async function allChecks(doctoring: Doctoring): Promise<readonly Check[]> {
  const { context, options, opened } = doctoring;
  const { env } = context;
  const { environment, state } = opened.desired;
  const [contract] = state.contracts;
  const old = contract === undefined ? null : { address: contract.address, block: contract.fromBlock };
  const parts = await Promise.all([
    guarded('desired-state', env, () => checkDeclared(opened)),
    guarded('in-sync', env, () => checkSync(opened, context.now)),
    guarded('manifest', env, () => manifestCheck(doctoring)),
    ...servicesIn(options).map((place) =>
      guarded('service', env, async () => [checkService(redact(place, env), await readPublished(context, place), declaredSettings(opened))]),
    ),
    guarded('rpc', env, () => checkRpcs({ environment, context, old, clock: () => performance.now() })),
    guarded('access', env, async () => {
      const report = await reviewAccess(opened);
      const unnamed = report.findings.filter(({ code }) => code === 'ACCOUNT_UNNAMED');
      const names =
        unnamed.length === 0
          ? check('names', 'ok', 'every privileged account has a name')
          : check('names', 'warn', unnamed.map(({ message }) => message).join(' '), 'name it in addresses.yaml, or take its power away');
      const unread = report.findings.filter(({ severity }) => severity === 'error');
      const pausers =
        unread.length === 0 ? checkPausers(report, opened) : check('pausers', 'unknown', unread.map(({ message }) => message).join(' '), 'check the RPC');
      return [...(await checkSigners(opened, report, context)), pausers, names];
    }),
    guarded('drill', env, () => checkDrill(context, options)),
    guarded('baseline', env, () => [baselineCheck(opened)]),
    guarded('github', env, () => githubChecks(doctoring)),
  ]);
  return parts.flat();
}

async function manifestCheck({ context, options, opened }: Doctoring): Promise<Check[]> {
  const file = text(options, 'manifest');
  if (file === undefined) return [check('manifest', 'warn', 'not checked: no manifest of the active deployment was named', 'name it with --manifest')];
  return [checkManifest(opened, await readPublished(context, file))];
}

function servicesIn(options: Options): string[] {
  return (text(options, 'service') ?? '').split(',').flatMap((place) => place.trim() || []);
}

function baselineCheck({ root }: Opened): Check {
  const file = join(root, usualBaseline);
  const fix = 'mooring thermostat baseline record';
  if (!existsSync(file)) return check('baseline', 'warn', `there is no ${usualBaseline} to compare a change with`, fix);
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
  return lines < 2
    ? check('baseline', 'warn', `${usualBaseline} has too few samples to compare with`, fix)
    : check('baseline', 'ok', `${usualBaseline} has ${lines} samples`);
}

async function githubChecks({ context, options, opened, repository }: Doctoring): Promise<readonly Check[]> {
  const named = text(options, 'repo') ?? context.env['GITHUB_REPOSITORY'];
  if (flag(options, 'no-github')) return [check('github', 'warn', 'not checked, as --no-github says', 'leave it out where GitHub can be reached')];
  if (named === undefined || named === '')
    return [check('github', 'warn', 'not checked: no repository was named', 'name it with --repo, and give credentials as docs/github.md says')];
  return checkRepository(await repository(), opened.desired.environment.journal?.branch ?? null);
}

/** Where it lies, for people. */
async function record({ context, options, opened, repository }: Doctoring, checkup: Checkup): Promise<string> {
  const name = `doctor/${opened.name}/${checkup.at.replace(/[-:]|\.\d+/g, '')}`;
  const git = await openClone({ folder: opened.root, remote: text(options, 'remote') ?? 'origin' });
  const files = new Map([
    [`${name}.md`, redact(doctorMarkdown(checkup), context.env)],
    [`${name}.json`, redact(`${JSON.stringify(checkup, null, 2)}\n`, context.env)],
  ]);
  const commit = await keepFiles(git, { branch: evidenceBranch, files, message: `Doctor: ${opened.name}`, at: context.now() });
  const named = text(options, 'repo') ?? context.env['GITHUB_REPOSITORY'];
  if (flag(options, 'no-github') || named === undefined || named === '') return `${evidenceBranch}, commit ${commit}, ${name}.md`;
  const { github } = await repository();
  const { data } = await github.octokit.rest.repos.get({ owner: github.owner, repo: github.repo });
  return `${data.html_url}/blob/${commit}/${name}.md`;
}

function exitOf(checks: readonly Check[]): number {
  if (checks.some(({ verdict }) => verdict === 'fail')) return exitCodes.failure;
  return checks.some(({ verdict }) => verdict === 'unknown') ? exitCodes.indeterminate : exitCodes.done;
}
