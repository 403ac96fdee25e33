// mooring access: every privileged account of an environment.
import { accessCsv, accessText } from '../render/access-text.ts';
import { findingsText } from '../render/finding-text.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { lexiconOf, openEnvironment } from './environment/open.ts';
import { planExit } from './exits.ts';

export const access: Command = {
  spec: {
    name: 'access',
    summary: 'list every privileged account, since when, by whom, and when last used',
    description: [
      'Owners, pausers, roles and members of every managed contract, and of the modules that SystemPause covers: read live, joined with their events',
      'and with our runs. Last used is the newest transaction of the account that left an event of a managed contract; what no event tells is unknown.',
      'An account without a name in the address book is a warning. Sends nothing.',
    ],
    options: { format: { type: 'string', value: 'FORMAT', choices: ['text', 'json', 'csv'], description: 'text (default), json, or csv for a spreadsheet' } },
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring access --env local', 'mooring access --env local --format csv'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    const { reviewAccess } = await import('./access/review.ts');
    const report = await reviewAccess(opened);
    const format = text(options, 'format');
    const lexicon = lexiconOf(opened, context, options);
    if (format === 'json') context.stdout(`${JSON.stringify(toJson(report), null, 2)}\n`);
    else if (format === 'csv') {
      context.stdout(accessCsv(report));
      if (report.findings.length > 0) context.stderr(findingsText(report.findings, lexicon, () => undefined));
    } else context.stdout(accessText(report, lexicon));
    return planExit(report.findings);
  } finally {
    opened.close();
  }
}
