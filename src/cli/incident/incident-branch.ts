// The branch that keeps incidents: read as the remote has it, and written by comparing and swapping. No decision here.
import { readIncidentRecord, writeIncidentRecord } from '../../desired/incident-record.ts';
import { MooringError } from '../../errors.ts';
import { keepFiles } from '../../scm/evidence.ts';
import { fetchRef, type Git, type ObjectId } from '../../scm/git.ts';
import { listTree, readFileAt } from '../../scm/git-objects.ts';
import type { Environment, IncidentEntry, IncidentRecord } from '../../types.ts';

export const incidentBranch = 'mooring/incidents';

export type Kept = { record: IncidentRecord; timeline: readonly IncidentEntry[] };

export type Book = {
  /** Of one environment, oldest first. */
  incidents: readonly Kept[];
  /** Those whose record says nothing. */
  unreadable: readonly { id: string; why: string }[];
  commit: ObjectId | null;
};

/** Where the incidents of an environment are: with its journal, or at `origin`. */
export function incidentRemote({ journal }: Pick<Environment, 'journal'>): string {
  return journal?.remote ?? 'origin';
}

export function incidentFolder(environment: string, id = ''): string {
  return id === '' ? `incidents/${environment}` : `incidents/${environment}/${id}`;
}

/** Throws GIT_*. SIDE EFFECTS: fetches. */
export async function readBook(git: Git, environment: string): Promise<Book> {
  return readBookAt(git, environment, await fetchRef(git, `refs/heads/${incidentBranch}`));
}

/** Throws GIT_*. */
export async function readBookAt(git: Git, environment: string, commit: ObjectId | null): Promise<Book> {
  if (commit === null) return { incidents: [], unreadable: [], commit };
  const place = incidentFolder(environment);
  const ids = (await listTree(git, commit, place)).flatMap(({ path, type }) => {
    const rest = path.slice(place.length + 1);
    return type === 'tree' && rest !== '' && !rest.includes('/') ? [rest] : [];
  });
  const read = await Promise.all(ids.map((id) => readOne(git, commit, { environment, id })));
  const incidents = read.flatMap((one) => ('record' in one ? [one] : []));
  return {
    incidents: incidents.sort((a, b) => Number(a.record.at - b.record.at) || (a.record.id < b.record.id ? -1 : 1)),
    unreadable: read.flatMap((one) => ('why' in one ? [one] : [])),
    commit,
  };
}

type Place = { environment: string; id: string };

async function readOne(git: Git, commit: ObjectId, { environment, id }: Place): Promise<Kept | { id: string; why: string }> {
  const folder = incidentFolder(environment, id);
  const bytes = await readFileAt(git, commit, `${folder}/incident.yaml`);
  if (bytes === null) return { id, why: 'it has no incident.yaml' };
  const record = readIncidentRecord(bytes, id);
  if (!('id' in record)) return { id, why: record.map(({ message }) => message).join(', ') };
  const lines = (await readFileAt(git, commit, `${folder}/timeline.ndjson`))?.toString('utf8') ?? '';
  return { record, timeline: lines.split('\n').flatMap(entryOf) };
}

/** A line that isn't one of ours says nothing; the record counts. */
function entryOf(line: string): IncidentEntry[] {
  try {
    const entry = JSON.parse(line) as IncidentEntry;
    return typeof entry === 'object' && entry !== null && typeof entry.at === 'string' && typeof entry.text === 'string' ? [entry] : [];
  } catch {
    return [];
  }
}

/** What an act makes of an incident: the record it has then, lines to add, and files beside, by path below its folder. */
export type Act = { record: IncidentRecord; entries: readonly IncidentEntry[]; files?: ReadonlyMap<string, string> };

export type Writing = Place & {
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
  /**
   * Asked again with what the branch has by then, where another was faster; `read` gives a file below the incident's folder, or
   * null. Null: nothing is to be written.
   */
  act(book: Book, read: (path: string) => Promise<string | null>): Act | null | Promise<Act | null>;
};

/** What the branch has afterwards. Throws BRANCH_REFUSED, GIT_*, EDIT_IMPOSSIBLE. SIDE EFFECTS: the remote's branch. */
export async function writeIncident(git: Git, { environment, id, message, at, act }: Writing): Promise<Kept> {
  const files = async (commit: ObjectId | null): Promise<ReadonlyMap<string, string>> => {
    const book = await readBookAt(git, environment, commit);
    const folder = incidentFolder(environment, id);
    const made = await act(book, async (path) => (commit === null ? null : ((await readFileAt(git, commit, `${folder}/${path}`))?.toString('utf8') ?? null)));
    if (made === null) return new Map();
    const timeline = [...(find(book, id)?.timeline ?? []), ...made.entries].map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const own = [['incident.yaml', writeIncidentRecord(made.record)], ['timeline.ndjson', timeline], ...(made.files ?? [])] as const;
    return new Map(own.map(([name, text]) => [`${folder}/${name}`, text]));
  };
  const commit = await keepFiles(git, { branch: incidentBranch, files, message, at });
  const found = find(await readBookAt(git, environment, commit), id);
  if (found === undefined) throw new MooringError('INCIDENT_RECORD', `the incident ${id} is not on ${incidentBranch}`);
  return found;
}

export function find({ incidents }: Book, id: string): Kept | undefined {
  return incidents.find(({ record }) => record.id === id);
}

/** Those that aren't closed. */
export function openOnes({ incidents }: Book): Kept[] {
  return incidents.filter(({ record }) => record.closed === null);
}
