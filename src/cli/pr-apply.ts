// mooring pr apply: what was merged and approved, sent once.

import { exitCodes, MooringError } from '../errors.ts';
import type { ItemStatus } from '../render/apply-comment.ts';
import { type Command, type Context, errorFormat, type Options, text } from './command.ts';
import { leaseOptions } from './environment/journal.ts';
import { eachEnvironment } from './pr/each-environment.ts';
import { openRepository, repositoryOptions } from './pr/repository.ts';

export const prApply: Command = {
  spec: {
    name: 'pr apply',
    summary: 'apply what was merged and approved since the last time, once',
    description: [
      'Always applies the branch as it is now. Each merged pull request’s own changes are planned again, under the policy that was there before it, and are',
      'sent only where this very plan was approved on its final head. Commits of no pull request and standing drift are reported, never swept along.',
      'What has gone stale is not sent: a pull request of Mooring’s asks for approval again. A second run with nothing new sends and writes nothing.',
      'Wants --env: the environments that the keys here are for, separated by commas. Whatever else the branch has is not opened.',
    ],
    options: {
      from: { type: 'string', value: 'SHA', description: 'go on from this commit, in place of the recorded one: after a force-push' },
      ...repositoryOptions,
      format: errorFormat,
      ...leaseOptions,
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring pr apply --env mainnet', 'mooring pr apply --env mainnet,staging --repo acme/treasury'],
  },
  run,
};

const exits: Readonly<Record<ItemStatus, number>> = {
  applied: exitCodes.done,
  nothing: exitCodes.done,
  superseded: exitCodes.done,
  partly: exitCodes.failure,
  failed: exitCodes.failure,
  stale: exitCodes.stale,
  unapproved: exitCodes.denied,
  blocked: exitCodes.denied,
};

async function run(context: Context, options: Options): Promise<number> {
  const from = text(options, 'from');
  if (from !== undefined && !/^[0-9a-f]{40,64}$/.test(from)) throw new MooringError('USAGE', `--from is the full name of a commit, not "${from}"`);
  const environments = namedEnvironments(options);
  const repository = await openRepository(context, options);
  const [{ applyBranch, branchLines }, { reportBranch }] = await Promise.all([import('./pr/apply-branch.ts'), import('./pr/report-branch.ts')]);
  return eachEnvironment(context, environments, async (environment) => {
    const report = await applyBranch(repository, environment, from);
    await reportBranch(repository, report);
    for (const line of branchLines(report)) context.stdout(`${line}\n`);
    return report.items.map((item) => exits[item.report.status]).find((code) => code !== exitCodes.done) ?? exitCodes.done;
  });
}

/** Never all that the branch happens to have: a folder that somebody adds must not be opened with these keys. */
function namedEnvironments(options: Options): string[] {
  const names = (text(options, 'env') ?? '').split(',').filter(Boolean);
  if (names.length > 0) return names;
  throw new MooringError('USAGE', 'pr apply needs --env: the environments that the keys here are for', {
    fix: 'Name them in the workflow, separated by commas: --env mainnet,staging. A new one is added there, under review.',
  });
}
