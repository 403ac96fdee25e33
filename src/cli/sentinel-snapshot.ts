// mooring sentinel snapshot: what the sentinel has counted, and where each part comes from.
import { exitCodes } from '../errors.ts';
import { readLedger } from '../loops/sentinel/event-store.ts';
import { emptyLedger } from '../loops/sentinel/ledger.ts';
import { originsOf, snapshotOf } from '../loops/sentinel/snapshot.ts';
import { sentinelSnapshotText } from '../render/sentinel-text.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { lexiconOf } from './environment/open.ts';
import { openSentinel } from './sentinel/open-sentinel.ts';
import { measureText, settingRows, snapshotRows } from './sentinel/views.ts';

export const sentinelSnapshot: Command = {
  spec: {
    name: 'sentinel snapshot',
    summary: 'show what the sentinel has counted, and where each part comes from',
    description: [
      'Reads what the sentinel of an environment has recorded in this checkout: totals, ROI, the reasons to pause, a requested stop, pruned',
      'agents, and what is decided but not carried out yet. Needs no chain, and disturbs no sentinel that is running.',
    ],
    options: {},
    exits: ['badInput'],
    examples: ['mooring sentinel snapshot --env local', 'mooring sentinel snapshot --env local --format json'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const { declared, sentinel, folder } = openSentinel(context, options);
  const recorded = readLedger(folder);
  const ledger = recorded ?? emptyLedger;
  // Those that it was counted with: changed ones hold from the next start on.
  const settings = ledger.settings ?? sentinel.settings;
  const rows = settingRows(sentinel);
  if (text(options, 'format') === 'json') {
    const { state, pending, cursors } = ledger;
    const view = {
      environment: declared.name,
      recorded: recorded !== null,
      snapshot: snapshotOf(state),
      origins: originsOf(state, settings),
      pending,
      cursors,
      settings: rows,
    };
    context.stdout(`${JSON.stringify(view, null, 2)}\n`);
    return exitCodes.done;
  }
  const pending = ledger.pending.flatMap(({ decision }) => decision.measures.map(measureText));
  const view = { environment: declared.name, recorded: recorded !== null, settings: rows, snapshot: snapshotRows(ledger.state, settings), pending };
  context.stdout(sentinelSnapshotText(view, lexiconOf(declared, context, options)));
  return exitCodes.done;
}
