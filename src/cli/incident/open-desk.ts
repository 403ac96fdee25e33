// What the incident commands start from: an environment as far as it can be read, its clone, and who is at work.
import { MooringError } from '../../errors.ts';
import { type Git, local, openClone } from '../../scm/git.ts';
import type { IncidentEntry } from '../../types.ts';
import { type Context, type OptionSpec, type Options, operands, text } from '../command.ts';
import { type Log, makeLog } from '../log.ts';
import { openOutline } from '../pause/open-outline.ts';
import { redact } from '../secrets/secrets.ts';
import { type Book, incidentRemote, type Kept, openOnes, readBook } from './incident-branch.ts';

export type IncidentDesk = ReturnType<typeof openOutline> & {
  context: Context;
  options: Options;
  git: Git;
  /** Who does it, as it is recorded. */
  by: string;
  log: Log;
  /** Secrets taken out: what is written on the branch stays there. */
  say(text: string): string;
  entry(what: IncidentEntry['what'], text: string, more?: Pick<IncidentEntry, 'pull' | 'key'>): IncidentEntry;
};

export const byOption: Readonly<Record<string, OptionSpec>> = {
  by: { type: 'string', value: 'NAME', description: 'who does it (default: user.name of git)' },
};

/** The operand of the commands that are about one incident. */
export const idOperand = { value: 'ID', description: 'the incident (default: the one that is open)', optional: true };

/** Throws what `openOutline` throws, and GIT_* where there is no clone with that remote. */
export async function openDesk(context: Context, options: Options): Promise<IncidentDesk> {
  const outlined = openOutline(context, options);
  const git = await openClone({ folder: outlined.root, remote: incidentRemote(outlined.outline.environment) });
  const say = (given: string): string => redact(given, context.env);
  const by = say(text(options, 'by') ?? (await userName(git)));
  const entry: IncidentDesk['entry'] = (what, given, more = {}) => ({ at: new Date(context.now()).toISOString(), what, by, text: say(given), ...more });
  return { ...outlined, context, options, git, by, log: await makeLog(context, options), say, entry };
}

async function userName(git: Git): Promise<string> {
  const { output } = await local(git, ['config', 'user.name'], { allowed: [1] });
  return output.toString('utf8').trim() || 'somebody';
}

/** The one that is named, or the only open one. Throws INCIDENT_ID. */
export async function chosenIncident({ git, name, options }: IncidentDesk): Promise<{ book: Book; kept: Kept }> {
  const book = await readBook(git, name);
  const [id] = operands(options);
  const open = openOnes(book);
  const kept = id === undefined ? (open.length === 1 ? open[0] : undefined) : book.incidents.find(({ record }) => record.id === id);
  if (kept !== undefined) return { book, kept };
  const known = (id === undefined ? open : book.incidents).map(({ record }) => record.id);
  const broken = book.unreadable.map((one) => `${one.id} can't be read: ${one.why}`);
  throw new MooringError(
    'INCIDENT_ID',
    id === undefined ? `${open.length === 0 ? 'no incident is' : 'several incidents are'} open` : `there is no incident ${id}`,
    {
      fix: [known.length === 0 ? 'mooring incident open makes one' : `name one of ${known.join(', ')}`, ...broken].join('; '),
    },
  );
}

/** As `chosenIncident`, of one that is open. Throws INCIDENT_CLOSED. */
export async function chosenOpen(desk: IncidentDesk): Promise<{ book: Book; kept: Kept }> {
  const chosen = await chosenIncident(desk);
  const { id, closed } = chosen.kept.record;
  if (closed === null) return chosen;
  throw new MooringError('INCIDENT_CLOSED', `the incident ${id} was closed by ${closed.by}`, { fix: 'mooring incident open begins another one' });
}
