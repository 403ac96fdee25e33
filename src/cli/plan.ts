// mooring plan: what would be sent, in which order, and the proof that it works.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exitCodes } from '../errors.ts';
import type { Lexicon } from '../render/lexicon.ts';
import { planJson } from '../render/plan-json.ts';
import { planMarkdown } from '../render/plan-markdown.ts';
import { planText } from '../render/plan-text.ts';
import type { Plan } from '../types.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { type Declared, lexiconOf, openDeclared, openEnvironment } from './environment/open.ts';
import { rememberPlan } from './environment/plan-cache.ts';
import { makePlan } from './environment/walk.ts';
import { warnIfBehind } from './environment/warn-if-behind.ts';
import { planExit } from './exits.ts';

export const plan: Command = {
  spec: {
    name: 'plan',
    summary: 'show what would be sent to make the chain match git, and prove it',
    description: [
      'Reads the live state at one block, compares it with git, orders the transactions so that each leaves a valid state,',
      'runs them all in a simulation and reads everything again. Sends nothing.',
    ],
    options: {
      format: { type: 'string', value: 'FORMAT', choices: ['text', 'json', 'markdown'], description: 'text (default), json or markdown' },
      out: { type: 'string', value: 'FILE', description: 'also write the plan as JSON to FILE, for apply --plan FILE' },
      proof: { type: 'string', value: 'WHEN', choices: ['auto', 'never'], description: 'auto (default), or never: skip the simulation' },
      trusted: { type: 'string', value: 'DIR', description: 'take environment, policy and kinds from this checkout: for the files of a stranger' },
      'public-only': { type: 'boolean', description: 'plan only where the RPC URLs need no secret; else say so and end with 0' },
      'detailed-exitcode': { type: 'boolean', description: 'exit 2 where git and chain differ' },
    },
    exits: ['changes', 'denied', 'indeterminate', 'badInput'],
    examples: ['mooring plan --env local', 'mooring plan --env local --out plan.json', 'mooring plan --env local --format markdown'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  if (flag(options, 'public-only') && needsSecret(openDeclared(context, options))) {
    context.stdout('Not planned: the RPC URLs need a secret. The plan follows from the trusted run.\n');
    return exitCodes.done;
  }
  const opened = openEnvironment(context, options);
  try {
    await warnIfBehind(opened, context, options);
    const made = await makePlan(opened, { now: context.now, proof: text(options, 'proof') !== 'never' });
    rememberPlan(opened.directory, made.plan);
    const file = text(options, 'out');
    if (file !== undefined) writePlan(resolve(context.cwd, file), made.plan);
    context.stdout(show(made.plan, text(options, 'format'), lexiconOf(opened, context, options)));
    const exit = planExit(made.plan.findings);
    return exit === exitCodes.done && flag(options, 'detailed-exitcode') && differs(made.plan) ? exitCodes.changes : exit;
  } finally {
    opened.close();
  }
}

function needsSecret({ desired }: Declared): boolean {
  return desired.environment.rpc.some((template) => template.includes('${'));
}

/** Also where the only difference is an emergency measure, which is no change of the plan's. */
function differs({ changes, findings }: Plan): boolean {
  return changes.length > 0 || findings.some((finding) => finding.code === 'STICKY_REDUCTION');
}

function show(made: Plan, format: string | undefined, lexicon: Lexicon): string {
  if (format === 'json') return `${JSON.stringify(planJson(made), null, 2)}\n`;
  return format === 'markdown' ? planMarkdown(made, lexicon) : planText(made, lexicon);
}

function writePlan(file: string, made: Plan): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(planJson(made), null, 2)}\n`);
}
