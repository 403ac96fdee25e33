// The end of an incident, told: its issue, the pull request that is no longer needed, the alert channels.
import { MooringError } from '../../errors.ts';
import { communication } from '../../render/incident-markdown.ts';
import { code } from '../../render/markdown.ts';
import { closeIssue, findIssue, remark } from '../../scm/github/issues.ts';
import { flag } from '../command.ts';
import { withdrawProposal } from '../loops/loop-proposal.ts';
import { tellNow } from '../loops/tell-now.ts';
import type { Repository } from '../pr/repository.ts';
import { start } from '../propose/start.ts';
import { incidentBranch, incidentFolder, type Kept } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';
import { rootCauseOf } from './reading.ts';
import { incidentLabel, putIncidentIssue } from './sync.ts';

/** Lines for people; nothing where it is done already. SIDE EFFECTS: GitHub, the remote. */
export async function closeOnGitHub(desk: IncidentDesk, repository: Repository, kept: Kept): Promise<string[]> {
  const { github } = repository;
  const { id, closed } = kept.record;
  try {
    const open = await findIssue(github, { purpose: 'incident', environment: `${desk.name}/${id}`, label: incidentLabel });
    if (open !== null) {
      await putIncidentIssue(desk, repository, kept);
      await remark(github, open.number, `Closed. All of it: ${code(`${incidentFolder(desk.name, id)}/README.md`)} on ${code(incidentBranch)}.`);
      await closeIssue(github, open.number);
    }
    const started = await start(desk.context, { ...desk.options, env: desk.name }, []);
    const isObsolete = closed?.left === null;
    const withdrawn =
      isObsolete && (await withdrawProposal(started, { loop: 'incident', key: id, reason: `The incident ${id} is closed, and nothing of it is paused.` }));
    return [...(open === null ? [] : [`issue #${open.number} is closed`]), ...(withdrawn ? ['the pull request that wrote its pauses into git is closed'] : [])];
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [`its issue was not closed (${error.code}: ${error.message}): close it again`];
  }
}

/** The alert of its opening ends in any case; with `--announce` it says all that the team is told. */
export async function tellClosed(desk: IncidentDesk, { record, timeline }: Kept): Promise<string[]> {
  const { context, options, name } = desk;
  const { id, title, closed } = record;
  const left = closed?.left ?? null;
  const whole = communication({ environment: name, record, timeline }, { rootCause: await rootCauseOf(desk, id), paused: left === null ? [] : [left] });
  const message = flag(options, 'announce') ? plain(whole) : `Incident ${id} is closed: ${title}`;
  try {
    const alert = { source: 'incident', severity: 'info' as const, reason: `incident_${id}_clear`, message, detail: '' };
    const waiting = await tellNow(context, options, { folder: 'incident', alert });
    return waiting === 0 ? [] : [`${waiting} alerts wait for a channel that does not answer`];
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [`no alert was sent (${error.code}: ${error.message})`];
  }
}

/** Channels show one line without markup. */
function plain(markdown: string): string {
  const text = markdown.replace(/\\(.)/g, '$1').replace(/\u200b/g, '');
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/^[#-]+ /, '')
        .replaceAll('`', '')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('; ');
}
