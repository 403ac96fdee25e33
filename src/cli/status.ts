// mooring status: the runs of an environment, from the journal.
import { exitCodes } from '../errors.ts';
import { type NonceState, type RunState, reduceJournal } from '../journal/reduce.ts';
import { type RunView, type StepState, type StepView, statusText } from '../render/status-text.ts';
import type { Step } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { openJournal } from './environment/journal.ts';
import { lexiconOf, openDeclared } from './environment/open.ts';

export const status: Command = {
  spec: {
    name: 'status',
    summary: 'show the runs: what succeeded, what remains, how to go on',
    description: [
      'Reads the journal, this checkout’s or the shared one: each run, each of its transactions, and what to do next, and open incidents. Needs no chain.',
    ],
    options: {},
    exits: ['badInput'],
    examples: ['mooring status --env local'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const declared = openDeclared(context, options);
  const journal = await openJournal(context, declared);
  const runs = reduceJournal(await journal.read())
    .runs.filter(({ started }) => started.environment === declared.name)
    .map(viewRun);
  const { readOpenIncidents } = await import('./incident/read-open-incidents.ts');
  const incidents = await readOpenIncidents({ root: declared.root, environment: declared.desired.environment });
  const view = { environment: declared.name, incidents, runs, receipts: (await journal.receipts()).length };
  context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify(toJson(view), null, 2)}\n` : statusText(view, lexiconOf(declared, context, options)));
  return exitCodes.done;
}

function viewRun(state: RunState): RunView {
  const { started, finished } = state;
  return {
    run: state.run,
    startedAt: started.at,
    finishedAt: finished?.at ?? null,
    outcome: finished?.outcome ?? null,
    digest: started.digest,
    approvedBy: started.approvedBy,
    commit: started.commit,
    steps: started.steps.map((step) => viewStep(step, state)),
  };
}

function viewStep(step: Step, state: RunState): StepView {
  const nonce = state.nonces.findLast((candidate) => candidate.step === step.id);
  if (nonce === undefined) return { step, state: 'not sent', transaction: null, block: null };
  return { step, state: stateOf(nonce), transaction: nonce.mined?.hash ?? nonce.transactions.at(-1)?.hash ?? null, block: nonce.mined?.block.number ?? null };
}

function stateOf(nonce: NonceState): StepState {
  if (nonce.foreign !== null) return 'nonce taken by a foreign transaction';
  if (nonce.mined === null) return 'waiting';
  if (nonce.mined.step === null) return 'nonce burnt';
  return nonce.mined.success ? 'succeeded' : 'reverted';
}
