// Whose word counts in a shared journal between the merge that replaces a signer and what its successor records: the signers at
// the commit furthest along the branch of which the journal says anything. So nobody can say anything of a merge that took its key
// away, and once a run or a mark is recorded of that merge or a later one, the key that went counts no more.
import type { FileSource } from '../../desired/file-source.ts';
import { environmentsIn, loadSettings } from '../../desired/load-settings.ts';
import { MooringError } from '../../errors.ts';
import { firstParents } from '../../scm/first-parents.ts';
import { type Git, type ObjectId, ownHead } from '../../scm/git.ts';
import { gitFileSource } from '../../scm/git-file-source.ts';
import type { JournalRecord } from '../../scm/journal-record.ts';
import type { Former } from '../../scm/journal-signatures.ts';
import { commitIn, markName } from '../pr/apply-state.ts';

/** Lower-case addresses of each environment's signers: environments share one branch. */
export type Writers = ReadonlyMap<string, ReadonlySet<string>>;

export function writersIn(source: FileSource): Writers {
  const environments = environmentsIn(source).flatMap((environment) => loadSettings({ source, environment }) ?? []);
  return new Map(environments.map(({ name, signers }) => [name, new Set(signers.map(({ address }) => address.toLowerCase()))]));
}

/** `head`: the commit whose configuration counts; null for the clone's own. */
type Now = { git: Git; writers: Writers; environment: string; head: ObjectId | null };

/** Where there is no history to look at, nobody but the keys of now has a say. */
export async function formerWriters({ git, writers, environment, head }: Now, records: readonly JournalRecord[]): Promise<Former> {
  const line = await lineOf(git, head);
  const then = new Map<string, ReadonlySet<string>>();
  for (const [name, now] of writers) {
    const before = await writersAt(git, furthest(line, records, name));
    then.set(name, new Set([...now, ...(before.get(name) ?? [])]));
  }
  // One that was given up, or whose settings can't be read now, may have written last.
  for (const [name, before] of await writersAt(git, furthest(line, records, null))) if (!writers.has(name)) then.set(name, before);
  const everybody = new Set([...then.values()].flatMap((addresses) => [...addresses]));
  return {
    trusted: (address) => everybody.has(address.toLowerCase()),
    own: (address) => then.get(environment)?.has(address.toLowerCase()) === true,
  };
}

/** Positions on the branch: a commit that was never its head has been judged by nobody. */
type Line = ReadonlyMap<ObjectId, number>;

const mostCommits = 1_000_000;

async function lineOf(git: Git, head: ObjectId | null): Promise<Line> {
  try {
    const to = head ?? (await ownHead(git));
    return new Map(to === null ? [] : (await firstParents(git, { after: null, to, limit: mostCommits })).map(({ id }, i) => [id, i]));
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return new Map();
  }
}

/** Of one environment, or of all. */
function furthest(line: Line, records: readonly JournalRecord[], environment: string | null): ObjectId | null {
  let found: ObjectId | null = null;
  for (const record of records)
    for (const commit of commitsOf(record, environment)) if ((line.get(commit) ?? -1) > (found === null ? -1 : (line.get(found) ?? -1))) found = commit;
  return found;
}

/** Commits up to which, or for which, something was done. */
function commitsOf({ content }: JournalRecord, environment: string | null): ObjectId[] {
  if (content.type === 'receipt') return [];
  if (content.type === 'mark') {
    const isMeant = environment === null ? content.name.startsWith(markName('')) : content.name === markName(environment);
    return isMeant ? [commitIn(content.value)].filter((commit) => commit !== null) : [];
  }
  const started = content.events.flatMap((event) => (event.type === 'run-started' ? event : []));
  return started.flatMap((event) => (environment === null || event.environment === environment ? (event.commit ?? []) : []));
}

async function writersAt(git: Git, commit: ObjectId | null): Promise<Writers> {
  if (commit === null) return new Map();
  try {
    return writersIn(await gitFileSource(git, commit, { under: 'desired-state' }));
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return new Map();
  }
}
