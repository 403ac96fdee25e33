// mooring validate: everything that can be said about the desired state without a chain.
import { diskSource } from '../desired/file-source.ts';
import { loadDesired } from '../desired/load.ts';
import { loopFindings } from '../desired/loops/loop-findings.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { settingsDefaults } from '../loops/thermostat/settings.ts';
import { findingsText } from '../render/finding-text.ts';
import { count } from '../render/lexicon.ts';
import type { Finding } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { excerptFrom, findRoot } from './environment/find-root.ts';
import { environmentNames } from './environment/open.ts';

type Outcome = { environment: string; contracts: number; fields: number; findings: readonly Finding[] };

export const validate: Command = {
  spec: {
    name: 'validate',
    summary: 'check the desired state offline',
    description: [
      'Reads every file of an environment (of all environments without --env) and prints each problem with its file, line and column,',
      'the offending line, and how to fix it. Needs no chain and no key.',
    ],
    options: {},
    exits: ['badInput'],
    examples: ['mooring validate', 'mooring validate --env local --format json'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const root = findRoot(context, options);
  const given = text(options, 'env');
  const outcomes = (given === undefined ? environmentNames(root) : [given]).map((name) => check(root, name));
  const bad = outcomes.some((outcome) => outcome.findings.some((finding) => finding.severity === 'error'));
  context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify(toJson({ environments: outcomes }), null, 2)}\n` : report(outcomes, root, context));
  return bad ? exitCodes.badInput : exitCodes.done;
}

function check(root: string, name: string): Outcome {
  const source = diskSource(root);
  const loaded = collect(() => loadDesired({ source, environment: name }));
  if (loaded.result === null) return { environment: name, contracts: 0, fields: 0, findings: loaded.findings };
  const { desired, kinds, warnings } = loaded.result;
  const { contracts } = desired.state;
  const fields = contracts.reduce((sum, contract) => sum + contract.fields.size, 0);
  const findings = [...warnings, ...loopFindings({ source, environment: name, loaded: { desired, kinds }, defaults: settingsDefaults })];
  return { environment: name, contracts: contracts.length, fields, findings };
}

/** What a reader gives, or else everything that is wrong. */
function collect<T>(load: () => T): { result: T | null; findings: readonly Finding[] } {
  try {
    return { result: load(), findings: [] };
  } catch (error) {
    if (!(error instanceof MooringError) || error.findings.length === 0) throw error;
    return { result: null, findings: error.findings };
  }
}

function report(outcomes: readonly Outcome[], root: string, context: Context): string {
  if (outcomes.length === 0) return 'There is no environment yet: desired-state/<env>/environment.yaml makes one.\n';
  const lexicon = { names: new Map(), tokens: new Map(), explorer: null, colour: context.colour, verbose: false };
  return outcomes
    .map((outcome) => {
      if (outcome.findings.length > 0) return `${outcome.environment}:\n${findingsText(outcome.findings, lexicon, excerptFrom(root))}`;
      return `${outcome.environment}: valid, ${count(outcome.contracts, 'contract')}, ${count(outcome.fields, 'declared field')}\n`;
    })
    .join('\n');
}
