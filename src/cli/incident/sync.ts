// Brings an environment's open incidents up to date: pauses of this checkout, their issue, the pull request that writes them
// into git. What can't be done now is told, and done by the next time.
import { MooringError } from '../../errors.ts';
import { incidentIssue, incidentTitle } from '../../render/incident-markdown.ts';
import { sameComment } from '../../render/pr-comment.ts';
import { markerLine } from '../../scm/github/comments.ts';
import { type OwnIssue, putIssue } from '../../scm/github/issues.ts';
import { text } from '../command.ts';
import { openRepository, type Repository } from '../pr/repository.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { type Book, find, type Kept, readBook, writeIncident } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';
import { proposePauses } from './propose-pauses.ts';
import { uploadRecords } from './upload-records.ts';

export const incidentLabel = 'incident';
const purpose = 'incident';

/** Lines for people. Throws GIT_*, BRANCH_REFUSED: the branch itself must answer. SIDE EFFECTS: the remote, GitHub. */
export async function syncIncidents(desk: IncidentDesk): Promise<string[]> {
  const lines: string[] = [];
  for (const { kept, runs } of await uploadRecords(desk)) {
    if (runs.length > 0) lines.push(`${kept.record.id}: ${runs.length === 1 ? '1 pause is' : `${runs.length} pauses are`} recorded`);
    lines.push(...(await attempt('its pull request', () => keepPull(desk, kept, runs))));
    // Last, since it tells the rest.
    lines.push(...(await attempt('its issue', async () => keepIssue(desk, find(await readBook(desk.git, desk.name), kept.record.id) ?? kept))));
  }
  return lines;
}

/** What stood in the way is told, and stops nothing else. */
async function attempt(what: string, act: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [`${what} waits (${error.code}: ${error.message}): mooring incident sync tries again`];
  }
}

/** Whether GitHub is there to be told: without a repository an incident does without. */
export function hasRepository({ context, options }: IncidentDesk): boolean {
  return (text(options, 'repo') ?? context.env['GITHUB_REPOSITORY'] ?? '') !== '';
}

async function keepIssue(desk: IncidentDesk, kept: Kept): Promise<readonly string[]> {
  if (!hasRepository(desk)) return [];
  const issue = await putIncidentIssue(desk, await openRepository(desk.context, desk.options), kept);
  if (kept.record.issue === issue.number) return [];
  await note(desk, kept, (record) => ({
    record: { ...record, issue: issue.number },
    entries: [desk.entry('issue', `#${issue.number}`, { key: `issue:${issue.number}` })],
  }));
  return [`${kept.record.id}: issue #${issue.number} ${issue.url}`];
}

/** Throws GITHUB_*. SIDE EFFECTS: GitHub. */
export function putIncidentIssue({ name, context }: IncidentDesk, { github }: Pick<Repository, 'github'>, { record, timeline }: Kept): Promise<OwnIssue> {
  const view = { environment: name, record, timeline };
  const environment = `${name}/${record.id}`;
  const body = redactMarkdown(incidentIssue(view, markerLine(purpose, { env: environment })), context.env);
  return putIssue(github, { purpose, environment, label: incidentLabel, title: incidentTitle(view), body, same: sameComment });
}

async function keepPull(desk: IncidentDesk, kept: Kept, runs: Parameters<typeof proposePauses>[2]): Promise<readonly string[]> {
  const proposed = hasRepository(desk) ? await proposePauses(desk, kept, runs) : null;
  if (proposed === null) return [];
  const { pull, line } = proposed;
  if (pull !== null) await note(desk, kept, (record) => ({ record, entries: [desk.entry('pull request', line, { pull, key: `pull:${pull}` })] }));
  return [`${kept.record.id}: ${line}`];
}

type Note = { record: Kept['record']; entries: readonly Kept['timeline'][number][] };

/** Adds what isn't there yet, by its key. SIDE EFFECTS: the remote's branch. */
export function note({ git, name: environment, context }: IncidentDesk, { record: { id } }: Kept, make: (record: Kept['record']) => Note): Promise<Kept> {
  const act = (book: Book) => {
    const current = book.incidents.find(({ record }) => record.id === id);
    if (current === undefined) return null;
    const known = new Set(current.timeline.flatMap(({ key }) => key ?? []));
    const { record, entries } = make(current.record);
    return { record, entries: entries.filter(({ key }) => key === undefined || !known.has(key)) };
  };
  return writeIncident(git, { environment, id, message: `${environment}: ${id}`, at: context.now(), act });
}
