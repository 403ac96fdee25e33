// mooring thermostat watch: keeps ROI inside its band by pull requests.
import { exitCodes, MooringError } from '../errors.ts';
import { type Command, type Context, flag, type OptionSpec, type Options } from './command.ts';
import { repositoryOptions } from './pr/repository.ts';
import { numberOf, tuningFlags, tuningOptions } from './thermostat/tuning-flags.ts';

/** Options of every watch. */
export const watchOptions: Readonly<Record<string, OptionSpec>> = {
  interval: { type: 'string', value: 'SECONDS', description: 'between two turns (default: as the loop’s file declares)' },
  iterations: { type: 'string', value: 'COUNT', description: 'turns after which it ends (default: until it is told to stop)' },
};

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
      propose: { type: 'boolean', description: 'propose the given settings by pull request, and end' },
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
  if (flag(options, 'propose')) return (await import('./thermostat/propose-settings.ts')).proposeSettings(context, options, flags);
  if (Object.keys(flags).length > 0 && !flag(options, 'dry-run'))
    throw new MooringError('USAGE', 'settings of the command line stand against what is declared', {
      fix: 'add --dry-run to see what they would do, or --propose to propose them',
    });
  const { watchThermostat } = await import('./thermostat/watch.ts');
  const failed = await watchThermostat(context, options, { flags, ...(turns === undefined ? {} : { turns }) });
  return failed === 0 || turns === undefined ? exitCodes.done : exitCodes.indeterminate;
}

/** `--iterations`. Throws USAGE. */
export function countOf(options: Options): number | undefined {
  const given = options['iterations'];
  return typeof given === 'string' ? numberOf('--iterations', given, { whole: true, min: 1, max: 1e9 }) : undefined;
}

/** `--interval` in milliseconds, or that many declared seconds. Throws USAGE. */
export function intervalOf(options: Options, declaredSeconds: number): number {
  const given = options['interval'];
  return 1000 * (typeof given === 'string' ? numberOf('--interval', given, { min: 0.01, max: 86_400 }) : declaredSeconds);
}
