// mooring thermostat baseline compare: whether ROI has risen or fallen since, how surely, and whether finance has to know.
import { exitCodes, MooringError } from '../errors.ts';
import { compareBaselines, level, targetsIn, threshold } from '../loops/thermostat/baseline.ts';
import { parseSamples } from '../loops/thermostat/samples.ts';
import { type BaselineView, baselineText, changeText } from '../render/baseline-text.ts';
import { type Command, type Context, flag, type Options, operands, text } from './command.ts';
import { readNamedFile } from './read-named-file.ts';
import { escalate } from './thermostat/baseline-alert.ts';

export const thermostatBaselineCompare: Command = {
  spec: {
    name: 'thermostat baseline compare',
    summary: 'compare two baselines of ROI: lift or drawdown, and how surely',
    description: [
      'Prints the difference of the means with a 95 % confidence interval by Welch’s t, and the targets that differ. Where the mean has',
      'changed by more than 10 %, it exits with 2; with --alert it also tells finance, through the channels of loops/sentinel.yaml.',
      'A history for replay may stand in place of a baseline.',
    ],
    options: { alert: { type: 'boolean', description: 'send an alert where the change is beyond 10 %' } },
    operands: { value: 'FILE', description: 'the old baseline, then the new one' },
    exits: ['changes', 'badInput'],
    examples: [
      'mooring thermostat baseline compare reports/roi-baseline.ndjson reports/after.ndjson',
      'mooring thermostat baseline compare reports/roi-baseline.ndjson reports/after.ndjson --env local --alert',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const [old, fresh, ...more] = operands(options);
  if (old === undefined || fresh === undefined || more.length > 0)
    throw new MooringError('USAGE', 'two baselines are expected, the old one and the new one', {
      fix: 'mooring thermostat baseline compare old.ndjson new.ndjson',
    });
  const view = viewOf(read(context, old), read(context, fresh));
  if (text(options, 'format') === 'json') context.stdout(`${JSON.stringify(view, null, 2)}\n`);
  else context.stdout(baselineText(view, { names: new Map(), tokens: new Map(), explorer: null, colour: context.colour, verbose: flag(options, 'verbose') }));
  if (!view.exceeded) return exitCodes.done;
  if (flag(options, 'alert')) await tellFinance(context, options, view);
  return exitCodes.changes;
}

type Baseline = { file: string; rois: readonly number[]; dropped: number; targets: readonly Readonly<Record<string, number>>[] };

/** Throws FILE_*, SAMPLES_INVALID, BASELINE_TOO_FEW. SIDE EFFECTS: reads the file. */
function read(context: Context, file: string): Baseline {
  const bytes = readNamedFile(context.cwd, file, 'samples');
  // A reading that is missing must not look like ROI at zero.
  const all = parseSamples(file, bytes, { atNoCost: Number.NaN }).map(({ roi }) => roi);
  const rois = all.filter(Number.isFinite);
  if (rois.length < 2)
    throw new MooringError('BASELINE_TOO_FEW', `${file} has ${rois.length} samples with a finite ROI, and two at least are needed`, {
      source: { file, line: 1, column: 1 },
      fix: 'record more of them',
    });
  return { file, rois, dropped: all.length - rois.length, targets: targetsIn(bytes.toString('utf8')) };
}

function viewOf(old: Baseline, fresh: Baseline): BaselineView {
  const compared = compareBaselines(old.rois, fresh.rois);
  return {
    ...compared,
    old: { file: old.file, ...compared.old, dropped: old.dropped },
    fresh: { file: fresh.file, ...compared.fresh, dropped: fresh.dropped },
    level,
    threshold,
    targets: differing(old, fresh),
  };
}

/** Fields that are not one and the same in both; also one that moved while a baseline was recorded. */
function differing(old: Baseline, fresh: Baseline): BaselineView['targets'] {
  const values = ({ targets }: Baseline, field: string): string => [...new Set(targets.flatMap((set) => set[field] ?? []))].join(', ');
  const fields = new Set([...old.targets, ...fresh.targets].flatMap(Object.keys));
  const rows = [...fields].map((field) => ({ field, old: values(old, field), fresh: values(fresh, field) }));
  return rows.filter((row) => row.old !== '' && row.fresh !== '' && (row.old !== row.fresh || row.old.includes(',')));
}

async function tellFinance(context: Context, options: Options, view: BaselineView): Promise<void> {
  const message = `For finance: ${changeText(view)}`;
  const detail = `mean ROI ${view.old.mean.toFixed(4)} in ${view.old.file}, ${view.fresh.mean.toFixed(4)} in ${view.fresh.file}`;
  const waiting = await escalate(context, options, { severity: view.difference.by < 0 ? 'critical' : 'warning', message, detail });
  if (waiting > 0) context.stderr('not every channel has the alert yet: it is kept, and sent again with the next one\n');
}
