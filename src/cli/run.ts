// mooring run: thermostat, sentinel and drift in one process, on their schedules.
import { exitCodes, MooringError } from '../errors.ts';
import { type Command, errorFormat, type OptionSpec, type Options, text } from './command.ts';
import type { Loop } from './loops/loop.ts';
import { countOf } from './loops/watch-options.ts';
import { repositoryOptions } from './pr/repository.ts';
import { numberOf } from './thermostat/tuning-flags.ts';

const names: readonly Loop['name'][] = ['thermostat', 'sentinel', 'drift'];
const usualHealth = '127.0.0.1:9464';

const options: Readonly<Record<string, OptionSpec>> = {
  loops: { type: 'string', value: 'NAMES', description: `which loops to run, with commas between (default: ${names.join(',')})` },
  health: { type: 'string', value: 'HOST:PORT', description: `where /healthz, /readyz and /metrics are served (default: ${usualHealth})` },
  listen: { type: 'string', value: 'HOST:PORT', description: 'where the sentinel takes events and alerts (default: 127.0.0.1:8787)' },
  file: { type: 'string', value: 'FILE', description: 'a file of events, NDJSON, that grows; the sentinel reads it too' },
  'no-listen': { type: 'boolean', description: 'the sentinel takes no events by HTTP: it watches the chain, and a file where one is named' },
  'state-branch': {
    type: 'string',
    value: 'NAME',
    description: 'keep what loops remember on this branch, for machines that are gone after each run (mooring/…)',
  },
  'drift-interval': { type: 'string', value: 'SECONDS', description: 'between two looks for drift (default: 900)' },
  iterations: { type: 'string', value: 'COUNT', description: 'turns of each loop after which it ends (default: 0, which is until it is told to stop)' },
  ...repositoryOptions,
  format: errorFormat,
};

export const run: Command = {
  spec: {
    name: 'run',
    summary: 'run thermostat, sentinel and drift in one process',
    description: [
      'Each loop on its own schedule: the thermostat proposes, the sentinel pauses and records it, drift keeps its issue. Serves /healthz, /readyz and',
      '/metrics, writes its log as lines of JSON, and stops in order with SIGTERM. Of several replicas one leads, by a lease on the remote; the',
      'others stand by, and take over when it dies. The sentinel watches the chain, and needs SENTINEL_SECRET to take events.',
    ],
    options,
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring run --env mainnet --repo acme/treasury', 'mooring run --env mainnet --loops sentinel,drift --health 0.0.0.0:9464'],
  },
  run: async (context, given) => {
    const { runAll } = await import('./loops/run-all.ts');
    const turns = countOf(given);
    const failed = await runAll(context, given, {
      names: loopsIn(given),
      health: text(given, 'health') ?? usualHealth,
      driftMs: 1_000 * numberOf('--drift-interval', text(given, 'drift-interval') ?? '900', { min: 1, max: 86_400 }),
      ...(turns === undefined ? {} : { turns }),
    });
    return failed > 0 && turns !== undefined ? exitCodes.indeterminate : exitCodes.done;
  },
};

function loopsIn(given: Options): readonly Loop['name'][] {
  const wanted = (text(given, 'loops') ?? names.join(',')).split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) throw new MooringError('USAGE', `there is no loop "${unknown}"`, { fix: `--loops takes ${names.join(', ')}` });
  return names.filter((name) => wanted.includes(name));
}
