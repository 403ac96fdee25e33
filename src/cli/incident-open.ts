// mooring incident open: from now on nothing unpauses these contracts but the incident's approved resume.
import { exitCodes, MooringError } from '../errors.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { type Begun, begin, componentsIn } from './incident/begin.ts';
import { incidentBranch, incidentFolder, type Kept } from './incident/incident-branch.ts';
import { byOption, type IncidentDesk, openDesk } from './incident/open-desk.ts';
import { type PausedComponents, pausedComponents } from './incident/paused-components.ts';
import { syncIncidents } from './incident/sync.ts';
import { tellNow } from './loops/tell-now.ts';
import { repositoryOptions } from './pr/repository.ts';

export const incidentOpen: Command = {
  spec: {
    name: 'incident open',
    summary: 'open an incident: nothing unpauses its contracts until its resume is approved',
    description: [
      'Records an incident on the branch mooring/incidents, tells the alert channels, and opens an issue. While it is open, no plan, merge or loop',
      'unpauses its contracts. Asked again with the same title, it stays one, with further contracts where they are named. Pauses of the last day',
      'in this checkout are put on record with it.',
    ],
    options: {
      title: { type: 'string', description: 'what has happened, in a few words', required: true },
      component: {
        type: 'string',
        value: 'LIST',
        description: 'contracts that it is about, by name or address, with commas between them (default: all that are paused now)',
      },
      ...byOption,
      ...repositoryOptions,
    },
    exits: ['indeterminate', 'badInput'],
    examples: [
      'mooring incident open --env mainnet --title oracle-fault',
      'mooring incident open --env mainnet --title oracle-fault --component arena,stake-manager',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const desk = await openDesk(context, options);
  const { components, notes } = await aboutWhat(desk);
  const { kept, isNew, added, beside } = await begin(desk, { title: text(options, 'title') ?? '', components });
  const told = isNew || added.length > 0 ? await announce(desk, kept) : [];
  const lines = [...notes, ...beside.map((one) => besideLine(desk, kept, one)), ...told, ...(await syncIncidents(desk))];
  print(desk, kept, { isNew, lines });
  return exitCodes.done;
}

async function aboutWhat(desk: IncidentDesk): Promise<PausedComponents> {
  const given = text(desk.options, 'component');
  if (given !== undefined) return { components: componentsIn(desk, given), notes: [] };
  const { components, notes } = await pausedComponents(desk);
  return { components, notes: [`no --component was named, so it is about all that is paused now: ${components.map(({ name }) => name).join(', ')}`, ...notes] };
}

function besideLine({ name }: IncidentDesk, { record }: Kept, { id, names }: Begun['beside'][number]): string {
  return `${names.join(', ')}: in the open incident ${id} as well. Each holds them until its own resume is approved. Is it the same? mooring incident close --env ${name} ${record.id} --leave-paused --reason …`;
}

/** An incident is open whether or not a channel answers. */
async function announce({ context, options }: IncidentDesk, { record }: Kept): Promise<string[]> {
  const { id, title, components } = record;
  const message = `Incident ${id} is open: ${title}`;
  const detail = `about ${components.map(({ name }) => name).join(', ')}; nothing unpauses them until its resume is approved`;
  const alert = { source: 'incident', severity: 'critical' as const, reason: `incident_${id}`, message, detail };
  try {
    const left = await tellNow(context, options, { folder: 'incident', alert });
    return left === 0 ? [] : [`${left} alerts wait for a channel that does not answer`];
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [`no alert was sent (${error.code}: ${error.message})`];
  }
}

function print({ context, options, name, say }: IncidentDesk, { record }: Kept, { isNew, lines }: { isNew: boolean; lines: readonly string[] }): void {
  const { id, title, components } = record;
  if (text(options, 'format') === 'json') {
    context.stdout(`${JSON.stringify({ environment: name, id, title, components, isNew, notes: lines.map(say) }, null, 2)}\n`);
    return;
  }
  const all = [
    `${isNew ? 'Incident' : 'Open already: incident'} ${id} (${name}): ${title}`,
    `  about ${components.map((component) => component.name).join(', ')}`,
    `  on ${incidentBranch}, ${incidentFolder(name, id)}/`,
    ...lines.map((line) => `  ${say(line)}`),
    '',
    'Nothing unpauses them now. When it is settled:',
    `  mooring incident resume --env ${name} ${id} --root-cause …`,
  ];
  context.stdout(`${all.join('\n')}\n`);
}
