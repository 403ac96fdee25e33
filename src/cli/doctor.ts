// mooring doctor: the day-one checklist, as checks with a verdict and a fix each.
import type { Command, CommandSpec, Context, Options } from './command.ts';
import { repositoryOptions } from './pr/repository.ts';

const spec: CommandSpec = {
  name: 'doctor',
  summary: 'check that an environment is ready: files, chain, keys, pausers, GitHub',
  description: [
    'Each check has a verdict and says how to mend it: desired state and loops’ settings valid; git and chain in sync; the deployment that is active;',
    'each RPC; signers and their money; two accounts or more that can pause each contract; a pause rehearsed; the baseline of ROI; and, with a repository,',
    'what its default branch demands (docs/branch-protection.md) and its workflows. Exit 0 where nothing fails, 1 where something does, 5 where',
    'something could not be told. Sends nothing to the chain.',
  ],
  options: {
    manifest: { type: 'string', value: 'FILE', description: 'the active deployment: JSON of name to address' },
    service: { type: 'string', value: 'URL,…', description: 'where running services publish their settings as JSON; several with commas between' },
    record: { type: 'boolean', description: 'keep the result on the branch mooring/evidence of the remote, and say where' },
    'no-github': { type: 'boolean', description: 'leave the repository out' },
    ...repositoryOptions,
  },
  exits: ['indeterminate', 'badInput'],
  examples: ['mooring doctor --env local --no-github', 'mooring doctor --env mainnet --repo acme/treasury --manifest deployment.json --record'],
};

export const doctor: Command = {
  spec,
  async run(context: Context, options: Options): Promise<number> {
    const { runDoctor } = await import('./doctor/run-doctor.ts');
    return runDoctor(context, options);
  },
};
