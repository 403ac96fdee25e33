// mooring pr apply: what was merged and approved, sent once.

import { exitCodes, MooringError } from '../errors.ts';
import type { ItemStatus } from '../render/apply-comment.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { leaseOptions } from './journal.ts';
import { environmentsAt } from './pr/environments-at.ts';
import { openRepository, repositoryOptions } from './pr/repository.ts';

export const prApply: Command = {
  spec: {
    name: 'pr apply',
    summary: 'apply what was merged and approved since the last time, once',
    description: [
      'Always applies the branch as it is now. Each merged pull request’s own changes are planned again, under the policy that was there before it, and are',
      'sent only where this very plan was approved on its final head. Commits of no pull request and standing drift are reported, never swept along.',
      'What has gone stale is not sent: a pull request of Mooring’s asks for approval again. A second run with nothing new sends and writes nothing.',
    ],
    options: {
      from: { type: 'string', value: 'SHA', description: 'go on from this commit, in place of the recorded one: after a force-push' },
      ...repositoryOptions,
      ...leaseOptions,
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring pr apply --repo acme/treasury', 'mooring pr apply --repo acme/treasury --env mainnet'],
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
  const repository = await openRepository(context, options);
  const [{ applyBranch, branchLines }, { reportBranch }] = await Promise.all([import('./pr/apply-branch.ts'), import('./pr/report-branch.ts')]);
  const given = text(options, 'env');
  const codes: number[] = [];
  for (const environment of given === undefined ? await environmentsAt(repository) : [given]) {
    const report = await applyBranch(repository, environment, from);
    await reportBranch(repository, report);
    for (const line of branchLines(report)) context.stdout(`${line}\n`);
    codes.push(...report.items.map((item) => exits[item.report.status]));
  }
  return codes.find((code) => code !== exitCodes.done) ?? exitCodes.done;
}
