// mooring thermostat baseline record: how ROI is now, to compare with later.
import { exitCodes } from '../errors.ts';
import { count } from '../render/lexicon.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { openEnvironment } from './environment/open.ts';
import { makeLog } from './log.ts';
import { usualBaseline } from './loops/operations-log.ts';
import { untilStopped } from './loops/stop-signal.ts';
import { intervalOf } from './loops/watch-options.ts';
import { openThermostat } from './thermostat/open-thermostat.ts';
import { readPrometheus } from './thermostat/read-roi.ts';
import { recordBaseline } from './thermostat/record-baseline.ts';
import { numberOf } from './thermostat/tuning-flags.ts';

const usualSamples = 12;

export const thermostatBaselineRecord: Command = {
  spec: {
    name: 'thermostat baseline record',
    summary: 'record how ROI is now, to compare with later',
    description: [
      'Reads ROI from Prometheus as watch does, and writes each sample with the settings and the live targets of its time, one JSON object a',
      'line. A reading that is stale, repeated or not finite is told and taken again. The file is written as a whole once it is complete.',
      'Record one before targets are changed and one after; the operations log names the one that a change is measured against.',
    ],
    options: {
      out: { type: 'string', value: 'FILE', description: `where to, from the root (default: ${usualBaseline})` },
      iterations: { type: 'string', value: 'COUNT', description: `samples to record (default: ${usualSamples})` },
      interval: { type: 'string', value: 'SECONDS', description: 'between two readings (default: as loops/thermostat.yaml declares)' },
      force: { type: 'boolean', description: 'replace the file where there is one' },
    },
    exits: ['indeterminate', 'badInput'],
    examples: [
      `mooring thermostat baseline record --env local --out ${usualBaseline} --iterations 12`,
      'mooring thermostat baseline record --env local --out reports/after.ndjson --interval 300',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const given = text(options, 'iterations');
  const samples = given === undefined ? usualSamples : numberOf('--iterations', given, { whole: true, min: 2, max: 100_000 });
  const out = text(options, 'out') ?? usualBaseline;
  const opened = openEnvironment(context, options);
  try {
    const { thermostat } = openThermostat(opened);
    const every = intervalOf(options, thermostat.settings.intervalSeconds);
    const log = await makeLog(context, options);
    const reading = { readRoi: readPrometheus(context), now: context.now, force: flag(options, 'force') };
    const recorded = await untilStopped(context, (signal) => recordBaseline({ opened, ...reading, out, samples, every, signal, log }));
    const mean = recorded.reduce((sum, { roi }) => sum + roi, 0) / recorded.length;
    if (text(options, 'format') === 'json') context.stdout(`${JSON.stringify({ file: out, samples: recorded.length, mean }, null, 2)}\n`);
    else context.stdout(`wrote ${out}: ${count(recorded.length, 'sample')}, mean ROI ${Number(mean.toPrecision(5))}\n`);
    return exitCodes.done;
  } finally {
    opened.close();
  }
}
