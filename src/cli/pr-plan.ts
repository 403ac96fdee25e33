// mooring pr plan: the plan where its reviewers are.
import { exitCodes, MooringError } from '../errors.ts';
import { count } from '../render/lexicon.ts';
import type { Pull } from '../scm/github/pulls.ts';
import { type Command, type Context, errorFormat, type Options, text } from './command.ts';
import type { Told } from './pr/plan-pull.ts';
import { openRepository, type Repository, repositoryOptions } from './pr/repository.ts';

export const prPlan: Command = {
  spec: {
    name: 'pr plan',
    summary: 'plan a pull request, and put the plan where its reviewers are',
    description: [
      'Plans what merging would change, under the configuration of the base branch; the pull request’s files are read as data, and nothing of them runs.',
      'Writes one comment and two checks for each environment: the plan, and "mooring / approved", which is red until this very plan has the approvals',
      'that policy asks for.',
      'Approvals of another plan are dismissed. A second run with nothing new changes nothing.',
    ],
    options: {
      pr: { type: 'string', value: 'N', description: 'the pull request (default: every open one)' },
      'head-sha': { type: 'string', value: 'SHA', description: 'the open pull requests with this head' },
      'merge-group': { type: 'string', value: 'SHA', description: 'the head of a merge queue’s group: its checks are put on that commit' },
      base: { type: 'string', value: 'SHA', description: 'with --merge-group: the commit that the group stands on' },
      ref: { type: 'string', value: 'REF', description: 'with --merge-group: its ref, which names the pull request' },
      ...repositoryOptions,
      format: errorFormat,
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring pr plan --pr 12 --repo acme/treasury', 'mooring pr plan --repo acme/treasury'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const repository = await openRepository(context, options);
  const group = text(options, 'merge-group');
  if (group !== undefined) {
    const { planMergeGroup } = await import('./pr/merge-group.ts');
    return planMergeGroup(repository, { head: group, base: needed(options, 'base'), ref: needed(options, 'ref') });
  }
  const pulls = await chosenPulls(repository, options);
  const { planPull } = await import('./pr/plan-pull.ts');
  const exits: number[] = [];
  for (const pull of pulls) {
    const told = await (pulls.length === 1 ? planPull(repository, pull) : planOneOfMany(pull, () => planPull(repository, pull)));
    for (const line of told.lines) context.stdout(`${line}\n`);
    exits.push(told.exit);
  }
  if (pulls.length === 0) context.stdout('No pull request is open.\n');
  else if (pulls.length > 1) context.stdout(`${count(pulls.length, 'pull request')} planned.\n`);
  return exits.find((exit) => exit !== exitCodes.done) ?? exitCodes.done;
}

/** What goes wrong with one is told, and keeps no other from its plan. */
async function planOneOfMany({ number }: Pull, plan: () => Promise<Told>): Promise<Told> {
  try {
    return await plan();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { exit: error.exitCode, lines: [`#${number}: ${error.code}: ${error.message}`] };
  }
}

function needed(options: Options, name: string): string {
  const value = text(options, name);
  if (value === undefined) throw new MooringError('USAGE', `--merge-group needs --${name}`);
  return value;
}

async function chosenPulls({ github, branch }: Repository, options: Options): Promise<Pull[]> {
  const { getPull, openPulls } = await import('../scm/github/pulls.ts');
  const number = text(options, 'pr');
  const sha = text(options, 'head-sha');
  if (number === undefined) return (await openPulls(github, { base: branch })).filter((pull) => sha === undefined || pull.head.sha === sha);
  if (!/^[1-9]\d{0,9}$/.test(number)) throw new MooringError('USAGE', `--pr is the number of a pull request, not "${number}"`);
  return [await getPull(github, Number(number))];
}
