// mooring sentinel replay: what the sentinel would have decided on a file of events.
import { exitCodes, MooringError } from '../errors.ts';
import { type ReplayTurn, replay } from '../loops/sentinel/replay.ts';
import { markText, originsOf, snapshotOf } from '../loops/sentinel/snapshot.ts';
import { sentinelReplayText, type TurnView } from '../render/sentinel-text.ts';
import { type Command, type Context, type Options, operands, text } from './command.ts';
import { lexiconOf } from './environment/open.ts';
import { openSentinel } from './sentinel/open-sentinel.ts';
import { readEventFile } from './sentinel/read-event-file.ts';
import { measureText, settingRows, snapshotRows } from './sentinel/views.ts';

export const sentinelReplay: Command = {
  spec: {
    name: 'sentinel replay',
    summary: 'show what the sentinel would have decided on a file of events',
    description: [
      'Reads expansion and evaluation events from a JSON list or from NDJSON, and prints each decision with its event, the rule and the',
      'numbers behind it; then the totals. Decides with the settings in desired-state/<env>/loops/sentinel.yaml. Nothing is sent or recorded.',
    ],
    options: {},
    operands: { value: 'FILE', description: 'JSON or NDJSON: {"type": "expansion", "cost": 1.5} or {"type": "evaluation", "agent": "a", "value": 2}' },
    exits: ['badInput'],
    examples: ['mooring sentinel replay events.ndjson --env local', 'mooring sentinel replay history.json --env local --format json'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const [file, ...more] = operands(options);
  if (file === undefined || more.length > 0)
    throw new MooringError('USAGE', 'one file of events is expected', { fix: 'mooring sentinel replay events.ndjson' });
  const { declared, sentinel } = openSentinel(context, options);
  const { turns, state, repeated } = replay(sentinel.settings, readEventFile(context.cwd, file));
  const settings = settingRows(sentinel);
  if (text(options, 'format') === 'json') {
    const decisions = turns.filter(({ decision }) => decision.measures.length + decision.alerts.length > 0);
    const view = { environment: declared.name, settings, decisions, repeated, snapshot: snapshotOf(state), origins: originsOf(state, sentinel.settings) };
    context.stdout(`${JSON.stringify(view, null, 2)}\n`);
    return exitCodes.done;
  }
  const { expansions, evaluations } = state;
  const view = {
    environment: declared.name,
    expansions,
    evaluations,
    repeated,
    settings,
    turns: turns.map(viewTurn),
    snapshot: snapshotRows(state, sentinel.settings),
  };
  context.stdout(sentinelReplayText(view, lexiconOf(declared, context, options)));
  return exitCodes.done;
}

function viewTurn({ mark, type, totalCost, roi, decision }: ReplayTurn): TurnView {
  return {
    event: markText(mark),
    totals: `${type}, cost ${totalCost}, ROI ${roi === null ? 'none' : roi.toFixed(3)}`,
    measures: decision.measures.map(measureText),
    alerts: decision.alerts.map(({ severity, reason, message }) => ({ severity, text: `${reason}: ${message}` })),
  };
}
