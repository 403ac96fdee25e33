// mooring incident close: when nothing of it is paused any more, everything is archived and linked from one page.
import { exitCodes, MooringError } from '../errors.ts';
import type { IncidentRecord } from '../types.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { archiveFiles, collect } from './incident/archive.ts';
import { closeOnGitHub, tellClosed } from './incident/ending.ts';
import { idleNotes } from './incident/idle-notes.ts';
import { find, incidentFolder, type Kept, readBook, writeIncident } from './incident/incident-branch.ts';
import { lookLive, type Paused } from './incident/look-live.ts';
import { byOption, chosenIncident, type IncidentDesk, idOperand, openDesk } from './incident/open-desk.ts';
import { filesOf, rootCauseOf } from './incident/reading.ts';
import { hasRepository, syncIncidents } from './incident/sync.ts';
import { openRepository, type Repository, repositoryOptions } from './pr/repository.ts';

export const incidentClose: Command = {
  spec: {
    name: 'incident close',
    summary: 'close an incident: archive everything, and link it from one page',
    description: [
      'Refused while something of the incident is still paused. Archives alerts, pauses, run receipts, transactions and pull requests on the branch',
      'mooring/incidents, writes what the team is told, and links it all from incidents/<env>/<id>/README.md. Closes the issue.',
    ],
    operands: idOperand,
    options: {
      'leave-paused': { type: 'boolean', description: 'close it although something stays paused; needs --reason' },
      reason: { type: 'string', description: 'why it stays paused' },
      announce: { type: 'boolean', description: 'post what the team is told to the alert channels' },
      ...byOption,
      ...repositoryOptions,
    },
    exits: ['denied', 'indeterminate', 'badInput'],
    examples: [
      'mooring incident close --env mainnet --announce',
      'mooring incident close --env mainnet 2026-01-31-oracle-fault --leave-paused --reason retired',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  if (flag(options, 'leave-paused') && text(options, 'reason') === undefined)
    throw new MooringError('USAGE', '--leave-paused needs --reason', { fix: 'say why it stays paused' });
  const desk = await openDesk(context, options);
  const chosen = await chosenIncident(desk);
  const isDone = chosen.kept.record.closed !== null;
  const lines = isDone ? [] : await syncIncidents(desk);
  const repository = hasRepository(desk) ? await openOrTell(desk, lines) : null;
  const closed = isDone ? chosen.kept : await closeNow(desk, chosen.kept.record.id, { repository, lines });
  if (!isDone) lines.push(...(await tellClosed(desk, closed)));
  if (repository !== null) lines.push(...(await closeOnGitHub(desk, repository, closed)));
  print(desk, closed, lines);
  return exitCodes.done;
}

/** GitHub may be away: then what it knows is left out, and the issue is closed by running this again. */
async function openOrTell(desk: IncidentDesk, lines: string[]): Promise<Repository | null> {
  try {
    return await openRepository(desk.context, desk.options);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    lines.push(`GitHub was not asked (${error.code}: ${error.message}): close it again to close its issue`);
    return null;
  }
}

async function closeNow(desk: IncidentDesk, id: string, { repository, lines }: { repository: Repository | null; lines: string[] }): Promise<Kept> {
  const { name: environment, git, context, by, options } = desk;
  const book = await readBook(git, environment);
  const kept = find(book, id);
  if (kept === undefined) throw new MooringError('INCIDENT_ID', `there is no incident ${id}`);
  const { paused } = await lookLive(desk, kept.record);
  demandRunning(kept.record, paused, flag(options, 'leave-paused'));
  const names = namesOf(paused);
  const left = names.length > 0 ? desk.say(text(options, 'reason') ?? '') : null;
  const record: IncidentRecord = { ...kept.record, closed: { by, at: BigInt(Math.floor(context.now() / 1_000)), left } };
  const entry = desk.entry('closed', left === null ? 'nothing of it is paused' : `${names.join(', ')} stays paused: ${left}`);
  const evidence = await collect(desk, { record, timeline: kept.timeline, repository });
  lines.push(...evidence.notes, ...(await idleNotes(desk)));
  const rest = { evidence, there: await filesOf(git, book.commit, { environment, id }), rootCause: await rootCauseOf(desk, id), paused: names };
  return writeIncident(git, {
    ...{ environment, id, message: `${environment}: incident ${id} is closed`, at: context.now() },
    act(now) {
      const current = find(now, id);
      if (current === undefined || current.record.closed !== null) return null;
      return { record, entries: [entry], files: archiveFiles(desk, { ...rest, record, timeline: [...current.timeline, entry] }) };
    },
  });
}

function namesOf({ flags, unread }: Paused): string[] {
  return [...flags.map(({ contract, field }) => `${contract}.${field}`), ...unread.map((place) => `${place} (not read)`)];
}

function demandRunning({ id }: IncidentRecord, paused: Paused, leave: boolean): void {
  const names = namesOf(paused);
  if (names.length === 0 || leave) return;
  throw new MooringError('INCIDENT_PAUSED', `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} still paused, or can't be read`, {
    fix: `mooring incident resume ${id} lets it run again; to close it all the same, say --leave-paused --reason …`,
  });
}

function print({ context, options, name, say }: IncidentDesk, { record }: Kept, lines: readonly string[]): void {
  const page = `${incidentFolder(name, record.id)}/README.md`;
  if (text(options, 'format') === 'json') context.stdout(`${JSON.stringify({ environment: name, id: record.id, page, notes: lines.map(say) }, null, 2)}\n`);
  else
    context.stdout(
      `${[`Incident ${record.id} (${name}) is closed: ${record.title}`, `  ${page} on mooring/incidents`, ...lines.map((line) => `  ${say(line)}`)].join('\n')}\n`,
    );
}
