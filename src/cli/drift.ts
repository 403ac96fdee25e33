// mooring drift: do git and chain agree, and if not, who made them differ?
import { exitCodes } from '../errors.ts';
import { knownTransactions } from '../journal/reduce.ts';
import { findAuthors } from '../live/history.ts';
import { diff } from '../plan/diff.ts';
import { classifyDrift } from '../plan/drift.ts';
import { driftText } from '../render/drift-text.ts';
import type { DriftReport, DriftStatus } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { lexiconOf, type Opened, openEnvironment } from './environment/open.ts';
import { makePlan, sources } from './environment/walk.ts';
import { warnIfBehind } from './environment/warn-if-behind.ts';

export const drift: Command = {
  spec: {
    name: 'drift',
    summary: 'say whether git and chain agree, and who made them differ',
    description: [
      'In sync, pending (git is ahead), drifted (the chain moved), or unknown. For each drifted field: the transaction, its sender,',
      'its time and the decoded call. Emergency measures are shown apart and never proposed for reversal. Sends nothing.',
    ],
    options: {},
    exits: ['changes', 'indeterminate', 'badInput'],
    examples: ['mooring drift --env local', 'mooring drift --env local --format json'],
  },
  run,
};

const exits: Readonly<Record<DriftStatus, number>> = {
  'in sync': exitCodes.done,
  pending: exitCodes.changes,
  drifted: exitCodes.changes,
  unknown: exitCodes.indeterminate,
};

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    await warnIfBehind(opened, context, options);
    const report = await reportDrift(opened, context.now);
    context.stdout(
      text(options, 'format') === 'json' ? `${JSON.stringify(toJson(report), null, 2)}\n` : driftText(report, lexiconOf(opened, context, options)),
    );
    return exits[report.status];
  } finally {
    opened.close();
  }
}

/** One pass of the watch: plan without proof, then the history behind each difference. */
export async function reportDrift(opened: Opened, now: () => number): Promise<DriftReport> {
  const { plan, live } = await makePlan(opened, { now, proof: false });
  const { changes } = diff({ desired: opened.desired.state, live, kinds: opened.kinds });
  const authors = await findAuthors({ ...sources(opened), state: live, changes, names: opened.desired.addresses.byAddress });
  const known = knownTransactions(await opened.journal.read());
  const adoptedAt = new Map(
    opened.desired.state.contracts.flatMap((contract) => (contract.adoptedAt === undefined ? [] : [[contract.name, contract.adoptedAt] as const])),
  );
  const seconds = BigInt(Math.floor(now() / 1000));
  return classifyDrift({ plan, changes, authors, known, adoptedAt, ignores: opened.desired.ignores, now: seconds });
}
