// mooring incident show: what happened, what is paused and by whom, and which contracts it seems to touch.
import { exitCodes, MooringError } from '../errors.ts';
import { type IncidentShown, incidentText } from '../render/incident-text.ts';
import type { IncidentRecord } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { lexiconOf } from './environment/open.ts';
import { affectionOf, revertedRuns, signsOfAlerts, signsOfLogs } from './incident/affected.ts';
import { type LiveLook, tryLook } from './incident/look-live.ts';
import { byOption, chosenIncident, type IncidentDesk, idOperand, openDesk } from './incident/open-desk.ts';
import { syncIncidents } from './incident/sync.ts';
import { repositoryOptions } from './pr/repository.ts';

export const incidentShow: Command = {
  spec: {
    name: 'incident show',
    summary: 'show an incident: timeline, what is paused and by whom, affected contracts',
    description: [
      'Names the contracts that logs, alerts, drift and reverted transactions speak of: `moderation:` and `auto-slash:` reasons, failed rounds. Pauses',
      'of this checkout are put on record first. A chain that can’t be asked is said, and keeps the rest from nothing.',
    ],
    operands: idOperand,
    options: {
      log: { type: 'string', value: 'FILES', description: 'logs of an orchestrator, lines of JSON or text, with commas between them' },
      'no-sync': { type: 'boolean', description: 'put nothing on record' },
      ...byOption,
      ...repositoryOptions,
    },
    exits: ['badInput'],
    examples: ['mooring incident show --env mainnet', 'mooring incident show --env mainnet 2026-01-31-oracle-fault --log orchestrator.ndjson'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const desk = await openDesk(context, options);
  const logs = text(options, 'log')?.split(',') ?? [];
  const signs = [...signsOfLogs(desk, logs), ...signsOfAlerts(desk)];
  const notes = flag(options, 'no-sync') ? [] : await tryToSync(desk);
  const { kept } = await chosenIncident(desk);
  const look = await tryLook(desk, kept.record);
  const live = 'why' in look ? null : look;
  const all = [...signs, ...(await revertedRuns(desk, kept.record))];
  const shown: IncidentShown = {
    ...{ environment: desk.name, ...kept, notes, signs: all, affected: affectionOf(all, live) },
    live: live === null ? null : liveView(live, kept.record),
    unknown: 'why' in look ? desk.say(look.why) : null,
  };
  if (text(options, 'format') === 'json') context.stdout(`${JSON.stringify(toJson(shown), null, 2)}\n`);
  else context.stdout(incidentText(shown, lexiconOf({ desired: desk.outline }, context, options)));
  return exitCodes.done;
}

/** What can't be put on record now keeps nobody from reading. */
async function tryToSync(desk: IncidentDesk): Promise<string[]> {
  try {
    return (await syncIncidents(desk)).map(desk.say);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [desk.say(`nothing was put on record (${error.code}: ${error.message})`)];
  }
}

function liveView({ paused, drift, isResumed }: LiveLook, { closed }: Pick<IncidentRecord, 'closed'>): NonNullable<IncidentShown['live']> {
  const differing = drift.items.filter(({ status }) => status === 'drifted' || status === 'emergency').map(({ change }) => change.id);
  const running = isResumed || closed !== null ? [] : paused.running;
  return { paused: paused.flags, unread: paused.unread, running, drift: { status: drift.status, differing } };
}
