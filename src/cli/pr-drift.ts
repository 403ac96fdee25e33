// mooring pr drift: one issue for each environment, kept up to date, with a choice for each difference.
import { exitCodes } from '../errors.ts';
import type { DriftStatus } from '../types.ts';
import { type Command, type Context, errorFormat, type Options, text } from './command.ts';
import { eachEnvironment } from './pr/each-environment.ts';
import { environmentsAt } from './pr/environments-at.ts';
import { openRepository, repositoryOptions } from './pr/repository.ts';

export const prDrift: Command = {
  spec: {
    name: 'pr drift',
    summary: 'keep an issue on drift, with a choice for each difference',
    description: [
      'Compares the branch with the chain. What somebody changed past git is listed in one issue for each environment, with its author and transaction;',
      'a ticked box opens the pull request that adopts it, reverts it, lifts it or ignores it for a while. An emergency measure is adopted by a pull',
      'request that opens by itself. The issue is closed when git and the chain agree. Sends nothing.',
    ],
    options: { ...repositoryOptions, format: errorFormat },
    exits: ['changes', 'indeterminate', 'badInput'],
    examples: ['mooring pr drift --repo acme/treasury'],
  },
  run,
};

const exits: Readonly<Record<DriftStatus, number>> = {
  'in sync': exitCodes.done,
  pending: exitCodes.done,
  drifted: exitCodes.changes,
  unknown: exitCodes.indeterminate,
};

async function run(context: Context, options: Options): Promise<number> {
  const repository = await openRepository(context, options);
  const { driftBranch } = await import('./pr/drift-branch.ts');
  const given = text(options, 'env');
  return eachEnvironment(context, given === undefined ? await environmentsAt(repository) : [given], async (environment) => {
    const { report, lines } = await driftBranch(repository, environment);
    for (const line of lines) context.stdout(`${line}\n`);
    return exits[report.status];
  });
}
