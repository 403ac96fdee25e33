// mooring log: the operations log, every adjustment of an environment.
import { exitCodes, MooringError } from '../errors.ts';
import { flat, type OperationsView, operationsCsv, operationsText } from '../render/operations-text.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { lexiconOf, openDeclared } from './environment/open.ts';
import { repositoryOptions } from './pr/repository.ts';
import { redact } from './secrets/secrets.ts';

export const operations: Command = {
  spec: {
    name: 'log',
    summary: 'list every adjustment: who, why, pull request, receipt, ROI before and after',
    description: [
      'Joins the journal’s runs and their receipts, merged pull requests (also those that sent nothing), pauses and revocations at once, rebalancings',
      'that the thermostat saw, and recorded baselines of ROI. Oldest first. Needs no chain; what can’t be had is noted.',
    ],
    options: {
      since: { type: 'string', value: 'TIME', description: 'from when on: 2026-01-31, 2026-01-31T12:00:00Z, 30d, 12h (default: everything)' },
      baseline: { type: 'string', value: 'FILE,…', description: 'baselines of ROI (default: reports/*baseline*.ndjson)' },
      format: { type: 'string', value: 'FORMAT', choices: ['text', 'json', 'csv'], description: 'text (default), json, or csv for a spreadsheet' },
      'no-github': { type: 'boolean', description: 'leave GitHub out' },
      ...repositoryOptions,
    },
    exits: ['badInput'],
    examples: ['mooring log --env local --since 30d', 'mooring log --env mainnet --since 2026-01-01 --format csv --repo acme/treasury'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const declared = openDeclared(context, options);
  const since = sinceOf(text(options, 'since'), context.now());
  const [{ gather }, { joinOperations }] = await Promise.all([import('./operations/gather.ts'), import('./operations/join.ts')]);
  const { records, notes } = await gather({ context, options, declared, since });
  const view: OperationsView = { environment: declared.name, since, entries: joinOperations(records), notes };
  const lexicon = lexiconOf(declared, context, options);
  const format = text(options, 'format');
  const shown =
    format === 'json' ? `${JSON.stringify(toJson(view), null, 2)}\n` : format === 'csv' ? operationsCsv(view, lexicon) : operationsText(view, lexicon);
  context.stdout(redact(shown, context.env));
  if (format === 'csv') for (const note of notes) context.stderr(`note: ${flat(redact(note, context.env))}\n`);
  return exitCodes.done;
}

const hour = 3_600_000;

/** Milliseconds since the epoch. Throws USAGE. */
export function sinceOf(given: string | undefined, now: number): number | null {
  if (given === undefined) return null;
  const [, amount, unit] = /^(\d{1,5})([hdw])$/.exec(given) ?? [];
  if (amount !== undefined) return now - Number(amount) * (unit === 'h' ? hour : unit === 'd' ? 24 * hour : 7 * 24 * hour);
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new MooringError('USAGE', `--since ${given} is no time`, { fix: 'write it as 2026-01-31, 2026-01-31T12:00:00Z, 30d or 12h' });
}
