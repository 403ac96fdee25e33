// mooring thermostat watch: keeps ROI inside its band by pull requests.
import { exitCodes, MooringError } from '../errors.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { countOf, watchOptions } from './loops/watch-options.ts';
import { repositoryOptions } from './pr/repository.ts';
import { tuningFlags, tuningOptions } from './thermostat/tuning-flags.ts';

export const thermostatWatch: Command = {
  spec: {
    name: 'thermostat watch',
    summary: 'keep ROI inside its band, by pull requests',
    description: [
      'Reads ROI from Prometheus and the engine’s values from the chain, decides, and keeps one pull request for what it would change: opened,',
      'brought up to date, closed when ROI is back. It changes nothing by itself: a move counts when it has been approved, merged and applied.',
      'Tuning flags need --dry-run, which only shows, or --propose, which opens a pull request that makes them the declared ones.',
    ],
    options: {
      ...watchOptions,
      ...tuningOptions,
      'dry-run': { type: 'boolean', description: 'show each sample, the window’s mean, the band, the decision and why; propose and remember nothing' },
      'prometheus-url': { type: 'string', value: 'URL', description: 'where ROI is read, in place of what is declared; only with --dry-run' },
      query: { type: 'string', value: 'PROMQL', description: 'what is asked there (default: hgm_roi); only with --dry-run' },
      propose: { type: 'boolean', description: 'propose the given settings by pull request, and end' },
      resume: { type: 'boolean', description: 'let a loop go on that two moves without response have stopped: a person has looked at it' },
      baseline: {
        type: 'string',
        value: 'FILE',
        description: 'the baseline that the operations log joins with each change (default: reports/roi-baseline.ndjson)',
      },
      ...repositoryOptions,
    },
    exits: ['indeterminate', 'badInput'],
    examples: [
      'mooring thermostat watch --env local --dry-run --iterations 3 --interval 10',
      'mooring thermostat watch --env local --repo acme/treasury',
      'mooring thermostat watch --env local --target-roi 2.2 --propose',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const flags = tuningFlags(options);
  const turns = countOf(options);
  if (flag(options, 'propose') && flag(options, 'dry-run'))
    throw new MooringError('USAGE', '--dry-run only shows, and --propose opens a pull request', { fix: 'give one of them' });
  if (flag(options, 'propose')) return (await import('./thermostat/propose-settings.ts')).proposeSettings(context, options, flags);
  const source = text(options, 'prometheus-url') !== undefined || text(options, 'query') !== undefined;
  if ((Object.keys(flags).length > 0 || source) && !flag(options, 'dry-run'))
    throw new MooringError('USAGE', 'settings of the command line stand against what is declared', {
      fix: 'add --dry-run to see what they would do, or --propose to propose them',
    });
  const { watchThermostat } = await import('./thermostat/watch.ts');
  const failed = await watchThermostat(context, options, { flags, ...(turns === undefined ? {} : { turns }) });
  return failed === 0 || turns === undefined ? exitCodes.done : exitCodes.indeterminate;
}
