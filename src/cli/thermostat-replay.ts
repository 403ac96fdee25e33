// mooring thermostat replay: what the thermostat would have decided on a history of ROI.
import { exitCodes, MooringError } from '../errors.ts';
import { type ReplayRow, replay } from '../loops/thermostat/replay.ts';
import { parseSamples } from '../loops/thermostat/samples.ts';
import type { Lexicon } from '../render/lexicon.ts';
import { thermostatReplayLines } from '../render/thermostat-text.ts';
import { type Command, type Context, flag, type Options, operands, text } from './command.ts';
import { lexiconOf, openDeclared } from './environment/open.ts';
import { readNamedFile } from './read-named-file.ts';
import { declaredEngine } from './thermostat/engine-values.ts';
import { fieldsIn, valuesOf } from './thermostat/further-values.ts';
import { openThermostat } from './thermostat/open-thermostat.ts';
import { type LoopSettings, loopSettings } from './thermostat/settings.ts';
import { tuningFlags, tuningOptions } from './thermostat/tuning-flags.ts';

export const thermostatReplay: Command = {
  spec: {
    name: 'thermostat replay',
    summary: 'show what the thermostat would have decided on a history of ROI',
    description: [
      'Reads samples from a JSON list or from NDJSON, and prints for each the mean of the window, the band, the decision and why. Decides as',
      'the reference does, to the last bit, with its defaults; --env takes what the environment declares, --guarded adds the guards that',
      'watch has. Each move counts as applied at once. Nothing is sent, proposed or recorded. --quiet prints only samples that moved something.',
    ],
    options: {
      env: { type: 'string', value: 'NAME', description: 'decide with what this environment declares (default: the reference’s defaults)' },
      guarded: { type: 'boolean', description: 'with all guards, as watch has them' },
      ...tuningOptions,
      'dry-run': { type: 'boolean', description: 'changes nothing: a replay is one always' },
    },
    operands: { value: 'FILE', description: 'JSON or NDJSON: {"timestamp": 1750000000, "roi": 1.93}, or gmv and cost in place of roi' },
    exits: ['badInput'],
    examples: [
      'mooring thermostat replay roi.ndjson',
      'mooring thermostat replay roi.json --env local --guarded',
      'mooring thermostat replay roi.json --window 6 --format json',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const [file, ...more] = operands(options);
  if (file === undefined || more.length > 0)
    throw new MooringError('USAGE', 'one file of samples is expected', { fix: 'mooring thermostat replay roi.ndjson' });
  const guarded = flag(options, 'guarded');
  const { title, lexicon, loop } = prepare(context, options, guarded);
  const samples = parseSamples(file, readNamedFile(context.cwd, file, 'samples'));
  const { rows, state } = replay(loop.settings, loop.start, samples);
  if (text(options, 'format') === 'json') {
    const view = { environment: text(options, 'env') ?? null, guarded, settings: loop.origins, start: loop.start, samples: rows, end: state.values };
    context.stdout(`${JSON.stringify(view, spelled, 2)}\n`);
    return exitCodes.done;
  }
  const { origins: settings, start } = loop;
  const view = { title, settings, rows: rows.map(rowView), start, end: state.values, window: loop.settings.window };
  printLines(context, thermostatReplayLines(view, lexicon, flag(options, 'quiet')));
  return exitCodes.done;
}

/** Without --env nothing but the file is needed. */
function prepare(context: Context, options: Options, guarded: boolean): { title: string; lexicon: Lexicon; loop: LoopSettings } {
  const flags = tuningFlags(options);
  if (text(options, 'env') === undefined) {
    const lexicon: Lexicon = { names: new Map(), tokens: new Map(), explorer: null, colour: context.colour, verbose: flag(options, 'verbose') };
    return { title: 'no environment', lexicon, loop: loopSettings({ thermostat: null, engine: {}, flags, freezes: [], guarded }) };
  }
  const declared = openDeclared(context, options);
  const { thermostat, engine } = openThermostat(declared);
  const { contracts } = declared.desired.state;
  const further = valuesOf(fieldsIn(contracts, thermostat.settings.fields), 'as declared');
  const loop = loopSettings({ thermostat, engine: declaredEngine(engine), flags, freezes: declared.desired.policy.freezes, further, guarded });
  return { title: declared.name, lexicon: lexiconOf(declared, context, options), loop };
}

function rowView({ sample, decision }: ReplayRow) {
  return { roi: sample.roi, decision };
}

/** JSON has no NaN and no infinity. */
function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

const linesAtOnce = 5_000;

/** A long history is more than one text may hold. */
function printLines(context: Context, lines: readonly string[]): void {
  for (let from = 0; from < lines.length; from += linesAtOnce) context.stdout(`${lines.slice(from, from + linesAtOnce).join('\n')}\n`);
}
